#include "check/rule.h"

/* Jupyter numbers runs from 1 in each session of the kernel. In the order of the numbers a name may come from another cell than in the order in which
 * the cells stand: then what the notebook shows is not what the scripts compute, a warning. Numbers that only do not rise are a note. Cells that
 * feed no script do not count, and a notebook has one finding of each sort. */

typedef struct order_rule {
    const nb_analysis *a;
    bool told_order, told_count;
} order_rule;

static bool counts(const nb_source_cell *cell)
{
    return nb_source_is_exported(cell) && cell->cell->execution > 0;
}

static bool is_same(const nb_source_cell *one, const nb_source_cell *other)
{
    return one->cell == other->cell;
}

/* --- where a name comes from ------------------------------------------------------------------------------------ */

typedef struct origin {
    const nb_statement *stands; /* the last one above the reader that binds the name */
    const nb_statement *ran;    /* the last one that ran before it */
} origin;

static void look_at(origin *found, const nb_statement *binder, const nb_statement *reader,
                    nb_str name)
{
    if (is_same(binder->cell, reader->cell) || !counts(binder->cell) ||
        !nb_statement_binds(binder, name))
        return;
    int64_t execution = binder->cell->cell->execution;
    if (binder->index < reader->index)
        found->stands = binder;
    if (execution < reader->cell->cell->execution &&
        (!found->ran || execution >= found->ran->cell->cell->execution))
        found->ran = binder;
}

static origin origin_of(const nb_graph *graph, const nb_statement *reader, nb_str name)
{
    origin found = {0};
    const nb_name *row = nb_graph_name(graph, name);
    for (size_t i = 0; row && i < row->binders.count; i++)
        look_at(&found, row->binders.at[i], reader, name);
    return found;
}

/* --- findings ------------------------------------------------------------------------------------------------------ */

static void tell_order(order_rule *r, const nb_statement *reader, const nb_use *use, origin from)
{
    nb_spot spot = nb_source_spot(r->a->source, reader->cell, use->node->start, use->node->end);
    unsigned stands = from.stands->cell->cell->number;
    nb_diag *diag;
    if (from.stands->cell->cell->execution > reader->cell->cell->execution)
        diag = nb_diag_add(r->a->diags, NB_D_OUT_OF_ORDER, spot,
                           "this cell was run before cell %u, which stands above it and binds "
                           "'" NB_STR_FMT "'",
                           stands, NB_STR_ARG(use->name));
    else
        diag = nb_diag_add(r->a->diags, NB_D_OUT_OF_ORDER, spot,
                           "this cell was run with '" NB_STR_FMT
                           "' of cell %u; a script takes that of cell %u",
                           NB_STR_ARG(use->name), from.ran->cell->cell->number, stands);
    nb_diag_help(r->a->diags, diag, "run all cells from top to bottom once and save the notebook");
    r->told_order = true;
}

static void tell_count(order_rule *r, const nb_source_cell *cell, const nb_source_cell *other,
                       nb_str shared)
{
    nb_diag *diag = nb_diag_add(r->a->diags, NB_D_DUPLICATE_COUNT,
                                nb_cell_spot(r->a->notebook, cell->cell, 1, 1, 0),
                                "cell %u says In [%lld] as well: they were run in two sessions, "
                                "or one is a copy",
                                other->cell->number, (long long)cell->cell->execution);
    if (shared.len > 0) {
        diag->severity = NB_SEVERITY_WARNING;
        diag->message = nb_arena_printf(r->a->arena, NB_STR_FMT "; both use '" NB_STR_FMT "'",
                                        NB_STR_ARG(diag->message), NB_STR_ARG(shared));
    }
    nb_diag_help(r->a->diags, diag, "run all cells from top to bottom once and save the notebook");
    r->told_count = true;
}

static void check_read(order_rule *r, const nb_statement *reader, const nb_use *use)
{
    origin from = origin_of(r->a->graph, reader, use->name);
    if (!from.stands || nb_statement_is_import(from.stands))
        return;
    int64_t stands = from.stands->cell->cell->execution, mine = reader->cell->cell->execution;
    if (stands == mine && !r->told_count)
        tell_count(r, reader->cell, from.stands->cell, use->name);
    bool other = stands > mine || (from.ran && !is_same(from.ran->cell, from.stands->cell) &&
                                   from.ran->cell->cell->execution > stands);
    if (stands != mine && other && !r->told_order)
        tell_order(r, reader, use, from);
}

/* Names that the cell itself binds before it reads them come from nowhere else. */
static void check_cell(order_rule *r, size_t first, size_t end)
{
    nb_map own = NB_MAP_INIT;
    for (size_t i = first; i < end; i++) {
        const nb_statement *s = &r->a->source->statements[i];
        for (size_t k = 0; k < s->uses.list.count; k++) {
            const nb_use *use = &s->uses.list.at[k];
            if (use->kind == NB_USE_BIND)
                (void)nb_set_add(r->a->arena, &own, use->name);
            else if (use->kind == NB_USE_READ && !nb_map_has(&own, use->name))
                check_read(r, s, use);
        }
    }
}

static void check_flow(order_rule *r)
{
    const nb_source *source = r->a->source;
    for (size_t first = 0, end; first < source->statement_count; first = end) {
        const nb_source_cell *cell = source->statements[first].cell;
        end = first;
        while (end < source->statement_count && is_same(source->statements[end].cell, cell))
            end++;
        if (counts(cell) && !(r->told_order && r->told_count))
            check_cell(r, first, end);
    }
}

/* Numbers that do not rise, where no name tells that it matters. */
static void check_numbers(order_rule *r)
{
    const nb_source *source = r->a->source;
    const nb_source_cell *latest = NULL;
    for (size_t i = 0; i < source->cell_count; i++) {
        const nb_source_cell *cell = &source->cells[i];
        if (!counts(cell) || (latest && is_same(cell, latest)))
            continue;
        bool earlier = latest && cell->cell->execution < latest->cell->execution;
        if (earlier && !r->told_order) {
            nb_diag *diag = nb_diag_add(
                r->a->diags, NB_D_OUT_OF_ORDER, nb_cell_spot(r->a->notebook, cell->cell, 1, 1, 0),
                "this cell was run before cell %u, which stands above it", latest->cell->number);
            diag->severity = NB_SEVERITY_INFO;
            r->told_order = true;
        }
        for (size_t k = 0; k < i && !r->told_count; k++)
            if (counts(&source->cells[k]) && !is_same(cell, &source->cells[k]) &&
                source->cells[k].cell->execution == cell->cell->execution)
                tell_count(r, cell, &source->cells[k], NB_STR(""));
        if (!earlier)
            latest = cell;
    }
}

void nb_rule_execution_order(const nb_analysis *a)
{
    order_rule r = {.a = a};
    check_flow(&r);
    check_numbers(&r);
}
