#include "gen/find_entry.h"

#include "gen/expression.h"
#include "gen/find_model.h"
#include "py/names.h"

typedef struct entry {
    const nb_graph *graph;
    const nb_params *params;
    nb_arena *arena;
    nb_diags *diags;
} entry;

static const nb_statement *first_train_statement(const nb_graph *graph)
{
    for (size_t i = 0; i < graph->train.count; i++)
        if (nb_statement_in(graph->train.at[i], NB_SECTION_TRAIN))
            return graph->train.at[i];
    return NULL;
}

/* An action of a train cell that does more than name a constant. */
static bool trains(const nb_statement *s)
{
    const nb_py_node *value = NULL;
    if (!nb_statement_in(s, NB_SECTION_TRAIN) || nb_statement_is_def(s) ||
        nb_statement_is_import(s))
        return false;
    if (s->node->kind == NB_PY_PASS || (nb_statement_assigns(s, &value) && nb_py_is_literal(value)))
        return false;
    const nb_py_node *expression = s->node->kind == NB_PY_EXPR ? s->node->child : NULL;
    return !(expression && nb_py_is_literal(expression));
}

static bool has_training(const nb_graph *graph)
{
    for (size_t i = 0; i < graph->train.count; i++)
        if (trains(graph->train.at[i]))
            return true;
    return false;
}

/* Whether exported code calls the function outside any definition. */
static bool is_called(const nb_graph *graph, nb_str function)
{
    const nb_name *row = nb_graph_name(graph, function);
    for (size_t i = 0; row && i < row->readers.count; i++)
        if (!nb_statement_is_def(row->readers.at[i]))
            return true;
    return false;
}

/* --- binding parameters by name --------------------------------------------------------------------------------- */

static bool is_bound(const nb_graph *graph, nb_str name)
{
    const nb_name *row = nb_graph_name(graph, name);
    return row && row->binders.count > 0;
}

/* The one class of the notebook that is a model; NULL when there are none or several. */
static const nb_statement *only_model_class(const nb_graph *graph)
{
    const nb_statement *only = NULL;
    for (size_t i = 0; i < graph->train.count; i++) {
        const nb_statement *s = graph->train.at[i];
        if (s->node->kind != NB_PY_CLASS || !nb_find_is_model_class(graph, s))
            continue;
        if (only)
            return NULL;
        only = s;
    }
    return only;
}

static nb_str name_of(const nb_statement *def)
{
    return nb_py_text(def->cell->tree, nb_py_get(def->node, NB_PY_FIELD_NAME));
}

static bool required_parameters(const nb_statement *def, const char *except)
{
    const nb_py_node *parameters = nb_py_get(def->node, NB_PY_FIELD_PARAMETERS);
    for (const nb_py_node *p = parameters ? parameters->child : NULL; p; p = p->next) {
        nb_str name = nb_py_text(def->cell->tree, nb_py_get(p, NB_PY_FIELD_NAME));
        if (p->param != NB_PY_PARAM_ARGS && p->param != NB_PY_PARAM_KWARGS &&
            !nb_py_get(p, NB_PY_FIELD_DEFAULT) && !nb_str_eqz(name, except))
            return true;
    }
    return false;
}

static bool class_needs_no_arguments(const nb_statement *class_)
{
    const nb_py_node *body = nb_py_get(class_->node, NB_PY_FIELD_BODY);
    for (const nb_py_node *n = body ? body->child : NULL; n; n = n->next) {
        if (n->kind != NB_PY_FUNCTION ||
            !nb_str_eqz(nb_py_text(class_->cell->tree, nb_py_get(n, NB_PY_FIELD_NAME)), "__init__"))
            continue;
        nb_statement init = *class_;
        init.node = n;
        return !required_parameters(&init, "self");
    }
    return true;
}

