#include "gen/emit.h"

void nb_emit_line(nb_emitter *e, const char *fmt, ...)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    va_list args;
    va_start(args, fmt);
    nb_str line = nb_arena_vprintf(&scratch, fmt, args);
    va_end(args);
    if (line.len > 0)
        nb_buf_repeat(e->out, ' ', e->indent);
    nb_buf_put(e->out, line);
    nb_buf_putc(e->out, '\n');
}

void nb_emit_blank(nb_emitter *e, unsigned lines)
{
    nb_buf_repeat(e->out, '\n', lines);
}

/* --- what is displayed --------------------------------------------------------------------------------------- */

/* Calls whose value nobody wants to read: fitted estimators, plot handles. */
static bool is_silent_method(nb_str name)
{
    static const char *const names[] = {
        "fit",        "partial_fit",  "fit_generator", "plot",        "show",       "hist",
        "scatter",    "bar",          "barh",          "boxplot",     "violinplot", "imshow",
        "pie",        "legend",       "title",         "suptitle",    "xlabel",     "ylabel",
        "xticks",     "yticks",       "xlim",          "ylim",        "axis",       "set_title",
        "set_xlabel", "set_ylabel",   "set_xlim",      "set_ylim",    "set_xticks", "set_yticks",
        "savefig",    "figure",       "subplots",      "subplot",     "grid",       "tight_layout",
        "colorbar",   "text",         "annotate",      "heatmap",     "pairplot",   "countplot",
        "distplot",   "histplot",     "lineplot",      "scatterplot", "barplot",    "jointplot",
        "catplot",    "displot",      "kdeplot",       "relplot",     "regplot",    "lmplot",
        "matshow",    "fill_between", "axhline",       "axvline",     "contourf",   "contour",
        "close",      "draw",         "map",           "add_legend",  "eval",       "train",
        "to",         "cuda",         "manual_seed"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(name, names[i]))
            return true;
    return nb_str_starts(name, NB_STR("plot_"));
}

static bool is_drawing_module(nb_str name)
{
    return nb_str_eqz(name, "plt") || nb_str_eqz(name, "sns") || nb_str_eqz(name, "px") ||
           nb_str_eqz(name, "alt") || nb_str_eqz(name, "ax") || nb_str_eqz(name, "axes") ||
           nb_str_eqz(name, "fig");
}

static nb_str root_of(const nb_py_tree *tree, const nb_py_node *node)
{
    while (node && node->kind != NB_PY_NAME) {
        if (node->kind == NB_PY_CALL)
            node = nb_py_get(node, NB_PY_FIELD_FUNC);
        else if (node->kind == NB_PY_ATTRIBUTE || node->kind == NB_PY_SUBSCRIPT)
            node = nb_py_get(node, NB_PY_FIELD_VALUE);
        else
            return NB_STR("");
    }
    return node ? nb_py_text(tree, node) : NB_STR("");
}

bool nb_emit_displays(const nb_graph *graph, const nb_statement *s)
{
    (void)graph;
    const nb_py_node *value = s->node->child;
    if (!s->displayed || !value)
        return false;
    if (value->kind == NB_PY_YIELD || value->kind == NB_PY_WALRUS)
        return false;
    if (value->kind != NB_PY_CALL)
        return true;
    const nb_py_node *func = nb_py_get(value, NB_PY_FIELD_FUNC);
    const nb_py_node *last =
        func->kind == NB_PY_ATTRIBUTE ? nb_py_get(func, NB_PY_FIELD_NAME) : func;
    nb_str name = nb_py_text(s->cell->tree, last);
    if (func->kind == NB_PY_NAME &&
        (nb_str_eqz(name, "print") || nb_str_eqz(name, "exec") || nb_str_eqz(name, "display")))
        return false;
    return !is_silent_method(name) && !is_drawing_module(root_of(s->cell->tree, value));
}

/* --- edits that a function body needs -------------------------------------------------------------------------- */

/* Nodes of the statement that run at module level: not inside a function, class or lambda of its own. */
static bool opens_scope(const nb_py_node *node)
{
    return node->kind == NB_PY_FUNCTION || node->kind == NB_PY_CLASS || node->kind == NB_PY_LAMBDA;
}

