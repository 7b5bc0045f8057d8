/* The local provider against a scripted world: no Python, no child, no clock. What real children do: tests/train. */
#include "nb_test.h"

#include "base/fs.h"
#include "base/path.h"
#include "provider/job.h"
#include "provider/local/local.h"
#include "provider/local/run.h"

#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct world {
    nb_arena arena;
    char root[64];
    struct {
        const char *name, *value;
    } variables[6];
    int64_t now, slept;
    /* the scripted child */
    const char *answer;    /* of the probe, on stdout */
    const char *output[8]; /* of the training: "e:" or "o:" and a line */
    const char *metrics;   /* what it leaves in metrics.json */
    nb_exit end;
    nb_code start_fails;
    nb_liveness watcher;
    const char *boot;
    /* what happened */
    nb_buf ran, said, shown;
    int signals[8];
    size_t signal_count;
    nb_str ends_on_signal; /* the job whose row says "stopped" after a signal */

    nb_env env;
    nb_runner runner;
    nb_provider_context context;
} world;

/* --- doors ------------------------------------------------------------------------------------------ */

static int64_t fake_now(void *ctx)
{
    return ((world *)ctx)->now++;
}

static void fake_sleep(void *ctx, int64_t ms)
{
    ((world *)ctx)->slept += ms;
}

static const char *fake_get(void *ctx, const char *name)
{
    world *w = ctx;
    for (size_t i = 0; i < NB_LEN(w->variables); i++)
        if (w->variables[i].name && strcmp(w->variables[i].name, name) == 0)
            return w->variables[i].value;
    return NULL;
}

static void feed(const nb_spawn *spawn, nb_stream stream, const char *text)
{
    if (spawn->on_output)
        spawn->on_output(spawn->ctx, &(nb_output){stream, nb_str_from(text), true});
}

static void leave_metrics(const world *w, const nb_spawn *spawn)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str flag = nb_str_from(spawn->argv[3]); /* --model-dir=... */
    const char *path =
        nb_arena_printf(&arena, NB_STR_FMT "/metrics.json", NB_STR_ARG(nb_str_from_at(flag, 12)))
            .at;
    if (w->metrics)
        assert_ok(nb_file_replace(path, nb_str_from(w->metrics), 0666, &err), &err);
}

static nb_code fake_run(void *ctx, const nb_spawn *spawn, nb_exit *out, nb_error *err)
{
    world *w = ctx;
    for (size_t i = 0; spawn->argv[i]; i++)
        if (strlen(spawn->argv[i]) < 500) /* the probe's script is not worth it */
            nb_buf_printf(&w->ran, "%s%s", i > 0 ? " " : "", spawn->argv[i]);
    nb_buf_putc(&w->ran, '\n');
    if (strcmp(spawn->argv[0], "git") == 0)
        return nb_fail(err, NB_ERR_NOT_FOUND, "no git");
    if (strcmp(spawn->argv[1], "-c") == 0) {
        feed(spawn, NB_STDOUT, w->answer);
        *out = (nb_exit){.status = w->answer ? 0 : 1};
        return NB_OK;
    }
    if (w->start_fails)
        return nb_fail(err, w->start_fails, "cannot run it");
    spawn->on_start(spawn->ctx, 4711);
    for (size_t i = 0; i < NB_LEN(w->output) && w->output[i]; i++)
        feed(spawn, w->output[i][0] == 'e' ? NB_STDERR : NB_STDOUT, w->output[i] + 2);
    leave_metrics(w, spawn);
    *out = w->end;
    return NB_OK;
}

static bool fake_identify(void *ctx, int64_t pid, nb_process *out)
{
    const world *w = ctx;
    *out = (nb_process){.pid = pid ? pid : 1000, .start = 5, .host = "here"};
    memcpy(out->boot, w->boot, strlen(w->boot) + 1);
    return true;
}

static nb_liveness fake_look(void *ctx, const nb_process *process)
{
    assert_true(process->pid == 1000 || process->pid == 4711);
    return ((world *)ctx)->watcher;
}

static nb_store *open_store(const world *w)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_store *store = NULL;
    assert_ok(nb_store_open(w->root, NB_STORE_WRITE, &store, &err), &err);
    return store;
}

