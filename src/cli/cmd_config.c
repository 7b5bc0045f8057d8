/* cmd_config.c - notebooked config: what the configuration says, where each value comes from, and what it may say. */
#include "cli/app.h"
#include "cli/report.h"
#include "cli/term.h"
#include "config/config.h"
#include "config/keys.h"
#include "text/secret.h"

struct show_args {
    bool origin;
};

/* --- values --- */

/* Without what must not be shown. */
static nb_str shown(nb_arena *arena, const nb_setting *setting)
{
    if (!setting->secret)
        return setting->value.text;
    nb_str hidden = nb_secret_hide(arena, setting->value.text);
    return nb_str_eq(hidden, setting->value.text) ? NB_STR("***") : hidden;
}

static void put_scalar(nb_arena *arena, nb_json_writer *w, const nb_setting *setting)
{
    nb_str text = shown(arena, setting);
    if (setting->secret) {
        nb_json_put_str(w, text);
        return;
    }
    switch (setting->value.kind) {
    case NB_SCALAR_NULL: nb_json_put_null(w); break;
    case NB_SCALAR_BOOL: nb_json_put_bool(w, nb_str_eqz(text, "true")); break;
    case NB_SCALAR_INT: nb_json_put_raw(w, nb_yaml_number(arena, NB_YAML_INT, text)); break;
    case NB_SCALAR_FLOAT: nb_json_put_raw(w, nb_yaml_number(arena, NB_YAML_FLOAT, text)); break;
    case NB_SCALAR_STR: nb_json_put_str(w, text); break;
    case NB_SCALAR_JSON: nb_json_put_raw(w, text); break;
    }
}

/* As it would stand in the file: text in quotes where it could be taken for something else. */
static nb_str written(nb_arena *arena, const nb_setting *setting)
{
    nb_str text = shown(arena, setting);
    bool plain = nb_yaml_resolve(text) == NB_YAML_STR && text.at[0] != ' ' &&
                 !nb_str_contains(text, NB_STR("\n")) && !nb_str_contains(text, NB_STR(" #")) &&
                 !nb_str_contains(text, NB_STR(": ")) && !strchr("[]{}*&!|>'\"%@`#,?-", text.at[0]);
    if (setting->value.kind != NB_SCALAR_STR || plain)
        return text;
    NB_AUTO(nb_buf) quoted = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_quote(&quoted, text);
    return nb_arena_str(arena, nb_buf_view(&quoted));
}

/* --- loading --- */

static nb_code load(nb_app *app, const nb_config **out, nb_error *err)
{
    nb_diags diags = {.arena = app->arena};
    nb_code code = nb_config_load(app->arena, app->config, ".", app->env, &diags, out, err);
    nb_report_diags(app, &diags);
    return code;
}

/* --- show --- */

static void print_settings(const nb_app *app, const nb_config *config, bool origin)
{
    size_t widest = 0;
    for (size_t i = 0; i < config->setting_count && origin; i++) {
        size_t width =
            config->settings[i].key.len + nb_term_width(written(app->arena, &config->settings[i]));
        widest = width > widest && width < 60 ? width : widest;
    }
    for (size_t i = 0; i < config->setting_count; i++) {
        const nb_setting *setting = &config->settings[i];
        nb_str value = written(app->arena, setting);
        nb_term_put(setting->key, app->out);
        fputs(": ", app->out);
        nb_term_put(value, app->out);
        size_t width = setting->key.len + nb_term_width(value);
        if (origin)
            fprintf(app->out, "%*s  # " NB_STR_FMT, width < widest ? (int)(widest - width) : 0, "",
                    NB_STR_ARG(setting->origin));
        fputc('\n', app->out);
    }
}

