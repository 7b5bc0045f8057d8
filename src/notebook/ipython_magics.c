/* Line magics: `%name arguments`, and `x = %name arguments`. */
#include "notebook/ipython_parts.h"

#include "text/secret.h"

typedef enum action {
    GONE,    /* session decoration: no trace */
    COMMENT, /* may have changed something: a comment */
    WRAPPER, /* times or profiles a statement */
    ENV,
    PWD,
    CD,
    PIP,
    CONDA,
    PYLAB,
    UNKNOWN
} action;

typedef struct magic {
    const char *name;
    action action;
} magic;

static const magic magics[] = {
    {"time",       WRAPPER},
    {"timeit",     WRAPPER},
    {"prun",       WRAPPER},
    {"env",        ENV    },
    {"set_env",    ENV    },
    {"pwd",        PWD    },
    {"cd",         CD     },
    {"pip",        PIP    },
    {"pip3",       PIP    },
    {"uv",         PIP    },
    {"conda",      CONDA  },
    {"mamba",      CONDA  },
    {"micromamba", CONDA  },
    {"pylab",      PYLAB  },
};

static const char *const gone[] = {
    "matplotlib",
    "load_ext",
    "reload_ext",
    "unload_ext",
    "autoreload",
    "aimport",
    "config",
    "precision",
    "pdb",
    "debug",
    "tb",
    "xmode",
    "colors",
    "gui",
    "autocall",
    "autoawait",
    "automagic",
    "pprint",
    "page",
    "doctest_mode",
    "quickref",
    "lsmagic",
    "magic",
    "history",
    "hist",
    "who",
    "who_ls",
    "whos",
    "pinfo",
    "pinfo2",
    "pdef",
    "pdoc",
    "psource",
    "pfile",
    "psearch",
    "pycat",
    "dhist",
    "dirs",
    "bookmark",
    "alias",
    "unalias",
    "alias_magic",
    "rehashx",
    "logstart",
    "logstop",
    "logoff",
    "logon",
    "logstate",
    "notebook",
    "save",
    "pastebin",
    "killbgscripts",
    "watermark",
    "tensorboard",
    "flake8_on",
    "flake8_off",
    "pycodestyle_on",
    "pycodestyle_off",
    "connect_info",
    "qtconsole",
    "clear",
    "cls",
    "less",
    "more",
    "man",
    "ls",
    "ll",
    "lf",
    "lk",
    "ldir",
    "lx",
    "ddir",
    "cat",
    "version_information",
};

static const char *const commented[] = {
    "pushd",     "popd",  "run",    "load",  "loadpy",          "store",
    "system",    "sx",    "sc",     "reset", "reset_selective", "xdel",
    "macro",     "rerun", "recall", "edit",  "mkdir",           "rmdir",
    "cp",        "mv",    "rm",     "memit", "mprun",           "lprun",
    "code_wrap", "sql",
};

static action action_of(nb_str name)
{
    for (size_t i = 0; i < NB_LEN(magics); i++)
        if (nb_str_eqz(name, magics[i].name))
            return magics[i].action;
    if (NB_IPY_LISTED(name, gone))
        return GONE;
    return NB_IPY_LISTED(name, commented) ? COMMENT : UNKNOWN;
}

/* --- comments --------------------------------------------------------------------------------- */

static nb_str help_for(nb_str name)
{
    static const struct {
        const char *name, *help;
    } advices[] = {
        {"cd",    "use paths relative to the data folder, or os.chdir()"                                        },
        {"run",
         "write '# notebooked: run=inline' on the cell's first line to have its code here, or import the module"},
        {"load",  "copy the code into the cell"                                                                 },
        {"store", "assign the name in a cell: scripts have no store"                                            },
        {"mkdir", "use os.makedirs(path, exist_ok=True)"                                                        },
        {"cp",    "use shutil.copy()"                                                                           },
        {"mv",    "use shutil.move()"                                                                           },
        {"rm",    "use os.remove()"                                                                             },
        {"sql",   "query the database from Python, for example with pandas.read_sql()"                          },
    };
    for (size_t i = 0; i < NB_LEN(advices); i++)
        if (nb_str_eqz(name, advices[i].name))
            return nb_str_from(advices[i].help);
    return NB_STR("do it in Python if the script needs it");
}

void nb_ipy_magic_removed(nb_ipy *ipy, const nb_ipy_item *it, nb_str name, nb_diag_code code)
{
    nb_str shown = nb_ipy_show(ipy, it->text);
    nb_ipy_note(ipy, it, code, "removed '" NB_STR_FMT "'", NB_STR_ARG(shown))->help =
        help_for(name);
    nb_ipy_comment(ipy, it);
}

/* --- the environment -------------------------------------------------------------------------- */

