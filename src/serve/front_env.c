#include "serve/front_parts.h"

extern char **environ;

/* A model needs these of our environment, and nothing else: no keys of clouds, no tokens. A star stands for any rest. */
static const char *const allowed[] = {
    "PATH",         "HOME",
    "USER",         "LANG",
    "LANGUAGE",     "LC_*",
    "TZ",           "TMPDIR",
    "TEMP",         "LD_LIBRARY_PATH",
    "PYTHON*",      "VIRTUAL_ENV",
    "CONDA_PREFIX", "CUDA_*",
    "NVIDIA_*",     "OMP_*",
    "OPENBLAS_*",   "MKL_*",
    "NUMEXPR_*",    "HF_HOME",
    "TORCH_HOME",   "XDG_CACHE_HOME",
    "TF_*",         "NOTEBOOKED_*",
};

static const char *const thread_counts[] = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                                            "MKL_NUM_THREADS"};

static bool matches(nb_str name, nb_str pattern)
{
    if (pattern.len > 0 && pattern.at[pattern.len - 1] == '*')
        return nb_str_starts(name, nb_str_slice(pattern, 0, pattern.len - 1));
    return nb_str_eq(name, pattern);
}

static bool may_pass(nb_str name, nb_str wanted)
{
    nb_str word;
    for (size_t i = 0; i < NB_LEN(allowed); i++)
        if (matches(name, nb_str_from(allowed[i])))
            return true;
    while (nb_str_split(&wanted, ' ', &word))
        if (word.len > 0 && nb_str_eq(name, word))
            return true;
    return false;
}

const char *const *nb_front_env(nb_arena *arena, const nb_endpoint *endpoint, unsigned workers,
                                unsigned cores)
{
    NB_VEC(const char *) env = {0};
    bool counted[NB_LEN(thread_counts)] = {false};
    unsigned threads = workers > 0 && cores / workers > 1 ? cores / workers : 1;
    for (char **at = environ; *at; at++) {
        nb_str rest = nb_str_from(*at), name;
        if (!nb_str_split(&rest, '=', &name) || !may_pass(name, endpoint->settings.pass_env))
            continue;
        for (size_t i = 0; i < NB_LEN(thread_counts); i++)
            counted[i] |= nb_str_eqz(name, thread_counts[i]);
        nb_vec_push(arena, &env, *at);
    }
    /* As many threads as there are cores for each worker, or they get in each other's way. */
    for (size_t i = 0; i < NB_LEN(thread_counts); i++)
        if (!counted[i])
            nb_vec_push(arena, &env, nb_arena_printf(arena, "%s=%u", thread_counts[i], threads).at);
    nb_vec_push(arena, &env, NULL);
    return env.at;
}
