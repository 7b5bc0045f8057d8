#include "base/env.h"
#include "serve/front/front_parts.h"
#include "text/secret.h"

extern char **environ;

/* A model needs these of our environment, and nothing else: no keys of clouds, no tokens. A star stands for any rest. */
static const char *const allowed[] = {
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TZ",
    "TMPDIR",
    "TEMP",
    "LD_LIBRARY_PATH",
    "PYTHON*",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "CUDA_*",
    "NVIDIA_*",
    "OMP_*",
    "OPENBLAS_*",
    "MKL_*",
    "NUMEXPR_*",
    "HF_HOME",
    "TORCH_HOME",
    "XDG_CACHE_HOME",
    "TF_CPP_*",
    "TF_ENABLE_*",
    "TF_FORCE_*",
    "TF_NUM_*",
    "TF_USE_*",
    "TF_XLA_*",
    "TF_GPU_*",
    "NOTEBOOKED_*",
    "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT",
};

typedef NB_VEC(const char *) env_list;

static bool matches(nb_str name, nb_str pattern)
{
    if (pattern.len > 0 && pattern.at[pattern.len - 1] == '*')
        return nb_str_starts(name, nb_str_slice(pattern, 0, pattern.len - 1));
    return nb_str_eq(name, pattern);
}

/* Whatever begins like one of ours may still be called NOTEBOOKED_DB_PASSWORD. */
static bool may_pass(nb_str name, nb_str wanted)
{
    nb_str word;
    while (nb_str_split(&wanted, ' ', &word))
        if (word.len > 0 && nb_str_eq(name, word))
            return true;
    for (size_t i = 0; i < NB_LEN(allowed); i++)
        if (matches(name, nb_str_from(allowed[i])))
            return !nb_secret_name(name);
    return false;
}

/* --- what a platform would set ------------------------------------------------------------------------------------- */

/* With --as scripts find the variables of that platform: the user's own, else these. FOLDER is the model's directory. */
static const struct {
    const char *contract, *name, *value; /* NULL: only the user's */
} platform_rows[] = {
    {"sagemaker", "SM_MODEL_DIR",                         "FOLDER"          },
    {"sagemaker", "SAGEMAKER_PROGRAM",                    "inference.py"    },
    {"sagemaker", "SAGEMAKER_SUBMIT_DIRECTORY",           "FOLDER/code"     },
    {"sagemaker", "SAGEMAKER_CONTAINER_LOG_LEVEL",        "20"              },
    {"sagemaker", "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json"},
    {"sagemaker", "SAGEMAKER_MODEL_SERVER_WORKERS",       "WORKERS"         },
    {"sagemaker", "SAGEMAKER_BIND_TO_PORT",               "PORT"            },
    {"sagemaker", "SAGEMAKER_REGION",                     NULL              },
    {"vertex",    "AIP_MODE",                             "PREDICTION"      },
    {"vertex",    "AIP_FRAMEWORK",                        "CUSTOM_CONTAINER"},
    {"vertex",    "AIP_STORAGE_URI",                      "FOLDER"          },
    {"vertex",    "AIP_HTTP_PORT",                        "PORT"            },
    {"vertex",    "AIP_PREDICT_ROUTE",                    "/predict"        },
    {"vertex",    "AIP_HEALTH_ROUTE",                     "/health"         },
    {"vertex",    "AIP_ENDPOINT_ID",                      "NAME"            },
    {"vertex",    "AIP_MODEL_NAME",                       "NAME"            },
    {"vertex",    "AIP_VERSION_NAME",                     "VERSION"         },
    {"vertex",    "AIP_DEPLOYED_MODEL_ID",                "VERSION"         },
    {"azure",     "AZUREML_MODEL_DIR",                    "FOLDER"          },
    {"azure",     "AZUREML_ENTRY_SCRIPT",                 "inference.py"    },
    {"azure",     "AML_APP_ROOT",                         "FOLDER/code"     },
    {"azure",     "WORKER_COUNT",                         "WORKERS"         },
};

static nb_str value_of(nb_arena *arena, const nb_front *front, const nb_env_for *of, nb_str value)
{
    static const nb_str folder = NB_STR_ROW("FOLDER");
    if (nb_str_starts(value, folder))
        return nb_arena_printf(arena, "%s" NB_STR_FMT, of->folder,
                               NB_STR_ARG(nb_str_from_at(value, folder.len)));
    if (nb_str_eqz(value, "WORKERS"))
        return nb_arena_printf(arena, "%u", of->workers > 0 ? of->workers : 1);
    if (nb_str_eqz(value, "PORT"))
        return nb_arena_printf(arena, "%u", front->endpoint.settings.port);
    if (nb_str_eqz(value, "NAME"))
        return front->endpoint.name;
    return nb_str_eqz(value, "VERSION") ? nb_arena_printf(arena, "%u", of->version) : value;
}

static void add_platform(nb_arena *arena, const nb_front *front, const nb_env_for *of,
                         env_list *env)
{
    if (!front->only)
        return;
    nb_vec_push(arena, env, nb_arena_printf(arena, "NOTEBOOKED_AS=%s", front->only->name).at);
    for (size_t i = 0; i < NB_LEN(platform_rows); i++) {
        const char *name = platform_rows[i].name;
        if (strcmp(platform_rows[i].contract, front->only->name) != 0)
            continue;
        nb_str value = nb_front_variable(name);
        if (value.len == 0 && platform_rows[i].value)
            value = value_of(arena, front, of, nb_str_from(platform_rows[i].value));
        if (value.len > 0)
            nb_vec_push(arena, env,
                        nb_arena_printf(arena, "%s=" NB_STR_FMT, name, NB_STR_ARG(value)).at);
    }
}

/* --- all of it ----------------------------------------------------------------------------------------------------- */

const char *const *nb_front_env(nb_arena *arena, const nb_front *front, const nb_env_for *of)
{
    env_list env = {0};
    for (char **at = environ; *at; at++) {
        nb_str rest = nb_str_from(*at), name;
        if (nb_str_split(&rest, '=', &name) && may_pass(name, front->endpoint.settings.pass_env))
            nb_vec_push(arena, &env, *at);
    }
    add_platform(arena, front, of, &env);
    nb_vec_push(arena, &env, NULL);
    return env.at;
}

nb_str nb_front_variable(const char *name)
{
    return nb_env_str(&nb_env_real, name);
}
