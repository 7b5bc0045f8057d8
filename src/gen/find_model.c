#include "gen/find_model.h"

#include "gen/expression.h"
#include "gen/model_made.h"
#include "py/facts.h"

typedef struct candidate {
    nb_str name;
    nb_str input; /* first argument of fit when it is a plain name */
    const nb_statement *at;
    const nb_py_node *node;
} candidate;

typedef struct finder {
    const nb_graph *graph;
    const nb_sites *sites; /* may be NULL */
    nb_arena *arena;
    candidate best; /* the last one in notebook order */
    nb_map asked;   /* whether a name holds a model: each is looked at once */
    nb_map trained; /* set of names whose parameters an optimizer was given */
} finder;

static void offer(finder *f, nb_str name, nb_str input, const nb_statement *at,
                  const nb_py_node *node)
{
    const nb_name *row = nb_graph_name(f->graph, name);
    bool bound = false;
    for (size_t i = 0; row && i < row->binders.count; i++)
        bound |= row->binders.at[i]->role == NB_ROLE_ACTION ||
                 row->binders.at[i]->role == NB_ROLE_DEFINITION;
    if (!bound || nb_str_eqz(name, "self"))
        return;
    if (f->best.name.len > 0 && nb_str_eq(f->best.name, name) && input.len == 0)
        input = f->best.input;
    f->best = (candidate){name, input, at, node};
}

static nb_str plain_name(const nb_py_tree *tree, const nb_py_node *node)
{
    return node && node->kind == NB_PY_NAME ? nb_py_text(tree, node) : NB_STR("");
}

static const nb_py_node *receiver_of(const nb_py_node *call)
{
    const nb_py_node *func = nb_py_get(call, NB_PY_FIELD_FUNC);
    return func && func->kind == NB_PY_ATTRIBUTE ? nb_py_get(func, NB_PY_FIELD_VALUE) : NULL;
}

static nb_str first_argument(const nb_py_tree *tree, const nb_py_node *call)
{
    const nb_py_node *first = nb_py_get(call, NB_PY_FIELD_ARGUMENT);
    if (first && first->kind == NB_PY_KEYWORD)
        return NB_STR("");
    return plain_name(tree, first);
}

/* --- what is a model ---------------------------------------------------------------------------------------- */

static bool makes_model(const finder *f, const nb_py_tree *tree, const nb_py_node *value)
{
    return nb_made_by(f->graph, f->sites, tree, value) == NB_MADE_MODEL;
}

/* The class whose instance a name holds, from its assignments: "StandardScaler" for sc = StandardScaler(). */
static bool is_transformer(const finder *f, nb_str name)
{
    const nb_name *row = nb_graph_name(f->graph, name);
    for (size_t i = 0; row && i < row->binders.count; i++) {
        const nb_py_node *value = NULL;
        const nb_statement *s = row->binders.at[i];
        if (!nb_statement_assigns(s, &value) || value->kind != NB_PY_CALL)
            continue;
        nb_str callee = nb_py_call_name(f->arena, s->cell->tree, value);
        if (nb_made_is_transformer(callee))
            return true;
    }
    return false;
}

/* Names in it are its own. */
static bool has_own_scope(const nb_py_node *node)
{
    return node->kind == NB_PY_FUNCTION || node->kind == NB_PY_CLASS || node->kind == NB_PY_LAMBDA;
}

/* An assignment may stand in a block: with mlflow.start_run(): model = ... */
static bool assigns_model(const finder *f, const nb_statement *s, nb_str name)
{
    const nb_py_tree *tree = s->cell->tree;
    for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, has_own_scope(n))) {
        const nb_py_node *value = NULL, *target = nb_node_assigns(n, &value);
        if (nb_str_eq(plain_name(tree, target), name) && value && makes_model(f, tree, value))
            return true;
    }
    return false;
}

static bool holds_model(finder *f, nb_str name)
{
    if (nb_map_has(&f->trained, name))
        return true;
    bool *known = nb_map_get(&f->asked, name);
    if (known)
        return *known;
    const nb_name *row = nb_graph_name(f->graph, name);
    known = NB_NEW(f->arena, bool);
    for (size_t i = 0; row && i < row->binders.count && !*known; i++)
        *known = assigns_model(f, row->binders.at[i], name);
    nb_map_put(f->arena, &f->asked, name, known);
    return *known;
}

/* --- fitting -------------------------------------------------------------------------------------------------- */

