#include "gen/infer.h"

#include "gen/handlers.h"
#include "gen/paths.h"
#include "py/facts.h"

typedef struct work {
    const nb_graph *graph;
    const nb_params *params;
    const nb_findings *found;
    nb_arena *arena;
    bool *included, *late, *used_as_value; /* by statement index */
    nb_map needed;                         /* names the included code reads */
    nb_map state, models;
    NB_VEC(nb_str) queue; /* names still to be provided */
} work;

static nb_str name_of_def(const nb_statement *s)
{
    if (nb_statement_is_def(s))
        return nb_py_text(s->cell->tree, nb_py_get(s->node, NB_PY_FIELD_NAME));
    const nb_py_node *target = nb_statement_assigns(s, NULL);
    return target ? nb_py_text(s->cell->tree, target) : NB_STR("");
}

/* --- including ------------------------------------------------------------------------------------------------ */

static void need(work *w, nb_str name)
{
    if (nb_set_add(w->arena, &w->needed, name))
        nb_vec_push(w->arena, &w->queue, name);
}

static void need_uses(work *w, const nb_statement *s)
{
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if (use->kind == NB_USE_READ || use->kind == NB_USE_READ_LATER)
            need(w, use->name);
    }
}

static void include(work *w, const nb_statement *s)
{
    if (w->included[s->index] || w->late[s->index])
        return;
    w->included[s->index] = true;
    need_uses(w, s);
}

static void include_late(work *w, const nb_statement *s)
{
    if (w->included[s->index] || w->late[s->index])
        return;
    w->late[s->index] = true;
    need_uses(w, s);
}

/* `loaded = joblib.load("model.joblib")` in an inference cell: the name stands for the model that model_fn loads. */
static bool loads_model(const work *w, const nb_statement *s)
{
    const nb_py_node *value = NULL;
    if (!nb_statement_assigns(s, &value))
        return false;
    for (const nb_py_node *n = value; n; n = nb_py_next(value, n, false)) {
        if (n->kind != NB_PY_CALL)
            continue;
        nb_str callee = nb_py_call_name(w->arena, s->cell->tree, n);
        if (nb_paths_loaded(w->arena, s->cell->tree, n) || nb_str_eqz(callee, "pickle.load"))
            return !nb_str_eqz(callee, "open") && !nb_str_starts(callee, NB_STR("os.path")) &&
                   !nb_str_starts(callee, NB_STR("np."));
    }
    return false;
}

/* The name whose method the statement calls: net of net.load_state_dict(…). */
static nb_str called_on(const work *w, const nb_statement *s, nb_str *method)
{
    const nb_py_node *call = s->node->kind == NB_PY_EXPR ? s->node->child : NULL;
    if (!call || call->kind != NB_PY_CALL)
        return NB_STR("");
    nb_str name = nb_py_call_name(w->arena, s->cell->tree, call);
    *method = nb_py_call_method(s->cell->tree, call);
    ptrdiff_t dot = nb_str_find_char(name, '.');
    bool direct = dot > 0 && (size_t)dot + 1 + method->len == name.len;
    return direct ? nb_str_slice(name, 0, (size_t)dot) : NB_STR("");
}

static bool restores(nb_str method)
{
    return nb_str_eqz(method, "load_state_dict") || nb_str_eqz(method, "load_weights") ||
           nb_str_eqz(method, "load_model");
}

/* net = Net(); net.load_state_dict(torch.load("net.pt")): net stands for the model as well, unless another name is restored like that. */
static bool is_restored(const work *w, nb_str name)
{
    bool found = false;
    for (size_t i = 0; i < w->graph->inference.count; i++) {
        nb_str method, object = called_on(w, w->graph->inference.at[i], &method);
        if (object.len == 0 || !restores(method))
            continue;
        if (!nb_str_eq(object, name))
            return false;
        found = true;
    }
    return found;
}