static bool fake_signal(void *ctx, const nb_process *process, int signal)
{
    world *w = ctx;
    assert_int_equal(process->pid, 4711);
    w->signals[w->signal_count++ % 8] = signal;
    if (w->ends_on_signal.len > 0 && (signal == SIGKILL || w->end.signal == SIGTERM)) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_job row;
        nb_store *store = open_store(w);
        assert_ok(nb_store_find(store, &w->arena, w->ends_on_signal, &row, &err), &err);
        assert_int_equal(row.stop_requested, 1);
        row.state = NB_JOB_STOPPED;
        assert_ok(nb_store_save(store, &row, &err), &err);
        nb_store_close(store);
    }
    return true;
}

static void on_say(void *ctx, nb_str line)
{
    nb_buf_printf(&((world *)ctx)->said, NB_STR_FMT "\n", NB_STR_ARG(line));
}

static void on_shown(void *ctx, nb_str bytes)
{
    nb_buf_put(&((world *)ctx)->shown, bytes);
}

/* --- a project ------------------------------------------------------------------------------------ */

static const char *at(world *w, const char *name)
{
    return nb_path_join(&w->arena, nb_str_from(w->root), nb_str_from(name)).at;
}

static void put(world *w, const char *name, const char *text, unsigned mode)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str path = nb_str_from(at(w, name));
    assert_ok(nb_dir_make(nb_arena_z(&w->arena, nb_path_dir(path)), &err), &err);
    assert_ok(nb_file_replace(path.at, nb_str_from(text), mode, &err), &err);
}

#define PROBE "notebooked-probe: {\"version\": \"3.11.2\", \"identity\": \"x\", \"missing\": ["

static int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    *state = w;
    memcpy(w->root, "/tmp/nb-local-XXXXXX", 21);
    assert_non_null(mkdtemp(w->root));
    w->now = 1000;
    w->answer = PROBE "]}";
    w->boot = "boot-1";
    w->ran = w->said = w->shown = NB_BUF_INIT(NB_BUF_TEXT);
    w->env = (nb_env){fake_now, fake_sleep, fake_get, w};
    w->runner = (nb_runner){fake_run, fake_identify, fake_look, fake_signal, w};
    w->context = (nb_provider_context){
        &w->env, &w->runner, nb_str_from(w->root), {on_say, on_shown, w}
    };
    put(w, "generated/iris/train.py", "#\n", 0644);
    put(w, "nb/iris.ipynb", "{}", 0644);
    put(w, "bin/python3", "#!/bin/sh\n", 0755);
    w->variables[0].name = "PATH";
    w->variables[0].value = at(w, "bin");
    return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int tear_down(void **state)
{
    world *w = *state;
    (void)nftw(w->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    nb_buf_release(&w->ran);
    nb_buf_release(&w->said);
    nb_buf_release(&w->shown);
    nb_arena_release(&w->arena);
    free(w);
    return 0;
}

static nb_train_request request_of(world *w)
{
    return (nb_train_request){.experiment = NB_STR("iris"),
                              .code_dir = nb_str_from(at(w, "generated/iris")),
                              .notebook = nb_str_from(at(w, "nb/iris.ipynb")),
                              .workdir = nb_str_from(at(w, "nb")),
                              .hyperparameters = NB_STR("{\"epochs\": 3}"),
                              .attached = true};
}

static nb_code train(world *w, const nb_train_request *request, nb_job *job, nb_error *err)
{
    nb_provider *provider;
    assert_int_equal(nb_provider_local.open(&w->context, &provider, err), NB_OK);
    nb_code code = nb_provider_local.train(provider, request, &w->arena, job, err);
    nb_provider_local.close(provider);
    return code;
}

/* --- finding Python ------------------------------------------------------------------------------- */

static void variable(world *w, size_t index, const char *name, const char *value)
{
    w->variables[index].name = name;
    w->variables[index].value = value;
}

static void expect_python(world *w, const nb_train_request *request, const char *program,
                          const char *origin)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_python python;
    assert_ok(nb_python_find(&w->arena, &w->context, request, &python, &err), &err);
    assert_str(python.program, at(w, program));
    assert_str(python.origin, origin);
}

