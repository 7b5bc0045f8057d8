#include "cli/serving_options.h"

#include "base/path.h"
#include "endpoint/settings.h"

typedef NB_VEC(nb_setting_value) value_list;

static nb_code add(nb_app *app, value_list *list, const nb_setting_value *value, nb_error *err)
{
    nb_endpoint_settings tried;
    nb_endpoint_defaults(&tried);
    if (nb_setting_set(app->arena, value, &tried, err) != NB_OK)
        return err->code;
    nb_vec_push(app->arena, list, *value);
    return NB_OK;
}

/* --- config.yaml ------------------------------------------------------------------------------------ */

static bool is_python(const nb_serving_value *value)
{
    return nb_str_eqz(value->name, "python");
}

nb_str nb_serving_python(const nb_experiment *experiment)
{
    for (size_t i = 0; i < experiment->serving_count; i++)
        if (is_python(&experiment->serving[i]))
            return experiment->serving[i].text;
    return experiment->python;
}

static nb_code add_configured(nb_app *app, const nb_config *config, const nb_experiment *experiment,
                              value_list *list, nb_error *err)
{
    for (size_t i = 0; i < experiment->serving_count; i++) {
        const nb_serving_value *each = &experiment->serving[i];
        const nb_setting_value value = {each->name, each->text, config->root};
        if (is_python(each))
            continue;
        if (add(app, list, &value, err) != NB_OK) {
            nb_error_at(err, each->place);
            return err->code = NB_ERR_CONFIG;
        }
    }
    return NB_OK;
}

/* --- options ---------------------------------------------------------------------------------------- */

/* Columns may have blanks in their names: where there is a comma, it separates. */
static nb_str joined(nb_arena *arena, const nb_opt_list *list)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    bool blank = false;
    for (size_t i = 0; i < list->count; i++)
        blank |= strchr(list->at[i], ' ') != NULL;
    for (size_t i = 0; i < list->count; i++)
        nb_buf_printf(&text, "%s%s", i == 0 ? "" : blank ? "," : " ", list->at[i]);
    if (blank)
        nb_buf_putc(&text, ',');
    return nb_arena_str(arena, nb_buf_view(&text));
}

/* What the option was given; a view without `at` when it was not. */
static nb_str text_of(nb_arena *arena, const nb_opt *opt, const void *args)
{
    const void *field = (const char *)args + opt->at;
    const nb_str nothing = {0};
    switch (opt->kind) {
    case NB_OPT_STRING: return nb_str_from(*(const char *const *)field);
    case NB_OPT_FLAG: return *(const bool *)field ? nothing : NB_STR("true"); /* --no-auth */
    case NB_OPT_SWITCH:
        switch (*(const nb_switch *)field) {
        case NB_UNSET: return nothing;
        case NB_ON: return NB_STR("true");
        case NB_OFF: return NB_STR("false");
        }
        break;
    case NB_OPT_LIST: {
        const nb_opt_list *list = field;
        return list->count > 0 ? joined(arena, list) : nothing;
    }
    case NB_OPT_INT:
    case NB_OPT_CHOICE:
    case NB_OPT_END: break;
    }
    return nothing;
}

/* The rows once more, to read the values by. */
struct own_args {
    nb_serving_args own;
};
static const nb_opt options[] = {
    NB_SERVING_OPTIONS(struct own_args, own),
    {.kind = NB_OPT_END},
};

nb_code nb_serving_collect(nb_app *app, const nb_config *config, const nb_experiment *experiment,
                           const nb_serving_args *args, nb_serving_given *out, nb_error *err)
{
    value_list list = {0};
    nb_str here;
    if (nb_path_absolute(app->arena, NB_STR("."), &here, err) != NB_OK ||
        (config && experiment && add_configured(app, config, experiment, &list, err) != NB_OK))
        return err->code;
    for (const nb_opt *opt = options; opt->kind != NB_OPT_END; opt++) {
        nb_str text = text_of(app->arena, opt, args);
        nb_str name = nb_str_from(opt->kind == NB_OPT_FLAG ? "no-auth" : opt->name);
        const nb_setting_value value = {name, text, here};
        if (text.at && add(app, &list, &value, err) != NB_OK)
            return err->code;
    }
    *out = (nb_serving_given){list.at, list.count};
    return NB_OK;
}