/* What model_fn() does to the model anyway. */
static bool prepares_model(const work *w, const nb_statement *s)
{
    nb_str method, object = called_on(w, s, &method);
    return object.len > 0 && nb_map_has(&w->models, object) &&
           (restores(method) || nb_str_eqz(method, "eval") || nb_str_eqz(method, "to") ||
            nb_str_eqz(method, "requires_grad_"));
}

static void add_state(work *w, nb_str name)
{
    if (nb_str_eq(name, w->found->model_name))
        (void)nb_set_add(w->arena, &w->models, name);
    else
        (void)nb_set_add(w->arena, &w->state, name);
}

/* A name bound by an inference cell's own statements: a definition, the model under another name, or something to run late. */
static void provide_from_inference(work *w, const nb_name *row)
{
    if (is_restored(w, row->name)) {
        (void)nb_set_add(w->arena, &w->models, row->name);
        return;
    }
    for (size_t i = 0; i < row->inference_binders.count; i++) {
        const nb_statement *s = row->inference_binders.at[i];
        if (s->role == NB_ROLE_IMPORT)
            continue;
        if (s->pure)
            include(w, s);
        else if (loads_model(w, s))
            (void)nb_set_add(w->arena, &w->models, row->name);
        else
            include_late(w, s);
    }
}

static bool defines_function_or_class(const nb_statement *s)
{
    const nb_py_node *value = NULL;
    return nb_statement_is_def(s) ||
           (nb_statement_assigns(s, &value) && value->kind == NB_PY_LAMBDA);
}

static void provide(work *w, nb_str name)
{
    if (nb_map_has(&w->params->provided, name)) {
        add_state(w, name);
        return;
    }
    const nb_name *row = nb_graph_name(w->graph, name);
    if (row && row->inference_binders.count > 0) {
        provide_from_inference(w, row);
        return;
    }
    const nb_statement *last =
        row && row->binders.count > 0 ? row->binders.at[row->binders.count - 1] : NULL;
    if (!last) {
        if (nb_map_has(&w->found->entry_binds, name))
            add_state(w, name);
        return;
    }
    if (last->role == NB_ROLE_IMPORT)
        return;
    /* a function may bind it by `global`, when it is called: that is state, and no definition */
    bool defines = defines_function_or_class(last) && nb_str_eq(name_of_def(last), name);
    if (last->pure && !last->mutated && (defines || !nb_statement_is_def(last)))
        include(w, last);
    else if (defines)
        include_late(w, last);
    else
        add_state(w, name);
}

static void provide_all(work *w)
{
    for (size_t i = 0; i < w->queue.count; i++)
        provide(w, w->queue.at[i]);
    w->queue.count = 0;
}

/* --- roots -------------------------------------------------------------------------------------------------------- */

/* A decorator of the notebook that fills a registry: the registry holds the function, by reference. */
static bool registers(const nb_graph *graph, const nb_statement *decorator)
{
    for (size_t i = 0; i < decorator->uses.list.count; i++) {
        const nb_use *use = &decorator->uses.list.at[i];
        const nb_statement *s =
            use->kind == NB_USE_READ_LATER ? nb_graph_provider(graph, use->name) : NULL;
        if (s && s->mutated)
            return true;
    }
    return false;
}

/* Classes and functions that may end up inside the pickled model or state: an instance is made, or the function itself is passed on. A function that is
 * only ever called leaves nothing behind. */
static void find_values(work *w)
{
    for (size_t i = 0; i < w->graph->train.count; i++) {
        const nb_statement *s = w->graph->train.at[i];
        for (size_t k = 0; k < s->uses.list.count; k++) {
            const nb_use *use = &s->uses.list.at[k];
            if (use->kind != NB_USE_READ && use->kind != NB_USE_READ_LATER)
                continue;
            nb_statement *binder = nb_graph_provider(w->graph, use->name);
            if (!binder || binder == s || !defines_function_or_class(binder))
                continue;
            bool called =
                use->node->field == NB_PY_FIELD_FUNC && use->node->parent->kind == NB_PY_CALL;
            bool decorates = use->node->field == NB_PY_FIELD_DECORATOR;
            if (decorates && registers(w->graph, binder))
                w->used_as_value[s->index] = true;
            bool base = s->node->kind == NB_PY_CLASS && use->kind == NB_USE_READ;
            if (binder->node->kind == NB_PY_CLASS || (!called && !decorates && !base))
                w->used_as_value[binder->index] = true;
        }
    }
}