static void pythons_are_found_in_order(void **state)
{
    world *w = *state;
    nb_train_request request = request_of(w);
    expect_python(w, &request, "bin/python3", "PATH");
    put(w, "nb/.venv/bin/python", "", 0755);
    expect_python(w, &request, "nb/.venv/bin/python", "the notebook's .venv");
    put(w, ".venv/bin/python", "", 0755);
    expect_python(w, &request, ".venv/bin/python", "the project's .venv");
    put(w, "conda/bin/python", "", 0755);
    variable(w, 1, "CONDA_PREFIX", at(w, "conda"));
    expect_python(w, &request, "conda/bin/python", "CONDA_PREFIX");
    put(w, "active/bin/python3", "", 0755);
    variable(w, 2, "VIRTUAL_ENV", at(w, "active"));
    expect_python(w, &request, "active/bin/python3", "VIRTUAL_ENV");
    put(w, "given/bin/python", "", 0755);
    request.experiment_python = NB_STR("given"); /* relative to the project */
    expect_python(w, &request, "given/bin/python", "'python:' of the experiment");
    request.experiment_python = NB_STR("given/bin/python");
    expect_python(w, &request, "given/bin/python", "'python:' of the experiment");
    request.experiment_python = NB_STR("python3");
    expect_python(w, &request, "bin/python3", "'python:' of the experiment");
    variable(w, 3, "HOME", w->root);
    request.experiment_python = NB_STR("~/given");
    expect_python(w, &request, "given/bin/python", "'python:' of the experiment");
    request.python = nb_str_from(at(w, "conda/bin/python"));
    expect_python(w, &request, "conda/bin/python", "--python");
}

static void a_given_python_must_be_right(void **state)
{
    world *w = *state;
    static const char *const given[] = {"/no/such/python", "nopython", "nb", "nb/iris.ipynb"};
    for (size_t i = 0; i < NB_LEN(given); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_python python;
        nb_train_request request = request_of(w);
        request.experiment_python = nb_str_from(given[i]);
        assert_int_equal(nb_python_find(&w->arena, &w->context, &request, &python, &err),
                         NB_ERR_NOT_FOUND);
        nb_str want = nb_arena_printf(
            &w->arena, "there is no Python at '%s', which 'python:' of the experiment names",
            given[i]);
        assert_string_equal(nb_error_message(&err, 0), want.at);
    }
}

static void no_python_at_all_names_what_was_tried(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_python python;
    nb_train_request request = request_of(w);
    variable(w, 0, "PATH", "/no/such");
    variable(w, 1, "VIRTUAL_ENV", "/gone");
    assert_int_equal(nb_python_find(&w->arena, &w->context, &request, &python, &err),
                     NB_ERR_NOT_FOUND);
    nb_str want = nb_arena_printf(
        &w->arena,
        "no Python was found; tried VIRTUAL_ENV (/gone/bin/python), CONDA_PREFIX (not set), "
        "the project's .venv (%s/.venv/bin/python), the notebook's .venv "
        "(%s/nb/.venv/bin/python), python3 on PATH",
        w->root, w->root);
    assert_string_equal(nb_error_message(&err, 0), want.at);
}

static void what_is_missing_is_named_once(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_job job;
    nb_train_request request = request_of(w);
    put(w, "generated/iris/requirements.txt", "a\nb==2\n", 0644);
    w->answer =
        "hello\n" PROBE
        "{\"requirement\": \"a\", \"installed\": \"\"}, {\"requirement\": \"b==2\", "
        "\"installed\": \"1.0\"}, {\"requirement\": \"mlflow>=2\", \"installed\": \"\"}]}\nbye";
    assert_int_equal(train(w, &request, &job, &err), NB_ERR_NOT_FOUND);
    nb_str want = nb_arena_printf(
        &w->arena, "2 requirements are not met by %s/bin/python3: a, b==2 (installed: 1.0)",
        w->root);
    assert_string_equal(nb_error_message(&err, 0), want.at);
    assert_non_null(strstr(err.hint, "-m pip install -r"));
    assert_non_null(strstr(err.hint, "generated/iris/requirements.txt"));
    assert_false(nb_path_exists(at(w, "models"))); /* nothing was begun */
    assert_false(nb_path_exists(at(w, ".notebooked")));
    request.skip_requirements = true;
    assert_ok(train(w, &request, &job, &err), &err);
}

static void a_missing_mlflow_is_a_note(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_job job;
    nb_train_request request = request_of(w);
    request.track = true;
    request.tracking_uri = NB_STR("sqlite:///mlflow.db");
    w->answer = PROBE "{\"requirement\": \"mlflow\", \"installed\": \"\"}]}";
    assert_ok(train(w, &request, &job, &err), &err);
    assert_non_null(strstr(w->said.at, " has no MLflow; the run is recorded in the project only"));
}

