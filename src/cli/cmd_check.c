#include "base/pool.h"
#include "check/check.h"
#include "cli/app.h"
#include "cli/printer.h"
#include "cli/report.h"
#include "cli/sources.h"
#include "cli/stdin.h"
#include "cli/totals.h"

#include <stdlib.h>

struct check_args {
    nb_opt_list select, ignore;
    int fail_on; /* enum fail_on; NOT_GIVEN: as configured */
    int form;    /* nb_form */
    int64_t jobs;
    const char *python, *stdin_filename;
};

enum { NOT_GIVEN = -1 };
static const struct check_args defaults = {.fail_on = NOT_GIVEN};

enum fail_on { ON_ERROR, ON_WARNING, NEVER };
static const char *const fail_words[] = {"error", "warning", "never", NULL};

static const nb_opt options[] = {
    {NB_LIST(0,                                      "select", "CODE,...", struct check_args, select,
     "tell these findings only: NB203, all that begin with NB4, a name; may be repeated")},
    {NB_LIST(0,                                    "ignore", "CODE,...", struct check_args, ignore,
     "do not tell these findings; may be repeated")},
    {NB_CHOICE(0,                                        "fail-on", fail_words, struct check_args, fail_on,
     "what makes the exit status 1 (default: check.fail_on, which is error)")},
    {NB_CHOICE(0,                                              "output-format", nb_printer_names, struct check_args, form,
     "how findings are told (default: full)")},
    {NB_INT('j',   "jobs", "N", 1, NB_POOL_MOST_THREADS, struct check_args, jobs,
     "how many notebooks to check at once (default: one for each core)")},
    {NB_STRING(0,                             "python", "PATH", struct check_args, python,
     "interpreter or environment to read package versions from"),
     .names = NB_NAMES_FILE},
    {NB_STRING(0, "stdin-filename", "NOTEBOOK", struct check_args, stdin_filename,
     "the name of the notebook that '-' reads: for messages and its experiment"),
     .names = NB_NAMES_FILE},
    {.kind = NB_OPT_END                                   },
};

/* A check under way. */
typedef struct check {
    nb_app *app;
    nb_sources sources;
    nb_config config, own; /* the project's configurations, with what the options choose */
    nb_convert_options how;
    const nb_printer *printer;
    nb_print_options print;
    nb_totals totals;
    int64_t begun_ms, shown_ms; /* when it began, when progress was shown last */
    bool any_told, progress;    /* something was printed; a progress line is on the terminal */
} check;

/* A notebook on its way: given, checked, told. */
typedef struct slot {
    nb_arena arena;
    nb_source_item item;
    nb_totals totals;
    char *text; /* what is printed of it */
    size_t len;
} slot;

/* --- what is told ----------------------------------------------------------------------------------------------------- */

enum { PROGRESS_MS = 100 };

static void hide_progress(check *c)
{
    if (c->progress)
        fputs("\r\x1b[K", c->app->log);
    (void)fflush(c->app->log);
    c->progress = false;
}

static void show_progress(check *c)
{
    int64_t now = c->app->env->now_ms(c->app->env->ctx);
    if (!c->app->log_terminal || c->app->quiet || now - c->shown_ms < PROGRESS_MS)
        return;
    (void)fflush(c->app->out);
    fprintf(c->app->log, "\r%zu notebooks checked, %zu with errors", c->totals.notebooks,
            c->totals.with_errors);
    (void)fflush(c->app->log);
    c->shown_ms = now;
    c->progress = true;
}

/* Prints a notebook's part. */
static void tell(check *c, nb_str part)
{
    if (part.len == 0)
        return;
    hide_progress(c);
    if (c->app->json) {
        nb_json_put_part(c->app->json, part);
        nb_app_pass_on(c->app);
    } else {
        if (c->any_told)
            fputs(c->printer->between, c->app->out);
        fwrite(part.at, 1, part.len, c->app->out);
    }
    c->any_told = true;
}

/* The findings as text in memory, for tell(). The caller frees it. */
static void print_findings(const check *c, const nb_diags *diags, const nb_target *target,
                           char **text, size_t *len)
{
    FILE *to = open_memstream(text, len);
    if (!to)
        abort(); /* out of memory */
    nb_printer_put(c->printer, diags, target->experiment->notebook, target->config->root, &c->print,
                   to);
    (void)fclose(to);
}

/* Findings of the configuration come before those of notebooks, and are not counted as one. */
static void tell_configuration(check *c, nb_diags *diags)
{
    char *text = NULL;
    size_t len = 0;
    nb_experiment none = {.notebook = c->sources.project.config->path};
    nb_target target = {.config = &c->own, .experiment = &none};
    nb_selection_apply(&c->own.selection, diags);
    if (diags->list.count == 0)
        return;
    print_findings(c, diags, &target, &text, &len);
    tell(c, (nb_str){text, len});
    nb_totals_add(&c->totals, diags);
    c->totals.notebooks = c->totals.with_errors = c->totals.with_warnings = 0;
    free(text);
}

