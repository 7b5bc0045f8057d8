#include "cli/convert_watch.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/watch.h"
#include "cli/report.h"
#include "gen/inputs.h"

#include <time.h>

enum {
    LOOK_MS = 2000, /* folders of other machines tell nothing by themselves */
    RETRY_MS = 300  /* until a file that could not be read is read again */
};

typedef struct file_state {
    nb_str path, stamp;
} file_state;

/* A target as it was when it was converted last. */
typedef struct subject {
    nb_str key;        /* its name and its notebook */
    nb_str config;     /* state of the configuration */
    file_state *files; /* that its conversion reads */
    size_t file_count;
    bool unread; /* it could not be read, which was not told yet */
} subject;

/* What one look at the files found. The next look compares with it. */
typedef struct look {
    nb_arena arena;
    nb_str config; /* stamp of the configuration */
    subject *subjects;
    size_t count;
} look;

typedef struct watcher {
    nb_app app; /* with memory that lasts as long as a look */
    const nb_watching *watching;
    nb_watch *files;
    look now, before;
    bool began; /* the first look is over */
    bool told;  /* something was told in this look */
} watcher;

/* --- telling ------------------------------------------------------------------------------------------------------------- */

static nb_str clock_text(const watcher *w)
{
    const nb_env *env = w->app.env;
    time_t seconds = (time_t)(env->now_ms(env->ctx) / 1000);
    struct tm tm;
    char text[16];
    if (!localtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%H:%M:%S", &tm) == 0)
        return NB_STR("");
    return nb_arena_str(w->app.arena, nb_str_from(text));
}

/* A terminal shows what was told last, and nothing older. */
static void begin_telling(watcher *w)
{
    if (!w->told && w->began && w->app.log_terminal && !w->app.quiet)
        fputs("\x1b[H\x1b[2J", w->app.log);
    w->told = true;
}

/* "12:30:05 'iris': 2 files written, 1 warning" */
static void tell_line(const watcher *w, const nb_task *t, nb_str what)
{
    fprintf(w->app.log, NB_STR_FMT " '" NB_STR_FMT "': " NB_STR_FMT "\n", NB_STR_ARG(clock_text(w)),
            NB_STR_ARG(t->target.experiment->name), NB_STR_ARG(what));
}

static void tell_failure(watcher *w, const nb_task *t)
{
    begin_telling(w);
    tell_line(w, t, NB_STR("not converted"));
    nb_report_text(&t->diags, NB_SEVERITY_ERROR, w->app.colour, w->app.log);
    nb_report_error(&t->err, w->app.colour, w->app.log);
}

static size_t count_written(const nb_task *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->files.count; i++)
        count += t->files.at[i].state != NB_FILE_SAME && !t->files.at[i].hidden;
    return count;
}

static void tell_success(watcher *w, const nb_task *t)
{
    size_t written = count_written(t);
    size_t warnings = nb_diags_count(&t->diags, NB_SEVERITY_WARNING);
    size_t notes = nb_diags_count(&t->diags, NB_SEVERITY_INFO) - warnings;
    nb_arena *arena = w->app.arena;
    bool worth_it = w->app.verbose || !w->began || !t->up_to_date; /* editors save often */
    if (w->app.quiet || !worth_it)
        return;
    begin_telling(w);
    nb_str what = NB_STR("no file changed");
    if (written > 0)
        what = nb_arena_printf(arena, "%zu file%s written", written, written == 1 ? "" : "s");
    if (warnings > 0)
        what = nb_arena_printf(arena, NB_STR_FMT ", %zu warning%s", NB_STR_ARG(what), warnings,
                               warnings == 1 ? "" : "s");
    if (notes > 0)
        what = nb_arena_printf(arena, NB_STR_FMT ", %zu note%s", NB_STR_ARG(what), notes,
                               notes == 1 ? "" : "s");
    if (t->up_to_date)
        what = NB_STR("up to date");
    tell_line(w, t, what);
    if (w->app.verbose)
        nb_report_text(&t->diags, NB_SEVERITY_INFO, w->app.colour, w->app.log);
}

/* --- looking ------------------------------------------------------------------------------------------------------------- */

static subject *find_subject(const look *l, nb_str key)
{
    for (size_t i = 0; i < l->count; i++)
        if (nb_str_eq(l->subjects[i].key, key))
            return &l->subjects[i];
    return NULL;
}

