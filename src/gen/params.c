#include "gen/params.h"

#include "gen/included.h"
#include "gen/paths.h"
#include "graph/graph.h"

/* --- names ----------------------------------------------------------------------------------------- */

/* "learning-rate", "LEARNING_RATE" and "learning_rate" are one hyperparameter. */
static nb_str folded(nb_arena *arena, nb_str name)
{
    char *copy = nb_arena_z(arena, nb_str_lower(arena, name));
    for (size_t i = 0; i < name.len; i++)
        if (copy[i] == '-')
            copy[i] = '_';
    return (nb_str){copy, name.len};
}

static nb_str with_char(nb_arena *arena, nb_str name, char from, char to)
{
    char *copy = nb_arena_z(arena, name);
    for (size_t i = 0; i < name.len; i++)
        if (copy[i] == from)
            copy[i] = to;
    return (nb_str){copy, name.len};
}

static nb_str constant_of(nb_arena *arena, nb_str name)
{
    char *copy = nb_arena_z(arena, nb_str_upper(arena, name));
    for (size_t i = 0; i < name.len; i++)
        if (!nb_is_name(copy[i]))
            copy[i] = '_';
    nb_str constant = {copy, name.len};
    return nb_is_digit(copy[0]) ? nb_arena_printf(arena, "_" NB_STR_FMT, NB_STR_ARG(constant))
                                : constant;
}

nb_param *nb_params_get(const nb_params *params, nb_arena *arena, nb_str name)
{
    nb_str wanted = folded(arena, name);
    for (size_t i = 0; i < params->list.count; i++)
        if (nb_str_eq(folded(arena, params->list.at[i].name), wanted))
            return &params->list.at[i];
    return NULL;
}

/* --- values as Python -------------------------------------------------------------------------------- */

/* JSON's true, false and null are spelled otherwise in Python. */
static nb_str json_as_python(nb_arena *arena, nb_str json)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < json.len;) {
        if (json.at[i] == '"') {
            size_t start = i++;
            while (i < json.len && json.at[i] != '"')
                i += json.at[i] == '\\' ? 2 : 1;
            nb_buf_put(&out, nb_str_slice(json, start, ++i));
            continue;
        }
        nb_str rest = nb_str_from_at(json, i);
        static const struct {
            nb_str json, python;
        } words[] = {
            {NB_STR_ROW("true"),  NB_STR_ROW("True") },
            {NB_STR_ROW("false"), NB_STR_ROW("False")},
            {NB_STR_ROW("null"),  NB_STR_ROW("None") }
        };
        size_t w = 0;
        while (w < NB_LEN(words) && !nb_str_starts(rest, words[w].json))
            w++;
        if (w < NB_LEN(words)) {
            nb_buf_put(&out, words[w].python);
            i += words[w].json.len;
        } else {
            nb_buf_putc(&out, json.at[i++]);
            bool spaced = i < json.len && json.at[i] == ' ';
            if (!spaced && (json.at[i - 1] == ',' || json.at[i - 1] == ':'))
                nb_buf_putc(&out, ' ');
        }
    }
    return nb_arena_str(arena, nb_buf_view(&out));
}

static nb_str int_as_python(nb_arena *arena, nb_str text)
{
    bool negative = nb_str_starts(text, NB_STR("-"));
    nb_str digits = nb_str_from_at(text, negative || nb_str_starts(text, NB_STR("+")) ? 1 : 0);
    while (digits.len > 1 && digits.at[0] == '0' && nb_is_digit(digits.at[1]))
        digits = nb_str_from_at(digits, 1); /* YAML 1.2: 010 is ten; Python refuses the zero */
    return nb_arena_printf(arena, "%s" NB_STR_FMT, negative ? "-" : "", NB_STR_ARG(digits));
}

static nb_str float_as_python(nb_arena *arena, nb_str text)
{
    nb_str lower = nb_str_lower(arena, text);
    if (nb_str_ends(lower, NB_STR(".nan")))
        return NB_STR("float(\"nan\")");
    if (nb_str_ends(lower, NB_STR(".inf")))
        return nb_str_starts(lower, NB_STR("-")) ? NB_STR("float(\"-inf\")")
                                                 : NB_STR("float(\"inf\")");
    return text;
}

static nb_str scalar_as_python(nb_arena *arena, nb_scalar value)
{
    switch (value.kind) {
    case NB_SCALAR_NULL: return NB_STR("None");
    case NB_SCALAR_BOOL: return nb_str_eqz(value.text, "true") ? NB_STR("True") : NB_STR("False");
    case NB_SCALAR_INT: return int_as_python(arena, value.text);
    case NB_SCALAR_FLOAT: return float_as_python(arena, value.text);
    case NB_SCALAR_STR: return nb_py_quote(arena, value.text);
    case NB_SCALAR_JSON: return json_as_python(arena, value.text);
    }
    return NB_STR("None");
}