static bool is_fit(nb_str method)
{
    return nb_str_eqz(method, "fit") || nb_str_eqz(method, "partial_fit") ||
           nb_str_eqz(method, "fit_generator") || nb_str_eqz(method, "train_on_batch") ||
           nb_str_eqz(method, "fit_predict");
}

static void look_at_call(finder *f, const nb_statement *s, const nb_py_node *call)
{
    const nb_py_tree *tree = s->cell->tree;
    nb_str method = nb_py_call_method(tree, call), receiver = plain_name(tree, receiver_of(call));
    bool fits = is_fit(method) && receiver.len > 0 && !is_transformer(f, receiver);
    if (fits || (receiver.len > 0 && nb_str_eqz(method, "train") && holds_model(f, receiver)))
        offer(f, receiver, first_argument(tree, call), s, call);
    else if (receiver.len > 0 && nb_str_eqz(method, "parameters") && holds_model(f, receiver))
        offer(f, receiver, NB_STR(""), s, call);
    nb_str callee = plain_name(tree, nb_py_get(call, NB_PY_FIELD_FUNC));
    if (callee.len > 0 && holds_model(f, callee))
        offer(f, callee, first_argument(tree, call), s, call); /* net(x) in a training loop */
    for (const nb_py_node *a = call->child; a; a = a->next) {
        const nb_py_node *value = a->kind == NB_PY_KEYWORD ? nb_py_get(a, NB_PY_FIELD_VALUE) : a;
        nb_str name = a->field == NB_PY_FIELD_ARGUMENT ? plain_name(tree, value) : NB_STR("");
        if (name.len > 0 && callee.len > 0 && !nb_str_eqz(callee, "print") && holds_model(f, name))
            offer(f, name, NB_STR(""), s, call); /* train(net, loader) */
    }
}

/* A chain that fits: Ridge().fit(X, y), sm.OLS(y, X).fit(), xgb.train(params, d). */
static bool value_is_fitted(const finder *f, const nb_statement *s, const nb_py_node *value,
                            nb_str *input)
{
    if (value->kind != NB_PY_CALL)
        return false;
    nb_str method = nb_py_call_method(s->cell->tree, value);
    nb_str callee = nb_py_call_name(f->arena, s->cell->tree, value);
    const nb_py_node *receiver = receiver_of(value);
    if (nb_str_eqz(callee, "xgb.train") || nb_str_eqz(callee, "xgboost.train") ||
        nb_str_eqz(callee, "lgb.train") || nb_str_eqz(callee, "lightgbm.train") ||
        nb_str_eqz(callee, "catboost.train"))
        return true;
    if (!receiver || !(nb_str_eqz(method, "fit") || nb_str_eqz(method, "fit_regularized")))
        return false;
    if (receiver->kind == NB_PY_CALL) {
        nb_str maker = nb_py_call_name(f->arena, s->cell->tree, receiver);
        *input = first_argument(s->cell->tree, value);
        return !nb_made_is_transformer(maker);
    }
    return false;
}

static bool is_results_class(nb_str callee)
{
    static const char *const endings[] = {
        "ARIMA", "SARIMAX", "OLS", "Logit", "GLM", "ExponentialSmoothing", "VAR"};
    for (size_t i = 0; i < NB_LEN(endings); i++)
        if (nb_str_ends(callee, nb_str_from(endings[i])))
            return true;
    return false;
}

/* res = model.fit() of statsmodels gives a results object; history = model.fit() of Keras does not. */
static bool fit_returns_results(const finder *f, const nb_findings *found, const nb_statement *s,
                                const nb_py_node *value)
{
    nb_str receiver = plain_name(s->cell->tree, receiver_of(value));
    if (!found->frameworks[NB_FRAMEWORK_STATSMODELS] || receiver.len == 0)
        return false;
    const nb_name *row = nb_graph_name(f->graph, receiver);
    for (size_t i = 0; row && i < row->binders.count; i++) {
        const nb_py_node *made = NULL;
        const nb_statement *b = row->binders.at[i];
        if (!nb_statement_assigns(b, &made) || made->kind != NB_PY_CALL)
            continue;
        nb_str callee = nb_py_call_name(f->arena, b->cell->tree, made);
        if (nb_str_starts(callee, NB_STR("sm.")) || nb_str_starts(callee, NB_STR("smf.")) ||
            nb_str_starts(callee, NB_STR("statsmodels.")) || is_results_class(callee))
            return true;
    }
    return false;
}

/* --- functions that train --------------------------------------------------------------------------------------- */

