/* cmd_init.c - notebooked init: a first config.yaml and the lines that .gitignore lacks. */
#include "base/fs.h"
#include "base/path.h"
#include "cli/app.h"
#include "cli/term.h"
#include "config/starter.h"
#include "notebook/notebook.h"

#include <errno.h>
#include <stdio.h>

enum { LARGEST_GITIGNORE = 1024 * 1024, MOST_KEPT = 1000 };

struct init_args {
    nb_opt_list notebooks;
    bool force;
};

typedef struct left_out {
    nb_str notebook;
    nb_str reason;
} left_out;

typedef struct project {
    nb_app *app;
    nb_str folder; /* as given, "." when nothing was */
    nb_str base;   /* what paths in it begin with: empty for "." */
    nb_str config, gitignore;
    nb_starters starters;
    bool *tagged; /* by starter: a cell is tagged train */
    NB_VEC(left_out) left_out;
    nb_str kept; /* where an older config.yaml went; empty: nowhere */
    bool gitignore_written;
} project;

/* --- notebooks --- */

static bool is_tagged(const nb_notebook *notebook, const char *tag)
{
    for (size_t i = 0; i < notebook->cell_count; i++)
        for (size_t k = 0; k < notebook->cells[i].tag_count; k++)
            if (nb_str_eqz(notebook->cells[i].tags[k], tag))
                return true;
    return false;
}

static nb_code look_into(project *p, nb_str notebook, bool *tagged, nb_error *err)
{
    nb_arena *arena = p->app->arena;
    const nb_notebook *read;
    nb_diags unused = {.arena = arena};
    nb_str path = nb_path_join(arena, p->base, notebook);
    if (nb_notebook_load(arena, path.at, &unused, &read, err) != NB_OK)
        return err->code;
    *tagged = is_tagged(read, "train");
    return NB_OK;
}

/* The notebooks of --notebook, seen from the folder. */
static nb_code take_named(project *p, const nb_opt_list *named, nb_error *err)
{
    nb_arena *arena = p->app->arena;
    nb_str root;
    nb_str *paths = NB_NEW_ARRAY(arena, nb_str, named->count);
    if (nb_path_absolute(arena, p->folder, &root, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < named->count; i++) {
        nb_str path;
        if (nb_path_absolute(arena, nb_str_from(named->at[i]), &path, err) != NB_OK)
            return err->code;
        paths[i] = nb_path_relative(arena, root, path);
    }
    p->starters = nb_starters_of(arena, paths, named->count);
    p->tagged = NB_NEW_ARRAY(arena, bool, named->count);
    for (size_t i = 0; i < named->count; i++)
        if (look_into(p, paths[i], &p->tagged[i], err) != NB_OK)
            return nb_wrap(err, "cannot take '%s' as an experiment", named->at[i]);
    return NB_OK;
}

/* Those that are there; what cannot be converted anyway is left out and said. */
static nb_code take_found(project *p, nb_error *err)
{
    nb_arena *arena = p->app->arena;
    nb_starters found;
    if (nb_starters_find(arena, nb_arena_z(arena, p->folder), &found, err) != NB_OK)
        return err->code;
    nb_str *paths = NB_NEW_ARRAY(arena, nb_str, found.count);
    bool *tagged = NB_NEW_ARRAY(arena, bool, found.count);
    size_t count = 0;
    for (size_t i = 0; i < found.count; i++) {
        NB_AUTO(nb_error) unfit = NB_ERROR_INIT; /* told as the reason */
        paths[count] = found.at[i].notebook;
        if (look_into(p, paths[count], &tagged[count], &unfit) == NB_OK)
            count++;
        else
            nb_vec_push(arena, &p->left_out,
                        (left_out){found.at[i].notebook,
                                   nb_arena_str(arena, nb_str_from(nb_error_message(&unfit, 0)))});
    }
    p->starters = nb_starters_of(arena, paths, count);
    p->starters.more = found.more;
    p->tagged = tagged;
    return NB_OK;
}

/* --- files --- */

static nb_code refuse_existing(const project *p, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_EXISTS, "'" NB_STR_FMT "' is there already", NB_STR_ARG(p->config));
    nb_error_hint(err, "edit it, or write --force, which renames it and begins anew");
    return err->code;
}

