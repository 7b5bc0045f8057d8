#include "gen/script_data.h"

#include "base/path.h"
#include "gen/included.h"
#include "py/facts.h"

/* --- identifiers ------------------------------------------------------------------------------------------------- */

static bool is_taken(const nb_script_data *d, nb_str name)
{
    return nb_map_has(&d->graph->names, name) || nb_map_has(&d->input->params->provided, name);
}

static void choose_name(nb_script_data *d, nb_str usual)
{
    nb_str name = usual;
    while (is_taken(d, name))
        name = nb_str_concat(d->arena, name, NB_STR("_"));
    if (!nb_str_eq(name, usual))
        nb_diag_add(d->graph->source->diags, NB_D_NAME_COLLISION,
                    (nb_spot){.path = d->graph->source->notebook->path},
                    "the notebook uses the name '" NB_STR_FMT
                    "': the generated one is called '" NB_STR_FMT "'",
                    NB_STR_ARG(usual), NB_STR_ARG(name));
    nb_str *stored = NB_NEW(d->arena, nb_str);
    *stored = name;
    nb_map_put(d->arena, &d->names, usual, stored);
}

static void give(nb_script_data *d, const char *usual, nb_str name)
{
    nb_str *stored = NB_NEW(d->arena, nb_str);
    *stored = name;
    nb_map_put(d->arena, &d->names, nb_str_from(usual), stored);
}

void nb_data_open(nb_script_data *d)
{
    nb_str list = NB_STR(""), line, from;
    bool modules = false;
    (void)nb_templates_find(d->input->templates, NB_STR("names.txt"), &list, &from);
    give(d, "DATA_PATH", d->input->params->data_path_name);
    if (d->input->params->beside_name.len > 0)
        give(d, "beside", d->input->params->beside_name);
    give(d, "MODEL_DIR", d->input->params->model_dir_name);
    while (nb_str_line(&list, &line)) {
        line = nb_str_trim(line);
        if (line.len == 0 || line.at[0] == '#')
            continue;
        if (line.at[0] == '[')
            modules = true;
        else if (modules)
            nb_vec_push(d->arena, &d->modules, line);
        else if (!nb_map_has(&d->names, line))
            choose_name(d, line);
    }
}

nb_str nb_data_name(const nb_script_data *d, const char *usual)
{
    const nb_str *name = nb_map_get(&d->names, nb_str_from(usual));
    return name ? *name : nb_str_from(usual);
}

/* --- values --------------------------------------------------------------------------------------------------------- */

void nb_data_flag(nb_script_data *d, nb_value *data, const char *name, bool value)
{
    nb_value_set_bool(d->arena, data, name, value);
}

static void set_has(nb_script_data *d, nb_value *data, const char *name, bool value)
{
    nb_value_set_bool(d->arena, data, nb_arena_printf(d->arena, "has_%s", name).at, value);
}

void nb_data_text(nb_script_data *d, nb_value *data, const char *name, nb_str text)
{
    text = nb_str_rtrim(text); /* templates put the line ends */
    nb_value_set_text(d->arena, data, name, text.len > 0 ? text : NB_STR(""));
    set_has(d, data, name, text.len > 0);
}

static void set_list(nb_script_data *d, nb_value *data, const char *name, nb_value *list)
{
    nb_value_set(d->arena, data, name, list);
    set_has(d, data, name, list->items.count > 0);
}

static nb_value *named(nb_script_data *d, nb_str name, bool last)
{
    nb_value *item = nb_value_object(d->arena);
    nb_value_set_text(d->arena, item, "name", name);
    nb_value_set_bool(d->arena, item, "last", last);
    return item;
}

static void set_name_list(nb_script_data *d, nb_value *data, const char *key, const nb_str *names,
                          size_t count)
{
    nb_value *list = nb_value_list(d->arena);
    for (size_t i = 0; i < count; i++)
        nb_value_push(d->arena, list, named(d, names[i], i + 1 == count));
    set_list(d, data, key, list);
}

static int by_text(const void *a, const void *b)
{
    return nb_str_cmp(*(const nb_str *)a, *(const nb_str *)b);
}