/* --- one notebook ------------------------------------------------------------------------------------------------------ */

static bool give(void *check_, void *slot_)
{
    check *c = check_;
    slot *s = slot_;
    return nb_sources_next(&c->sources, &s->arena, &s->item);
}

/* The target with the options' choices in its configuration. */
static nb_target chosen(const check *c, const slot *s)
{
    nb_target target = s->item.target;
    target.config = target.config == c->sources.project.config ? &c->config : &c->own;
    return target;
}

/* Everything about the notebook is in memory of its own, which goes as soon as its findings are text. */
static void work(void *check_, void *slot_)
{
    const check *c = check_;
    slot *s = slot_;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_diags diags = {.arena = &arena};
    nb_experiment folder = {.notebook = s->item.path};
    nb_target target = chosen(c, s);
    if (s->item.err.code != NB_OK) {
        target.experiment = &folder;
        nb_check_unreadable(&diags, s->item.path, &s->item.err);
    } else {
        nb_check_input input = {.config = target.config,
                                .experiment = target.experiment,
                                .options = &c->how,
                                .env = c->app->env,
                                .found = s->item.found};
        nb_check(&arena, &input, &diags);
    }
    s->totals = (nb_totals){0};
    nb_totals_add(&s->totals, &diags);
    print_findings(c, &diags, &target, &s->text, &s->len);
}

static void take(void *check_, void *slot_)
{
    check *c = check_;
    slot *s = slot_;
    tell(c, (nb_str){s->text, s->len});
    nb_totals_join(&c->totals, &s->totals);
    show_progress(c);
    free(s->text);
    nb_error_release(&s->item.err);
    nb_arena_release(&s->arena);
    *s = (slot){0};
}

/* A piece of work that was begun and not given. */
static void release(void *slot_)
{
    slot *s = slot_;
    nb_arena_release(&s->arena);
}

/* --- the command --------------------------------------------------------------------------------------------------------- */

static nb_code add_codes(const nb_opt_list *list, nb_diag_set *set, const char *option,
                         nb_error *err)
{
    *set = (nb_diag_set){0};
    for (size_t i = 0; i < list->count; i++)
        if (nb_diag_set_add_list(set, nb_str_from(list->at[i]), err) != NB_OK)
            return nb_wrap(err, "option '--%s' does not take '%s'", option, list->at[i]);
    return NB_OK;
}

/* The configuration's choice, unless options say otherwise. */
static nb_code choose(check *c, const struct check_args *args, nb_error *err)
{
    const nb_project *project = &c->sources.project;
    const nb_config *from = project->config ? project->config : project->own;
    nb_selection selection = from->selection;
    if (args->select.count > 0) {
        selection.selects = true;
        if (add_codes(&args->select, &selection.select, "select", err) != NB_OK)
            return err->code;
    }
    if (args->ignore.count > 0 &&
        add_codes(&args->ignore, &selection.ignore, "ignore", err) != NB_OK)
        return err->code;
    selection.ignore.has[NB_D_UNREADABLE] =
        false; /* not to be able to look is no finding to choose */
    selection.select.has[NB_D_UNREADABLE] = true;
    int fail_on = args->fail_on;
    for (int i = 0; fail_on == NOT_GIVEN && fail_words[i]; i++)
        if (nb_str_eqz(from->fail_on, fail_words[i]))
            fail_on = i;
    c->print.fails = fail_on == ON_WARNING ? NB_SEVERITY_WARNING : NB_SEVERITY_ERROR;
    c->print.never_fails = fail_on == NEVER;
    c->config = *from;
    c->own = *project->own;
    c->config.selection = c->own.selection = selection;
    return NB_OK;
}

static void begin(check *c)
{
    if (c->app->json) {
        nb_json_key(c->app->json, NB_STR("findings"));
        nb_json_begin_array(c->app->json);
    } else if (c->printer->begin) {
        c->printer->begin(c->app->out);
    }
}

static void print_summary(const check *c)
{
    const nb_app *app = c->app;
    bool text = c->printer == &nb_print_full || c->printer == &nb_print_concise;
    nb_counts counts = {c->totals.errors, c->totals.warnings, c->totals.notes, c->totals.silenced};
    if (app->quiet || !text)
        return;
    if (nb_sources_are_many(&c->sources))
        nb_totals_print(&c->totals, c->print.least, app->env->now_ms(app->env->ctx) - c->begun_ms,
                        app->log);
    else if (counts.errors == 0 && counts.warnings == 0)
        fputs(counts.notes + counts.silenced > 0 ? "no errors or warnings, "
                                                 : "no errors or warnings\n",
              app->log);
    nb_report_count_line(&counts, !app->verbose, app->log);
    if (app->log_terminal)
        nb_totals_print_hint(&c->totals, c->print.least, app->log);
}