static void strange_pythons_are_refused(void **state)
{
    static const struct {
        const char *answer, *message;
    } cases[] = {
        {NULL,                                          "is no working Python 3: it ended with exit status 1"},
        {"Python 2.7.18",                               "is no working Python 3: it ended with exit status 0"},
        {"notebooked-probe: {",                         "is no working Python 3"                             },
        {"notebooked-probe: {\"version\": \"3.7.9\"}",
         "is Python 3.7.9; generated scripts need 3.8 or newer"                                              },
        {"notebooked-probe: {\"version\": \"2.7.18\"}", "is Python 2.7.18"                                   },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        world *w = *state;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_job job;
        nb_train_request request = request_of(w);
        w->answer = cases[i].answer;
        assert_int_equal(train(w, &request, &job, &err), NB_ERR_CONFIG);
        assert_non_null(strstr(nb_error_message(&err, 0), cases[i].message));
    }
}

/* --- starting --------------------------------------------------------------------------------------- */

static bool has_word(const char *const *words, const char *word)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static nb_spawn spawn_of(world *w, nb_run *run, const nb_train_request *request)
{
    *run = (nb_run){
        .context = &w->context,
        .request = request,
        .arena = &w->arena,
        .python = {NB_STR("/py"), NB_STR("x")},
        .model_dir = NB_STR("/m/1")
    };
    run->job.id = NB_STR("iris-1");
    run->job.git_commit = NB_STR("abc");
    return nb_run_spawn(run);
}

static void the_command_line_is_complete(void **state)
{
    world *w = *state;
    nb_run run;
    nb_train_request request = request_of(w);
    const nb_train_flag flags[] = {
        {NB_STR_ROW("--lr"),   NB_STR_ROW("-1") },
        {NB_STR_ROW("--name"), NB_STR_ROW("a b")}
    };
    request.flags = flags;
    request.flag_count = 2;
    request.data_path = NB_STR("s3://bucket/x");
    nb_spawn spawn = spawn_of(w, &run, &request);
    static const char *const want[] = {
        "/py",     "-u",        NULL, "--model-dir=/m/1", "--data-path=s3://bucket/x",
        "--lr=-1", "--name=a b"};
    for (size_t i = 0; i < NB_LEN(want); i++)
        assert_string_equal(spawn.argv[i], want[i] ? want[i] : at(w, "generated/iris/train.py"));
    assert_null(spawn.argv[NB_LEN(want)]);
    assert_string_equal(spawn.cwd, at(w, "nb"));
    assert_true(spawn.forward_signals && spawn.dies_with_us);
    assert_true(has_word(spawn.env, "PYTHONUNBUFFERED=1"));
    assert_true(has_word(spawn.env, "NOTEBOOKED_JOB_ID=iris-1"));
    assert_true(has_word(spawn.env, "NOTEBOOKED_GIT_COMMIT=abc"));
}

static void tracking_is_off_where_mlflow_is_missing(void **state)
{
    world *w = *state;
    nb_run run;
    nb_train_request request = request_of(w);
    request.track = true;
    request.tracking_uri = NB_STR("http://host:5000");
    (void)spawn_of(w, &run, &request);
    run.untracked = true;
    assert_true(has_word(nb_run_spawn(&run).env, "NOTEBOOKED_TRACKING=off"));
}

static void commands_in_hints_can_be_pasted(void **state)
{
    (void)state;
    static const struct {
        const char *program, *file, *want;
    } cases[] = {
        {"/usr/bin/python3", "/tmp/a/r.txt",
         "run '/usr/bin/python3 -m pip install -r /tmp/a/r.txt'"                                             },
        {"python3",          "/tmp/a b/r.txt", "run 'python3 -m pip install -r \"/tmp/a b/r.txt\"'"          },
        {"/o p/python",      "/$x`\\\"",       "run '\"/o p/python\" -m pip install -r \"/\\$x\\`\\\\\\\"\"'"},
    };
    static const nb_missing missing = {
        .requirement = {"pandas", 6}
    };
    const nb_python_facts facts = {.missing = &missing, .missing_count = 1};
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_python python = {.program = nb_str_from(cases[i].program)};
        nb_code code = nb_python_require(&python, &facts, nb_str_from(cases[i].file), "wait", &err);
        assert_int_equal(code, NB_ERR_NOT_FOUND);
        assert_memory_equal(err.hint, cases[i].want, strlen(cases[i].want));
    }
}

