/* What pip command lines install, as lines of a requirements file. */
#include "notebook/ipython_parts.h"

/* Where requirements come from and go to. */
typedef struct pip {
    nb_ipy *ipy;
    const nb_ipy_source *source;
    const nb_ipy_command *command;
    bool installs, others;
} pip;

/* --- arguments of pip install ----------------------------------------------------------------- */

typedef struct option {
    const char *name;
    const char *line; /* its name in a requirements file; NULL: dropped */
    bool value;
} option;

static const option options[] = {
    {"-r",                 "-r",                true },
    {"--requirement",      "-r",                true },
    {"-c",                 "-c",                true },
    {"--constraint",       "-c",                true },
    {"-e",                 "-e",                true },
    {"--editable",         "-e",                true },
    {"--index-url",        "--index-url",       true },
    {"-i",                 "--index-url",       true },
    {"--pypi-url",         "--index-url",       true },
    {"--extra-index-url",  "--extra-index-url", true },
    {"--find-links",       "--find-links",      true },
    {"-f",                 "--find-links",      true },
    {"--trusted-host",     "--trusted-host",    true },
    {"--no-binary",        "--no-binary",       true },
    {"--only-binary",      "--only-binary",     true },
    {"--pre",              "--pre",             false},
    {"--no-index",         "--no-index",        false},
    {"--prefer-binary",    "--prefer-binary",   false},
    {"--require-hashes",   "--require-hashes",  false},
    {"--target",           NULL,                true },
    {"-t",                 NULL,                true },
    {"--prefix",           NULL,                true },
    {"--root",             NULL,                true },
    {"--src",              NULL,                true },
    {"--timeout",          NULL,                true },
    {"--retries",          NULL,                true },
    {"--proxy",            NULL,                true },
    {"--cert",             NULL,                true },
    {"--client-cert",      NULL,                true },
    {"--cache-dir",        NULL,                true },
    {"--log",              NULL,                true },
    {"--platform",         NULL,                true },
    {"--abi",              NULL,                true },
    {"--implementation",   NULL,                true },
    {"--python",           NULL,                true },
    {"--python-version",   NULL,                true },
    {"--upgrade-strategy", NULL,                true },
    {"--progress-bar",     NULL,                true },
    {"--config-settings",  NULL,                true },
    {"-C",                 NULL,                true },
    {"--global-option",    NULL,                true },
    {"--install-option",   NULL,                true },
    {"--build-option",     NULL,                true },
    {"--use-feature",      NULL,                true },
    {"--use-deprecated",   NULL,                true },
    {"--exists-action",    NULL,                true },
    {"--root-user-action", NULL,                true },
    {"--keyring-provider", NULL,                true },
    {"--report",           NULL,                true },
    {"-d",                 NULL,                true },
    {"-b",                 NULL,                true },
    {"--index",            NULL,                true },
    {"--default-index",    NULL,                true },
};

static const option *option_of(nb_str name)
{
    for (size_t i = 0; i < NB_LEN(options); i++)
        if (nb_str_eqz(name, options[i].name))
            return &options[i];
    return NULL;
}

static unsigned line_of(const pip *p, const nb_ipy_word_of *w)
{
    return p->source->lines[nb_ipy_line_of(p->source, w->start)].number;
}

static nb_ipython_finding *find(const pip *p, const nb_ipy_word_of *w, nb_diag_code code,
                                const char *fmt)
{
    nb_str shown = nb_ipy_show(p->ipy, w->text);
    nb_str message = nb_arena_printf(p->ipy->arena, "'" NB_STR_FMT "' %s", NB_STR_ARG(shown), fmt);
    return nb_ipy_find(p->ipy, p->source, w->start, w->end, code, NB_STR_FMT, NB_STR_ARG(message));
}

/* "https://user:password@host" and "https://token@host"; "git@" is no secret. */
static bool has_credentials(nb_str text)
{
    ptrdiff_t scheme = nb_str_find(text, NB_STR("://"));
    if (scheme < 0)
        return false;
    nb_str rest = nb_str_from_at(text, (size_t)scheme + 3);
    ptrdiff_t slash = nb_str_find_char(rest, '/');
    nb_str host = slash < 0 ? rest : nb_str_slice(rest, 0, (size_t)slash);
    ptrdiff_t at = nb_str_rfind_char(host, '@');
    nb_str user = nb_str_slice(host, 0, at < 0 ? 0 : (size_t)at);
    bool web = nb_str_contains(nb_str_slice(text, 0, (size_t)scheme), NB_STR("http"));
    return user.len > 0 && (nb_str_find_char(user, ':') >= 0 || (web && !nb_str_eqz(user, "git")));
}

static bool is_local(nb_str text)
{
    static const nb_str archives[] = {NB_STR_ROW(".whl"), NB_STR_ROW(".tar.gz"),
                                      NB_STR_ROW(".zip")};
    if (nb_str_starts(text, NB_STR("file:")))
        return true;
    if (nb_str_contains(text, NB_STR("://")))
        return false;
    if (text.len > 0 && strchr("./~", text.at[0]))
        return true;
    for (size_t i = 0; i < NB_LEN(archives); i++)
        if (nb_str_ends(text, archives[i]))
            return true;
    return nb_str_find_char(text, '/') >= 0 && nb_str_find_char(text, '@') < 0;
}

