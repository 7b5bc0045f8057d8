#include "provider/local/python.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/trace.h"
#include "base/vec.h"
#include "proc/shell.h"
#include "text/json.h"

#include <unistd.h>

enum { ASK_TIMEOUT_MS = 60000, ANSWER_LIMIT = 4 * 1024 * 1024 };

extern const char nb_probe_script[]; /* probe.py */

/* --- finding ------------------------------------------------------------------------------------- */

typedef struct search {
    nb_arena *arena;
    const nb_provider_context *context;
    NB_VEC(nb_str) tried; /* as the message lists them */
    const char *version;  /* "python3.12" when the experiment asks for a version only; else NULL */
    nb_python found;
} search;

static bool is_program(const char *path)
{
    return nb_is_file(path) && access(path, X_OK) == 0;
}

static bool take(search *s, nb_str program, const char *origin)
{
    s->found = (nb_python){program, nb_str_from(origin)};
    nb_trace(NB_TRACE_PROC, "python %s from %s", program.at, origin);
    return true;
}

/* The Python of an environment's folder, virtual or conda; of the version that is asked for, if one is. */
static bool try_folder(search *s, nb_str folder, const char *origin)
{
    const char *const names[] = {"python", "python3"};
    for (size_t i = 0; i < NB_LEN(names); i++) {
        nb_str program = nb_arena_printf(s->arena, NB_STR_FMT "/bin/%s", NB_STR_ARG(folder),
                                         s->version ? s->version : names[i]);
        if (is_program(program.at))
            return take(s, program, origin);
    }
    nb_vec_push(s->arena, &s->tried,
                nb_arena_printf(s->arena, "%s (" NB_STR_FMT "/bin/%s)", origin, NB_STR_ARG(folder),
                                s->version ? s->version : names[0]));
    return false;
}

static bool try_variable(search *s, const char *name)
{
    nb_str folder = nb_env_str(s->context->env, name);
    if (folder.len == 0) {
        nb_vec_push(s->arena, &s->tried, nb_arena_printf(s->arena, "%s (not set)", name));
        return false;
    }
    return try_folder(s, folder, name);
}

static bool try_path(search *s, const char *name)
{
    const char *program = nb_program_find(s->arena, name, nb_env_get(s->context->env, "PATH"));
    if (program)
        return take(s, nb_str_from(program), "PATH");
    nb_vec_push(s->arena, &s->tried, nb_arena_printf(s->arena, "%s on PATH", name));
    return false;
}

static nb_str with_home(search *s, nb_str value)
{
    nb_str home = nb_env_str(s->context->env, "HOME");
    if (home.len == 0 || !nb_str_starts(value, NB_STR("~/")))
        return value;
    return nb_path_join(s->arena, home, nb_str_from_at(value, 2));
}

/* What the user wrote: a program, an environment's folder, a name on PATH. Taken as it is or refused. */
static nb_code take_given(search *s, nb_str value, nb_str base, const char *origin, nb_error *err)
{
    nb_str path = nb_path_join(s->arena, base, with_home(s, value));
    if (is_program(path.at)) {
        (void)take(s, path, origin);
        return NB_OK;
    }
    if (nb_is_dir(path.at) && try_folder(s, path, origin))
        return NB_OK;
    const char *name = nb_arena_z(s->arena, value);
    if (nb_str_find_char(value, '/') < 0 && try_path(s, name)) {
        s->found.origin = nb_str_from(origin);
        return NB_OK;
    }
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "there is no Python at '%s', which %s names", name,
                  origin);
    nb_error_hint(
        err, "give a program, the folder of an environment, or a name on PATH such as python3.11");
    return err->code;
}

static nb_code not_found(const search *s, nb_error *err)
{
    NB_AUTO(nb_buf) list = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < s->tried.count; i++)
        nb_buf_printf(&list, "%s" NB_STR_FMT, i > 0 ? ", " : "", NB_STR_ARG(s->tried.at[i]));
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "no Python was found; tried %s", list.at);
    nb_error_hint(err, "install Python, activate an environment, or pass --python PATH");
    return err->code;
}