static void add(const nb_emitter *e, nb_edits *edits, uint32_t start, uint32_t end, nb_str text)
{
    (void)nb_edit_add(e->graph->source->arena, edits, start, end, text);
}

/* A statement stands in several scripts; what is said of it is said once. */
static bool is_told(const nb_diags *diags, nb_diag_code code, const nb_spot *spot)
{
    for (size_t i = 0; i < diags->list.count; i++) {
        const nb_spot *other = &diags->list.at[i].spot;
        if (diags->list.at[i].code == code && other->cell == spot->cell &&
            other->line == spot->line && other->column == spot->column)
            return true;
    }
    return false;
}

/* Python refuses an annotation on a name that the function declares global. */
static void drop_annotation(const nb_emitter *e, const nb_statement *s, const nb_py_node *node,
                            nb_edits *edits)
{
    const nb_py_node *target = nb_py_get(node, NB_PY_FIELD_TARGET),
                     *value = nb_py_get(node, NB_PY_FIELD_VALUE);
    if (!target || target->kind != NB_PY_NAME)
        return;
    const nb_py_node *annotation = nb_py_get(node, NB_PY_FIELD_ANNOTATION);
    uint32_t equals = annotation->end;
    while (value && s->cell->python.text.at[equals] != '=')
        equals++;
    if (value)
        add(e, edits, target->end, equals, NB_STR(" "));
    else
        add(e, edits, node->start, node->end, NB_STR("pass"));
    nb_spot spot = nb_source_spot(e->graph->source, s->cell, node->start, node->end);
    if (!is_told(e->graph->source->diags, NB_D_ANNOTATION_DROPPED, &spot))
        nb_diag_add(e->graph->source->diags, NB_D_ANNOTATION_DROPPED, spot,
                    "the annotation of '" NB_STR_FMT "' was dropped",
                    NB_STR_ARG(nb_py_text(s->cell->tree, target)));
}

static size_t argument_count(const nb_py_node *call)
{
    size_t count = 0;
    for (const nb_py_node *a = call->child; a; a = a->next)
        count += a->field == NB_PY_FIELD_ARGUMENT;
    return count;
}

/* At module level locals() and vars() are globals(), and exec() binds there. */
static void keep_module_namespace(const nb_emitter *e, const nb_statement *s,
                                  const nb_py_node *call, nb_edits *edits)
{
    const nb_py_node *func = nb_py_get(call, NB_PY_FIELD_FUNC);
    if (!func || func->kind != NB_PY_NAME)
        return;
    nb_str name = nb_py_text(s->cell->tree, func);
    size_t count = argument_count(call);
    if (count == 0 && (nb_str_eqz(name, "locals") || nb_str_eqz(name, "vars")))
        add(e, edits, func->start, func->end, NB_STR("globals"));
    else if (count == 1 && (nb_str_eqz(name, "exec") || nb_str_eqz(name, "eval")))
        add(e, edits, call->end - 1, call->end - 1, NB_STR(", globals()"));
}

static void edit_for_function(const nb_emitter *e, const nb_statement *s, nb_edits *edits)
{
    for (const nb_py_node *n = s->node; n; n = nb_py_next(s->node, n, opens_scope(n))) {
        if (n->kind == NB_PY_ANN_ASSIGN)
            drop_annotation(e, s, n, edits);
        else if (n->kind == NB_PY_GLOBAL)
            add(e, edits, n->start, n->end, NB_STR("pass"));
        else if (n->kind == NB_PY_CALL)
            keep_module_namespace(e, s, n, edits);
    }
}

/* --- text --------------------------------------------------------------------------------------------------------- */

typedef struct cursor {
    const nb_source_cell *cell;
    const nb_edits *edits[2];
    size_t next[2]; /* per list, the first edit that was not passed yet; lists are sorted */
    uint32_t at;
    size_t line; /* of `at`, from 0 */
} cursor;

