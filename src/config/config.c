#include "config/config.h"

#include "base/fs.h"
#include "base/path.h"
#include "config/expand.h"
#include "config/experiments.h"
#include "config/keys.h"
#include "config/settings.h"
#include "config/warn.h"
#include "text/secret.h"

#define FILE_NAME "config.yaml"

enum { MOST_READ = 4 * NB_YAML_MAX_BYTES, LONGEST_NAME = 63, MOST_LISTED = 10 };

/* --- finding the file --- */

/* A project does not reach above its repository, and nobody's project is all of the home folder's parents. */
static bool is_top(nb_arena *arena, nb_str folder, const nb_env *env)
{
    nb_str home = nb_env_str(env, "HOME");
    return folder.len <= 1 || nb_str_eq(folder, home) ||
           nb_path_exists(nb_path_join(arena, folder, NB_STR(".git")).at);
}

static nb_code not_found(nb_arena *arena, nb_str start, nb_error *err)
{
    nb_fail(err, NB_ERR_NOT_FOUND, "no " FILE_NAME " in '" NB_STR_FMT "' or above",
            NB_STR_ARG(start));
    if (nb_is_file(nb_path_join(arena, start, NB_STR("config.yml")).at))
        nb_error_hint(err, "rename config.yml to " FILE_NAME);
    else
        nb_error_hint(err, "run 'notebooked init' to write one, or name one with --config");
    return err->code;
}

static nb_code no_file(nb_error *err, nb_str path)
{
    (void)nb_fail(err, NB_ERR_CONFIG,
                  "cannot read '" NB_STR_FMT "': it is a folder or leads to no file",
                  NB_STR_ARG(path));
    nb_error_hint(err, "replace it with a file, or name another one with --config");
    return err->code;
}

static nb_code find_file(nb_arena *arena, const char *start, const nb_env *env, nb_str *out,
                         nb_error *err)
{
    nb_str from, folder;
    if (nb_path_absolute(arena, nb_str_from(start ? start : "."), &from, err) != NB_OK)
        return err->code;
    for (folder = from;; folder = nb_path_dir(folder)) {
        nb_str file = nb_path_join(arena, folder, NB_STR(FILE_NAME));
        if (nb_is_file(file.at)) {
            *out = nb_path_relative(arena, from, file);
            return NB_OK;
        }
        if (nb_str_eq(folder, from) && (nb_is_dir(file.at) || nb_is_link(file.at)))
            return no_file(err, nb_path_relative(arena, from, file));
        if (is_top(arena, folder, env))
            return not_found(arena, from, err);
    }
}

static nb_code read_file(nb_arena *arena, nb_str path, const char *start, nb_str *text,
                         nb_str *root, nb_error *err)
{
    nb_str full = path, absolute;
    if (start)
        full = nb_path_join(arena, nb_str_from(start), path);
    if (nb_file_read(arena, nb_arena_z(arena, full), MOST_READ, text, err) != NB_OK) {
        if (err->code == NB_ERR_NOT_FOUND)
            nb_error_hint(err, "check --config, or run 'notebooked init' to write one");
        return err->code;
    }
    if (nb_path_absolute(arena, full, &absolute, err) != NB_OK)
        return err->code;
    *root = nb_arena_str(arena, nb_path_dir(absolute));
    return NB_OK;
}

/* --- from a tree --- */

static const nb_tag_row *read_tags(nb_arena *arena, const nb_yaml *map, size_t *count)
{
    if (!map || map->kind != NB_YAML_MAP)
        return NULL;
    nb_tag_row *rows = NB_NEW_ARRAY(arena, nb_tag_row, map->count);
    for (const nb_yaml *each = map->child; each; each = each->next) {
        nb_tag_row row = {.name = each->key};
        if (nb_section_find(each->text, &row.section))
            rows[(*count)++] = row;
    }
    return rows;
}

static void read_codes(const nb_yaml *list, nb_diag_set *set, bool *any)
{
    if (!list || list->kind != NB_YAML_LIST)
        return;
    for (const nb_yaml *each = list->child; each; each = each->next)
        if (each->kind < NB_YAML_LIST && nb_diag_set_add(set, each->text))
            *any = true;
}

static void read_selection(const nb_yaml *map, nb_selection *out)
{
    bool ignores = false;
    if (!map || map->kind != NB_YAML_MAP)
        return;
    read_codes(nb_yaml_get(map, "select"), &out->select, &out->selects);
    read_codes(nb_yaml_get(map, "ignore"), &out->ignore, &ignores);
}

static void read_tree(const nb_yaml *root, const nb_env *env, nb_problems *problems, nb_config *out)
{
    nb_config_expand(root, env, problems);
    nb_schema_check(&nb_config_schema, root, problems);
    nb_settings settings = nb_settings_collect(root, env, problems);
    out->settings = settings.at;
    out->setting_count = settings.count;
    nb_policies_read(nb_yaml_get(root, "ipython"), &out->policies);
    nb_experiments_read(root, &out->policies, problems, &out->experiments, &out->experiment_count);
    out->tags.rows = read_tags(problems->arena, nb_yaml_get(root, "tags"), &out->tags.count);
    read_selection(nb_yaml_get(root, "check"), &out->selection);
    out->fail_on = nb_config_get(out, "check.fail_on");
    out->provider = nb_config_get(out, "provider");
    out->tracking_uri = nb_config_get(out, "mlflow.tracking_uri");
    out->experiment_name = nb_config_get(out, "mlflow.experiment_name");
    out->tracking_uri_secret = nb_secret_value(NB_STR("tracking_uri"), out->tracking_uri);
}