static void end(check *c)
{
    hide_progress(c);
    if (c->app->json) {
        nb_json_end_array(c->app->json);
        nb_json_key(c->app->json, NB_STR("summary"));
        nb_totals_json(&c->totals, c->app->json);
    } else if (c->printer->end) {
        c->printer->end(c->app->out);
    }
    (void)fflush(c->app->out);
    print_summary(c);
}

static nb_code verdict(const check *c, nb_error *err)
{
    size_t failing = nb_totals_count(&c->totals, c->print.fails);
    bool warnings = c->print.fails == NB_SEVERITY_WARNING;
    if (c->print.never_fails || failing == 0)
        return NB_OK;
    if (!nb_sources_are_many(&c->sources))
        return nb_fail(err, NB_ERR_NOTEBOOK, "%zu %s%s in '" NB_STR_FMT "'", failing,
                       warnings ? "error or warning" : "error", failing == 1 ? "" : "s",
                       NB_STR_ARG(c->sources.named.at[0].experiment->notebook));
    size_t notebooks = c->totals.with_errors + (warnings ? c->totals.with_warnings : 0);
    return nb_fail(err, NB_ERR_NOTEBOOK, "%zu of %zu notebooks %s errors%s", notebooks,
                   c->totals.notebooks, notebooks == 1 ? "has" : "have",
                   warnings ? " or warnings" : "");
}

static nb_code run_check(check *c, const struct check_args *args, nb_diags *diags, nb_error *err)
{
    nb_pool pool = {.ctx = c,
                    .slot_size = sizeof(slot),
                    .give = give,
                    .work = work,
                    .take = take,
                    .release = release,
                    .threads = (unsigned)args->jobs};
    begin(c);
    if (c->sources.project.config)
        tell_configuration(c, diags);
    nb_pool_run(&pool);
    end(c);
    return verdict(c, err);
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct check_args *args = args_;
    nb_diags diags = {.arena = app->arena};
    check c = {
        .app = app,
        .how = {.python = nb_str_from(args->python)},
        .print = { .least = NB_SEVERITY_WARNING,          .colour = app->colour_out},
        .begun_ms = app->env->now_ms(app->env->ctx)
    };
    if (app->verbose)
        c.print.least = NB_SEVERITY_INFO;
    if (app->quiet)
        c.print.least = NB_SEVERITY_ERROR;
    c.printer = app->json ? &nb_print_json : nb_printer_of((nb_form)args->form);
    c.shown_ms = c.begun_ms;
    const char *name;
    if (nb_stdin_check(operands, count, args->stdin_filename, err) != NB_OK)
        return err->code;
    if (nb_stdin_is_meant(operands, count)) {
        if (nb_stdin_read(app, args->stdin_filename, &name, &c.how.bytes, err) != NB_OK)
            return err->code;
        operands = &name;
        c.print.bytes = c.how.bytes;
    }
    nb_code code = nb_sources_open(app, operands, count, &diags, &c.sources, err);
    if (code == NB_OK)
        code = choose(&c, args, err);
    if (code != NB_OK) {
        nb_report_diags(app, &diags); /* of the configuration */
        return code;
    }
    code = run_check(&c, args, &diags, err);
    nb_sources_close(&c.sources);
    return code;
}

static const nb_example examples[] = {
    {"notebooked check",                                                "every experiment of the configuration, or the current folder"},
    {"notebooked check notebooks/iris.ipynb",                                                                 "a notebook, without any configuration"},
    {"notebooked check --select NB3,NB413 --fail-on warning notebooks",
     "everything below a folder"},
    {"notebooked check --output-format sarif . > notebooks.sarif", "for code scanning"},
    {"notebooked check - --stdin-filename iris.ipynb < unsaved.json",
     "for editors: what is not saved yet"},
    {0                                             },
};

const nb_command nb_cmd_check = {
    .name = "check",
    .operands = "[EXPERIMENT | NOTEBOOK | FOLDER | -]...",
    .summary = "Tell what would surprise later in notebooks, and write nothing.",
    .about =
        "Reads the notebooks as 'convert' does and asks every rule: what the scripts would lack, what other machines do not have, what will not run there. "
        "Findings go to standard output, in one of many forms; notes are shown with -v.\n\n"
        "Below a folder, what git ignores is left out, and hidden folders, environments and node_modules are. An experiment's name goes before a folder's: "
        "write ./NAME for the folder. '-' reads a notebook from standard input.\n\n"
        "The exit status is 1 when there is a finding that --fail-on names.",
    .examples = examples,
    .options = options,
    .max_operands = NB_ANY_NUMBER,
    .operand_names = NB_NAMES_EXPERIMENT,
    .args_size = sizeof(struct check_args),
    .defaults = &defaults,
    .run = run,
};