static const char *scalar_type(nb_scalar_kind kind)
{
    switch (kind) {
    case NB_SCALAR_BOOL: return "bool";
    case NB_SCALAR_INT: return "int";
    case NB_SCALAR_FLOAT: return "float";
    case NB_SCALAR_STR: return "str";
    case NB_SCALAR_NULL:
    case NB_SCALAR_JSON: break;
    }
    return "json";
}

static const char *literal_type(const nb_py_tree *tree, const nb_py_node *value)
{
    while (value->kind == NB_PY_UNARY)
        value = nb_py_get(value, NB_PY_FIELD_VALUE);
    nb_str text = nb_py_text(tree, value);
    if (value->kind == NB_PY_STRING)
        return value->string_flags & NB_PY_STRING_BYTES ? "json" : "str";
    if (value->kind == NB_PY_CONSTANT)
        return nb_str_eqz(text, "True") || nb_str_eqz(text, "False") ? "bool" : "json";
    if (value->kind != NB_PY_NUMBER)
        return "json";
    bool hexadecimal = text.len > 1 && (text.at[1] == 'x' || text.at[1] == 'X');
    for (size_t i = 0; i < text.len && !hexadecimal; i++)
        if (text.at[i] == '.' || text.at[i] == 'e' || text.at[i] == 'E')
            return "float";
    return "int";
}

/* --- collecting -------------------------------------------------------------------------------------- */

static nb_param *add(nb_source *source, nb_params *params, nb_str name)
{
    nb_arena *arena = source->arena;
    nb_param param = {.name = name, .constant = constant_of(arena, name), .help = NB_STR("")};
    param.flag = with_char(arena, name, '_', '-');
    param.flag_alt = with_char(arena, name, '-', '_');
    nb_vec_push(arena, &params->list, param);
    return &params->list.at[params->list.count - 1];
}

static void add_configured(nb_source *source, nb_params *params, const nb_experiment *experiment)
{
    for (size_t i = 0; i < experiment->hyperparameter_count; i++) {
        const nb_hyperparameter *h = &experiment->hyperparameters[i];
        nb_param *param = add(source, params, h->name);
        param->configured = h;
        param->type = scalar_type(h->value.kind);
        param->literal = scalar_as_python(source->arena, h->value);
    }
}

/* The comment behind an assignment, as help text. */
static nb_str comment_beside(const nb_statement *s)
{
    nb_str text = s->cell->python.text;
    nb_str rest = nb_str_slice(text, s->node->end, s->end);
    ptrdiff_t hash = nb_str_find_char(rest, '#');
    if (hash < 0 || s->shares_line)
        return NB_STR("");
    return nb_str_trim(nb_str_from_at(rest, (size_t)hash + 1));
}

static void check_type(nb_source *source, const nb_param *param, const nb_statement *s,
                       const nb_py_node *value)
{
    const char *type = literal_type(s->cell->tree, value);
    bool number = strcmp(type, "int") == 0 || strcmp(type, "float") == 0;
    bool wanted_number = strcmp(param->type, "int") == 0 || strcmp(param->type, "float") == 0;
    if (strcmp(type, param->type) == 0 || (number && wanted_number) || strcmp(type, "json") == 0 ||
        strcmp(param->type, "json") == 0)
        return;
    nb_diag *diag = nb_diag_add(source->diags, NB_D_PARAMETER_TYPE, nb_statement_spot(source, s),
                                "'" NB_STR_FMT "' is %s here and %s in the configuration",
                                NB_STR_ARG(param->name), type, param->type);
    nb_diag_help(source->diags, diag, "write both as the same type");
}