static bool is_plotting_module(nb_str name)
{
    static const char *const names[] = {"plt",     "sns",    "px",    "go",  "matplotlib",
                                        "seaborn", "plotly", "pylab", "alt", "bokeh"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(name, names[i]))
            return true;
    return false;
}

/* Would including the definition drag in training data, paths or a plotting library? *why names the first such name. */
static bool drags(const work *w, const nb_statement *s, unsigned depth, nb_str *why)
{
    for (size_t i = 0; i < s->uses.list.count; i++) {
        const nb_use *use = &s->uses.list.at[i];
        if (use->kind != NB_USE_READ && use->kind != NB_USE_READ_LATER)
            continue;
        *why = use->name;
        const nb_statement *binder = nb_graph_provider(w->graph, use->name);
        if (nb_map_has(&w->params->provided, use->name) || is_plotting_module(use->name))
            return true;
        if (!binder || binder == s || binder->role == NB_ROLE_IMPORT)
            continue;
        if (binder->pure && !binder->mutated ? depth < 8 && drags(w, binder, depth + 1, why) : true)
            return true;
    }
    return s->configured;
}

static void report_left_out(const work *w, const nb_statement *s, nb_str why)
{
    nb_diag *diag = nb_diag_add(
        w->graph->source->diags, NB_D_LEFT_OUT, nb_statement_spot(w->graph->source, s),
        "'" NB_STR_FMT
        "' is left out of inference.py: nothing there uses it, and it needs '" NB_STR_FMT "'",
        NB_STR_ARG(name_of_def(s)), NB_STR_ARG(why));
    diag->severity = NB_SEVERITY_INFO;
}

static bool in_library_section(const nb_statement *s)
{
    return (nb_statement_sections(s) & (NB_BIT(NB_SECTION_UTILS) | NB_BIT(NB_SECTION_PREPROCESS) |
                                        NB_BIT(NB_SECTION_MODEL))) != 0;
}

static void include_roots(work *w)
{
    for (size_t i = 0; i < w->graph->inference.count; i++)
        if (w->graph->inference.at[i]->pure)
            include(w, w->graph->inference.at[i]);
        else if (nb_statement_is_def(w->graph->inference.at[i]))
            include_late(w, w->graph->inference.at[i]);
    for (size_t i = 0; i < w->graph->train.count; i++) {
        const nb_statement *s = w->graph->train.at[i];
        if (w->used_as_value[s->index])
            need(w, name_of_def(s));
    }
    provide_all(w);
}

/* The rest of the utils, preprocess and model definitions: kept unless they would drag in what inference has no use for. */
static void include_library(work *w)
{
    for (size_t i = 0; i < w->graph->train.count; i++) {
        const nb_statement *s = w->graph->train.at[i];
        nb_str why = NB_STR("");
        if (!defines_function_or_class(s) || !s->pure || !in_library_section(s) || s->in_guard ||
            w->included[s->index])
            continue;
        if (drags(w, s, 0, &why))
            report_left_out(w, s, why);
        else
            include(w, s);
    }
    provide_all(w);
}

/* --- what the inference cells do beside defining ---------------------------------------------------------------------- */