static void env_secret(nb_ipy *ipy, nb_ipy_item *it, nb_str magic_name, nb_str name)
{
    nb_ipython_finding *finding = nb_ipy_note(
        ipy, it, NB_D_SECRET_REMOVED, "the value of '" NB_STR_FMT "' was left out: it looks secret",
        NB_STR_ARG(name));
    finding->severity = NB_SEVERITY_ERROR;
    finding->help = NB_STR("set the variable where the job runs, and take it out of the notebook");
    it->text = nb_arena_printf(ipy->arena, "%%" NB_STR_FMT " " NB_STR_FMT "=***",
                               NB_STR_ARG(magic_name), NB_STR_ARG(name));
    nb_ipy_comment(ipy, it);
}

static void env_get(nb_ipy *ipy, nb_ipy_item *it, nb_str name)
{
    if (!it->head) {
        nb_ipy_drop(ipy, it);
        return;
    }
    nb_ipy_import(ipy, "import os");
    nb_ipy_replace(ipy, it,
                   nb_arena_printf(ipy->arena, "os.environ[" NB_STR_FMT "]",
                                   NB_STR_ARG(nb_ipy_repr(ipy->arena, name))));
}

static void env(nb_ipy *ipy, nb_ipy_item *it, nb_str magic_name, nb_str args)
{
    nb_str hit;
    ptrdiff_t equals = nb_str_find_char(args, '=');
    ptrdiff_t split = equals >= 0 ? equals : nb_str_find_char(args, ' ');
    nb_str name = nb_str_trim(split < 0 ? args : nb_str_slice(args, 0, (size_t)split));
    bool spaced = nb_str_find_char(name, ' ') >= 0 || nb_str_find_char(name, '\t') >= 0;
    if (split < 0 && nb_str_eqz(magic_name, "env") && (name.len > 0 || !it->head)) {
        env_get(ipy, it, name);
    } else if (split < 0 || it->head || name.len == 0 || spaced) {
        nb_ipy_magic_removed(ipy, it, magic_name, NB_D_MAGIC_REMOVED);
    } else if (nb_ipy_secret_name(name) || nb_secret_find(args, 0, &hit)) {
        env_secret(ipy, it, magic_name, name);
    } else {
        nb_str value = nb_str_trim(nb_str_from_at(args, (size_t)split + 1));
        nb_str key = nb_ipy_interpolate(ipy, it, name);
        value = nb_ipy_interpolate(ipy, it, value);
        nb_ipy_import(ipy, "import os");
        nb_ipy_replace(ipy, it,
                       nb_arena_printf(ipy->arena, "os.environ[" NB_STR_FMT "] = " NB_STR_FMT,
                                       NB_STR_ARG(key), NB_STR_ARG(value)));
    }
}

static void pwd(nb_ipy *ipy, nb_ipy_item *it)
{
    if (it->head) {
        nb_ipy_import(ipy, "import os");
        nb_ipy_replace(ipy, it, NB_STR("os.getcwd()"));
    } else {
        nb_ipy_drop(ipy, it);
    }
}

/* --- other magics ----------------------------------------------------------------------------- */

static void cd(nb_ipy *ipy, nb_ipy_item *it, nb_str args)
{
    nb_str path = nb_str_starts(args, NB_STR("-q ")) ? nb_str_trim(nb_str_from_at(args, 3)) : args;
    if (path.len > 1 && strchr("'\"", path.at[0]) && path.at[path.len - 1] == path.at[0])
        path = nb_str_slice(path, 1, path.len - 1);
    if (ipy->options->policies.cd == NB_CD_COMMENT || it->head ||
        nb_str_starts(path, NB_STR("-"))) {
        nb_ipy_magic_removed(ipy, it, NB_STR("cd"), NB_D_MAGIC_REMOVED);
        return;
    }
    bool home = path.len == 0 || path.at[0] == '~';
    nb_str text = nb_ipy_interpolate(ipy, it, path.len == 0 ? NB_STR("~") : path);
    nb_ipy_import(ipy, "import os");
    nb_ipy_replace(ipy, it,
                   nb_arena_printf(ipy->arena, "os.chdir(%s" NB_STR_FMT "%s)",
                                   home ? "os.path.expanduser(" : "", NB_STR_ARG(text),
                                   home ? ")" : ""));
}

static void pip(nb_ipy *ipy, nb_ipy_item *it, nb_str name)
{
    size_t start = it->at + (it->implied ? 0 : 1);
    nb_ipy_pip found = nb_ipy_pip_commands(ipy, it->source, start, it->end, false);
    if (found == NB_IPY_PIP_ONLY && !it->head)
        nb_ipy_drop(ipy, it);
    else
        nb_ipy_magic_removed(ipy, it, name, NB_D_MAGIC_REMOVED);
}