/* A preprocess function without parameters that returns what the name asks for. */
static const nb_statement *producer_of(const nb_graph *graph, nb_str name)
{
    const char *const prefixes[] = {"load_", "get_", "make_", "prepare_", "create_", "build_"};
    for (size_t i = 0; i < graph->train.count; i++) {
        const nb_statement *s = graph->train.at[i];
        if (s->node->kind != NB_PY_FUNCTION || required_parameters(s, ""))
            continue;
        for (size_t k = 0; k < NB_LEN(prefixes); k++)
            if (nb_str_starts(name_of(s), nb_str_from(prefixes[k])) &&
                nb_str_eq(nb_str_from_at(name_of(s), strlen(prefixes[k])), name))
                return s;
    }
    return NULL;
}

/* What to pass for a parameter of that name; an empty view when nothing fits. */
static nb_str argument_for(const entry *e, nb_str name)
{
    const nb_param *param = nb_params_get(e->params, e->arena, name);
    if (param)
        return param->constant;
    if (nb_str_eqz(name, "data_path") || nb_str_eqz(name, "data_dir"))
        return e->params->data_path_literal.len > 0 ? e->params->data_path_name : NB_STR("");
    if (nb_str_eqz(name, "model_dir") || nb_str_eqz(name, "output_dir"))
        return e->params->model_dir_name;
    if (is_bound(e->graph, name))
        return name;
    const nb_statement *class_ = only_model_class(e->graph);
    if (class_ && (nb_str_eqz(name, "model") || nb_str_eqz(name, "net")) &&
        class_needs_no_arguments(class_))
        return nb_arena_printf(e->arena, NB_STR_FMT "()", NB_STR_ARG(name_of(class_)));
    const nb_statement *producer = producer_of(e->graph, name);
    return producer ? nb_arena_printf(e->arena, NB_STR_FMT "()", NB_STR_ARG(name_of(producer)))
                    : NB_STR("");
}

/* "train(X, y, epochs=EPOCHS)"; an empty view when a required parameter cannot be bound (*missing names it). */
static nb_str call_of(const entry *e, const nb_statement *function, nb_str *missing)
{
    nb_str call = nb_arena_printf(e->arena, NB_STR_FMT "(", NB_STR_ARG(name_of(function)));
    const nb_py_node *parameters = nb_py_get(function->node, NB_PY_FIELD_PARAMETERS);
    bool first = true;
    for (const nb_py_node *p = parameters ? parameters->child : NULL; p; p = p->next) {
        if (p->param == NB_PY_PARAM_ARGS || p->param == NB_PY_PARAM_KWARGS)
            continue;
        nb_str name = nb_py_text(function->cell->tree, nb_py_get(p, NB_PY_FIELD_NAME));
        bool required = !nb_py_get(p, NB_PY_FIELD_DEFAULT),
             positional = p->param == NB_PY_PARAM_POSITIONAL_ONLY;
        nb_str argument = argument_for(e, name);
        if (argument.len == 0 && required) {
            *missing = name;
            return NB_STR("");
        }
        if (argument.len == 0)
            continue;
        call =
            nb_arena_printf(e->arena, NB_STR_FMT "%s" NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(call),
                            first ? "" : ", ", NB_STR_ARG(positional ? NB_STR("") : name),
                            positional ? "" : "=", NB_STR_ARG(argument));
        first = false;
    }
    return nb_arena_printf(e->arena, NB_STR_FMT ")", NB_STR_ARG(call));
}

/* --- choosing ------------------------------------------------------------------------------------------------------- */

static bool returns_something(const nb_statement *function)
{
    const nb_py_node *top = function->node;
    for (const nb_py_node *n = top; n;
         n = nb_py_next(top, n, n != top && (n->kind == NB_PY_FUNCTION || n->kind == NB_PY_LAMBDA)))
        if (n->kind == NB_PY_RETURN && nb_py_get(n, NB_PY_FIELD_VALUE))
            return true;
    return false;
}