static nb_code move_aside(project *p, nb_error *err)
{
    for (unsigned n = 1; n < MOST_KEPT; n++) {
        nb_str kept = nb_arena_printf(p->app->arena, NB_STR_FMT ".%u", NB_STR_ARG(p->config), n);
        if (nb_path_exists(kept.at))
            continue;
        if (rename(p->config.at, kept.at) != 0)
            return nb_fail_errno(err, "cannot rename '%s'", p->config.at);
        p->kept = kept;
        return NB_OK;
    }
    return nb_fail(err, NB_ERR_EXISTS, "there are too many older files beside '%s'", p->config.at);
}

static const char *no_variable(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return NULL;
}

/* What we write must load, whatever the notebooks are called. */
static nb_code check_own_text(const project *p, nb_str text, nb_error *err)
{
    const nb_env bare = {.get = no_variable};
    nb_diags unused = {.arena = p->app->arena};
    const nb_config *config;
    if (nb_config_read(p->app->arena, text, p->config.at, p->folder.at, &bare, &unused, &config,
                       err) == NB_OK)
        return NB_OK;
    err->code = NB_ERR_INTERNAL;
    return nb_wrap(err, "the configuration made for these notebooks is not valid");
}

static nb_code write_config(project *p, nb_error *err)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_starter_config(&p->starters, &text);
    if (check_own_text(p, nb_buf_view(&text), err) != NB_OK ||
        (nb_path_exists(p->config.at) && move_aside(p, err) != NB_OK))
        return err->code;
    return nb_file_replace(p->config.at, nb_buf_view(&text), 0666, err);
}

static nb_code write_gitignore(project *p, nb_error *err)
{
    nb_arena *arena = p->app->arena;
    NB_AUTO(nb_buf) added = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str present = NB_STR("");
    if (nb_path_exists(p->gitignore.at) &&
        nb_file_read(arena, p->gitignore.at, LARGEST_GITIGNORE, &present, err) != NB_OK)
        return err->code;
    nb_starter_gitignore(present, &added);
    if (added.len == 0)
        return NB_OK;
    p->gitignore_written = true;
    nb_str text = nb_str_concat(arena, present, nb_buf_view(&added));
    return nb_file_replace(p->gitignore.at, text, 0666, err);
}

/* --- what is told --- */

static const nb_experiment *first_with(const project *p, bool tagged)
{
    for (size_t i = 0; i < p->starters.count; i++)
        if (p->tagged[i] == tagged)
            return &p->starters.at[i];
    return NULL;
}

static void say_next(const project *p)
{
    const nb_app *app = p->app;
    const nb_experiment *ready = first_with(p, true), *bare = first_with(p, false);
    nb_str go = NB_STR(""); /* to the folder */
    if (!nb_str_eqz(p->folder, "."))
        go = nb_arena_printf(app->arena, " -C " NB_STR_FMT, NB_STR_ARG(p->folder));
    if (ready)
        nb_app_say(app, "next: notebooked" NB_STR_FMT " convert " NB_STR_FMT, NB_STR_ARG(go),
                   NB_STR_ARG(ready->name));
    else if (bare)
        nb_app_say(app,
                   "next: tag the cells of " NB_STR_FMT
                   " (imports, preprocess, train, inference), then: notebooked" NB_STR_FMT
                   " convert " NB_STR_FMT,
                   NB_STR_ARG(bare->notebook), NB_STR_ARG(go), NB_STR_ARG(bare->name));
    else
        nb_app_say(app, "next: name a notebook below 'experiments:' in " NB_STR_FMT,
                   NB_STR_ARG(p->config));
}