/* One target of an assignment that takes a hyperparameter. */
static void take(nb_source *source, nb_params *params, nb_statement *s, const nb_py_node *target,
                 const nb_py_node *value)
{
    nb_str name = nb_py_text(s->cell->tree, target);
    bool in_parameters = nb_statement_in(s, NB_SECTION_PARAMETERS);
    nb_param *param = nb_params_get(params, source->arena, name);
    if (!param && !in_parameters)
        return;
    if (!nb_py_is_literal(value)) {
        if (!in_parameters)
            return;
        nb_diag *diag =
            nb_diag_add(source->diags, NB_D_PARAMETER_NOT_LITERAL, nb_statement_spot(source, s),
                        "'" NB_STR_FMT "' is not a literal; it stays as it is", NB_STR_ARG(name));
        nb_diag_help(source->diags, diag,
                     "assign a plain number, string, list or dict to make it a command-line flag");
        return;
    }
    if (!param)
        param = add(source, params, name);
    if (!param->configured) { /* the later assignment wins, as papermill's injected cell does */
        param->type = literal_type(s->cell->tree, value);
        param->literal = nb_py_text(s->cell->tree, value);
    } else {
        check_type(source, param, s, value);
        if (strcmp(param->type, "int") == 0 &&
            strcmp(literal_type(s->cell->tree, value), "float") == 0)
            param->type = "float"; /* 1 in the file, 1.0 in the notebook */
    }
    if (param->note.len == 0)
        param->note = comment_beside(s);
    if (!param->assigned)
        param->assigned_spot = nb_source_spot(source, s->cell, target->start, target->end);
    param->assigned = true;
    s->configured = true;
    (void)nb_edit_add(source->arena, &s->cell->edits, value->start, value->end, param->constant);
    if (!nb_str_eq(name, param->constant) && !in_parameters)
        nb_diag_add(source->diags, NB_D_HYPERPARAMETER_REWRITTEN,
                    nb_source_spot(source, s->cell, value->start, value->end),
                    "'" NB_STR_FMT "' takes the hyperparameter %.*s", NB_STR_ARG(name),
                    NB_STR_ARG(param->constant));
}

/* a, b = 1, 2 is two assignments. */
static void take_from(nb_source *source, nb_params *params, nb_statement *s)
{
    const nb_py_node *value;
    const nb_py_node *target = nb_statement_assigns(s, &value);
    if (target) {
        take(source, params, s, target, value);
        const nb_param *param =
            nb_params_get(params, source->arena, nb_py_text(s->cell->tree, target));
        if (s->configured && param && nb_str_eq(nb_py_text(s->cell->tree, target), param->constant))
            s->role = NB_ROLE_DROPPED; /* EPOCHS = EPOCHS: the constant itself is the binding */
        return;
    }
    target = s->node->kind == NB_PY_ASSIGN ? nb_py_get(s->node, NB_PY_FIELD_TARGET) : NULL;
    value = target ? nb_py_get(s->node, NB_PY_FIELD_VALUE) : NULL;
    if (!value || target->kind != NB_PY_TUPLE || value->kind != NB_PY_TUPLE ||
        target->next != value)
        return;
    const nb_py_node *left = target->child, *right = value->child;
    for (; left && right; left = left->next, right = right->next)
        if (left->kind == NB_PY_NAME)
            take(source, params, s, left, right);
}

static void choose_constants(nb_source *source, nb_params *params)
{
    for (size_t i = 0; i < params->list.count; i++) {
        nb_param *param = &params->list.at[i];
        for (size_t k = 0; k < source->statement_count; k++) {
            const nb_statement *s = &source->statements[k];
            const nb_py_node *target = nb_statement_assigns(s, NULL);
            bool own =
                target &&
                nb_params_get(params, source->arena, nb_py_text(s->cell->tree, target)) == param &&
                (s->configured || nb_py_is_literal(nb_py_get(s->node, NB_PY_FIELD_VALUE)));
            if (own || !nb_source_is_exported(s->cell) || !nb_statement_binds(s, param->constant))
                continue;
            param->constant = nb_str_concat(source->arena, param->constant, NB_STR("_"));
            break;
        }
    }
}

static nb_str help_of(nb_arena *arena, const nb_param *param)
{
    if (param->note.len > 0)
        return param->note;
    return nb_arena_printf(arena, "hyperparameter '" NB_STR_FMT "'", NB_STR_ARG(param->name));
}

/* A configured name that the notebook reads but never binds is given to it under that name. */
static void find_aliases(nb_source *source, nb_params *params)
{
    nb_map bound = NB_MAP_INIT, read = NB_MAP_INIT;
    for (size_t i = 0; i < source->statement_count; i++) {
        const nb_statement *s = &source->statements[i];
        for (size_t k = 0; k < s->uses.list.count && nb_source_is_exported(s->cell); k++) {
            const nb_use *use = &s->uses.list.at[k];
            bool binds = use->kind == NB_USE_BIND || use->kind == NB_USE_BIND_LATER;
            (void)nb_set_add(source->arena, binds ? &bound : &read, use->name);
        }
    }
    for (size_t i = 0; i < params->list.count; i++) {
        nb_param *param = &params->list.at[i];
        nb_str name = param->flag_alt;
        param->aliased = !nb_str_eq(name, param->constant) && nb_str_is_name(name) &&
                         nb_map_has(&read, name) && !nb_map_has(&bound, name);
        if (param->aliased)
            (void)nb_set_add(source->arena, &params->provided, name);
    }
}