static void tracking_is_told_by_environment(void **state)
{
    static const struct {
        bool track;
        const char *configured, *theirs; /* MLFLOW_TRACKING_URI of the user */
        const char *want;                /* "~" is the project; NULL: not set by us */
        bool off;
    } cases[] = {
        {true,  "sqlite:///mlflow.db", NULL,          "sqlite:///~/mlflow.db", false},
        {true,  "sqlite:////abs/m.db", NULL,          "sqlite:////abs/m.db",   false},
        {true,  "mlruns",              NULL,          "~/mlruns",              false},
        {true,  "./mlruns",            NULL,          "~/mlruns",              false},
        {true,  "file:mlruns",         NULL,          "file://~/mlruns",       false},
        {true,  "file:///abs/mlruns",  NULL,          "file:///abs/mlruns",    false},
        {true,  "http://host:5000",    NULL,          "http://host:5000",      false},
        {true,  "databricks",          NULL,          "databricks",            false},
        {true,  "http://host:5000",    "http://mine", NULL,                    false},
        {true,  "",                    "http://mine", NULL,                    false},
        {true,  "",                    NULL,          NULL,                    true },
        {false, "http://host:5000",    "http://mine", NULL,                    true },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        world *w = *state;
        nb_run run;
        nb_train_request request = request_of(w);
        request.track = cases[i].track;
        request.tracking_uri = nb_str_from(cases[i].configured);
        request.tracking_experiment = NB_STR("exp");
        variable(w, 1, "MLFLOW_TRACKING_URI", cases[i].theirs);
        nb_spawn spawn = spawn_of(w, &run, &request);
        const char *got = NULL;
        for (const char *const *e = spawn.env; *e; e++)
            if (strncmp(*e, "MLFLOW_TRACKING_URI=", 20) == 0)
                got = *e + 20;
        print_message("case %zu: %s\n", i, cases[i].configured);
        const char *tilde = cases[i].want ? strchr(cases[i].want, '~') : NULL;
        const char *want = cases[i].want;
        if (tilde)
            want = nb_arena_printf(&w->arena, "%.*s%s%s", (int)(tilde - cases[i].want),
                                   cases[i].want, w->root, tilde + 1)
                       .at;
        assert_true((got == NULL) == (want == NULL));
        if (want)
            assert_string_equal(got, want);
        assert_int_equal(has_word(spawn.env, "NOTEBOOKED_TRACKING=off"), cases[i].off);
        assert_int_equal(has_word(spawn.env, "MLFLOW_EXPERIMENT_NAME=exp"), !cases[i].off);
    }
}

static void what_must_be_there_is_checked_first(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_job job;
    nb_train_request request = request_of(w);
    request.workdir = nb_str_from(at(w, "gone"));
    assert_int_equal(train(w, &request, &job, &err), NB_ERR_NOT_FOUND);
    assert_string_equal(err.hint, "check 'workdir:' of experiment 'iris'");
    request = request_of(w);
    request.code_dir = nb_str_from(at(w, "gone"));
    assert_int_equal(train(w, &request, &job, &err), NB_ERR_NOT_FOUND);
    assert_string_equal(err.hint, "run 'notebooked convert iris' first");
    assert_int_equal(w->ran.len, 0);
}

/* --- the record ------------------------------------------------------------------------------------- */

static nb_job row_of(world *w, const char *id)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_job job;
    nb_store *store = open_store(w);
    assert_ok(nb_store_find(store, &w->arena, nb_str_from(id), &job, &err), &err);
    nb_store_close(store);
    return job;
}

static nb_str log_of(world *w, const nb_job *job)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str text;
    assert_ok(nb_file_read(&w->arena,
                           nb_path_join(&w->arena, nb_str_from(w->root), job->log_path).at, 100000,
                           &text, &err),
              &err);
    return text;
}