void nb_data_names(nb_script_data *d, nb_value *data, const char *key, const nb_map *names)
{
    nb_str *sorted = NB_NEW_ARRAY(d->arena, nb_str, names->count + 1);
    for (size_t i = 0; i < names->count; i++)
        sorted[i] = names->rows[i].key;
    if (names->count > 1)
        qsort(sorted, names->count, sizeof(*sorted), by_text);
    set_name_list(d, data, key, sorted, names->count);
}

static bool uses_framework(const nb_script_data *d)
{
    bool any = false;
    for (nb_framework f = 0; f < NB_FRAMEWORK_COUNT; f++)
        any |= d->input->found->frameworks[f];
    return any;
}

static nb_value *names_object(nb_script_data *d)
{
    nb_value *n = nb_value_object(d->arena);
    for (size_t i = 0; i < d->names.count; i++)
        nb_value_set_text(d->arena, n, nb_arena_z(d->arena, d->names.rows[i].key),
                          *(const nb_str *)d->names.rows[i].value);
    return n;
}

/* Does the script's own import bind the name to that very module? */
static bool imports_itself(const nb_import_lists *lists, nb_str module)
{
    const nb_str *stands_for = nb_map_get(&lists->names, module);
    if (!stands_for)
        return false;
    return nb_str_eq(*stands_for, module) ||
           (nb_str_eqz(module, "keras") && nb_str_eqz(*stands_for, "tensorflow.keras"));
}

/* Does the notebook use the name for something else than the module? */
static bool means_something_else(const nb_script_data *d, nb_str module)
{
    const nb_name *row = nb_graph_name(d->graph, module);
    for (size_t i = 0; row && i < row->binders.count; i++)
        if (!nb_statement_imports(row->binders.at[i], module))
            return true;
    for (size_t i = 0; row && i < row->inference_binders.count; i++)
        if (!nb_statement_imports(row->inference_binders.at[i], module))
            return true;
    return false;
}

static bool imports_any(const nb_import_lists *lists, const char *const *modules, size_t count)
{
    for (size_t i = 0; i < lists->modules.count; i++) {
        nb_str top, rest = lists->modules.at[i].module;
        (void)nb_str_split(&rest, '.', &top);
        for (size_t k = 0; k < count; k++)
            if (nb_str_eqz(top, modules[k]))
                return true;
    }
    return false;
}

static void set_modules(nb_script_data *d, nb_value *data, const nb_import_lists *lists)
{
    nb_value *n = names_object(d), *alias = nb_value_object(d->arena),
             *need = nb_value_object(d->arena);
    for (size_t i = 0; i < d->modules.count; i++) {
        nb_str module = d->modules.at[i];
        const char *key = nb_arena_z(d->arena, module);
        bool own = imports_itself(lists, module), taken = !own && means_something_else(d, module);
        nb_str name = taken ? nb_str_concat(d->arena, module, NB_STR("_")) : module;
        nb_value_set_text(d->arena, n, key, name);
        nb_value_set_text(d->arena, alias, key, taken ? name : NB_STR(""));
        nb_value_set_bool(d->arena, need, key, !own);
    }
    nb_value_set(d->arena, data, "n", n);
    nb_value_set(d->arena, data, "alias", alias);
    nb_value_set(d->arena, data, "need", need);
}

void nb_data_imports(nb_script_data *d, nb_value *data, const nb_import_lists *lists)
{
    static const char *const plotting[] = {"matplotlib", "seaborn",    "pylab",
                                           "plotnine",   "scikitplot", "yellowbrick"};
    static const char *const numpy[] = {"numpy"}, *const pandas[] = {"pandas"},
                             *const mlflow[] = {"mlflow"};
    set_modules(d, data, lists);
    nb_data_text(d, data, "user_imports", lists->imports);
    nb_data_text(d, data, "future_imports", lists->future);
    bool plots = imports_any(lists, plotting, NB_LEN(plotting));
    nb_data_flag(d, data, "plots", plots);
    nb_data_flag(d, data, "os_first", plots); /* before the notebook's own `import os` */
    nb_data_flag(d, data, "sys_first", false);
    nb_data_flag(d, data, "numpy", uses_framework(d) || imports_any(lists, numpy, 1));
    nb_data_flag(d, data, "pandas", imports_any(lists, pandas, 1));
    nb_data_flag(d, data, "imports_mlflow", !imports_itself(lists, NB_STR("mlflow")));
    nb_data_flag(d, data, "uses_mlflow", imports_any(lists, mlflow, 1));
}

