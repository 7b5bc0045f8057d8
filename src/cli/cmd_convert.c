#include "check/rules.h"
#include "cli/app.h"
#include "cli/convert_print.h"
#include "cli/convert_watch.h"
#include "cli/report.h"
#include "cli/stdin.h"

struct convert_args {
    bool all, auto_tag, check, diff, force, include_needed, watch;
    const char *out, *python;
    int stdout_file, dump; /* nb_print */
    const char *stdin_filename;
    nb_opt_list provided;
};

static const struct convert_args defaults = {.stdout_file = NB_PRINT_NOTHING,
                                             .dump = NB_PRINT_NOTHING};

static const nb_opt options[] = {
    {NB_FLAG('a',                                                               "all", struct convert_args, all,
     "convert every experiment of the configuration")},
    {NB_FLAG(0,                                                      "auto-tag", struct convert_args, auto_tag,
     "read untagged cells as part of the sections that are proposed for them")},
    {NB_FLAG(0,                          "check", struct convert_args, check,
     "write nothing; exit status 1 when files would change")},
    {NB_FLAG(0,                                                                 "diff", struct convert_args, diff, "write nothing; show how files would change")},
    {NB_FLAG('f',                                                      "force", struct convert_args, force,
     "overwrite generated files that were edited by hand")},
    {NB_FLAG(0, "include-needed", struct convert_args, include_needed,
     "take statements that tagged cells need from untagged cells")},
    {NB_STRING('o',                                                                 "out", "FOLDER", struct convert_args, out,
     "write to FOLDER/EXPERIMENT (default: generated)"),
     .names = NB_NAMES_FOLDER},
    {NB_STRING(0,                                                      "python", "PATH", struct convert_args, python,
     "interpreter or environment to read package versions from"),
     .names = NB_NAMES_FILE},
    {NB_LIST(
         0,                   "provided", "FILE", struct convert_args, provided,
     "leave out of requirements.txt what FILE lists: 'pip freeze' of the target; may be repeated"),
     .names = NB_NAMES_FILE},
    {NB_FLAG('w',                                                                 "watch", struct convert_args, watch,
     "convert again whenever a notebook or the configuration changes, until Ctrl-C")},
    {NB_CHOICE(0,                                                      "stdout", nb_print_files, struct convert_args, stdout_file,
     "write nothing; print this file of one notebook")},
    {NB_STRING(0,                            "stdin-filename", "NOTEBOOK", struct convert_args, stdin_filename,
     "the name of the notebook that '-' reads: for messages and its experiment"),
     .names = NB_NAMES_FILE},
    {NB_CHOICE(0,                                                               "dump", nb_print_dumps, struct convert_args, dump,
     "write nothing; print what is known of one notebook, as JSON")},
    {.kind = NB_OPT_END                                                     },
};

/* --- output --------------------------------------------------------------------------------------------------- */

static void list_text(const nb_app *app, const nb_task *t, bool written)
{
    static const char *const done[] = {"wrote", "kept", "updated", "replaced", "removed"};
    static const char *const would[] = {"missing", "fresh", "stale", "edited", "left over"};
    for (size_t i = 0; i < t->files.count; i++) {
        const nb_told_file *file = &t->files.at[i];
        if (file->hidden || (file->state == NB_FILE_SAME && !app->verbose))
            continue;
        fprintf(app->out, "%-9s ", (written ? done : would)[file->state]);
        nb_term_put(file->path, app->out);
        fputc('\n', app->out);
    }
}

static void list_json(nb_json_writer *json, const nb_task *t)
{
    nb_json_begin_object(json);
    nb_json_member_str(json, "experiment", t->target.experiment->name);
    nb_json_member_str(json, "notebook", t->target.experiment->notebook);
    nb_json_member_bool(json, "converted", t->code == NB_OK);
    nb_json_key(json, NB_STR("files"));
    nb_json_begin_array(json);
    for (size_t i = 0; i < t->files.count; i++) {
        nb_json_begin_object(json);
        nb_json_member_str(json, "path", t->files.at[i].path);
        nb_json_member_str(json, "state", nb_str_from(nb_file_state_name(t->files.at[i].state)));
        nb_json_end_object(json);
    }
    nb_json_end_array(json);
    nb_json_end_object(json);
}