/* Where the configuration is, or would be. */
static nb_code config_path(const watcher *w, nb_arena *arena, nb_str *out, nb_error *err)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a broken one: it is where it was */
    nb_diags unused = {.arena = arena};
    const nb_config *config;
    nb_str path = NB_STR("config.yaml");
    if (w->app.config)
        path = nb_str_from(w->app.config);
    else if (nb_config_load(arena, NULL, ".", w->app.env, &unused, &config, &ignored) == NB_OK)
        path = config->path;
    return nb_path_absolute(arena, path, out, err);
}

/* --- the state of files -------------------------------------------------------------------------------------------------------------- */

static nb_code watch_inputs(watcher *w, const nb_inputs *inputs, nb_error *err)
{
    for (size_t i = 0; i < inputs->list.count; i++) {
        const nb_input *input = &inputs->list.at[i];
        bool folder =
            input->kind != NB_INPUT_FILE && nb_is_dir(nb_arena_z(w->app.arena, input->path));
        nb_code code = folder ? nb_watch_folder(w->files, input->path, err)
                              : nb_watch_path(w->files, input->path, err);
        if (code != NB_OK)
            return code;
    }
    return NB_OK;
}

static const file_state *find_file(const subject *s, nb_str path)
{
    for (size_t i = 0; i < s->file_count; i++)
        if (nb_str_eq(s->files[i].path, path))
            return &s->files[i];
    return NULL;
}

/* Watches the files of a target, and takes the state of those that are not known yet. */
static nb_code take_state(watcher *w, const nb_target *t, subject *s, nb_error *err)
{
    nb_inputs inputs;
    nb_arena *arena = &w->now.arena;
    if (nb_inputs_of(w->app.arena, t->config, t->experiment, w->watching->options, w->app.env,
                     &inputs, err) != NB_OK ||
        watch_inputs(w, &inputs, err) != NB_OK)
        return err->code;
    file_state *files = NB_NEW_ARRAY(arena, file_state, inputs.list.count);
    for (size_t i = 0; i < inputs.list.count; i++) {
        const nb_input *input = &inputs.list.at[i];
        const file_state *known = find_file(s, input->path);
        files[i] = known ? *known
                         : (file_state){nb_arena_str(arena, input->path),
                                        nb_arena_str(arena, nb_input_stamp(w->app.arena, input))};
    }
    s->files = files;
    s->file_count = inputs.list.count;
    return NB_OK;
}

static bool is_same(const subject *a, const subject *b)
{
    if (a->file_count != b->file_count || !nb_str_eq(a->config, b->config))
        return false;
    for (size_t i = 0; i < a->file_count; i++)
        if (!nb_str_eq(a->files[i].path, b->files[i].path) ||
            !nb_str_eq(a->files[i].stamp, b->files[i].stamp))
            return false;
    return true;
}

/* The targets as they are now, with their files watched before anything is read. */
static nb_code look_at(watcher *w, const nb_target *targets, size_t count, nb_error *err)
{
    w->now.subjects = NB_NEW_ARRAY(&w->now.arena, subject, count);
    w->now.count = count;
    for (size_t i = 0; i < count; i++) {
        subject *s = &w->now.subjects[i];
        s->config = w->now.config;
        s->key = nb_arena_printf(&w->now.arena, NB_STR_FMT " " NB_STR_FMT,
                                 NB_STR_ARG(targets[i].experiment->name),
                                 NB_STR_ARG(targets[i].experiment->notebook));
        if (take_state(w, &targets[i], s, err) != NB_OK)
            return err->code;
    }
    return NB_OK;
}

/* A conversion may have found other files to look at. */
static nb_code look_again(watcher *w, const nb_target *targets, nb_error *err)
{
    for (size_t i = 0; i < w->now.count; i++)
        if (take_state(w, &targets[i], &w->now.subjects[i], err) != NB_OK)
            return err->code;
    return NB_OK;
}

/* --- converting ---------------------------------------------------------------------------------------------------------- */

/* Neither JSON nor there: it may be half written, or about to be replaced. */
static bool is_unread(const nb_task *t)
{
    return t->code != NB_OK && t->code != NB_ERR_EXISTS &&
           nb_diags_count(&t->diags, NB_SEVERITY_ERROR) == 0;
}

static void tell_task(watcher *w, nb_task *t, subject *s, bool again)
{
    s->unread = is_unread(t) && !again;
    if (s->unread)
        return;
    if (t->code == NB_OK)
        tell_success(w, t);
    else
        tell_failure(w, t);
}