static nb_value *frameworks_object(nb_script_data *d)
{
    nb_value *f = nb_value_object(d->arena);
    for (nb_framework i = 0; i < NB_FRAMEWORK_COUNT; i++)
        nb_value_set_bool(d->arena, f, nb_framework_name(i), d->input->found->frameworks[i]);
    return f;
}

nb_value *nb_data_common(nb_script_data *d)
{
    nb_value *data = nb_value_object(d->arena);
    const nb_scripts_input *in = d->input;

    nb_data_text(d, data, "experiment", in->experiment->name);
    nb_data_text(d, data, "notebook", in->experiment->notebook);
    nb_data_text(d, data, "notebook_sha256", d->graph->source->notebook->sha256);
    nb_data_text(d, data, "regenerate", in->regenerate);
    nb_data_text(d, data, "version", NB_STR(NB_VERSION));
    nb_data_text(d, data, "description", in->experiment->description);

    nb_value_set(d->arena, data, "frameworks", frameworks_object(d));
    bool sys = in->found->metrics.count > 0 || in->inference->state.count > 0 ||
               in->config->tracking_uri.len > 0 || in->found->frameworks[NB_FRAMEWORK_KERAS];
    nb_data_flag(d, data, "uses_sys",
                 sys); /* local modules need it as well: nb_data_requirements() */
    nb_data_flag(d, data, "has_flavor", uses_framework(d));
    nb_data_flag(d, data, "needs_model_dir", in->params->uses_model_dir);
    nb_data_flag(d, data, "uses_beside", in->params->uses_beside);
    return data;
}

/* --- parameters ---------------------------------------------------------------------------------------------------- */

static const struct {
    const char *type,
        *parser; /* the function of the templates that reads it from the command line */
} types[] = {
    {"int",   "integer"  },
    {"float", "real"     },
    {"bool",  "boolean"  },
    {"str",   "string"   },
    {"json",  "structure"}
};

static nb_value *parameter(nb_script_data *d, const nb_param *param)
{
    nb_value *item = nb_value_object(d->arena);
    nb_value_set_text(d->arena, item, "name", param->name);
    nb_value_set_text(d->arena, item, "constant", param->constant);
    nb_value_set_text(d->arena, item, "flag", param->flag);
    nb_value_set_text(d->arena, item, "flag_alt", param->flag_alt);
    nb_value_set_bool(d->arena, item, "has_flag_alt", !nb_str_eq(param->flag, param->flag_alt));
    nb_value_set_text(d->arena, item, "type", nb_str_from(param->type));
    nb_value_set_text(d->arena, item, "default", param->literal);
    nb_value_set_text(d->arena, item, "help", param->help);
    nb_value_set_bool(d->arena, item, "aliased", param->aliased);
    for (size_t i = 0; i < NB_LEN(types); i++)
        if (strcmp(types[i].type, param->type) == 0)
            nb_value_set_text(d->arena, item, "parser", nb_data_name(d, types[i].parser));
    return item;
}

static bool has_str_or_json(const nb_params *params)
{
    for (size_t i = 0; i < params->list.count; i++)
        if (strcmp(params->list.at[i].type, "str") == 0 ||
            strcmp(params->list.at[i].type, "json") == 0)
            return true;
    return false;
}

void nb_data_parameters(nb_script_data *d, nb_value *data)
{
    const nb_params *params = d->input->params;
    nb_value *list = nb_value_list(d->arena);
    for (size_t i = 0; i < params->list.count; i++) {
        nb_value *item = parameter(d, &params->list.at[i]);
        nb_value_set_bool(d->arena, item, "last", i + 1 == params->list.count);
        nb_value_push(d->arena, list, item);
    }
    set_list(d, data, "hyperparameters", list);
    for (size_t t = 0; t < NB_LEN(types); t++) {
        bool any = false;
        for (size_t i = 0; i < params->list.count; i++)
            any |= strcmp(params->list.at[i].type, types[t].type) == 0;
        set_has(d, data, types[t].type, any);
    }
    nb_data_flag(d, data, "uses_json", has_str_or_json(params));
    nb_data_flag(d, data, "has_data_path", params->data_path_literal.len > 0);
    nb_value_set_text(d->arena, data, "data_path_default",
                      params->data_path_literal.len > 0 ? params->data_path_literal
                                                        : NB_STR("None"));
}