static void list(nb_app *app, const nb_task_pool *p)
{
    if (app->json) {
        nb_json_key(app->json, NB_STR("experiments"));
        nb_json_begin_array(app->json);
    }
    for (size_t i = 0; i < p->count; i++) {
        const nb_task *t = &p->tasks[i];
        if (t->up_to_date)
            nb_app_say(app, "'" NB_STR_FMT "' is up to date",
                       NB_STR_ARG(t->target.experiment->name));
        if (app->json)
            list_json(app->json, t);
        else if (!p->diff)
            list_text(app, t, !p->check);
    }
    if (app->json)
        nb_json_end_array(app->json);
}

static void show_diff(nb_app *app, const nb_task_pool *p)
{
    NB_AUTO(nb_buf) diff = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < p->count; i++)
        nb_buf_put(&diff, p->tasks[i].diff);
    if (app->json)
        nb_json_member_str(app->json, "diff", nb_buf_view(&diff));
    else
        fwrite(diff.at ? diff.at : "", 1, diff.len, app->out);
}

static size_t count_stale(const nb_task_pool *p)
{
    size_t stale = 0;
    for (size_t i = 0; i < p->count; i++)
        stale += p->tasks[i].stale;
    return stale;
}

static void gather(const nb_task_pool *p, nb_diags *all)
{
    for (size_t i = 0; i < p->count; i++) {
        for (size_t k = 0; k < p->tasks[i].diags.list.count; k++)
            nb_vec_push(all->arena, &all->list, p->tasks[i].diags.list.at[k]);
        all->silenced += p->tasks[i].diags.silenced;
    }
}

/* Several failures are told one by one, in order; the document of --format json has room for the first. */
static nb_code end(nb_app *app, const nb_task_pool *p, nb_error *err)
{
    const nb_task *first = NULL;
    size_t failed = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->tasks[i].code == NB_OK)
            continue;
        failed++;
        first = first ? first : &p->tasks[i];
        if (p->count > 1)
            nb_report_error(&p->tasks[i].err, app->colour, app->log);
    }
    if (!first)
        return NB_OK;
    if (p->count > 1 && !app->json)
        return nb_fail(err, first->err.code, "%zu of %zu experiments cannot be converted", failed,
                       p->count);
    nb_error_copy(err, &first->err);
    if (p->count > 1)
        return nb_wrap(err, "%zu of %zu experiments cannot be converted", failed, p->count);
    return err->code;
}

static nb_code convert(nb_app *app, nb_task_pool *p, nb_diags *diags, nb_error *err)
{
    nb_tasks_run(p);
    list(app, p);
    if (p->diff)
        show_diff(app, p);
    gather(p, diags);
    nb_report_diags(app, diags);
    nb_code code = end(app, p, err);
    size_t stale = p->check ? count_stale(p) : 0;
    if (code == NB_OK && stale > 0) {
        (void)nb_fail(err, NB_ERR_STALE, "%zu generated file%s not up to date", stale,
                      stale == 1 ? " is" : "s are");
        nb_error_hint(err, "run the same command without --check%s", p->diff ? " and --diff" : "");
        return err->code;
    }
    return code;
}

static nb_convert_options options_of(const nb_app *app, const struct convert_args *args)
{
    nb_str *provided = NB_NEW_ARRAY(app->arena, nb_str, args->provided.count);
    for (size_t i = 0; i < args->provided.count; i++)
        provided[i] = nb_str_from(args->provided.at[i]);
    return (nb_convert_options){.provided = provided,
                                .provided_count = args->provided.count,
                                .out = nb_str_from(args->out),
                                .python = nb_str_from(args->python),
                                .auto_tag = args->auto_tag,
                                .include_needed = args->include_needed,
                                .anew = args->force,
                                .ask = nb_rules_ask};
}

static nb_code run_pool(nb_app *app, nb_task_pool *p, const nb_target *targets, nb_diags *diags,
                        nb_error *err)
{
    p->tasks = NB_NEW_ARRAY(app->arena, nb_task, p->count);
    for (size_t i = 0; i < p->count; i++)
        p->tasks[i].target = targets[i];
    nb_code code = convert(app, p, diags, err);
    nb_tasks_release(p);
    return code;
}