static void print_settings_json(const nb_app *app, const nb_config *config)
{
    nb_json_writer *w = app->json;
    nb_json_member_str(w, "path", config->path);
    nb_json_member_str(w, "root", config->root);
    nb_json_key(w, NB_STR("settings"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < config->setting_count; i++) {
        const nb_setting *setting = &config->settings[i];
        nb_json_begin_object(w);
        nb_json_member_str(w, "key", setting->key);
        nb_json_key(w, NB_STR("value"));
        put_scalar(app->arena, w, setting);
        nb_json_member_str(w, "origin", setting->origin);
        nb_json_member_bool(w, "secret", setting->secret);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static nb_code run_show(const void *args, const char *const *operands, size_t count, nb_app *app,
                        nb_error *err)
{
    (void)operands, (void)count;
    const struct show_args *a = args;
    const nb_config *config;
    if (load(app, &config, err) != NB_OK)
        return err->code;
    if (app->json)
        print_settings_json(app, config);
    else
        print_settings(app, config, a->origin);
    return NB_OK;
}

/* --- get --- */

/* experiments.iris.notebook is experiments[0].notebook where iris is the first one. */
static nb_str by_number(nb_arena *arena, const nb_config *config, nb_str key)
{
    nb_str start = NB_STR("experiments.");
    if (!nb_str_starts(key, start))
        return key;
    for (size_t i = 0; i < config->experiment_count; i++) {
        nb_str rest = nb_str_from_at(key, start.len), name = config->experiments[i].name;
        if (nb_str_starts(rest, name) && rest.len > name.len && rest.at[name.len] == '.')
            return nb_arena_printf(arena, "experiments[%zu]" NB_STR_FMT, i,
                                   NB_STR_ARG(nb_str_from_at(rest, name.len)));
    }
    return key;
}

static const nb_setting *find(const nb_config *config, nb_str key)
{
    for (size_t i = 0; i < config->setting_count; i++)
        if (nb_str_eq(config->settings[i].key, key))
            return &config->settings[i];
    return NULL;
}

/* A key of the table that nothing gives a value; its element need not exist. */
static bool is_known(nb_str key)
{
    for (size_t i = 0; i < nb_config_schema.count; i++) {
        nb_str row = nb_str_from(nb_config_schema.rows[i].key);
        ptrdiff_t close = nb_str_find_char(key, ']'), row_close = nb_str_find_char(row, ']');
        nb_str tail = nb_str_from_at(key, (size_t)(close + 1));
        nb_str row_tail = nb_str_from_at(row, (size_t)(row_close + 1));
        if ((close < 0) == (row_close < 0) && nb_str_eq(tail, row_tail))
            return true;
    }
    return false;
}

/* The first setting below a key that stands for several; empty when there is none. */
static nb_str first_part(const nb_config *config, nb_str key)
{
    for (size_t i = 0; i < config->setting_count; i++) {
        nb_str part = config->settings[i].key;
        if (nb_str_starts(part, key) && part.len > key.len &&
            (part.at[key.len] == '.' || part.at[key.len] == '['))
            return part;
    }
    return NB_STR("");
}

static nb_code no_value(const nb_config *config, nb_arena *arena, nb_str key, nb_error *err)
{
    nb_str *names = NB_NEW_ARRAY(arena, nb_str, config->setting_count);
    for (size_t i = 0; i < config->setting_count; i++)
        names[i] = config->settings[i].key;
    nb_str part = first_part(config, key);
    if (part.len > 0) {
        (void)nb_fail(err, NB_ERR_USAGE, "'" NB_STR_FMT "' has no value of its own",
                      NB_STR_ARG(key));
        nb_error_hint(err, "name one of its parts, such as '" NB_STR_FMT "'", NB_STR_ARG(part));
        return err->code;
    }
    if (is_known(key)) {
        (void)nb_fail(err, NB_ERR_NOT_FOUND, "'" NB_STR_FMT "' has no value", NB_STR_ARG(key));
        nb_error_hint(err, "see 'notebooked config show' for what has one");
        return err->code;
    }
    (void)nb_fail(err, NB_ERR_USAGE, "the configuration has no key '" NB_STR_FMT "'",
                  NB_STR_ARG(key));
    nb_error_hint(err, "see 'notebooked config show' for the keys there are");
    nb_hint_name(err, "", key, names, config->setting_count);
    return err->code;
}

/* As it is for another program; for a person without what would speak to the terminal. */
static void print_value(const nb_app *app, nb_str value)
{
    nb_str line;
    if (!app->out_terminal)
        fwrite(value.len > 0 ? value.at : "", 1, value.len, app->out);
    while (app->out_terminal && nb_str_line(&value, &line)) {
        nb_term_put(line, app->out);
        if (value.len > 0)
            fputc('\n', app->out);
    }
    fputc('\n', app->out);
}

static nb_code run_get(const void *args, const char *const *operands, size_t count, nb_app *app,
                       nb_error *err)
{
    (void)args, (void)count;
    const nb_config *config;
    if (load(app, &config, err) != NB_OK)
        return err->code;
    nb_str key = by_number(app->arena, config, nb_str_from(operands[0]));
    const nb_setting *setting = find(config, key);
    if (!setting)
        return no_value(config, app->arena, key, err);
    if (app->json) {
        nb_json_member_str(app->json, "key", setting->key);
        nb_json_key(app->json, NB_STR("value"));
        put_scalar(app->arena, app->json, setting);
        nb_json_member_str(app->json, "origin", setting->origin);
        return NB_OK;
    }
    print_value(app, shown(app->arena, setting));
    return NB_OK;
}

/* --- schema --- */

static nb_code run_schema(const void *args, const char *const *operands, size_t count, nb_app *app,
                          nb_error *err)
{
    (void)args, (void)operands, (void)count, (void)err;
    const char *title = "notebooked configuration";
    if (app->json) {
        nb_json_key(app->json, NB_STR("schema"));
        nb_schema_write_json(app->arena, &nb_config_schema, title, app->json);
        return NB_OK;
    }
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 2);
    nb_schema_write_json(app->arena, &nb_config_schema, title, &w);
    fprintf(app->out, NB_STR_FMT "\n", NB_STR_ARG(nb_buf_view(&out)));
    return NB_OK;
}

/* --- rows --- */

static const nb_opt show_options[] = {
    {NB_FLAG(0, "origin", struct show_args, origin, "say where each value comes from")},
    {.kind = NB_OPT_END},
};

static const nb_example show_examples[] = {
    {"notebooked config show --origin", "default, place in the file or variable of each value"},
    {0                                },
};

static const nb_command show = {
    .name = "config show",
    .summary = "Print every value of the configuration.",
    .about =
        "Values come from config.yaml, from environment variables and from defaults. Secrets are "
        "printed as ***.",
    .examples = show_examples,
    .options = show_options,
    .args_size = sizeof(struct show_args),
    .run = run_show,
};

static const nb_example get_examples[] = {
    {"notebooked config get provider", "where training runs"},
    {"notebooked config get experiments.iris.notebook",                                "a value of an experiment"},
    {0},
};

static const nb_command get = {
    .name = "config get",
    .operands = "KEY",
    .summary = "Print one value of the configuration.",
    .about = "KEY is as 'notebooked config show' prints it; an experiment may also be named: "
             "experiments.NAME.notebook.",
    .examples = get_examples,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_get,
};

static const nb_example schema_examples[] = {
    {"notebooked config schema >.notebooked/config.schema.json",
     "for an editor that checks YAML files"},
    {0                                                         },
};

static const nb_command schema = {
    .name = "config schema",
    .summary = "Print the JSON Schema of config.yaml, for editors.",
    .examples = schema_examples,
    .run = run_schema,
};

static const nb_command *const commands[] = {&show, &get, &schema, NULL};

const nb_command nb_cmd_config = {
    .name = "config",
    .summary = "Look at the configuration and where its values come from.",
    .commands = commands,
};