/* The project's name at the front, extras included. */
static nb_str project(nb_str text)
{
    size_t len = 0;
    while (len < text.len &&
           (nb_is_alpha(text.at[len]) || nb_is_digit(text.at[len]) || strchr("._-", text.at[len])))
        len++;
    ptrdiff_t close = len < text.len && text.at[len] == '[' ? nb_str_find_char(text, ']') : -1;
    return nb_str_slice(text, 0, close < 0 ? len : (size_t)close + 1);
}

static bool is_pip_itself(nb_str text)
{
    nb_str name = project(text);
    return nb_str_eq_nocase(name, NB_STR("pip")) &&
           (name.len == text.len || strchr("=<>!~ ;", text.at[name.len]));
}

/* A word of which only the running notebook knows all; the project's name is kept when that is known. */
static void unresolved(pip *p, const nb_ipy_word_of *w)
{
    nb_str name = project(w->text);
    bool version = name.len > 0 && name.len < w->text.len &&
                   strchr("=<>!~", w->text.at[name.len]) && nb_str_find_char(name, '{') < 0;
    find(p, w, NB_D_PIP_UNRESOLVED,
         version ? "has a version that is known only at run time: left without one"
                 : "is known only at run time: left out")
        ->help =
        NB_STR("write the requirement out, or add it to requirements in the configuration");
    if (version && !is_pip_itself(name))
        nb_ipy_require(p->ipy, name, line_of(p, w));
}

static bool refused(pip *p, const nb_ipy_word_of *w, nb_str value)
{
    if (nb_str_find_char(value, '\n') >= 0 || value.len == 0)
        return true;
    if (!has_credentials(value))
        return false;
    find(p, w, NB_D_SECRET_REMOVED, "holds a password or token: left out")->help =
        NB_STR("let pip read it from its configuration or the environment");
    return true;
}

static void require(pip *p, const nb_ipy_word_of *w)
{
    if (w->interpolated) {
        unresolved(p, w);
        return;
    }
    if (refused(p, w, w->text) || is_pip_itself(w->text))
        return;
    if (w->comparison)
        find(p, w, NB_D_UNQUOTED_VERSION_OPERATOR,
             "is not quoted: a shell would have written a file instead of checking the version")
            ->help = NB_STR("put it in quotes");
    if (is_local(w->text))
        find(p, w, NB_D_LOCAL_REQUIREMENT, "is a path on this machine")->help =
            NB_STR("publish the package, or name a version control URL");
    nb_ipy_require(p->ipy, w->text, line_of(p, w));
}

/* An option with its value, in the form requirements files have. */
static void keep_option(pip *p, const option *o, const nb_ipy_word_of *w, nb_str value)
{
    if (!o->line)
        return;
    if (w->interpolated) {
        unresolved(p, w);
        return;
    }
    if (o->value && refused(p, w, value))
        return;
    if (nb_str_eqz(nb_str_from(o->line), "-e") && is_local(value))
        find(p, w, NB_D_LOCAL_REQUIREMENT, "is a path on this machine")->help =
            NB_STR("publish the package, or name a version control URL");
    nb_str line = o->value
                      ? nb_arena_printf(p->ipy->arena, "%s " NB_STR_FMT, o->line, NB_STR_ARG(value))
                      : nb_str_from(o->line);
    nb_ipy_require(p->ipy, line, line_of(p, w));
}

/* `--name value` or `--name=value`; the number of words it takes. */
static size_t long_option(pip *p, size_t i)
{
    const nb_ipy_word_of *w = &p->command->words.at[i];
    ptrdiff_t equals = nb_str_find_char(w->text, '=');
    nb_str name = equals < 0 ? w->text : nb_str_slice(w->text, 0, (size_t)equals);
    const option *o = option_of(name);
    if (!o || !o->value) {
        if (o && equals < 0)
            keep_option(p, o, w, NB_STR(""));
        return 1;
    }
    if (equals >= 0) {
        keep_option(p, o, w, nb_str_from_at(w->text, (size_t)equals + 1));
        return 1;
    }
    if (i + 1 < p->command->words.count)
        keep_option(p, o, w + 1, w[1].text);
    return 2;
}

/* `-qUr file`: letters up to one that takes a value. */
static size_t short_options(pip *p, size_t i)
{
    const nb_ipy_word_of *w = &p->command->words.at[i];
    for (size_t k = 1; k < w->text.len; k++) {
        char name[] = {'-', w->text.at[k], '\0'};
        const option *o = option_of(nb_str_from(name));
        if (!o || !o->value)
            continue;
        nb_str attached = nb_str_from_at(w->text, k + 1);
        if (attached.len > 0) {
            keep_option(p, o, w,
                        nb_str_starts(attached, NB_STR("=")) ? nb_str_from_at(attached, 1)
                                                             : attached);
            return 1;
        }
        if (i + 1 < p->command->words.count)
            keep_option(p, o, w + 1, w[1].text);
        return 2;
    }
    return 1;
}