static void report_statements(const work *w)
{
    for (size_t i = 0; i < w->graph->inference.count; i++) {
        const nb_statement *s = w->graph->inference.at[i];
        bool silent = s->role == NB_ROLE_IMPORT || s->role == NB_ROLE_DROPPED ||
                      w->included[s->index] || w->late[s->index] || s->node->kind == NB_PY_PASS ||
                      loads_model(w, s) || prepares_model(w, s) ||
                      (s->node->kind == NB_PY_EXPR && nb_py_is_literal(s->node->child)) || s->pure;
        bool also_trains = (nb_statement_sections(s) &
                            (NB_BIT(NB_SECTION_TRAIN) | NB_BIT(NB_SECTION_IMPORTS))) != 0;
        if (silent || also_trains)
            continue;
        nb_diag *diag = nb_diag_add(
            w->graph->source->diags, NB_D_INFERENCE_STATEMENT,
            nb_statement_spot(w->graph->source, s),
            "this runs code and was left out of inference.py, which only defines functions");
        if (s->cell->proposed)
            diag->severity = NB_SEVERITY_INFO; /* nobody said that it serves */
        nb_diag_help(
            w->graph->source->diags, diag,
            "put what should happen for each request into a function: def predict(data): ...");
        return; /* once says it */
    }
}

static void report_no_cell(const nb_graph *graph)
{
    for (size_t i = 0; i < graph->source->cell_count; i++)
        if (nb_source_is_exported(&graph->source->cells[i]) &&
            (graph->source->cells[i].sections & NB_BIT(NB_SECTION_INFERENCE)))
            return;
    nb_diag_add(graph->source->diags, NB_D_NO_INFERENCE_CELL,
                (nb_spot){.path = graph->source->notebook->path},
                "no cell is tagged 'inference': inference.py answers with what the model predicts");
}

static int by_name(const void *a, const void *b)
{
    return nb_str_cmp(*(const nb_str *)a, *(const nb_str *)b);
}

static void report_state(const work *w, const nb_inference *inference)
{
    for (size_t i = 0; i < inference->state.count; i++) {
        nb_str name = inference->state.at[i];
        const nb_statement *binder = nb_graph_provider(w->graph, name);
        if (!binder)
            continue;
        nb_diag_add(
            w->graph->source->diags, NB_D_STATE_SAVED, nb_statement_spot(w->graph->source, binder),
            "'" NB_STR_FMT "' is saved with the model: inference reads it", NB_STR_ARG(name));
    }
}

static void collect(work *w, nb_inference *out)
{
    for (size_t i = 0; i < w->state.count; i++)
        nb_vec_push(w->arena, &out->state, w->state.rows[i].key);
    for (size_t i = 0; i < w->models.count; i++)
        nb_vec_push(w->arena, &out->model_names, w->models.rows[i].key);
    if (out->state.count > 1)
        qsort(out->state.at, out->state.count, sizeof(nb_str), by_name);
    for (size_t i = 0; i < w->graph->source->statement_count; i++) {
        const nb_statement *s = &w->graph->source->statements[i];
        if ((w->included[i] || w->late[i]) && defines_function_or_class(s) &&
            !nb_statement_in(s, NB_SECTION_INFERENCE))
            nb_vec_push(w->arena, &out->main_names, name_of_def(s));
    }
    if (out->main_names.count > 1)
        qsort(out->main_names.at, out->main_names.count, sizeof(nb_str), by_name);
}

nb_inference nb_infer(const nb_graph *graph, const nb_params *params, const nb_findings *found)
{
    nb_arena *arena = graph->source->arena;
    size_t count = graph->source->statement_count + 1;
    work w = {.graph = graph, .params = params, .found = found, .arena = arena};
    w.included = NB_NEW_ARRAY(arena, bool, count);
    w.late = NB_NEW_ARRAY(arena, bool, count);
    w.used_as_value = NB_NEW_ARRAY(arena, bool, count);
    find_values(&w);
    nb_predict_call predict = nb_predict_call_find(graph, found);
    for (size_t i = 0; i < predict.state.count; i++)
        need(&w, predict.state.at[i]);
    include_roots(&w);
    include_library(&w);

    nb_inference out = {.included = w.included, .late = w.late};
    collect(&w, &out);
    report_no_cell(graph);
    report_statements(&w);
    report_state(&w, &out);
    nb_handlers_find(graph, &predict, &out);
    return out;
}
