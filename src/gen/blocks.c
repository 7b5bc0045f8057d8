#include "gen/blocks.h"

enum { WIDTH = 88, INDENT = 4 };

/* --- groups --------------------------------------------------------------------------------------------------- */

static nb_group group_of(const nb_statement *s)
{
    static const struct {
        nb_section section;
        nb_group group;
    } rows[] = {
        {NB_SECTION_MODEL,      NB_GROUP_MODEL     },
        {NB_SECTION_PREPROCESS, NB_GROUP_PREPROCESS},
        {NB_SECTION_UTILS,      NB_GROUP_UTILS     },
        {NB_SECTION_TRAIN,      NB_GROUP_TRAIN     },
        {NB_SECTION_INFERENCE,  NB_GROUP_INFERENCE }
    };
    for (size_t i = 0; i < NB_LEN(rows); i++)
        if (nb_statement_in(s, rows[i].section))
            return rows[i].group;
    return NB_GROUP_UTILS;
}

/* Does a definition read, while it is made, one that stands in a later group? */
static bool out_of_order(const nb_graph *graph, const nb_block *definitions, const nb_statement *s)
{
    for (size_t i = 0; i < s->uses.list.count; i++) {
        if (s->uses.list.at[i].kind != NB_USE_READ)
            continue;
        for (size_t k = 0; k < definitions->list.count; k++) {
            const nb_statement *other = definitions->list.at[k];
            if (other != s && group_of(other) > group_of(s) &&
                nb_statement_binds(other, s->uses.list.at[i].name))
                return true;
        }
    }
    (void)graph;
    return false;
}

nb_groups nb_blocks_group(const nb_graph *graph, const nb_block *definitions)
{
    nb_groups groups = {0};
    bool together = false;
    for (size_t i = 0; i < definitions->list.count && !together; i++)
        together = out_of_order(graph, definitions, definitions->list.at[i]);
    for (size_t i = 0; i < definitions->list.count; i++) {
        nb_group g = together ? NB_GROUP_UTILS : group_of(definitions->list.at[i]);
        nb_vec_push(graph->source->arena, &groups.group[g].list, definitions->list.at[i]);
    }
    return groups;
}

/* --- definitions ------------------------------------------------------------------------------------------------ */

static void put_cell_comment(nb_emitter *e, const nb_statement *s)
{
    nb_str name = nb_source_cell_name(e->graph->source->arena, s->cell);
    nb_emit_line(e, "# C" NB_STR_FMT, NB_STR_ARG(nb_str_from_at(name, 1)));
}

nb_str nb_blocks_definitions(const nb_graph *graph, const nb_block *block, bool marks)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_emitter e = {.graph = graph, .out = &out, .marks = marks};
    const nb_statement *before = NULL;
    for (size_t i = 0; i < block->list.count; i++) {
        const nb_statement *s = block->list.at[i];
        bool big = nb_statement_is_def(s), new_cell = !before || before->cell != s->cell;
        if (before && (big || nb_statement_is_def(before)))
            nb_emit_blank(&e, 2);
        else if (before && new_cell)
            nb_emit_blank(&e, 1);
        if (new_cell)
            put_cell_comment(&e, s);
        nb_emit_statement(&e, s);
        before = s;
    }
    return nb_arena_str(graph->source->arena, nb_buf_view(&out));
}