/* The generated name for what the entry point returns; the notebook's own names come first. */
static nb_str free_name(const entry *e, const char *wanted)
{
    nb_str name = nb_str_from(wanted);
    while (is_bound(e->graph, name))
        name = nb_str_concat(e->arena, name, NB_STR("_"));
    return name;
}

/* The call as a statement. What the function returns is the model, or holds it at a place that its return statement tells. */
static void settle(const entry *e, nb_findings *found, nb_str call, const nb_statement *function,
                   bool wants_model)
{
    found->entry_call = call;
    if (!wants_model || (function && !returns_something(function)))
        return;
    bool in_tuple = false;
    int position = function ? nb_find_returned_model(e->graph, function, &in_tuple) : -1;
    nb_str name = free_name(e, in_tuple ? "result" : "model");
    if (in_tuple && position < 0)
        return; /* several values, none of them known to be the model: found by other means, or reported */
    found->entry_call =
        nb_arena_printf(e->arena, NB_STR_FMT " = " NB_STR_FMT, NB_STR_ARG(name), NB_STR_ARG(call));
    found->model =
        in_tuple ? nb_arena_printf(e->arena, NB_STR_FMT "[%d]", NB_STR_ARG(name), position) : name;
    found->model_name = in_tuple ? NB_STR("") : name;
    (void)nb_set_add(e->arena, &found->entry_binds, name);
}

static void report_ambiguous(const entry *e, const nb_statement *at, nb_str first, nb_str second,
                             nb_str missing)
{
    nb_diag *diag;
    if (second.len > 0)
        diag = nb_diag_add(e->diags, NB_D_NO_ENTRY_POINT, nb_statement_spot(e->graph->source, at),
                           "nothing calls the functions of the train cells, and '" NB_STR_FMT
                           "' and '" NB_STR_FMT "' could both be meant",
                           NB_STR_ARG(first), NB_STR_ARG(second));
    else if (missing.len > 0)
        diag = nb_diag_add(e->diags, NB_D_NO_ENTRY_POINT, nb_statement_spot(e->graph->source, at),
                           "nothing calls '" NB_STR_FMT
                           "', and nothing is known to pass for its parameter '" NB_STR_FMT "'",
                           NB_STR_ARG(first), NB_STR_ARG(missing));
    else
        diag = nb_diag_add(e->diags, NB_D_TRAINS_NOTHING, nb_statement_spot(e->graph->source, at),
                           "the train cells hold nothing that runs");
    nb_str example = first.len > 0 ? first : NB_STR("train");
    nb_diag_help(e->diags, diag,
                 "call it in a train cell, or add 'entrypoint: " NB_STR_FMT
                 "(...)' to the experiment in config.yaml",
                 NB_STR_ARG(example));
}

/* The one function of the train cells that nobody calls and whose parameters can all be bound. */
static void choose_function(const entry *e, const nb_statement *first_statement, nb_findings *found)
{
    const nb_statement *chosen = NULL, *rejected_at = first_statement;
    nb_str call = NB_STR(""), missing = NB_STR(""), rejected = NB_STR("");
    for (size_t i = 0; i < e->graph->train.count; i++) {
        const nb_statement *s = e->graph->train.at[i];
        if (s->node->kind != NB_PY_FUNCTION || !nb_statement_in(s, NB_SECTION_TRAIN))
            continue;
        const nb_name *row = nb_graph_name(e->graph, name_of(s));
        bool helper = false; /* another definition calls it */
        for (size_t k = 0; row && k < row->readers.count; k++)
            helper |= row->readers.at[k] != s;
        if (helper)
            continue;
        nb_str lacks = NB_STR(""), candidate = call_of(e, s, &lacks);
        if (candidate.len == 0) {
            rejected = name_of(s);
            rejected_at = s;
            missing = lacks;
        } else if (chosen) {
            report_ambiguous(e, s, name_of(chosen), name_of(s), NB_STR(""));
            return;
        } else {
            chosen = s;
            call = candidate;
        }
    }
    if (!chosen) {
        report_ambiguous(e, rejected_at, rejected, NB_STR(""), missing);
        return;
    }
    settle(e, found, call, chosen, true);
}