static size_t argument(pip *p, size_t i)
{
    const nb_ipy_word_of *w = &p->command->words.at[i];
    if (nb_str_starts(w->text, NB_STR("--")))
        return long_option(p, i);
    if (nb_str_starts(w->text, NB_STR("-")))
        return short_options(p, i);
    require(p, w);
    return 1;
}

/* --- which commands count --------------------------------------------------------------------- */

static nb_str base_name(nb_str path)
{
    return nb_str_from_at(path, (size_t)(nb_str_rfind_char(path, '/') + 1));
}

/* `name`, `name3`, `name3.11`. */
static bool versioned(nb_str text, const char *name)
{
    nb_str with = nb_str_from(name);
    if (!nb_str_starts(text, with))
        return false;
    for (size_t i = with.len; i < text.len; i++)
        if (!nb_is_digit(text.at[i]) && text.at[i] != '.')
            return false;
    return true;
}

/* Past NAME=value, sudo and the like. */
static size_t program_at(const nb_ipy_command *c)
{
    static const char *const front[] = {"sudo", "-H", "-E", "time", "nohup", "exec", "command"};
    size_t i = 0;
    while (i < c->words.count &&
           (c->words.at[i].assignment || NB_IPY_LISTED(c->words.at[i].text, front)))
        i++;
    return i;
}

static nb_str word_at(const nb_ipy_command *c, size_t i)
{
    return i < c->words.count ? c->words.at[i].text : NB_STR("");
}

/* Past `-m` behind an interpreter at `i`; 0: no interpreter. */
static size_t module_at(const nb_ipy_command *c, size_t i)
{
    nb_str name = base_name(word_at(c, i));
    bool interpreter = versioned(name, "python") || nb_str_eqz(name, "py") ||
                       (i < c->words.count && c->words.at[i].interpolated);
    if (!interpreter)
        return 0;
    for (i++; nb_str_starts(word_at(c, i), NB_STR("-")); i++)
        if (nb_str_eqz(word_at(c, i), "-m"))
            return i + 1;
    return 0;
}

/* Behind `pip`, `python -m pip`, `uv pip`, ...; 0: another program. *add: `uv add`. */
static size_t pip_arguments(const nb_ipy_command *c, size_t i, bool *add)
{
    size_t module = module_at(c, i);
    if (module)
        i = module;
    nb_str name = base_name(word_at(c, i));
    if (versioned(name, "pip"))
        return i + 1;
    if (!nb_str_eqz(name, "uv"))
        return 0;
    *add = nb_str_eqz(word_at(c, i + 1), "add");
    return *add || nb_str_eqz(word_at(c, i + 1), "pip") ? i + 2 : 0;
}

/* The arguments of `pip install`; 0: not that. */
static size_t install_arguments(const nb_ipy_command *c)
{
    bool add = false;
    size_t i = pip_arguments(c, program_at(c), &add);
    if (i == 0 || add)
        return i;
    while (nb_str_starts(word_at(c, i), NB_STR("-"))) {
        const option *o = option_of(word_at(c, i));
        i += o && o->value ? 2 : 1;
    }
    return nb_str_eqz(word_at(c, i), "install") ? i + 1 : 0;
}

static void run_command(pip *p)
{
    static const char *const neutral[] = {"cd", "true", ":", "yes", "set"};
    const nb_ipy_command *c = p->command;
    size_t program = program_at(c), install = install_arguments(c);
    p->installs |= install > 0;
    p->others |= install == 0 && !NB_IPY_LISTED(word_at(c, program), neutral);
    for (size_t i = install; install > 0 && i < c->words.count;)
        i += argument(p, i);
}

nb_ipy_pip nb_ipy_pip_commands(nb_ipy *ipy, const nb_ipy_source *source, size_t start, size_t end,
                               bool script)
{
    nb_ipy_shell shell;
    nb_ipy_shell_open(&shell, ipy->arena, nb_str_slice(source->text, 0, end), start, script);
    pip p = {.ipy = ipy, .source = source, .command = &shell.command};
    while (nb_ipy_shell_next(&shell))
        run_command(&p);
    nb_ipy_shell_release(&shell);
    if (!p.installs)
        return NB_IPY_PIP_NONE;
    return p.others ? NB_IPY_PIP_MIXED : NB_IPY_PIP_ONLY;
}

bool nb_ipy_is_conda(nb_str line)
{
    static const char *const names[] = {"conda", "mamba", "micromamba"};
    static const char *const installing[] = {"install", "create", "env"};
    nb_str name = nb_ipy_word(&line), command = nb_ipy_word(&line);
    return NB_IPY_LISTED(base_name(name), names) && NB_IPY_LISTED(command, installing);
}