/* Names that are fitted, stepped or made as models inside the function, as a set. */
static void find_local_models(const finder *f, const nb_statement *function, nb_map *names)
{
    const nb_py_tree *tree = function->cell->tree;
    for (const nb_py_node *n = function->node; n; n = nb_py_next(function->node, n, false)) {
        if (n->kind == NB_PY_CALL) {
            nb_str method = nb_py_call_method(tree, n), receiver = plain_name(tree, receiver_of(n));
            if (receiver.len > 0 && (is_fit(method) || nb_str_eqz(method, "parameters")))
                (void)nb_set_add(f->arena, names, receiver);
        } else if (n->kind == NB_PY_ASSIGN) {
            const nb_py_node *target = nb_py_get(n, NB_PY_FIELD_TARGET),
                             *value = nb_py_get(n, NB_PY_FIELD_VALUE);
            nb_str unused, name = plain_name(tree, target);
            if (name.len > 0 && value &&
                (makes_model(f, tree, value) || value_is_fitted(f, function, value, &unused)))
                (void)nb_set_add(f->arena, names, name);
        }
    }
}

static int model_position(const finder *f, const nb_statement *function, bool *in_tuple)
{
    const nb_py_tree *tree = function->cell->tree;
    nb_map models = NB_MAP_INIT;
    nb_str unused;
    find_local_models(f, function, &models);
    int position = -1;
    for (const nb_py_node *n = function->node; n; n = nb_py_next(function->node, n, false)) {
        const nb_py_node *value = n->kind == NB_PY_RETURN ? nb_py_get(n, NB_PY_FIELD_VALUE) : NULL;
        if (!value)
            continue;
        *in_tuple = value->kind == NB_PY_TUPLE;
        if (!*in_tuple &&
            (nb_map_has(&models, plain_name(tree, value)) ||
             value_is_fitted(f, function, value, &unused) || makes_model(f, tree, value)))
            position = 0;
        int i = 0;
        for (const nb_py_node *e = *in_tuple ? value->child : NULL; e; e = e->next, i++)
            if (nb_map_has(&models, plain_name(tree, e)))
                position = i;
    }
    return position;
}

int nb_find_returned_model(const nb_graph *graph, const nb_statement *function, bool *in_tuple)
{
    finder f = {.graph = graph, .arena = graph->source->arena};
    return model_position(&f, function, in_tuple);
}

static void look_at_result(finder *f, const nb_statement *s, const nb_py_node *target,
                           const nb_py_node *call)
{
    nb_str callee = plain_name(s->cell->tree, nb_py_get(call, NB_PY_FIELD_FUNC));
    const nb_statement *function =
        callee.len > 0 ? nb_graph_binder(f->graph, callee, NB_PY_FUNCTION) : NULL;
    bool in_tuple = false;
    int position = function ? model_position(f, function, &in_tuple) : -1;
    if (position < 0 || !target)
        return;
    if (in_tuple && target->kind == NB_PY_TUPLE) {
        const nb_py_node *element = target->child;
        for (int i = 0; element && i < position; i++)
            element = element->next;
        target = element;
    } else if (in_tuple) {
        nb_str name =
            plain_name(s->cell->tree, target); /* result = train(): the model is a part of it */
        if (name.len > 0)
            offer(f, nb_arena_printf(f->arena, NB_STR_FMT "[%d]", NB_STR_ARG(name), position),
                  NB_STR(""), s, call);
        return;
    }
    if (target && target->kind == NB_PY_NAME)
        offer(f, nb_py_text(s->cell->tree, target), NB_STR(""), s, call);
}

static void look_at_assignment(finder *f, const nb_statement *s, const nb_py_node *assignment,
                               const nb_findings *found)
{
    const nb_py_node *value = NULL, *target = nb_node_assigns(assignment, &value);
    const nb_py_node *assigned =
        assignment->kind == NB_PY_ASSIGN ? nb_py_get(assignment, NB_PY_FIELD_VALUE) : NULL;
    nb_str input = NB_STR("");
    if (target && value->kind == NB_PY_CALL &&
        (value_is_fitted(f, s, value, &input) || fit_returns_results(f, found, s, value)))
        offer(f, nb_py_text(s->cell->tree, target), input, s, value);
    else if (assigned && assigned->kind == NB_PY_CALL)
        look_at_result(f, s, nb_py_get(assignment, NB_PY_FIELD_TARGET), assigned);
}