/* --- results ---------------------------------------------------------------------------------------------------------- */

/* sys.exit(), exit() or quit() in code that training may run. */
static bool calls_exit(const nb_graph *graph)
{
    for (size_t i = 0; i < graph->train.count; i++) {
        const nb_statement *s = graph->train.at[i];
        for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, false)) {
            if (n->kind != NB_PY_CALL)
                continue;
            nb_str name = nb_py_call_name(graph->source->arena, s->cell->tree, n);
            if (nb_str_eqz(name, "sys.exit") || nb_str_eqz(name, "exit") ||
                nb_str_eqz(name, "quit"))
                return true;
        }
    }
    return false;
}

/* https://user:password@host becomes https://host: scripts are committed, and MLflow reads credentials from its own variables. */
static nb_str without_password(nb_arena *arena, nb_str uri)
{
    ptrdiff_t scheme = nb_str_find(uri, NB_STR("://"));
    if (scheme < 0)
        return uri;
    nb_str rest = nb_str_from_at(uri, (size_t)scheme + 3);
    ptrdiff_t slash = nb_str_find_char(rest, '/');
    ptrdiff_t at = nb_str_rfind_char(slash < 0 ? rest : nb_str_slice(rest, 0, (size_t)slash), '@');
    if (at < 0)
        return uri;
    return nb_str_concat(arena, nb_str_slice(uri, 0, (size_t)scheme + 3),
                         nb_str_from_at(rest, (size_t)at + 1));
}

/* What `include:` lists and what cells write: its path from where training runs, and the name that it gets beside the scripts and below code/. */
static void set_include(nb_script_data *d, nb_value *data)
{
    const nb_experiment *experiment = d->input->experiment;
    nb_str root = d->input->config->root, own = nb_path_dir(experiment->notebook);
    nb_str folder = experiment->workdir.len > 0 ? experiment->workdir : own;
    folder = nb_path_clean(d->arena, nb_path_join(d->arena, root, folder));
    nb_included included = nb_included_find(d->arena, d->input->config, experiment);
    nb_included_add_written(&included, d->graph->source,
                            nb_path_clean(d->arena, nb_path_join(d->arena, root, own)));
    nb_value *list = nb_value_list(d->arena);
    for (size_t i = 0; i < included.list.count; i++) {
        const nb_included_path *one = &included.list.at[i];
        nb_value *item = named(d, one->name, i + 1 == included.list.count);
        bool absolute =
            i < experiment->include_count && nb_path_is_absolute(experiment->include[i]);
        nb_value_set_text(d->arena, item, "path",
                          absolute ? one->disk : nb_path_relative(d->arena, folder, one->disk));
        nb_value_push(d->arena, list, item);
    }
    d->includes = included.list.count > 0;
    set_list(d, data, "include", list);
}

void nb_data_results(nb_script_data *d, nb_value *data)
{
    const nb_scripts_input *in = d->input;
    nb_data_text(d, data, "model_expression", in->found->model);
    nb_data_text(d, data, "input_example_expression", in->found->input_example);
    nb_value *metrics = nb_value_list(d->arena);
    for (size_t i = 0; i < in->found->metrics.count; i++) {
        nb_value *item = named(d, in->found->metrics.at[i].name, i + 1 == in->found->metrics.count);
        nb_value_set_text(d->arena, item, "expression", in->found->metrics.at[i].expression);
        nb_value_push(d->arena, metrics, item);
    }
    set_list(d, data, "metrics", metrics);
    set_name_list(d, data, "state_names", in->inference->state.at, in->inference->state.count);
    set_has(d, data, "state", d->input->inference->state.count > 0);
    bool tracking = in->config->tracking_uri.len > 0;
    nb_data_flag(d, data, "tracking", tracking);
    nb_data_text(d, data, "tracking_uri", without_password(d->arena, in->config->tracking_uri));
    nb_str name = in->experiment->mlflow_experiment;
    if (name.len == 0)
        name = in->config->experiment_name.len > 0 ? in->config->experiment_name
                                                   : in->experiment->name;
    nb_data_text(d, data, "mlflow_experiment", name);
    nb_data_flag(d, data, "own_mlflow", in->found->own_mlflow);
    nb_data_flag(d, data, "logs", tracking && !in->found->own_mlflow);
    nb_data_flag(d, data, "calls_exit", calls_exit(d->graph));
    set_include(d, data);
}

