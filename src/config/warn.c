#include "config/warn.h"

#include "text/secret.h"

typedef struct warner {
    nb_arena *arena;
    nb_str path;
    nb_diags *diags;
} warner;

static nb_spot spot_of(const warner *w, const nb_yaml *value)
{
    return (nb_spot){.path = nb_arena_str(w->diags->arena, w->path),
                     .line = value->line,
                     .column = value->column,
                     .source = nb_arena_str(w->diags->arena, value->source)};
}

/* A variable's name for a key: api-key gives API_KEY. */
static nb_str variable_for(nb_arena *arena, nb_str key)
{
    ptrdiff_t dot = nb_str_rfind_char(key, '.');
    char *name = nb_arena_z(arena, nb_str_upper(arena, nb_str_from_at(key, (size_t)(dot + 1))));
    for (char *c = name; *c; c++)
        if (!nb_is_alpha(*c) && !nb_is_digit(*c))
            *c = '_';
    return nb_str_from(name);
}

static void warn_scalar(const warner *w, nb_str key, const nb_yaml *value)
{
    bool parameter = nb_str_contains(key, NB_STR(".hyperparameters."));
    bool tracking = nb_str_eqz(key, "mlflow.tracking_uri");
    bool typed = value->kind == NB_YAML_STR || value->kind == NB_YAML_INT;
    if (!typed || (value->expanded && !parameter && !tracking) ||
        !nb_secret_value(key, value->text))
        return;
    nb_str variable = variable_for(w->arena, key);
    const char *what = "holds a secret in clear text";
    if (parameter)
        what = "looks like a secret, and is written into generated scripts";
    else if (tracking)
        what = "holds a password, which would end up in generated scripts";
    nb_diag *diag = nb_diag_add(w->diags, NB_D_SECRET_IN_CONFIG, spot_of(w, value),
                                "'" NB_STR_FMT "' %s", NB_STR_ARG(key), what);
    if (parameter)
        nb_diag_help(w->diags, diag, "read it in the notebook: os.environ[\"" NB_STR_FMT "\"]",
                     NB_STR_ARG(variable));
    else if (tracking)
        nb_diag_help(w->diags, diag,
                     "leave user and password out, and set MLFLOW_TRACKING_USERNAME and "
                     "MLFLOW_TRACKING_PASSWORD");
    else
        nb_diag_help(w->diags, diag, "set a variable, and write ${" NB_STR_FMT "}",
                     NB_STR_ARG(variable));
}

static void warn_below(const warner *w, nb_str key, const nb_yaml *value)
{
    if (value->kind < NB_YAML_LIST) {
        warn_scalar(w, key, value);
        return;
    }
    size_t i = 0;
    for (const nb_yaml *each = value->child; each; each = each->next, i++) {
        nb_str name = value->kind == NB_YAML_MAP ? each->key : NB_STR("");
        if (value->kind == NB_YAML_LIST)
            name = nb_arena_printf(w->arena, NB_STR_FMT "[%zu]", NB_STR_ARG(key), i);
        else if (key.len > 0)
            name = nb_arena_printf(w->arena, NB_STR_FMT "." NB_STR_FMT, NB_STR_ARG(key),
                                   NB_STR_ARG(each->key));
        warn_below(w, name, each);
    }
}

void nb_config_warn_secrets(nb_arena *arena, const nb_yaml *root, nb_str path, nb_diags *diags)
{
    const warner w = {arena, path, diags};
    warn_below(&w, NB_STR(""), root);
}