/* `conda list` and the like bring no packages. */
static void conda(nb_ipy *ipy, nb_ipy_item *it, nb_str name, nb_str args)
{
    nb_str line = nb_arena_printf(ipy->arena, "conda " NB_STR_FMT, NB_STR_ARG(args));
    if (!nb_ipy_is_conda(line)) {
        nb_ipy_magic_removed(ipy, it, name, NB_D_MAGIC_REMOVED);
        return;
    }
    nb_str shown = nb_ipy_show(ipy, it->text);
    nb_ipy_note(ipy, it, NB_D_CONDA_NOT_TRANSLATED, "removed '" NB_STR_FMT "'", NB_STR_ARG(shown))
        ->help = NB_STR("add the packages to requirements under their PyPI names");
    nb_ipy_comment(ipy, it);
}

/* What pylab imports; libraries' own names, so the text is not ours to choose. */
static void pylab(nb_ipy *ipy, nb_ipy_item *it, nb_str args)
{
    bool all = true;
    for (nb_str word = nb_ipy_word(&args); word.len > 0; word = nb_ipy_word(&args))
        all &= !nb_str_eqz(word, "--no-import-all");
    if (it->head)
        nb_ipy_magic_removed(ipy, it, NB_STR("pylab"), NB_D_MAGIC_REMOVED);
    else
        nb_ipy_replace(ipy, it,
                       nb_arena_printf(ipy->arena,
                                       "import numpy\nimport matplotlib\n"
                                       "from matplotlib import pylab, mlab, pyplot\n"
                                       "np = numpy\nplt = pyplot%s",
                                       all ? "\nfrom pylab import *\nfrom numpy import *" : ""));
}

static void cell_magic_not_first(nb_ipy *ipy, nb_ipy_item *it)
{
    nb_str shown = nb_ipy_show(ipy, it->text);
    nb_ipy_note(ipy, it, NB_D_CELL_MAGIC_NOT_FIRST,
                "removed '" NB_STR_FMT "', which is not the first line of its cell",
                NB_STR_ARG(shown))
        ->help = NB_STR("move it to the top, or split the cell there");
    nb_ipy_comment(ipy, it);
}

static void gone_or_comment(nb_ipy *ipy, nb_ipy_item *it, nb_str name)
{
    if (it->head)
        nb_ipy_magic_removed(ipy, it, name, NB_D_MAGIC_REMOVED);
    else
        nb_ipy_drop(ipy, it);
}

bool nb_ipy_magic(nb_ipy *ipy, nb_ipy_item *it)
{
    nb_str args = nb_str_from_at(it->text, 1);
    if (nb_str_starts(args, NB_STR("%"))) {
        cell_magic_not_first(ipy, it);
        return false;
    }
    nb_str name = nb_ipy_word(&args);
    if (it->implied)
        nb_ipy_note(ipy, it, NB_D_AUTOMAGIC, "'" NB_STR_FMT "' was read as '%%" NB_STR_FMT "'",
                    NB_STR_ARG(name), NB_STR_ARG(name));
    action what = action_of(name);
    switch (what) {
    case GONE: gone_or_comment(ipy, it, name); break;
    case COMMENT:
        if (!nb_str_eqz(name, "run") || !nb_ipy_run_file(ipy, it, args))
            nb_ipy_magic_removed(ipy, it, name, NB_D_MAGIC_REMOVED);
        break;
    case WRAPPER: return nb_ipy_wrapper(ipy, it, name);
    case ENV: env(ipy, it, name, args); break;
    case PWD: pwd(ipy, it); break;
    case CD: cd(ipy, it, args); break;
    case PIP: pip(ipy, it, name); break;
    case CONDA: conda(ipy, it, name, args); break;
    case PYLAB: pylab(ipy, it, args); break;
    case UNKNOWN: nb_ipy_magic_removed(ipy, it, name, NB_D_UNKNOWN_MAGIC); break;
    }
    return false;
}

/* --- automagic -------------------------------------------------------------------------------- */

bool nb_ipy_automagic(nb_ipy *ipy, nb_str line)
{
    size_t len = 0;
    while (len < line.len && (nb_is_name(line.at[len]) || line.at[len] == '.'))
        len++;
    nb_str name = nb_str_slice(line, 0, len), rest = nb_ipy_skip(nb_str_from_at(line, len));
    bool call = len < line.len &&
                strchr("([", line.at[len]); /* a name that `%run` or a star import may bind */
    if (call || (rest.len > 0 && strchr("=,", rest.at[0])))
        return false;
    return action_of(name) != UNKNOWN && !nb_ipy_bound(ipy, name);
}

bool nb_ipy_pip_line(nb_str line)
{
    static const char *const commands[] = {"install", "uninstall", "list",
                                           "show",    "freeze",    "update"};
    static const char *const programs[] = {"pip", "pip3", "conda", "mamba"};
    ptrdiff_t end = nb_str_find_char(nb_str_slice(line, 0, 64), '\n');
    line = nb_str_slice(line, 0, end < 0 ? 64 : (size_t)end);
    nb_str program = nb_ipy_word(&line), command = nb_ipy_word(&line);
    return NB_IPY_LISTED(program, programs) && NB_IPY_LISTED(command, commands);
}