/* "3.12": the experiment names a version and leaves the place open. */
static bool is_version(nb_str text)
{
    int64_t minor;
    return nb_str_starts(text, NB_STR("3.")) && nb_str_to_int(nb_str_from_at(text, 2), &minor);
}

static bool try_notebook(search *s, nb_str folder)
{
    return !nb_str_eq(folder, s->context->root) && /* which was tried before */
           try_folder(s, nb_path_join(s->arena, folder, NB_STR(".venv")), "the notebook's .venv");
}

nb_code nb_python_find(nb_arena *arena, const nb_provider_context *context,
                       const nb_train_request *request, nb_python *out, nb_error *err)
{
    search s = {.arena = arena, .context = context};
    nb_code code = NB_OK;
    if (is_version(request->experiment_python))
        s.version =
            nb_arena_printf(arena, "python" NB_STR_FMT, NB_STR_ARG(request->experiment_python)).at;
    if (request->python.len > 0)
        code = take_given(&s, request->python, NB_STR(""), "--python", err);
    else if (request->experiment_python.len > 0 && !s.version)
        code = take_given(&s, request->experiment_python, context->root,
                          "'python:' of the experiment", err);
    else if (!try_variable(&s, "VIRTUAL_ENV") && !try_variable(&s, "CONDA_PREFIX") &&
             !try_folder(&s, nb_path_join(arena, context->root, NB_STR(".venv")),
                         "the project's .venv") &&
             !try_notebook(&s, nb_path_dir(request->notebook)) &&
             !try_path(&s, s.version ? s.version : "python3"))
        code = not_found(&s, err);
    if (code != NB_OK)
        return code;
    if (nb_path_absolute(arena, s.found.program, &s.found.program, err) != NB_OK)
        return err->code;
    *out = s.found;
    return NB_OK;
}

/* --- asking --------------------------------------------------------------------------------------- */

static nb_str last_line(nb_str text)
{
    nb_str rest = nb_str_trim(text), line = {0}, last = {0};
    while (nb_str_line(&rest, &line))
        last = line;
    return nb_str_trim(last);
}

static nb_code no_answer(nb_arena *arena, nb_str program, const nb_exit *end, nb_str complaint,
                         nb_error *err)
{
    nb_str why = last_line(complaint);
    (void)nb_fail(err, NB_ERR_CONFIG,
                  "'" NB_STR_FMT "' is no working Python 3: it " NB_STR_FMT "%s" NB_STR_FMT,
                  NB_STR_ARG(program), NB_STR_ARG(nb_exit_text(arena, end)),
                  why.len > 0 ? ": " : "", NB_STR_ARG(why));
    nb_error_hint(err, "pass another one with --python PATH");
    return err->code;
}

static void read_missing(nb_arena *arena, const nb_json *list, nb_python_facts *facts)
{
    NB_VEC(nb_missing) missing = {0};
    for (const nb_json *item = list ? list->child : NULL; item; item = item->next) {
        const nb_json *imported = nb_json_get(item, "imported");
        nb_vec_push(arena, &missing,
                    (nb_missing){nb_json_get_str(item, "requirement"),
                                 nb_json_get_str(item, "installed"),
                                 imported && imported->kind == NB_JSON_TRUE});
    }
    facts->missing = missing.at;
    facts->missing_count = missing.count;
}

/* The answer is the line with the mark: start-up files of a Python may print as well. */
static bool read_answer(nb_arena *arena, nb_str text, nb_python_facts *out)
{
    static const nb_str mark = NB_STR_ROW("notebooked-probe: ");
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the caller says what is wrong with this Python */
    const nb_json *root;
    nb_str rest = text, line;
    while (nb_str_line(&rest, &line)) {
        if (!nb_str_starts(line, mark))
            continue;
        nb_str json = nb_arena_str(arena, nb_str_from_at(line, mark.len));
        if (nb_json_parse(arena, json, NB_STR("probe"), NB_JSON_STRICT, &root, &ignored) != NB_OK)
            return false;
        out->version = nb_json_get_str(root, "version");
        out->identity = nb_json_get_str(root, "identity");
        read_missing(arena, nb_json_get(root, "missing"), out);
        return out->version.len > 0;
    }
    return false;
}