static const nb_source_cell *first_train_cell(const nb_source *source)
{
    for (size_t i = 0; i < source->cell_count; i++)
        if (source->cells[i].sections & NB_BIT(NB_SECTION_TRAIN))
            return &source->cells[i];
    return NULL;
}

/* Train cells without a statement: all of them are empty, unless syntax errors, which were reported, hide what is in them. */
static void report_empty(const entry *e, const nb_source_cell *first)
{
    if (nb_diags_count(e->diags, NB_SEVERITY_ERROR) > 0)
        return;
    nb_spot spot = nb_cell_spot(e->graph->source->notebook, first->cell, 1, 1, 0);
    nb_diag *diag =
        nb_diag_add(e->diags, NB_D_TRAINS_NOTHING, spot, "the train cells hold nothing that runs");
    nb_diag_help(e->diags, diag, "tag the cells that train the model");
}

/* The configured call; false when it is no expression or calls what no cell has: that is reported. */
static bool check_call(const entry *e, nb_str call, nb_str function, nb_place place)
{
    if (!nb_expression_check(e->graph->source, call, NB_STR("entrypoint"),
                             nb_spot_of_place(place, call)))
        return false;
    const nb_name *row = nb_graph_name(e->graph, function);
    if (function.len == 0 || (row && row->binders.count > 0) || e->graph->star_import ||
        nb_map_has(&e->params->provided, function) || nb_py_is_builtin(function))
        return true;
    nb_diag *diag =
        nb_diag_add(e->diags, NB_D_MISSING_NAME, nb_spot_of_place(place, call),
                    "the entry point calls '" NB_STR_FMT "', which no exported cell binds",
                    NB_STR_ARG(function));
    nb_diag_help(e->diags, diag, "name a function that a tagged cell defines");
    return false;
}

void nb_find_entry(const nb_graph *graph, const nb_params *params, const nb_experiment *experiment,
                   nb_findings *found)
{
    entry e = {graph, params, graph->source->arena, graph->source->diags};
    const nb_statement *first = first_train_statement(graph);
    if (!first) {
        const nb_source_cell *cell = first_train_cell(graph->source);
        if (cell) {
            report_empty(&e, cell);
            return;
        }
        nb_diag *diag = nb_diag_add(e.diags, NB_D_NO_TRAIN_CELL,
                                    (nb_spot){.path = graph->source->notebook->path},
                                    "no cell is tagged 'train'");
        nb_diag_help(e.diags, diag,
                     "tag the cells that train the model: 'notebooked tag " NB_STR_FMT
                     "' proposes tags, and stores them with --write",
                     NB_STR_ARG(graph->source->notebook->path));
        return;
    }
    if (experiment->entrypoint.len > 0) {
        nb_str expression = experiment->entrypoint;
        size_t end = 0;
        while (end < expression.len && nb_is_name(expression.at[end]))
            end++;
        nb_str function = nb_str_slice(expression, 0, end);
        if (!check_call(&e, expression, function, experiment->entrypoint_place))
            return;
        settle(&e, found, expression, nb_graph_binder(graph, function, NB_PY_FUNCTION),
               experiment->model_variable.len == 0);
        return;
    }
    if (has_training(graph))
        return;
    for (size_t i = 0; i < graph->train.count;
         i++) { /* a call in a model or utils cell counts as well */
        const nb_statement *s = graph->train.at[i];
        if (s->node->kind == NB_PY_FUNCTION && nb_statement_in(s, NB_SECTION_TRAIN) &&
            is_called(graph, name_of(s)))
            return;
    }
    choose_function(&e, first, found);
}