static int by_start(const void *a, const void *b)
{
    const nb_edit *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

static const nb_edit *edit_here(cursor *c)
{
    for (size_t k = 0; k < 2; k++) {
        const nb_edits *edits = c->edits[k];
        while (c->next[k] < edits->list.count && edits->list.at[c->next[k]].start < c->at)
            c->next[k]++;
        if (c->next[k] < edits->list.count && edits->list.at[c->next[k]].start == c->at)
            return &edits->list.at[c->next[k]++];
    }
    return NULL;
}

/* Where the next edit begins, or `end`; the one at c->at was taken. */
static uint32_t next_edit(const cursor *c, uint32_t end)
{
    for (size_t k = 0; k < 2; k++) {
        const nb_edits *edits = c->edits[k];
        if (c->next[k] < edits->list.count && edits->list.at[c->next[k]].start < end)
            end = edits->list.at[c->next[k]].start;
    }
    return end;
}

static void put_mark(const nb_emitter *e, const nb_source_cell *cell, size_t line)
{
    if (e->marks && line < cell->python.line_count)
        nb_buf_printf(e->out, "%c%u:%u%c", NB_MARK_OPEN, cell->cell->number,
                      cell->python.line[line], NB_MARK_CLOSE);
}

/* A line begins: its old indentation (at most s->indent characters) gives way to ours. */
static void begin_line(const nb_emitter *e, const nb_statement *s, cursor *c, uint32_t end)
{
    nb_str text = c->cell->python.text;
    bool first =
        c->at == s->start; /* after `"""…\n…"""; ` a statement may begin where its line did not */
    if (!first && c->cell->in_string[c->line])
        return;
    for (unsigned i = 0;
         i < s->indent && c->at < end && (text.at[c->at] == ' ' || text.at[c->at] == '\t'); i++)
        c->at++;
    if (c->at < end && text.at[c->at] != '\n')
        nb_buf_repeat(e->out, ' ', e->indent);
}

static void put_text(const nb_emitter *e, const nb_statement *s, cursor *c)
{
    nb_str text = c->cell->python.text;
    size_t first_line = c->line; /* of the line being written */
    begin_line(e, s, c, s->end);
    for (;;) {
        const nb_edit *edit = edit_here(c);
        if (edit) {
            nb_buf_put(e->out, edit->text);
            for (; c->at < edit->end; c->at++)
                c->line += text.at[c->at] == '\n';
            continue;
        }
        if (c->at >= s->end)
            break;
        nb_str piece = nb_str_slice(text, c->at, next_edit(c, s->end));
        ptrdiff_t newline = nb_str_find_char(piece, '\n');
        if (newline != 0) {
            nb_buf_put(e->out, newline < 0 ? piece : nb_str_slice(piece, 0, (size_t)newline));
            c->at += (uint32_t)(newline < 0 ? piece.len : (size_t)newline);
            continue;
        }
        c->at++;
        put_mark(e, c->cell, first_line);
        nb_buf_putc(e->out, '\n');
        first_line = ++c->line;
        begin_line(e, s, c, s->end);
    }
    put_mark(e, c->cell, first_line);
    nb_buf_putc(e->out, '\n');
}

static size_t first_line_of(const nb_statement *s)
{
    size_t line = s->node->line - 1;
    nb_str above = nb_str_slice(s->cell->python.text, s->start, s->node->start);
    for (size_t i = 0; i < above.len; i++)
        line -= above.at[i] == '\n';
    return line;
}

void nb_emit_statement(nb_emitter *e, const nb_statement *s)
{
    nb_edits own = {0};
    nb_edits *cells = &s->cell->edits;
    if (s->role == NB_ROLE_DROPPED)
        return;
    if (e->in_function)
        edit_for_function(e, s, &own);
    if (e->show.len > 0 && nb_emit_displays(e->graph, s)) {
        nb_str open = nb_str_concat(e->graph->source->arena, e->show, NB_STR("("));
        add(e, &own, s->node->start, s->node->start, open);
        add(e, &own, s->node->end, s->node->end, NB_STR(")"));
        e->used_show = true;
    }
    if (own.list.count > 1)
        qsort(own.list.at, own.list.count, sizeof(own.list.at[0]), by_start);
    if (cells->list.count > 1)
        qsort(cells->list.at, cells->list.count, sizeof(cells->list.at[0]), by_start);
    cursor c = {
        .cell = s->cell, .edits = {&own, cells},
             .at = s->start, .line = first_line_of(s)
    };
    put_text(e, s, &c);
}