static nb_code convert_targets(nb_app *app, const struct convert_args *args,
                               const char *const *operands, size_t count, nb_error *err)
{
    nb_diags diags = {.arena = app->arena};
    nb_target *targets;
    nb_convert_options convert_options = options_of(app, args);
    nb_task_pool p = {.env = app->env,
                      .options = &convert_options,
                      .check = args->check,
                      .diff = args->diff,
                      .force = args->force};
    if (nb_targets_find(app, operands, count, args->all, &diags, &targets, &p.count, err) !=
        NB_OK) {
        nb_report_diags(app, &diags);
        return err->code;
    }
    return run_pool(app, &p, targets, &diags, err);
}

/* Options that ask for different things: at most one of these, and no other beside some of them. */
static nb_code check_options(const nb_app *app, const struct convert_args *args, nb_error *err)
{
    bool file = args->stdout_file != NB_PRINT_NOTHING, dump = args->dump != NB_PRINT_NOTHING;
    const char *first = file ? "stdout" : dump ? "dump" : args->watch ? "watch" : NULL;
    const struct {
        bool given;
        const char *name;
    } others[] = {
        {file && dump,                  "dump" },
        {(file || dump) && args->watch, "watch"},
        {(file || dump) && args->force, "force"},
        {(file || dump) && args->all,   "all"  },
        {args->check,                   "check"},
        {args->diff,                    "diff" },
    };
    for (size_t i = 0; first && i < NB_LEN(others); i++)
        if (others[i].given)
            return nb_fail(err, NB_ERR_USAGE, "options '--%s' and '--%s' contradict each other",
                           first, others[i].name);
    if (!args->watch || !app->json)
        return NB_OK;
    (void)nb_fail(err, NB_ERR_USAGE, "options '--watch' and '--format json' contradict each other");
    nb_error_hint(err, "watch without it: a document has an end");
    return err->code;
}

static nb_code fail_stdin(nb_error *err)
{
    (void)nb_fail(err, NB_ERR_USAGE, "a notebook from standard input can only be printed");
    nb_error_hint(err, "say which file, with --stdout train");
    return err->code;
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct convert_args *args = args_;
    nb_convert_options convert_options = options_of(app, args);
    const nb_print what = {args->stdout_file, args->dump, args->stdin_filename};
    const nb_watching watching = {operands, count, args->all, args->force, &convert_options};
    if (check_options(app, args, err) != NB_OK ||
        nb_stdin_check(operands, count, args->stdin_filename, err) != NB_OK)
        return err->code;
    if (what.file != NB_PRINT_NOTHING || what.dump != NB_PRINT_NOTHING)
        return nb_print_notebook(app, &what, operands, count, &convert_options, err);
    if (nb_stdin_is_meant(operands, count))
        return fail_stdin(err);
    if (args->watch)
        return nb_convert_watch(app, &watching, err);
    return convert_targets(app, args, operands, count, err);
}

static const nb_example examples[] = {
    {"notebooked convert iris",                "the experiment 'iris' of config.yaml"},
    {"notebooked convert notebooks/iris.ipynb",                                        "a notebook, without any configuration"},
    {"notebooked convert --all --check","in CI: fails when generated files are stale"},
    {"notebooked convert --all --watch",       "while you work on notebooks"},
    {"notebooked convert - --stdout train < iris.ipynb",                                        "for editors: nothing is written"},
    {0    },
};

const nb_command nb_cmd_convert = {
    .name = "convert",
    .operands = "[EXPERIMENT | NOTEBOOK | -]...",
    .summary = "Turn tagged notebooks into Python scripts and requirements.txt.",
    .about =
        "Writes train.py, inference.py, preprocess.py and requirements.txt to generated/EXPERIMENT. Cells are chosen by their tags: imports, parameters, utils, preprocess, model, train, inference, requirements. "
        "Notebook code is read, never run.\n\n"
        "Nothing is written when there is an error, and a generated file that was edited by hand is not overwritten without --force. "
        "The same input gives the same bytes.\n\n"
        "--watch converts once, and again whenever a notebook, the configuration, a template, a lock file or a module that travels changes; one line "
        "each time. Errors are told, and watching goes on. Ctrl-C ends it, with exit status 0.\n\n"
        "'-' reads a notebook from standard input, for --stdout and --dump. With --stdin-filename it is taken for that notebook: for the experiment "
        "of the configuration, if it is one's, and in messages.",
    .examples = examples,
    .options = options,
    .max_operands = NB_ANY_NUMBER,
    .operand_names = NB_NAMES_EXPERIMENT,
    .args_size = sizeof(struct convert_args),
    .defaults = &defaults,
    .run = run,
};