static nb_code load_text(nb_arena *arena, nb_str text, const nb_env *env, nb_diags *diags,
                         nb_config *config, nb_error *err)
{
    const nb_yaml *root;
    nb_problems problems = {.arena = arena, .path = config->path};
    if (nb_yaml_parse(arena, text, config->path, &root, err) != NB_OK)
        return err->code;
    read_tree(root, env, &problems, config);
    nb_config_warn_secrets(arena, root, config->path, diags);
    return nb_problems_report(&problems, diags, err);
}

nb_code nb_config_load(nb_arena *arena, const char *path, const char *start, const nb_env *env,
                       nb_diags *diags, const nb_config **out, nb_error *err)
{
    nb_str text;
    nb_config *config = NB_NEW(arena, nb_config);
    config->path = nb_str_from(path);
    if (!path && find_file(arena, start, env, &config->path, err) != NB_OK)
        return err->code;
    if (read_file(arena, config->path, path ? NULL : start, &text, &config->root, err) != NB_OK)
        return nb_wrap(err, "cannot load the configuration");
    if (load_text(arena, text, env, diags, config, err) != NB_OK)
        return err->code;
    *out = config;
    return NB_OK;
}

nb_code nb_config_read(nb_arena *arena, nb_str text, const char *path, const char *folder,
                       const nb_env *env, nb_diags *diags, const nb_config **out, nb_error *err)
{
    nb_config *config = NB_NEW(arena, nb_config);
    config->path = nb_str_from(path);
    if (nb_path_absolute(arena, nb_str_from(folder), &config->root, err) != NB_OK ||
        load_text(arena, text, env, diags, config, err) != NB_OK)
        return err->code;
    *out = config;
    return NB_OK;
}

nb_code nb_config_default(nb_arena *arena, const char *folder, const nb_env *env,
                          const nb_config **out, nb_error *err)
{
    nb_diags unused = {.arena = arena};
    return nb_config_read(arena, NB_STR(""), "", folder, env, &unused, out, err);
}

/* --- asking --- */

nb_str nb_config_get(const nb_config *config, const char *key)
{
    for (size_t i = 0; i < config->setting_count; i++)
        if (nb_str_eqz(config->settings[i].key, key))
            return config->settings[i].value.text;
    return NB_STR("");
}

nb_str nb_config_mlflow_experiment(const nb_config *config, const nb_experiment *experiment)
{
    if (experiment->mlflow_experiment.len > 0)
        return experiment->mlflow_experiment;
    return config->experiment_name.len > 0 ? config->experiment_name : experiment->name;
}

const nb_policies *nb_config_policies(const nb_config *config, const nb_experiment *experiment)
{
    return experiment->policies ? experiment->policies : &config->policies;
}

static nb_str names_listed(nb_arena *arena, const nb_config *config)
{
    nb_str list = NB_STR("");
    for (size_t i = 0; i < config->experiment_count && i < MOST_LISTED; i++)
        list = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(list),
                               i > 0 ? ", " : "", NB_STR_ARG(config->experiments[i].name));
    return config->experiment_count > MOST_LISTED ? nb_str_concat(arena, list, NB_STR(", ..."))
                                                  : list;
}

static nb_code no_experiment(const nb_config *config, nb_str name, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str *names = NB_NEW_ARRAY(&arena, nb_str, config->experiment_count);
    for (size_t i = 0; i < config->experiment_count; i++)
        names[i] = config->experiments[i].name;
    nb_str nearest = nb_str_nearest(name, names, config->experiment_count);
    nb_fail(err, NB_ERR_NOT_FOUND, "no experiment is named '" NB_STR_FMT "'", NB_STR_ARG(name));
    nb_error_at(err, (nb_place){.path = config->path});
    if (nearest.len > 0)
        nb_error_hint(err, "write '" NB_STR_FMT "'", NB_STR_ARG(nearest));
    else if (config->experiment_count > 0)
        nb_error_hint(err, "use one of " NB_STR_FMT, NB_STR_ARG(names_listed(&arena, config)));
    else
        nb_error_hint(err, "add it below 'experiments', or name a notebook file");
    return err->code;
}

const nb_experiment *nb_config_experiment(const nb_config *config, nb_str name, nb_error *err)
{
    for (size_t i = 0; i < config->experiment_count; i++)
        if (nb_str_eq(config->experiments[i].name, name))
            return &config->experiments[i];
    no_experiment(config, name, err);
    return NULL;
}

/* --- names --- */

static bool is_name_char(char c)
{
    return nb_is_alpha(c) || nb_is_digit(c) || c == '-' || c == '_' || c == '.';
}

bool nb_config_valid_name(nb_str name)
{
    if (name.len == 0 || name.len > LONGEST_NAME || name.at[0] == '.' || name.at[0] == '-')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_char(name.at[i]))
            return false;
    return true;
}

/* Runs of other characters, with the dashes around them, become one dash. */
static nb_str name_for(nb_arena *arena, nb_str notebook)
{
    nb_str stem = nb_path_stem(notebook);
    char *name = nb_arena_alloc(arena, stem.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < stem.len && len < LONGEST_NAME; i++) {
        char c = is_name_char(stem.at[i]) ? stem.at[i] : '-';
        bool first = len == 0 && (c == '-' || c == '.');
        if (!first && !(c == '-' && name[len - 1] == '-'))
            name[len++] = c;
    }
    while (len > 0 && name[len - 1] == '-')
        len--;
    name[len] = '\0';
    return len > 0 ? (nb_str){name, len} : NB_STR("notebook");
}

const nb_experiment *nb_config_adhoc(nb_arena *arena, nb_str notebook)
{
    nb_experiment *experiment = NB_NEW(arena, nb_experiment);
    experiment->notebook = nb_arena_str(arena, notebook);
    experiment->name = name_for(arena, notebook);
    experiment->instance_count = 1;
    return experiment;
}