/* --- functions ---------------------------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    return nb_str_cmp(((const nb_map_row *)a)->key, ((const nb_map_row *)b)->key);
}

void nb_blocks_bound(const nb_graph *graph, const nb_block *block, nb_map *names)
{
    for (size_t i = 0; i < block->list.count; i++) {
        const nb_statement *s = block->list.at[i];
        for (size_t k = 0; k < s->uses.list.count && s->role != NB_ROLE_DROPPED; k++)
            if (s->uses.list.at[k].kind == NB_USE_BIND || s->uses.list.at[k].kind == NB_USE_DELETE)
                (void)nb_set_add(graph->source->arena, names, s->uses.list.at[k].name);
    }
}

static void put_globals(nb_emitter *e, const nb_map *names)
{
    nb_arena *arena = e->graph->source->arena;
    nb_map_row *rows = NB_NEW_ARRAY(arena, nb_map_row, names->count + 1);
    if (names->count == 0)
        return;
    memcpy(rows, names->rows, names->count * sizeof(*rows));
    qsort(rows, names->count, sizeof(*rows), by_key);
    nb_str line = NB_STR("");
    for (size_t i = 0; i < names->count; i++) {
        if (line.len > 0 && INDENT + line.len + 2 + rows[i].key.len > WIDTH) {
            nb_emit_line(e, NB_STR_FMT, NB_STR_ARG(line));
            line = NB_STR("");
        }
        line = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT,
                               NB_STR_ARG(line.len ? line : NB_STR("global ")),
                               line.len ? ", " : "", NB_STR_ARG(rows[i].key));
    }
    nb_emit_line(e, NB_STR_FMT, NB_STR_ARG(line));
}

/* Blank lines that the notebook has between two statements of one cell, at most one. */
static bool blank_between(const nb_statement *a, const nb_statement *b)
{
    if (a->cell != b->cell || a->end >= b->start)
        return a->cell == b->cell && nb_statement_is_def(b);
    nb_str gap = nb_str_slice(a->cell->python.text, a->end, b->start);
    ptrdiff_t first = nb_str_find_char(gap, '\n');
    return first >= 0 && nb_str_find_char(nb_str_from_at(gap, (size_t)first + 1), '\n') >= 0;
}

static void put_statements(nb_emitter *e, const nb_block *block)
{
    const nb_statement *before = NULL;
    for (size_t i = 0; i < block->list.count; i++) {
        const nb_statement *s = block->list.at[i];
        if (s->role == NB_ROLE_DROPPED)
            continue;
        if (!before || before->cell != s->cell) {
            nb_emit_blank(e, e->out->len > 0 ? 1 : 0);
            put_cell_comment(e, s);
        } else if (blank_between(before, s)) {
            nb_emit_blank(e, 1);
        }
        nb_emit_statement(e, s);
        before = s;
    }
}

static void put_body(nb_emitter *e, const nb_function *function)
{
    nb_map names = NB_MAP_INIT;
    nb_blocks_bound(function->graph, function->body, &names);
    for (size_t i = 0; function->more_globals && i < function->more_globals->count; i++)
        (void)nb_set_add(function->graph->source->arena, &names,
                         function->more_globals->rows[i].key);
    put_globals(e, &names);
    put_statements(e, function->body);
    if (function->last_line.len > 0) {
        nb_emit_blank(e, function->body->list.count > 0 ? 1 : 0);
        nb_emit_line(e, NB_STR_FMT, NB_STR_ARG(function->last_line));
    }
}

nb_str nb_blocks_body(const nb_function *function, bool *used_show)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_emitter e = {.graph = function->graph,
                    .out = &out,
                    .indent = INDENT,
                    .in_function = true,
                    .marks = function->marks,
                    .show = function->show};
    put_body(&e, function);
    *used_show = e.used_show;
    return nb_arena_str(function->graph->source->arena, nb_buf_view(&out));
}

nb_str nb_blocks_function(const nb_function *function, bool *used_show)
{
    nb_str body = nb_blocks_body(function, used_show);
    return nb_arena_printf(
        function->graph->source->arena,
        "%sdef " NB_STR_FMT "():\n    \"\"\"" NB_STR_FMT "\"\"\"\n" NB_STR_FMT "%s",
        function->is_async ? "async " : "", NB_STR_ARG(function->name),
        NB_STR_ARG(function->docstring), NB_STR_ARG(body), body.len == 0 ? "    pass\n" : "");
}