static void a_run_is_recorded(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_job job;
    nb_train_request request = request_of(w);
    w->output[0] = "o:epoch 1";
    w->output[1] = "e:a warning";
    w->metrics = "{\"accuracy\": 0.9667,\n \"auc\": NaN, \"note\": \"x\"}";
    assert_ok(train(w, &request, &job, &err), &err);
    assert_str(job.id, "iris-1");
    nb_job row = row_of(w, "iris-1");
    assert_int_equal(row.state, NB_JOB_DONE);
    assert_int_equal(row.exit_status, 0);
    assert_int_equal(row.pid, 4711);
    assert_int_equal(row.watcher, 1000);
    assert_str(row.host, "here");
    assert_true(row.created_ms < row.started_ms && row.started_ms < row.ended_ms);
    assert_str(row.model_dir, "models/iris/1");
    assert_str(row.log_path, ".notebooked/logs/iris-1.log");
    assert_str(row.notebook, "nb/iris.ipynb");
    assert_str(row.notebook_sha256,
               "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    assert_str(row.hyperparameters, "{\"epochs\": 3}");
    assert_str(row.metrics, "{\"accuracy\": 0.9667, \"auc\": NaN, \"note\": \"x\"}");
    assert_str(row.python, at(w, "bin/python3"));
    assert_str(nb_buf_view(&w->shown), "epoch 1\na warning\n");
    assert_str(log_of(w, &row), "epoch 1\na warning\n");
    nb_metric_value *metrics;
    assert_int_equal(nb_job_metrics(&w->arena, &row, &metrics), 2);
    assert_str(metrics[0].name, "accuracy");
    assert_str(metrics[0].value, "0.9667");
    assert_str(metrics[1].value, "NaN");
}

static void numbers_never_come_twice(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_job job;
    nb_train_request request = request_of(w);
    assert_ok(train(w, &request, &job, &err), &err);
    assert_str(job.id, "iris-1");
    put(w, "models/iris/4/model.bin", "x", 0644); /* from elsewhere */
    put(w, "models/iris/notes", "x", 0644);
    assert_ok(train(w, &request, &job, &err), &err);
    assert_str(job.id, "iris-5");
    assert_str(job.model_dir, "models/iris/5");
    (void)nftw(at(w, "models"), remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    assert_ok(train(w, &request, &job, &err), &err);
    assert_str(job.id, "iris-6"); /* rows count when folders are gone */
    request.model_dir = nb_str_from(at(w, "elsewhere/m"));
    assert_ok(train(w, &request, &job, &err), &err);
    assert_str(job.id, "iris-7");
    assert_str(job.model_dir, "elsewhere/m");
    assert_false(nb_path_exists(at(w, "models/iris/7")));
    put(w, "elsewhere/m/model.bin", "x", 0644);
    assert_int_equal(train(w, &request, &job, &err), NB_ERR_EXISTS);
    assert_non_null(strstr(nb_error_message(&err, 0), "elsewhere/m' is not empty"));
}

static const struct {
    const char *name;
    nb_exit end;
    const char *output;
    nb_job_state state;
    const char *reason;
} ends[] = {
    {"status",                        {.status = 3},                      NULL,                NB_JOB_FAILED,  "ended with exit status 3"},
    {"exception",                     {.status = 1},                      "e:ValueError: bad", NB_JOB_FAILED,  "ValueError: bad"         },
    {"exception on stdout",
     {.status = 1},
     "o:ValueError: bad",                                                                      NB_JOB_FAILED,
     "ended with exit status 1"                                                                                                          },
    {"killed by others",
     {.status = -1, .signal = SIGKILL},
     NULL,                                                                                     NB_JOB_FAILED,
     "was killed by signal 9 (Killed), perhaps because memory ran out"                                                                   },
    {"crash",
     {.status = -1, .signal = SIGSEGV},
     "e:ValueError: old",                                                                      NB_JOB_FAILED,
     "was killed by signal 11 (Segmentation fault)"                                                                                      },
    {"Ctrl-C",
     {.status = -1, .signal = SIGINT, .forwarded = SIGINT},
     NULL,                                                                                     NB_JOB_STOPPED,
     "interrupted"                                                                                                                       },
    {"Ctrl-C, but it saved its work", {.status = 0, .forwarded = SIGINT}, NULL,                NB_JOB_DONE,    ""                        },
    {"terminal closed",
     {.status = 1, .forwarded = SIGHUP},
     NULL,                                                                                     NB_JOB_STOPPED,
     "the terminal was closed"                                                                                                           },
    {"told to end",
     {.status = 1, .forwarded = SIGTERM},
     NULL,                                                                                     NB_JOB_STOPPED,
     "the watching process was told to end"                                                                                              },
};

static void every_end_is_told_apart(void **state)
{
    world *w = *state;
    for (size_t i = 0; i < NB_LEN(ends); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_job job;
        nb_train_request request = request_of(w);
        w->end = ends[i].end;
        w->output[0] = "e:Traceback (most recent call last):";
        w->output[1] = ends[i].output;
        print_message("case %zu: %s\n", i, ends[i].name);
        assert_ok(train(w, &request, &job, &err), &err);
        job = row_of(w, "last");
        assert_int_equal(job.state, ends[i].state);
        assert_str(job.reason, ends[i].reason);
        assert_int_equal(job.exit_status, ends[i].end.status);
        assert_int_equal(job.signal, ends[i].end.signal);
    }
}

static void a_child_that_cannot_start_is_recorded(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_job job;
    nb_train_request request = request_of(w);
    w->start_fails = NB_ERR_IO;
    assert_int_equal(train(w, &request, &job, &err), NB_ERR_IO);
    job = row_of(w, "iris-1");
    assert_int_equal(job.state, NB_JOB_FAILED);
    assert_str(job.reason, "cannot run it");
}

static void damaged_metrics_are_a_warning(void **state)
{
    static const char *const bad[] = {"{", "[1]", "", "{\"a\": 1} x"};
    for (size_t i = 0; i < NB_LEN(bad); i++) {
        world *w = *state;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_job job;
        nb_train_request request = request_of(w);
        w->metrics = bad[i];
        nb_buf_clear(&w->said);
        assert_ok(train(w, &request, &job, &err), &err);
        assert_int_equal(job.state, NB_JOB_DONE);
        assert_int_equal(job.metrics.len, 0);
        assert_non_null(strstr(w->said.at, "warning: cannot read the training's metrics.json: "));
    }
}

/* --- looking at jobs of others --------------------------------------------------------------------- */

static nb_job running_job(world *w)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_store *store = open_store(w);
    nb_job job = {.experiment = NB_STR("iris"),
                  .number = 1,
                  .provider = NB_STR("local"),
                  .state = NB_JOB_RUNNING,
                  .pid = 4711,
                  .pid_start = 5,
                  .watcher = 1000,
                  .watcher_start = 5,
                  .boot_id = NB_STR("boot-1"),
                  .host = NB_STR("here"),
                  .log_path = NB_STR(".notebooked/logs/iris-1.log"),
                  .exit_status = -1};
    assert_ok(nb_store_add(store, &w->arena, &job, &err), &err);
    nb_store_close(store);
    return job;
}

static void jobs_without_a_watcher_are_lost(void **state)
{
    static const struct {
        nb_liveness watcher;
        const char *boot;
        nb_job_state state;
        const char *reason;
    } cases[] = {
        {NB_ALIVE,     "boot-1", NB_JOB_RUNNING, ""                                      },
        {NB_ELSEWHERE, "boot-2", NB_JOB_RUNNING, ""                                      },
        {NB_GONE,      "boot-2", NB_JOB_LOST,    "the machine was restarted while it ran"},
    };
    world *w = *state;
    nb_job job = running_job(w);
    nb_provider *provider;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    assert_int_equal(nb_provider_local.open(&w->context, &provider, &err), NB_OK);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        w->watcher = cases[i].watcher;
        w->boot = cases[i].boot;
        assert_ok(nb_provider_local.refresh(provider, &w->arena, &job, &err), &err);
        assert_int_equal(job.state, cases[i].state);
        assert_str(job.reason, cases[i].reason);
    }
    assert_int_equal(row_of(w, "iris-1").state, NB_JOB_LOST);
    assert_true(row_of(w, "iris-1").ended_ms >= 1000);
    nb_provider_local.close(provider);
}

