/* `!command`, `!!command` and `x = !command`. */
#include "notebook/ipython_parts.h"

/* --- what to do in Python instead ------------------------------------------------------------- */

typedef struct advice {
    const char *command, *help;
} advice;

static const advice advices[] = {
    {"apt",             "install the package in the image the job runs in"                },
    {"apt-get",         "install the package in the image the job runs in"                },
    {"aws",             "do this before training, or use boto3"                           },
    {"az",              "do this before training, or use the azure packages"              },
    {"cat",             "print(open(path).read())"                                        },
    {"cd",              "use paths relative to the data folder, or os.chdir()"            },
    {"cp",              "use shutil.copy() or shutil.copytree()"                          },
    {"curl",            "use urllib.request.urlretrieve(), or keep the file with the data"},
    {"docker",          "do this before training"                                         },
    {"echo",            "use print()"                                                     },
    {"export",          "set os.environ['NAME'] instead"                                  },
    {"gcloud",          "do this before training, or use the google-cloud packages"       },
    {"gdown",           "call gdown.download(), or keep the file with the data"           },
    {"git",             "keep the code with the project, or require it as git+https://..."},
    {"gsutil",          "do this before training, or use google-cloud-storage"            },
    {"huggingface-cli",
     "use huggingface_hub.snapshot_download() and an access token from the environment"   },
    {"ls",              "use os.listdir() or glob.glob()"                                 },
    {"mkdir",           "use os.makedirs(path, exist_ok=True)"                            },
    {"mv",              "use shutil.move()"                                               },
    {"python",          "import the module and call it"                                   },
    {"python3",         "import the module and call it"                                   },
    {"rm",              "use os.remove() or shutil.rmtree()"                              },
    {"tar",             "use shutil.unpack_archive()"                                     },
    {"unzip",           "use shutil.unpack_archive()"                                     },
    {"wget",            "use urllib.request.urlretrieve(), or keep the file with the data"},
};

static nb_str help_for(nb_str command)
{
    nb_str word = nb_ipy_word(&command);
    for (size_t i = 0; i < NB_LEN(advices); i++)
        if (nb_str_eqz(word, advices[i].command))
            return nb_str_from(advices[i].help);
    return NB_STR("do it in Python if the script needs it");
}

/* --- translation ------------------------------------------------------------------------------ */

static void note(nb_ipy *ipy, const nb_ipy_item *it, nb_str command)
{
    bool conda = nb_ipy_is_conda(command);
    nb_str shown = nb_ipy_show(ipy, it->text);
    nb_ipython_finding *finding =
        nb_ipy_note(ipy, it, conda ? NB_D_CONDA_NOT_TRANSLATED : NB_D_SHELL_REMOVED,
                    "removed '" NB_STR_FMT "'", NB_STR_ARG(shown));
    finding->help = conda ? NB_STR("add the packages to requirements under their PyPI names")
                          : help_for(command);
}

/* The user asked for it: subprocess.run(...). */
static void call(nb_ipy *ipy, const nb_ipy_item *it, nb_str command)
{
    nb_str text = nb_ipy_interpolate(ipy, it, command);
    const char *rest = it->head ? ", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, "
                                  "text=True).stdout.splitlines()"
                                : ")";
    nb_ipy_import(ipy, "import subprocess");
    nb_ipy_replace(ipy, it,
                   nb_arena_printf(ipy->arena,
                                   "subprocess.run(" NB_STR_FMT ", shell=True, check=True%s",
                                   NB_STR_ARG(text), rest));
}

void nb_ipy_shell_line(nb_ipy *ipy, nb_ipy_item *it)
{
    size_t escape = nb_str_starts(it->text, NB_STR("!!")) ? 2 : 1;
    nb_str command = nb_str_trim(nb_str_from_at(it->text, escape));
    nb_ipy_pip pip = nb_ipy_pip_commands(ipy, it->source, it->at + escape, it->end, false);
    if (pip == NB_IPY_PIP_ONLY && !it->head) {
        nb_ipy_drop(ipy, it);
        return;
    }
    bool secret;
    (void)nb_ipy_redact(ipy, command, &secret);
    switch (ipy->options->policies.shell) {
    case NB_SHELL_SUBPROCESS:
        if (!secret) {
            call(ipy, it, command);
            return;
        }
        break;
    case NB_SHELL_DROP:
        it->quiet = true;
        nb_ipy_comment(ipy, it);
        return;
    case NB_SHELL_COMMENT: break;
    }
    note(ipy, it, command);
    nb_ipy_comment(ipy, it);
}