/* Adam(net.parameters()) trains `net`, whatever made it. */
static void note_trained(finder *f, const nb_statement *s, bool in_functions)
{
    const nb_py_tree *tree = s->cell->tree;
    for (const nb_py_node *n = s->node; n;
         n = nb_py_next(s->node, n, !in_functions && has_own_scope(n))) {
        nb_str name = n->kind == NB_PY_CALL ? plain_name(tree, receiver_of(n)) : NB_STR("");
        if (name.len > 0 && nb_made_for_optimizer(f->arena, tree, n))
            (void)nb_set_add(f->arena, &f->trained, name);
    }
}

static void look_at_calls(finder *f, const nb_statement *s, const nb_py_node *top)
{
    for (const nb_py_node *n = top; n; n = nb_py_next(top, n, has_own_scope(n)))
        if (n->kind == NB_PY_CALL)
            look_at_call(f, s, n);
}

/* In the order of running: what is assigned counts after the calls that made it. */
static void look_at_statement(finder *f, const nb_statement *s, const nb_findings *found)
{
    bool assigns;
    for (const nb_py_node *n = s->node; n;
         n = nb_py_next(s->node, n, assigns || has_own_scope(n))) {
        assigns = n->kind == NB_PY_ASSIGN || n->kind == NB_PY_ANN_ASSIGN;
        if (assigns) {
            look_at_calls(f, s, n);
            look_at_assignment(f, s, n, found);
        } else if (n->kind == NB_PY_CALL) {
            look_at_call(f, s, n);
        }
    }
}

/* --- choosing ------------------------------------------------------------------------------------------------------ */

static bool use_configured(const nb_graph *graph, const nb_experiment *experiment,
                           nb_findings *found)
{
    nb_str wanted = experiment->model_variable;
    if (wanted.len == 0)
        return false;
    nb_str top = wanted;
    for (size_t i = 0; i < wanted.len; i++)
        if (!nb_is_name(wanted.at[i])) {
            top = nb_str_slice(wanted, 0, i);
            break;
        }
    const nb_name *row = nb_graph_name(graph, top);
    if ((!row || row->binders.count == 0) && !nb_map_has(&found->entry_binds, top)) {
        nb_spot spot = nb_spot_of_place(experiment->model_variable_place, wanted);
        nb_diag *diag = nb_diag_add(graph->source->diags, NB_D_NO_MODEL, spot,
                                    "no exported cell binds model_variable '" NB_STR_FMT "'",
                                    NB_STR_ARG(wanted));
        nb_diag_help(graph->source->diags, diag, "name a variable that the train cells assign");
    }
    found->model = wanted;
    found->model_name = nb_str_is_name(wanted) ? wanted : NB_STR("");
    return true;
}

/* Whether an error that was reported says already why there is no model. */
static bool is_explained(const nb_graph *graph)
{
    const nb_diags *diags = graph->source->diags;
    for (size_t i = 0; i < diags->list.count; i++) {
        if (diags->list.at[i].severity < NB_SEVERITY_ERROR)
            continue;
        nb_diag_code code = diags->list.at[i].code;
        bool configured = diags->list.at[i].spot.cell == 0; /* the entry point's */
        if (code == NB_D_NO_TRAIN_CELL || code == NB_D_TRAINS_NOTHING ||
            code == NB_D_NO_ENTRY_POINT || code == NB_D_SYNTAX_ERROR ||
            code == NB_D_PYTHON_VERSION || code == NB_D_UNTERMINATED ||
            code == NB_D_IPYTHON_SYNTAX || code == NB_D_NUL_IN_SOURCE || code == NB_D_BAD_VALUE ||
            (code == NB_D_MISSING_NAME && configured))
            return true;
    }
    return false;
}

/* The notebook's own function that the statement calls, its result thrown away: main() of a script. */
static nb_str called_function(const nb_graph *graph, const nb_statement *s)
{
    const nb_py_node *call = s->node->kind == NB_PY_EXPR ? s->node->child : NULL;
    if (!call || call->kind != NB_PY_CALL)
        return NB_STR("");
    nb_str name = nb_py_call_name(graph->source->arena, s->cell->tree, call);
    const nb_statement *def = nb_graph_provider(graph, name);
    return def && def->node->kind == NB_PY_FUNCTION ? name : NB_STR("");
}