static bool is_old(nb_str version)
{
    int64_t major = 0, minor = 0;
    nb_str rest = version, part;
    return !nb_str_split(&rest, '.', &part) || !nb_str_to_int(part, &major) ||
           !nb_str_split(&rest, '.', &part) || !nb_str_to_int(part, &minor) || major < 3 ||
           (major == 3 && minor < 8);
}

nb_code nb_python_ask(nb_arena *arena, const nb_provider_context *context, nb_str program,
                      nb_str requirements, nb_python_facts *out, nb_error *err)
{
    NB_AUTO(nb_buf) answer = NB_BUF_INIT(ANSWER_LIMIT);
    NB_AUTO(nb_buf) complaint = NB_BUF_INIT(ANSWER_LIMIT);
    const char *file = requirements.len > 0 ? nb_arena_z(arena, requirements) : NULL;
    const char *argv[] = {nb_arena_z(arena, program), "-c", nb_probe_script, file, NULL};
    /* `-c` puts the current folder on the module path: one without a user's json.py. */
    nb_spawn spawn = {.argv = argv, .cwd = "/", .timeout_ms = ASK_TIMEOUT_MS, .dies_with_us = true};
    nb_python_facts facts = {0};
    nb_exit end;
    if (nb_run_capture(context->runner, &spawn, &answer, &complaint, &end, err) != NB_OK)
        return nb_wrap(err, "cannot use the Python '" NB_STR_FMT "'", NB_STR_ARG(program));
    if (end.status != 0 || !read_answer(arena, nb_buf_view(&answer), &facts))
        return no_answer(arena, program, &end, nb_buf_view(&complaint), err);
    if (is_old(facts.version)) {
        (void)nb_fail(err, NB_ERR_CONFIG,
                      "'" NB_STR_FMT "' is Python " NB_STR_FMT
                      "; generated scripts need 3.8 or newer",
                      NB_STR_ARG(program), NB_STR_ARG(facts.version));
        nb_error_hint(err, "pass another one with --python PATH");
        return err->code;
    }
    *out = facts;
    return NB_OK;
}

/* --- judging -------------------------------------------------------------------------------------- */

static bool is_mlflow(nb_str requirement)
{
    size_t len = 0;
    while (len < requirement.len && (nb_is_name(requirement.at[len]) || requirement.at[len] == '-'))
        len++;
    nb_str name = nb_str_slice(requirement, 0, len);
    return nb_str_eqz(name, "mlflow") || nb_str_eqz(name, "mlflow-skinny");
}

/* MLflow is no condition of training: the scripts say so themselves and go on without, but for code of the notebook that imports it. */
static bool can_do_without(const nb_missing *m)
{
    return is_mlflow(m->requirement) && !m->imported;
}

bool nb_python_lacks_mlflow(const nb_python_facts *facts)
{
    for (size_t i = 0; i < facts->missing_count; i++)
        if (is_mlflow(facts->missing[i].requirement))
            return true;
    return false;
}

nb_code nb_python_require(const nb_python *python, const nb_python_facts *facts,
                          nb_str requirements, const char *otherwise, nb_error *err)
{
    NB_AUTO(nb_buf) list = NB_BUF_INIT(NB_BUF_TEXT);
    size_t count = 0;
    for (size_t i = 0; i < facts->missing_count; i++) {
        const nb_missing *m = &facts->missing[i];
        if (can_do_without(m))
            continue;
        nb_buf_printf(&list, "%s" NB_STR_FMT, count++ > 0 ? ", " : "", NB_STR_ARG(m->requirement));
        if (m->installed.len > 0)
            nb_buf_printf(&list, " (installed: " NB_STR_FMT ")", NB_STR_ARG(m->installed));
    }
    if (count == 0)
        return NB_OK;
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "%zu requirement%s not met by " NB_STR_FMT ": %s", count,
                  count == 1 ? " is" : "s are", NB_STR_ARG(python->program), list.at);
    NB_AUTO(nb_buf) command = NB_BUF_INIT(NB_BUF_TEXT);
    nb_shell_put(&command, python->program);
    nb_buf_putz(&command, " -m pip install -r ");
    nb_shell_put(&command, requirements);
    nb_error_hint(err, "run '%s', or %s", command.at, otherwise);
    return err->code;
}