/* Those of the targets that are not as they were; false when there is none. */
static bool convert_changed(watcher *w, const nb_target *targets, nb_arena *arena)
{
    nb_task_pool pool = {.options = w->watching->options,
                         .env = w->app.env,
                         .force = w->watching->force,
                         .tasks = NB_NEW_ARRAY(arena, nb_task, w->now.count)};
    subject **subjects = NB_NEW_ARRAY(arena, subject *, w->now.count);
    bool *again = NB_NEW_ARRAY(arena, bool, w->now.count);
    for (size_t i = 0; i < w->now.count; i++) {
        const subject *old = find_subject(&w->before, w->now.subjects[i].key);
        bool same = old && is_same(old, &w->now.subjects[i]);
        if (same && !old->unread)
            continue;
        again[pool.count] = same;
        subjects[pool.count] = &w->now.subjects[i];
        pool.tasks[pool.count++].target = targets[i];
    }
    if (pool.count == 0)
        return false;
    nb_tasks_run(&pool);
    for (size_t i = 0; i < pool.count; i++)
        tell_task(w, &pool.tasks[i], subjects[i], again[i]);
    (void)fflush(w->app.log);
    nb_tasks_release(&pool);
    return true;
}

/* --- one look ------------------------------------------------------------------------------------------------------------ */

/* A configuration that is wrong is told once, and looked at again when it changes. The first time it ends the command. */
static nb_code fail_targets(watcher *w, const nb_error *why, nb_error *err)
{
    if (!w->began) {
        nb_error_copy(err, why);
        return err->code;
    }
    if (nb_str_eq(w->now.config, w->before.config))
        return NB_OK;
    begin_telling(w);
    nb_app_say(&w->app, NB_STR_FMT " nothing is converted", NB_STR_ARG(clock_text(w)));
    nb_report_error(why, w->app.colour, w->app.log);
    return NB_OK;
}

static nb_code look_once(watcher *w, nb_error *err)
{
    NB_AUTO(nb_error) why = NB_ERROR_INIT;
    nb_diags diags = {.arena = w->app.arena};
    nb_target *targets;
    size_t count;
    nb_str config;
    nb_watch_forget(w->files);
    if (config_path(w, w->app.arena, &config, err) != NB_OK ||
        nb_watch_path(w->files, config, err) != NB_OK)
        return err->code;
    w->now.config = nb_path_stamp(&w->now.arena, config);
    bool found = nb_targets_find(&w->app, w->watching->operands, w->watching->count,
                                 w->watching->all, &diags, &targets, &count, &why) == NB_OK;
    if (!w->began || !nb_str_eq(w->now.config, w->before.config))
        nb_report_text(&diags, w->app.quiet ? NB_SEVERITY_ERROR : NB_SEVERITY_WARNING,
                       w->app.colour, w->app.log);
    if (!found)
        return fail_targets(w, &why, err);
    if (look_at(w, targets, count, err) != NB_OK)
        return err->code;
    return convert_changed(w, targets, w->app.arena) ? look_again(w, targets, err) : NB_OK;
}

static bool has_unread(const look *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->subjects[i].unread)
            return true;
    return false;
}

/* What is read for a look goes with it, but for what the next one compares with. */
static nb_code look_and_keep(watcher *w, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    w->app.arena = &scratch; /* cppcheck-suppress autoVariables; set anew before it is used again */
    w->now = (look){0};
    w->told = false;
    nb_code code = look_once(w, err);
    nb_arena_release(&w->before.arena);
    w->before = w->now;
    if (code == NB_OK && !w->began)
        nb_app_say(&w->app, "watching %zu notebook%s; Ctrl-C ends it", w->now.count,
                   w->now.count == 1 ? "" : "s");
    w->began = true;
    return code;
}

nb_code nb_convert_watch(nb_app *app, const nb_watching *watching, nb_error *err)
{
    watcher w = {.app = *app, .watching = watching};
    if (nb_watch_open(&w.files, err) != NB_OK)
        return err->code;
    nb_code code;
    do
        code = look_and_keep(&w, err);
    while (code == NB_OK &&
           nb_watch_wait(w.files, has_unread(&w.before) ? RETRY_MS : LOOK_MS) != NB_WATCH_SIGNAL);
    nb_watch_close(w.files);
    nb_arena_release(&w.before.arena);
    return code;
}