static void say_left_out(const project *p)
{
    for (size_t i = 0; i < p->left_out.count; i++)
        nb_app_say(p->app, "left out: " NB_STR_FMT, NB_STR_ARG(p->left_out.at[i].reason));
    if (p->starters.more)
        nb_app_say(p->app, "there are more notebooks; only the first %d were taken",
                   NB_STARTERS_MAX);
}

static void print_text(const project *p)
{
    FILE *to = p->app->out;
    if (p->kept.len > 0)
        fprintf(to, "renamed %s to %s\n", p->config.at, p->kept.at);
    fprintf(to, "wrote %s", p->config.at);
    for (size_t i = 0; i < p->starters.count; i++) {
        fputs(i > 0 ? ", " : ": ", to);
        nb_term_put(p->starters.at[i].name, to);
    }
    fputc('\n', to);
    if (p->gitignore_written)
        fprintf(to, "wrote %s\n", p->gitignore.at);
}

static void print_json(const project *p)
{
    nb_json_writer *w = p->app->json;
    nb_json_member_str(w, "config", p->config);
    nb_json_member_str(w, "renamed_to", p->kept.len > 0 ? p->kept : (nb_str){0});
    nb_json_member_str(w, "gitignore", p->gitignore_written ? p->gitignore : (nb_str){0});
    nb_json_key(w, NB_STR("experiments"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < p->starters.count; i++) {
        nb_json_begin_object(w);
        nb_json_member_str(w, "name", p->starters.at[i].name);
        nb_json_member_str(w, "notebook", p->starters.at[i].notebook);
        nb_json_member_bool(w, "tagged", p->tagged[i]);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
    nb_json_key(w, NB_STR("left_out"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < p->left_out.count; i++) {
        nb_json_begin_object(w);
        nb_json_member_str(w, "notebook", p->left_out.at[i].notebook);
        nb_json_member_str(w, "reason", p->left_out.at[i].reason);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static nb_code run(const void *args, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct init_args *a = args;
    project p = {.app = app, .folder = nb_str_from(count > 0 ? operands[0] : ".")};
    p.base = nb_str_eqz(p.folder, ".") ? NB_STR("") : p.folder;
    p.config = nb_path_join(app->arena, p.base, NB_STR("config.yaml"));
    p.gitignore = nb_path_join(app->arena, p.base, NB_STR(".gitignore"));
    if (nb_dir_make(p.folder.at, err) != NB_OK)
        return err->code;
    if (nb_path_exists(p.config.at) && !a->force)
        return refuse_existing(&p, err);
    nb_code code =
        a->notebooks.count > 0 ? take_named(&p, &a->notebooks, err) : take_found(&p, err);
    if (code != NB_OK || write_config(&p, err) != NB_OK || write_gitignore(&p, err) != NB_OK)
        return err->code;
    if (app->json)
        print_json(&p);
    else
        print_text(&p);
    say_left_out(&p);
    say_next(&p);
    return NB_OK;
}

static const nb_opt options[] = {
    {NB_LIST('n', "notebook", "FILE", struct init_args, notebooks,
     "an experiment for this notebook instead of those that are found; may be repeated"),
     .names = NB_NAMES_FILE},
    {NB_FLAG(0,     "force", struct init_args, force,
     "rename a config.yaml that is there, and begin anew")},
    {.kind = NB_OPT_END },
};

static const nb_example examples[] = {
    {"notebooked init",            "in the project's folder"},
    {"notebooked init --notebook a/iris.ipynb",                            "with one notebook of many"},
    {0},
};

const nb_command nb_cmd_init = {
    .name = "init",
    .operands = "[DIR]",
    .summary = "Begin a project: write config.yaml and extend .gitignore.",
    .about =
        "The notebooks in DIR (default: here) and below become experiments. Every common key stands in the "
        "file with a comment. Nothing is overwritten: .gitignore gets the lines it lacks, and a config.yaml "
        "that is there stays, or is renamed with --force.",
    .examples = examples,
    .options = options,
    .max_operands = 1,
    .operand_names = NB_NAMES_FOLDER,
    .args_size = sizeof(struct init_args),
    .run = run,
};