static void stop_asks_then_kills(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_provider *provider;
    nb_job job = running_job(w);
    w->watcher = NB_ALIVE;
    w->ends_on_signal = job.id; /* at SIGKILL only */
    assert_int_equal(nb_provider_local.open(&w->context, &provider, &err), NB_OK);
    assert_ok(nb_provider_local.stop(provider, &w->arena, &job, &err), &err);
    assert_int_equal(job.state, NB_JOB_STOPPED);
    assert_int_equal(w->signal_count, 2);
    assert_int_equal(w->signals[0], SIGTERM);
    assert_int_equal(w->signals[1], SIGKILL);
    assert_ok(nb_provider_local.stop(provider, &w->arena, &job, &err),
              &err); /* once more is nothing */
    assert_int_equal(w->signal_count, 2);
    nb_provider_local.close(provider);
}

static void jobs_of_other_machines_cannot_be_stopped(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_provider *provider;
    nb_job job = running_job(w);
    w->watcher = NB_ELSEWHERE;
    assert_int_equal(nb_provider_local.open(&w->context, &provider, &err), NB_OK);
    assert_int_equal(nb_provider_local.stop(provider, &w->arena, &job, &err), NB_ERR_REMOTE);
    assert_string_equal(nb_error_message(&err, 0), "job 'iris-1' runs on the machine 'here'");
    assert_int_equal(row_of(w, "iris-1").stop_requested, 0);
    nb_provider_local.close(provider);
}

