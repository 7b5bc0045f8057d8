#include "base/fs.h"
#include "base/path.h"
#include "cli/app.h"
#include "config/config.h"
#include "gen/convert.h"
#include "gen/templates.h"

/* The project's folder: the configuration's, or the current one when there is none. */
static nb_code open_templates(nb_app *app, nb_templates *templates, nb_str *root, nb_error *err)
{
    const nb_config *config;
    nb_diags ignored = {.arena = app->arena}; /* `config show` reports findings of the file */
    nb_code code = nb_config_load(app->arena, app->config, ".", app->env, &ignored, &config, err);
    if (code == NB_ERR_NOT_FOUND && !app->config) {
        nb_error_release(err);
        code = nb_config_default(app->arena, ".", app->env, &config, err);
    }
    if (code != NB_OK)
        return code;
    *root = config->root;
    *templates = nb_templates_open(app->arena, config->root, app->env);
    return NB_OK;
}

static bool is_template(const char *name)
{
    return nb_str_ends(nb_str_from(name), NB_STR(".tmpl"));
}

static nb_code list(const void *args, const char *const *operands, size_t count, nb_app *app,
                    nb_error *err)
{
    (void)args, (void)operands, (void)count;
    nb_templates templates;
    nb_str root;
    if (open_templates(app, &templates, &root, err) != NB_OK)
        return err->code;
    if (app->json) {
        nb_json_key(app->json, NB_STR("templates"));
        nb_json_begin_array(app->json);
    }
    for (size_t i = 0; i < nb_built_in_templates.count; i++) {
        nb_str text, from, name = nb_str_from(nb_built_in_templates.files[i].name);
        if (!is_template(nb_built_in_templates.files[i].name) ||
            !nb_templates_find(&templates, name, &text, &from))
            continue;
        if (app->json) {
            nb_json_begin_object(app->json);
            nb_json_member_str(app->json, "name", name);
            nb_json_member_str(app->json, "from", from);
            nb_json_end_object(app->json);
        } else {
            bool ours = nb_str_starts(from, NB_STR("built-in:"));
            nb_str where = ours ? NB_STR("built-in") : from;
            fprintf(app->out, "%-28s " NB_STR_FMT "\n", nb_built_in_templates.files[i].name,
                    NB_STR_ARG(where));
        }
    }
    if (app->json)
        nb_json_end_array(app->json);
    return NB_OK;
}

static const nb_embedded *built_in(nb_app *app, const char *wanted, nb_error *err)
{
    nb_str *names = NB_NEW_ARRAY(app->arena, nb_str, nb_built_in_templates.count);
    size_t count = 0;
    for (size_t i = 0; i < nb_built_in_templates.count; i++) {
        nb_str name = nb_str_from(nb_built_in_templates.files[i].name), word = nb_str_from(wanted);
        if (!is_template(nb_built_in_templates.files[i].name))
            continue;
        if (nb_str_eq(name, word) || nb_str_eq(nb_path_stem(name), word))
            return &nb_built_in_templates.files[i];
        names[count++] = nb_path_stem(name);
    }
    (void)nb_fail(err, NB_ERR_USAGE, "no template is called '%s'", wanted);
    nb_error_hint(err, "run 'notebooked templates list' to see their names");
    nb_hint_name(err, "", nb_str_from(wanted), names, count);
    return NULL;
}

static nb_code eject(const void *args, const char *const *operands, size_t count, nb_app *app,
                     nb_error *err)
{
    (void)args;
    nb_templates templates;
    nb_str root;
    if (open_templates(app, &templates, &root, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++) {
        const nb_embedded *file = built_in(app, operands[i], err);
        if (!file)
            return err->code;
        nb_str folder = nb_path_join(app->arena, root, NB_STR(".notebooked/templates"));
        nb_str path = nb_path_join(app->arena, folder, nb_str_from(file->name));
        if (nb_path_exists(path.at)) {
            (void)nb_fail(err, NB_ERR_EXISTS, "'" NB_STR_FMT "' exists already", NB_STR_ARG(path));
            nb_error_hint(err, "edit that file, or remove it first");
            return err->code;
        }
        if (nb_dir_make(folder.at, err) != NB_OK ||
            nb_file_replace(path.at, file->bytes, 0666, err) != NB_OK)
            return nb_wrap(err, "cannot eject template '%s'", operands[i]);
        if (app->json)
            nb_json_member_str(app->json, "path", path);
        else
            fprintf(app->out, NB_STR_FMT "\n", NB_STR_ARG(path));
    }
    return NB_OK;
}

static nb_code check(const void *args, const char *const *operands, size_t count, nb_app *app,
                     nb_error *err)
{
    (void)args, (void)operands, (void)count;
    nb_templates templates;
    nb_str root;
    if (open_templates(app, &templates, &root, err) != NB_OK)
        return err->code;
    if (nb_convert_sample(app->arena, &templates, app->env, err) != NB_OK)
        return nb_wrap(err, "the templates cannot be used");
    nb_app_say(app, "the templates render and give valid Python");
    return NB_OK;
}

static const nb_command cmd_list = {.name = "templates list",
                                    .summary = "Show each template and where it comes from.",
                                    .run = list};
static const nb_command cmd_eject = {
    .name = "templates eject",
    .operands = "TEMPLATE...",
    .summary = "Copy built-in templates to .notebooked/templates/, to be changed there.",
    .min_operands = 1,
    .max_operands = NB_ANY_NUMBER,
    .run = eject,
};
static const nb_command cmd_check = {
    .name = "templates check",
    .summary = "Render every template with sample data and check that the result is Python.",
    .run = check,
};

static const nb_command *const commands[] = {&cmd_list, &cmd_eject, &cmd_check, NULL};

static const nb_example examples[] = {
    {"notebooked templates eject train.py", "start from the built-in template of train.py"},
    {"notebooked templates check",                                     "after a change"},
    {0},
};

const nb_command nb_cmd_templates = {
    .name = "templates",
    .summary = "Work with the templates that scripts are made from.",
    .about =
        "A file of the same name in .notebooked/templates/ of the project, or else in ~/.config/notebooked/templates/, is used instead "
        "of the built-in template. docs/templates.md describes the data they get.",
    .examples = examples,
    .commands = commands,
};
