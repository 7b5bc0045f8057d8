/* Line magics: `%name arguments`, and `x = %name arguments`. */
#include "notebook/ipython_parts.h"

typedef enum action {
    GONE,    /* session decoration: no trace */
    COMMENT, /* may have changed something: a comment */
    TIME,
    TIMEIT,
    PRUN,
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
    {"time",       TIME  },
    {"timeit",     TIMEIT},
    {"prun",       PRUN  },
    {"env",        ENV   },
    {"set_env",    ENV   },
    {"pwd",        PWD   },
    {"cd",         CD    },
    {"pip",        PIP   },
    {"pip3",       PIP   },
    {"uv",         PIP   },
    {"conda",      CONDA },
    {"mamba",      CONDA },
    {"micromamba", CONDA },
    {"pylab",      PYLAB },
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

static bool listed(nb_str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nb_str_eqz(name, names[i]))
            return true;
    return false;
}

static action action_of(nb_str name)
{
    for (size_t i = 0; i < NB_LEN(magics); i++)
        if (nb_str_eqz(name, magics[i].name))
            return magics[i].action;
    if (listed(name, gone, NB_LEN(gone)))
        return GONE;
    return listed(name, commented, NB_LEN(commented)) ? COMMENT : UNKNOWN;
}

/* --- comments --------------------------------------------------------------------------------- */

static nb_str help_for(nb_str name)
{
    static const struct {
        const char *name, *help;
    } advices[] = {
        {"cd",    "use paths relative to the data folder, or os.chdir()"              },
        {"run",   "import the module and call it, or copy its code into a tagged cell"},
        {"load",  "copy the code into the cell"                                       },
        {"store", "assign the name in a cell: scripts have no store"                  },
        {"mkdir", "use os.makedirs(path, exist_ok=True)"                              },
        {"cp",    "use shutil.copy()"                                                 },
        {"mv",    "use shutil.move()"                                                 },
        {"rm",    "use os.remove()"                                                   },
        {"sql",   "query the database from Python, for example with pandas.read_sql()"},
    };
    for (size_t i = 0; i < NB_LEN(advices); i++)
        if (nb_str_eqz(name, advices[i].name))
            return nb_str_from(advices[i].help);
    return NB_STR("do it in Python if the script needs it");
}

static void comment(nb_ipy *ipy, const nb_ipy_item *it, nb_str name, nb_diag_code code)
{
    nb_str shown = nb_ipy_show(ipy, it->text);
    nb_ipy_note(ipy, it, code, "removed '" NB_STR_FMT "'", NB_STR_ARG(shown))->help =
        help_for(name);
    nb_ipy_comment(ipy, it);
}

/* --- %time, %timeit, %prun -------------------------------------------------------------------- */

typedef struct options {
    const char *with_value, *without;
} options;

static const options time_options = {"", ""};
static const options timeit_options = {"nrpv", "tcqo"};
static const options prun_options = {"DlsT", "rq"};

/* Past blanks and continued line ends. */
static size_t skip(nb_str text, size_t i, size_t end)
{
    for (; i < end; i++) {
        if (text.at[i] == '\\' && i + 1 < end && text.at[i + 1] == '\n')
            i++;
        else if (!nb_ipy_blank(text.at[i]))
            break;
    }
    return i;
}

static size_t word_end(nb_str text, size_t i, size_t end)
{
    while (i < end && !nb_ipy_blank(text.at[i]) && text.at[i] != '\n' &&
           !(text.at[i] == '\\' && i + 1 < end && text.at[i + 1] == '\n'))
        i++;
    return i;
}

/* Past options such as "-n 10 -r3 -qo". */
static size_t skip_options(nb_str text, size_t i, size_t end, const options *known)
{
    for (;;) {
        size_t start = i, stop = word_end(text, i, end);
        if (stop - start < 2 || text.at[start] != '-')
            return start;
        for (i++; i < stop && text.at[i] && strchr(known->without, text.at[i]); i++)
            ;
        if (i == stop) {
            i = skip(text, stop, end);
        } else if (text.at[i] && strchr(known->with_value, text.at[i])) {
            size_t value = i + 1 < stop ? i + 1 : skip(text, stop, end);
            i = skip(text, word_end(text, value, end), end);
        } else {
            return start;
        }
    }
}

/* The statement behind the magic's name and options. */
static size_t statement_at(const nb_ipy_item *it, const options *known)
{
    nb_str text = it->source->text;
    size_t name = skip(text, it->at + (it->implied ? 0 : 1), it->end);
    size_t args = skip(text, word_end(text, name, it->end), it->end);
    return skip_options(text, args, it->end, known);
}

size_t nb_ipy_header_statement(nb_str header, nb_str name)
{
    size_t end = header.len, args = skip(header, word_end(header, 0, end), end);
    if (nb_str_eqz(name, "timeit"))
        return skip_options(header, args, end, &timeit_options);
    return nb_str_eqz(name, "prun") ? skip_options(header, args, end, &prun_options) : end;
}

/* Goes on with the wrapped statement; true unless there is none. */
static bool unwrap(nb_ipy *ipy, nb_ipy_item *it, size_t statement)
{
    if (statement >= it->end || it->source->text.at[statement] == '#') {
        if (it->head)
            comment(ipy, it, NB_STR("time"), NB_D_MAGIC_REMOVED);
        else
            nb_ipy_drop(ipy, it);
        return false;
    }
    it->at = statement;
    if (!it->head)
        it->code = statement;
    return true;
}