nb_params *nb_params_find(nb_source *source, const nb_config *config,
                          const nb_experiment *experiment)
{
    nb_params *params = NB_NEW(source->arena, nb_params);
    add_configured(source, params, experiment);
    choose_constants(source, params);
    for (size_t i = 0; i < source->statement_count; i++)
        if (nb_statement_feeds_train(&source->statements[i]))
            take_from(source, params, &source->statements[i]);
    for (size_t i = 0; i < params->list.count; i++) {
        params->list.at[i].help = help_of(source->arena, &params->list.at[i]);
        (void)nb_set_add(source->arena, &params->provided, params->list.at[i].constant);
    }
    find_aliases(source, params);
    nb_paths_rewrite(source, params, config, experiment);
    nb_included_rewrite(source, params, config, experiment);
    return params;
}

/* --- hyperparameters that nobody reads ----------------------------------------------------------------- */

static const nb_py_node *keyword_named(const nb_arena *unused, const nb_source_cell *cell,
                                       nb_str name)
{
    (void)unused;
    const nb_py_node *top = cell->tree->module;
    for (const nb_py_node *n = cell->tree->module; n; n = nb_py_next(top, n, false)) {
        if (n->kind != NB_PY_KEYWORD)
            continue;
        const nb_py_node *key = nb_py_get(n, NB_PY_FIELD_NAME),
                         *value = nb_py_get(n, NB_PY_FIELD_VALUE);
        if (key && value && nb_py_is_literal(value) &&
            nb_str_eq_nocase(nb_py_text(cell->tree, key), name))
            return n;
    }
    return NULL;
}

static void hint_keyword(const nb_graph *graph, const nb_param *param, nb_diag *diag)
{
    nb_source *source = graph->source;
    nb_str name = with_char(source->arena, param->name, '-', '_');
    for (size_t i = 0; i < source->cell_count; i++) {
        nb_source_cell *cell = &source->cells[i];
        const nb_py_node *keyword =
            nb_source_is_exported(cell) ? keyword_named(NULL, cell, name) : NULL;
        if (!keyword)
            continue;
        nb_diag_help(source->diags, diag,
                     "cell %u passes %.*s: write '" NB_STR_FMT "=" NB_STR_FMT
                     "' there, or assign it to a variable of that name first",
                     cell->cell->number, NB_STR_ARG(nb_py_text(cell->tree, keyword)),
                     NB_STR_ARG(name), NB_STR_ARG(param->constant));
        return;
    }
    nb_diag_help(source->diags, diag,
                 "assign '" NB_STR_FMT "' in a tagged cell, or take it out of the configuration",
                 NB_STR_ARG(name));
}

static bool is_read(const nb_graph *graph, nb_str name)
{
    const nb_name *row = nb_graph_name(graph, name);
    return row && row->readers.count > 0;
}

static void check_configured(const nb_graph *graph, const nb_param *param)
{
    if (param->aliased || is_read(graph, param->constant) ||
        (param->assigned && !nb_str_eq(param->name, param->constant)))
        return;
    nb_place place = param->configured->place;
    nb_spot spot = {.path = place.path,
                    .line = place.line,
                    .column = place.column,
                    .source = place.source,
                    .length = (unsigned)param->name.len};
    nb_diag *diag = nb_diag_add(graph->source->diags, NB_D_UNUSED_HYPERPARAMETER, spot,
                                "no exported cell reads hyperparameter '" NB_STR_FMT "'",
                                NB_STR_ARG(param->name));
    hint_keyword(graph, param, diag);
}

static void check_assigned(const nb_graph *graph, const nb_param *param)
{
    if (is_read(graph, param->name) || is_read(graph, param->constant))
        return;
    nb_diag *diag = nb_diag_add(
        graph->source->diags, NB_D_UNUSED_HYPERPARAMETER, param->assigned_spot,
        "no exported cell reads hyperparameter '" NB_STR_FMT "'", NB_STR_ARG(param->name));
    nb_diag_help(graph->source->diags, diag,
                 "use '" NB_STR_FMT "' where it belongs, tag the cell that does, or delete it",
                 NB_STR_ARG(param->name));
}

void nb_params_check(const nb_params *params, const nb_graph *graph)
{
    for (size_t i = 0; i < params->list.count; i++) {
        const nb_param *param = &params->list.at[i];
        if (param->configured)
            check_configured(graph, param);
        else if (param->assigned && !graph->dynamic)
            check_assigned(graph, param);
    }
}