static void report_none(const nb_graph *graph)
{
    if (is_explained(graph))
        return;
    const nb_statement *last = NULL;
    for (size_t i = 0; i < graph->train.count; i++)
        if (nb_statement_in(graph->train.at[i], NB_SECTION_TRAIN))
            last = graph->train.at[i];
    nb_spot spot = {.path = graph->source->notebook->path};
    if (last)
        spot = nb_statement_spot(graph->source, last);
    nb_diag *diag = nb_diag_add(graph->source->diags, NB_D_NO_MODEL, spot,
                                "no variable was found that holds the trained model");
    nb_str called = last ? called_function(graph, last) : NB_STR("");
    if (called.len > 0) {
        nb_diag_help(graph->source->diags, diag,
                     "let '" NB_STR_FMT "' return the model, and write: model = " NB_STR_FMT
                     "(...)",
                     NB_STR_ARG(called), NB_STR_ARG(called));
        return;
    }
    nb_diag_help(
        graph->source->diags, diag,
        "add 'model_variable: NAME' to the experiment in config.yaml, or tag the cell that makes the model");
}

static bool is_bound(const nb_graph *graph, nb_str name)
{
    const nb_name *row = nb_graph_name(graph, name);
    return row && row->binders.count > 0;
}

/* X_train where the notebook has it and the fit call does not say it plainly. */
static nb_str usual_input(const nb_graph *graph)
{
    static const char *const names[] = {"X_train", "x_train", "train_X", "X"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (is_bound(graph, nb_str_from(names[i])))
            return nb_str_from(names[i]);
    return NB_STR("");
}

static void look_everywhere(finder *f, const nb_findings *found, bool train_only)
{
    for (size_t i = 0; i < f->graph->train.count; i++) {
        const nb_statement *s = f->graph->train.at[i];
        unsigned wanted = NB_BIT(NB_SECTION_TRAIN) | NB_BIT(NB_SECTION_MODEL);
        if (s->role == NB_ROLE_ACTION && (!train_only || (nb_statement_sections(s) & wanted)))
            look_at_statement(f, s, found);
    }
}

/* The one name that is assigned a model, where no call says more. */
static void look_for_instance(finder *f, nb_made made)
{
    for (size_t i = 0; i < f->graph->train.count; i++) {
        const nb_statement *s = f->graph->train.at[i];
        const nb_py_node *value = NULL;
        const nb_py_node *target = nb_statement_assigns(s, &value);
        if (target && s->role == NB_ROLE_ACTION &&
            (nb_map_has(&f->trained, nb_py_text(s->cell->tree, target)) ||
             nb_made_by(f->graph, f->sites, s->cell->tree, value) == made))
            offer(f, nb_py_text(s->cell->tree, target), NB_STR(""), s, value);
    }
}

/* Where no call of a cell says more: what is made a model, what functions train, a layer alone. */
static void look_closer(finder *f, const nb_findings *found)
{
    look_everywhere(f, found, false);
    for (size_t i = 0; f->best.name.len == 0 && i < f->graph->train.count; i++)
        note_trained(f, f->graph->train.at[i], true);
    if (f->best.name.len == 0)
        look_for_instance(f, NB_MADE_MODEL);
    if (f->best.name.len == 0)
        look_for_instance(f, NB_MADE_LAYER);
}

void nb_find_model(const nb_graph *graph, const nb_sites *sites, const nb_experiment *experiment,
                   nb_findings *found)
{
    finder f = {.graph = graph, .sites = sites, .arena = graph->source->arena};
    for (size_t i = 0; i < graph->train.count; i++)
        if (graph->train.at[i]->role == NB_ROLE_ACTION)
            note_trained(&f, graph->train.at[i], false);
    look_everywhere(&f, found, true);
    if (use_configured(graph, experiment, found)) {
        found->input_example = nb_str_eq(f.best.name, found->model) && f.best.input.len > 0
                                   ? f.best.input
                                   : usual_input(graph);
        return;
    }
    if (found->model.len > 0)
        return; /* the entry point returns it */
    if (f.best.name.len == 0)
        look_closer(&f, found);
    if (f.best.name.len == 0) {
        report_none(graph);
        return;
    }
    found->model = f.best.name;
    found->model_name = nb_str_is_name(f.best.name) ? f.best.name : NB_STR("");
    found->input_example = is_bound(graph, f.best.input) ? f.best.input : usual_input(graph);
    nb_diag_add(
        graph->source->diags, NB_D_MODEL_CHOSEN,
        nb_source_spot(graph->source, f.best.at->cell, f.best.node->start, f.best.node->end),
        "'" NB_STR_FMT "' is saved as the model; 'model_variable:' in config.yaml chooses another",
        NB_STR_ARG(found->model));
}