bool nb_ipy_only_expressions(nb_str text, const nb_py_line *line)
{
    static const char *const words[] = {
        "assert", "async", "break",  "class", "continue", "def",   "del",
        "for",    "from",  "global", "if",    "import",   "match", "nonlocal",
        "pass",   "raise", "return", "try",   "while",    "with",
    };
    static const char *const binding[] = {
        "=", "+=", "-=", "*=", "/=", "%=", "@=", "&=", "|=", "^=", "**=", "//=", ">>=", "<<="};
    bool first = true;
    for (size_t i = 0; i < line->count; i++) {
        const nb_py_token *token = &line->tokens[i];
        nb_str word = nb_py_token_text(text, token);
        if (token->kind == NB_PY_TOKEN_NAME && first && listed(word, words, NB_LEN(words)))
            return false;
        if (token->kind == NB_PY_TOKEN_OP &&
            (nb_str_eqz(word, ":=") ||
             (token->depth == 0 && listed(word, binding, NB_LEN(binding)))))
            return false;
        first = token->depth == 0 && (nb_str_eqz(word, ";") || nb_str_eqz(word, ":"));
    }
    return !line->escape;
}

/* timeit compiles its statement into a function: what it binds is lost, so only expressions may stay. */
static bool timeit(nb_ipy *ipy, nb_ipy_item *it)
{
    size_t statement = statement_at(it, &timeit_options);
    nb_str text = it->source->text;
    if (ipy->options->timeit == NB_TIMEIT_DROP) {
        nb_ipy_drop(ipy, it);
        return false;
    }
    if (statement >= it->end || strchr("%!?", text.at[statement]))
        return unwrap(ipy, it, statement);
    nb_py_line line;
    it->lexer->at = (uint32_t)statement;
    (void)nb_py_lines_next(it->lexer, &line);
    if (nb_ipy_only_expressions(text, &line))
        return unwrap(ipy, it, statement);
    nb_ipy_cut(ipy, it, line.end > it->end ? line.end : it->end);
    nb_str shown = nb_ipy_show(ipy, it->text);
    nb_ipy_note(ipy, it, NB_D_TIMEIT_REMOVED,
                "removed '" NB_STR_FMT "': timeit keeps nothing that its statement binds",
                NB_STR_ARG(shown));
    nb_ipy_comment(ipy, it);
    return false;
}

static bool wrapper(nb_ipy *ipy, nb_ipy_item *it, action what)
{
    if (++it->unwrapped > NB_IPY_LEVELS) {
        comment(ipy, it, NB_STR("time"), NB_D_MAGIC_REMOVED);
        return false;
    }
    if (what == TIME)
        return unwrap(ipy, it, statement_at(it, &time_options));
    if (it->head) { /* a result object of IPython */
        comment(ipy, it, NB_STR("timeit"), NB_D_MAGIC_REMOVED);
        return false;
    }
    return what == TIMEIT ? timeit(ipy, it) : unwrap(ipy, it, statement_at(it, &prun_options));
}

/* --- the environment -------------------------------------------------------------------------- */

static void env_secret(nb_ipy *ipy, nb_ipy_item *it, nb_str magic_name, nb_str name)
{
    nb_ipython_finding *finding = nb_ipy_note(
        ipy, it, NB_D_SECRET_REMOVED, "the value of '" NB_STR_FMT "' was left out: it looks secret",
        NB_STR_ARG(name));
    finding->severity = NB_SEVERITY_ERROR;
    finding->help = NB_STR("set the variable where the job runs, and take it out of the notebook");
    it->text = nb_arena_printf(ipy->arena, "%%" NB_STR_FMT " " NB_STR_FMT "=$",
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
    ptrdiff_t equals = nb_str_find_char(args, '=');
    ptrdiff_t split = equals >= 0 ? equals : nb_str_find_char(args, ' ');
    nb_str name = nb_str_trim(split < 0 ? args : nb_str_slice(args, 0, (size_t)split));
    bool spaced = nb_str_find_char(name, ' ') >= 0 || nb_str_find_char(name, '\t') >= 0;
    if (split < 0 && nb_str_eqz(magic_name, "env") && (name.len > 0 || !it->head)) {
        env_get(ipy, it, name);
    } else if (split < 0 || it->head || name.len == 0 || spaced) {
        comment(ipy, it, magic_name, NB_D_MAGIC_REMOVED);
    } else if (nb_ipy_secret_name(name)) {
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
    if (ipy->options->cd == NB_CD_COMMENT || it->head || nb_str_starts(path, NB_STR("-"))) {
        comment(ipy, it, NB_STR("cd"), NB_D_MAGIC_REMOVED);
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
        comment(ipy, it, name, NB_D_MAGIC_REMOVED);
}

static void conda(nb_ipy *ipy, nb_ipy_item *it)
{
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
        comment(ipy, it, NB_STR("pylab"), NB_D_MAGIC_REMOVED);
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
        comment(ipy, it, name, NB_D_MAGIC_REMOVED);
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
    case COMMENT: comment(ipy, it, name, NB_D_MAGIC_REMOVED); break;
    case TIME:
    case TIMEIT:
    case PRUN: return wrapper(ipy, it, what);
    case ENV: env(ipy, it, name, args); break;
    case PWD: pwd(ipy, it); break;
    case CD: cd(ipy, it, args); break;
    case PIP: pip(ipy, it, name); break;
    case CONDA: conda(ipy, it); break;
    case PYLAB: pylab(ipy, it, args); break;
    case UNKNOWN: comment(ipy, it, name, NB_D_UNKNOWN_MAGIC); break;
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
    if (rest.len > 0 && strchr("=,", rest.at[0]))
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
    return listed(program, programs, NB_LEN(programs)) &&
           listed(command, commands, NB_LEN(commands));
}