/* What a variable holds before it is restored: a registry that decorators fill is needed as soon as the script is imported. */
static nb_str initial_value(const nb_script_data *d, nb_str name)
{
    const nb_statement *s = nb_graph_provider(d->graph, name);
    const nb_py_node *value = NULL;
    if (!s || !s->pure || !s->mutated || !nb_statement_assigns(s, &value) ||
        !nb_py_is_literal(value) || value->child)
        return NB_STR("None");
    return nb_py_text(s->cell->tree, value);
}

static void set_placeholders(nb_script_data *d, nb_value *data)
{
    const nb_inference *inference = d->input->inference;
    nb_value *list = nb_value_list(d->arena);
    for (size_t i = 0; i < inference->state.count; i++) {
        nb_value *item = named(d, inference->state.at[i], i + 1 == inference->state.count);
        nb_value_set_text(d->arena, item, "initial", initial_value(d, inference->state.at[i]));
        nb_value_push(d->arena, list, item);
    }
    set_list(d, data, "placeholders", list);
}

void nb_data_handlers(nb_script_data *d, nb_value *data)
{
    const nb_inference *inference = d->input->inference;
    set_name_list(d, data, "state_names", inference->state.at, inference->state.count);
    set_has(d, data, "state", d->input->inference->state.count > 0);
    set_name_list(d, data, "main_names", inference->main_names.at, inference->main_names.count);
    set_name_list(d, data, "model_names", inference->model_names.at, inference->model_names.count);
    set_placeholders(d, data);
    nb_data_text(d, data, "constants", NB_STR(""));
    nb_data_text(d, data, "predict_call", inference->predict_call);
    bool model_fn = inference->handler[NB_HANDLER_MODEL],
         input_fn = inference->handler[NB_HANDLER_INPUT];
    bool predict_fn = inference->handler[NB_HANDLER_PREDICT],
         output_fn = inference->handler[NB_HANDLER_OUTPUT];
    nb_data_flag(d, data, "unpickles", !model_fn || inference->state.count > 0);
    nb_data_flag(d, data, "uses_csv", !(input_fn && output_fn));
    nb_data_flag(d, data, "uses_records", inference->predict_call.len > 0 || predict_fn);
    nb_data_flag(d, data, "user_model_fn", inference->handler[NB_HANDLER_MODEL]);
    nb_data_flag(d, data, "user_input_fn", inference->handler[NB_HANDLER_INPUT]);
    nb_data_flag(d, data, "user_predict_fn", inference->handler[NB_HANDLER_PREDICT]);
    nb_data_flag(d, data, "user_output_fn", inference->handler[NB_HANDLER_OUTPUT]);
}

void nb_data_requirements(nb_script_data *d, nb_value *data, const nb_requirements *requirements)
{
    nb_str *names = NB_NEW_ARRAY(d->arena, nb_str, requirements->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < requirements->count; i++)
        if (requirements->list[i].distribution.len > 0)
            names[count++] = requirements->list[i].distribution;
    set_name_list(d, data, "packages", names, count);
    nb_value *modules = nb_value_list(d->arena);
    for (size_t i = 0; i < requirements->local_module_count; i++) {
        nb_value *item =
            named(d, requirements->local_modules[i], i + 1 == requirements->local_module_count);
        nb_value_push(d->arena, modules, item);
    }
    set_list(d, data, "local_modules", modules);
    if (requirements->local_module_count > 0) {
        nb_data_flag(d, data, "os_first", true);
        nb_data_flag(d, data, "sys_first", true);
    }
    bool copies = requirements->local_module_count > 0 || d->includes;
    nb_data_flag(d, data, "copies", copies);
    if (copies)
        nb_data_flag(d, data, "uses_sys", true);
}
