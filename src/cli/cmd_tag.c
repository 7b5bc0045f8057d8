#include "base/fs.h"
#include "base/path.h"
#include "cli/app.h"
#include "cli/report.h"
#include "cli/sources.h"
#include "cli/tag_plan.h"
#include "cli/tag_store.h"
#include "cli/tag_view.h"
#include "text/diff.h"

struct tag_args {
    bool write, diff;
    const char *cells, *as;
};

static const nb_opt options[] = {
    {NB_FLAG('w', "write", struct tag_args, write, "store the tags in the notebook")},
    {NB_FLAG(0, "diff", struct tag_args, diff, "show how the file would change")},
    {NB_STRING(0, "cells", "CELLS", struct tag_args, cells, "tag these cells by hand: 3,5-7")},
    {NB_STRING(0, "as", "SECTIONS", struct tag_args, as,
               "with --cells: train, or several such as train,inference; none removes them")},
    {.kind = NB_OPT_END},
};

/* One notebook under way. */
typedef struct tagging {
    nb_app *app;
    const struct tag_args *args;
    nb_arena *arena;
    nb_target target;
    nb_str path; /* seen from the current folder */
    nb_str before, after;
    nb_tag_plan plan;
} tagging;

/* --- one notebook --------------------------------------------------------------------------------------------------- */

static nb_str path_of(nb_arena *arena, const nb_target *target)
{
    nb_str path = nb_path_join(arena, target->config->root, target->experiment->notebook), here;
    NB_AUTO(nb_error) ignored =
        NB_ERROR_INIT; /* the folder we are in is gone: the path is as good */
    if (nb_path_absolute(arena, NB_STR("."), &here, &ignored) != NB_OK)
        return path;
    return nb_path_relative(arena, here, nb_path_clean(arena, path));
}

static nb_code read_notebook(tagging *t, nb_error *err)
{
    nb_diags ignored = {.arena = t->arena}; /* `check` tells what is odd about the file */
    const char *path = nb_arena_z(t->arena, t->path);
    if (nb_file_read(t->arena, path, NB_TAG_LARGEST, &t->before, err) == NB_OK &&
        nb_notebook_parse(t->arena, t->before, t->path, &ignored, &t->plan.notebook, err) == NB_OK)
        return NB_OK;
    nb_error_at(err, t->target.experiment->notebook_place);
    return nb_wrap(err, "cannot tag '" NB_STR_FMT "'", NB_STR_ARG(t->path));
}

static nb_code make_plan(tagging *t, nb_error *err)
{
    const nb_tag_order order = {t->args->cells, t->args->as};
    if (!order.cells)
        nb_tag_propose(t->arena, &t->target, &t->plan);
    else if (nb_tag_by_hand(t->arena, &t->target, &order, &t->plan, err) != NB_OK)
        return err->code;
    return nb_retag_bytes(t->arena, t->before, t->path, t->plan.changes.at, t->plan.changes.count,
                          &t->after, err);
}

static nb_code store(tagging *t, nb_error *err)
{
    if (!t->args->write || t->plan.changes.count == 0)
        return NB_OK;
    return nb_tag_store(nb_arena_z(t->arena, t->path), t->target.config->root, t->before, t->after,
                        err);
}

/* --- what is told --------------------------------------------------------------------------------------------------- */

static void put_diff(const tagging *t, nb_buf *out)
{
    nb_str name = nb_arena_printf(t->arena, NB_STR_FMT " (with tags)", NB_STR_ARG(t->path));
    nb_diff_unified(out, t->path, t->before, name, t->after);
}

static void tell_json(const tagging *t)
{
    nb_json_writer *json = t->app->json;
    nb_json_begin_object(json);
    nb_json_member_str(json, "path", t->path);
    nb_json_member_int(json, "changes", (int64_t)t->plan.changes.count);
    nb_json_member_bool(json, "written", t->args->write && t->plan.changes.count > 0);
    nb_tag_json(&t->plan, json);
    if (t->args->diff) {
        NB_AUTO(nb_buf) diff = NB_BUF_INIT(NB_BUF_TEXT);
        put_diff(t, &diff);
        nb_json_member_str(json, "diff", nb_buf_view(&diff));
    }
    nb_json_end_object(json);
    nb_app_pass_on(t->app);
}

/* As a shell takes it for one word. */
static nb_str shell_word(const tagging *t)
{
    for (size_t i = 0; i < t->path.len; i++)
        if (!nb_is_name(t->path.at[i]) && !strchr("./-", t->path.at[i]))
            return nb_arena_printf(t->arena, "\"" NB_STR_FMT "\"", NB_STR_ARG(t->path));
    return t->path;
}

/* People are told the next step; programs know it. */
static void tell_written(const tagging *t, size_t count)
{
    nb_app_say(t->app, "changed the tags of %zu %s of '" NB_STR_FMT "'", count,
               count == 1 ? "cell" : "cells", NB_STR_ARG(t->path));
    if (t->app->log_terminal && !t->args->cells)
        nb_app_say(t->app, "make the scripts with 'notebooked convert " NB_STR_FMT "'",
                   NB_STR_ARG(shell_word(t)));
}