static bool collect(void *ctx, nb_str bytes)
{
    nb_buf_put(ctx, bytes);
    return true;
}

static void logs_are_read_to_the_end(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT), got = NB_BUF_INIT(NB_BUF_TEXT);
    nb_provider *provider;
    nb_job job = running_job(w);
    nb_log_reader reader = {collect, &got, true, NULL};
    w->watcher = NB_ALIVE;
    assert_int_equal(nb_provider_local.open(&w->context, &provider, &err), NB_OK);
    reader.follow = false; /* not there yet */
    assert_ok(
        nb_job_read_log(&nb_provider_local, provider, &w->env, &w->arena, &job, &reader, &err),
        &err);
    assert_int_equal(got.len, 0);
    nb_buf_repeat(&text, 'x', 700000);
    put(w, ".notebooked/logs/iris-1.log", text.at, 0644);
    w->watcher = NB_GONE;
    reader.follow = true;
    assert_ok(
        nb_job_read_log(&nb_provider_local, provider, &w->env, &w->arena, &job, &reader, &err),
        &err);
    assert_int_equal(got.len, 700000);
    assert_ok(nb_job_wait(&nb_provider_local, provider, &w->env, &w->arena, &job, &err), &err);
    assert_int_equal(unlink(at(w, ".notebooked/logs/iris-1.log")), 0);
    assert_int_equal(
        nb_job_read_log(&nb_provider_local, provider, &w->env, &w->arena, &job, &reader, &err),
        NB_ERR_NOT_FOUND);
    nb_provider_local.close(provider);
}

static void providers_are_found_by_name(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    size_t count;
    const nb_provider_ops *ops = NULL;
    assert_ok(nb_provider_find(NB_STR("local"), &ops, &err), &err);
    assert_ptr_equal(ops, &nb_provider_local);
    assert_int_equal(nb_provider_find(NB_STR("lokal"), &ops, &err), NB_ERR_USAGE);
    assert_string_equal(nb_error_message(&err, 0), "no provider is called 'lokal'");
    assert_string_equal(err.hint, "did you mean 'local'?");
    assert_int_equal(nb_provider_find(NB_STR("moon"), &ops, &err), NB_ERR_USAGE);
    assert_string_equal(err.hint, "use one of these: 'local'");
    assert_ptr_equal(nb_provider_all(&count)[0], &nb_provider_local);
    assert_true(count >= 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pythons_are_found_in_order),
        TEST(a_given_python_must_be_right),
        TEST(no_python_at_all_names_what_was_tried),
        TEST(what_is_missing_is_named_once),
        TEST(a_missing_mlflow_is_a_note),
        TEST(strange_pythons_are_refused),
        TEST(the_command_line_is_complete),
        TEST(tracking_is_told_by_environment),
        TEST(tracking_is_off_where_mlflow_is_missing),
        TEST(commands_in_hints_can_be_pasted),
        TEST(what_must_be_there_is_checked_first),
        TEST(a_run_is_recorded),
        TEST(numbers_never_come_twice),
        TEST(every_end_is_told_apart),
        TEST(a_child_that_cannot_start_is_recorded),
        TEST(damaged_metrics_are_a_warning),
        TEST(jobs_without_a_watcher_are_lost),
        TEST(stop_asks_then_kills),
        TEST(jobs_of_other_machines_cannot_be_stopped),
        TEST(logs_are_read_to_the_end),
        cmocka_unit_test(providers_are_found_by_name),
    };
    return cmocka_run_group_tests_name("provider/local", tests, NULL, NULL);
}