static void tell_result(const tagging *t)
{
    size_t count = t->plan.changes.count;
    const char *cells = count == 1 ? "cell" : "cells";
    (void)fflush(t->app->out);
    if (count == 0)
        nb_app_say(t->app, "nothing to tag in '" NB_STR_FMT "'", NB_STR_ARG(t->path));
    else if (t->args->write)
        tell_written(t, count);
    else
        nb_app_say(t->app, "the tags of %zu %s of '" NB_STR_FMT "' change with --write", count,
                   cells, NB_STR_ARG(t->path));
}

static void tell_text(const tagging *t, bool several)
{
    NB_AUTO(nb_buf) diff = NB_BUF_INIT(NB_BUF_TEXT);
    if (t->args->diff) {
        put_diff(t, &diff);
        fwrite(diff.at ? diff.at : "", 1, diff.len, t->app->out);
    } else {
        if (several) {
            nb_term_put(t->path, t->app->out);
            fputc('\n', t->app->out);
        }
        nb_tag_print(t->app, &t->plan, t->app->verbose || t->args->cells);
    }
    tell_result(t);
}

/* --- all of them ---------------------------------------------------------------------------------------------------- */

/* A notebook has memory of its own, which goes when it is done. */
static nb_code tag_one(nb_app *app, const struct tag_args *args, const nb_source_item *item,
                       bool several, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    if (item->err.code != NB_OK) {
        nb_error_copy(err, &item->err);
        return err->code;
    }
    tagging t = {.app = app, .args = args, .arena = &arena, .target = item->target};
    t.path = path_of(&arena, &t.target);
    if (read_notebook(&t, err) != NB_OK || make_plan(&t, err) != NB_OK || store(&t, err) != NB_OK)
        return err->code;
    if (app->json)
        tell_json(&t);
    else
        tell_text(&t, several);
    return NB_OK;
}

/* Several failures are told one by one; the document of --format json has room for the first. */
static nb_code tag_all(nb_app *app, const struct tag_args *args, nb_sources *sources, nb_error *err)
{
    bool several = nb_sources_are_many(sources);
    size_t count = 0, failed = 0;
    for (bool more = true; more; count += more) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) problem = NB_ERROR_INIT;
        nb_source_item item = {0};
        more = nb_sources_next(sources, &arena, &item);
        nb_code code = more ? tag_one(app, args, &item, several, &problem) : NB_OK;
        if (code == NB_ERR_LANGUAGE && item.found) {
            nb_app_detail(app, "passed over: %s", nb_error_message(&problem, 0));
        } else if (code != NB_OK) {
            if (failed++ == 0)
                nb_error_copy(err, &problem);
            if (several)
                nb_report_error(&problem, app->colour, app->log);
        }
        nb_error_release(&item.err);
    }
    if (failed == 0 || !several)
        return err->code;
    if (app->json)
        return nb_wrap(err, "%zu of %zu notebooks cannot be tagged", failed, count);
    return nb_fail(err, err->code, "%zu of %zu notebooks cannot be tagged", failed, count);
}

static nb_code check_args(const struct tag_args *args, const nb_sources *sources, nb_error *err)
{
    if (!args->cells != !args->as) {
        (void)nb_fail(err, NB_ERR_USAGE, "--cells and --as belong together");
        nb_error_hint(err, "write --cells 3,5-7 --as train");
        return err->code;
    }
    if (args->cells && nb_sources_are_many(sources)) {
        (void)nb_fail(err, NB_ERR_USAGE, "--cells is about one notebook");
        nb_error_hint(err, "name the notebook");
        return err->code;
    }
    return NB_OK;
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct tag_args *args = args_;
    nb_diags diags = {.arena = app->arena};
    nb_sources sources;
    if (nb_sources_open(app, operands, count, &diags, &sources, err) != NB_OK) {
        nb_report_diags(app, &diags);
        return err->code;
    }
    nb_code code = check_args(args, &sources, err);
    if (app->json) {
        nb_json_key(app->json, NB_STR("notebooks"));
        nb_json_begin_array(app->json);
    }
    if (code == NB_OK)
        code = tag_all(app, args, &sources, err);
    if (app->json)
        nb_json_end_array(app->json);
    nb_sources_close(&sources);
    return code;
}

static const nb_example examples[] = {
    {"notebooked tag iris.ipynb",                                  "what each cell would be tagged, and why"},
    {"notebooked tag iris.ipynb --write",                                                            "store the tags"},
    {"notebooked tag iris.ipynb --cells 3,5-7 --as train --write","tag cells by hand"},
    {"notebooked tag iris.ipynb --cells 4 --as none --write", "take the tags away again"},
    {0                                                           },
};

const nb_command nb_cmd_tag = {
    .name = "tag",
    .operands = "[EXPERIMENT | NOTEBOOK | FOLDER]...",
    .summary = "Propose tags for the cells of notebooks, and store them.",
    .about =
        "Shows which section each untagged cell belongs to, from what its statements are for: imports, parameters, utils, preprocess, model, train, inference. "
        "What only looks at data stays untagged. Cells that have a section keep it.\n\n"
        "Nothing is written without --write. Then the tags are stored in the cells' metadata, and no other byte of the file changes; a notebook that another program "
        "saved meanwhile is left alone. Tags of other tools stay.",
    .examples = examples,
    .options = options,
    .max_operands = NB_ANY_NUMBER,
    .operand_names = NB_NAMES_EXPERIMENT,
    .args_size = sizeof(struct tag_args),
    .run = run,
};
