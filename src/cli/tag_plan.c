#include "cli/tag_plan.h"

#include "base/path.h"
#include "graph/propose.h"
#include "notebook/directives.h"

/* The cell's own section, without saying anything about its tags. */
static unsigned sections_of(nb_arena *arena, const nb_target *target, const nb_notebook *notebook,
                            const nb_cell *cell)
{
    nb_map seen = NB_MAP_INIT;
    nb_diags ignored = {.arena = arena}; /* `check` tells them */
    return nb_tags_sections(&target->config->tags, notebook, cell, &seen, &ignored);
}

static bool has_tag(const nb_cell *cell, nb_str tag)
{
    for (size_t i = 0; i < cell->tag_count; i++)
        if (nb_str_eq(cell->tags[i], tag))
            return true;
    return false;
}

static void add_row(nb_arena *arena, nb_tag_plan *plan, nb_tag_plan_row row)
{
    nb_vec_push(arena, &plan->rows, row);
    if (row.changes)
        nb_vec_push(arena, &plan->changes, (nb_retag){row.cell->number, row.tags, row.tag_count});
}

/* The row's tags become those of the cell and one for each bit of `added`. */
static void add_tags(nb_arena *arena, nb_tag_plan_row *row, unsigned added)
{
    const nb_cell *cell = row->cell;
    nb_str *tags = NB_NEW_ARRAY(arena, nb_str, cell->tag_count + NB_SECTION_COUNT);
    for (; row->tag_count < cell->tag_count; row->tag_count++)
        tags[row->tag_count] = cell->tags[row->tag_count];
    for (nb_section s = 0; s < NB_SECTION_COUNT; s++) {
        nb_str tag = nb_str_from(nb_section_name(s));
        if (!(added & NB_BIT(s)) || has_tag(cell, tag))
            continue;
        tags[row->tag_count++] = tag;
        row->changes = true;
    }
    row->tags = tags;
}

/* --- proposals ------------------------------------------------------------------------------------------------------ */

void nb_tag_propose(nb_arena *arena, const nb_target *target, nb_tag_plan *plan)
{
    nb_diags ignored = {.arena =
                            arena}; /* cells that do not parse get no proposal, and that is all */
    nb_str path = nb_path_join(arena, target->config->root, target->experiment->notebook);
    nb_source_options options = {.tags = &target->config->tags,
                                 .policies = nb_config_policies(target->config, target->experiment),
                                 .folder = nb_path_clean(arena, nb_path_dir(path))};
    const nb_source *source = nb_source_read(arena, plan->notebook, &options, &ignored);
    nb_proposals proposals = nb_propose(source);
    for (size_t i = 0; i < proposals.list.count; i++) {
        const nb_proposal *proposal = &proposals.list.at[i];
        nb_tag_plan_row row = {.cell = proposal->cell->cell,
                               .sections = proposal->sections,
                               .had = proposal->cell->sections != 0,
                               .split = proposal->split,
                               .reason = proposal->reason};
        add_tags(arena, &row, row.had ? 0 : row.sections);
        add_row(arena, plan, row);
    }
}

/* --- by hand -------------------------------------------------------------------------------------------------------- */

static nb_code fail_cells(const char *spec, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_USAGE, "option '--cells' does not take '%s'", spec);
    nb_error_hint(err, "write numbers of cells, counted from 1 over all of them: --cells 3,5-7");
    return err->code;
}

/* "5" or "5-7". */
static bool read_range(nb_str text, int64_t *first, int64_t *last)
{
    nb_str end = nb_str_trim(text), start;
    if (!nb_str_split(&end, '-', &start) || !nb_str_to_int(nb_str_trim(start), first))
        return false;
    *last = *first;
    return (!end.at || nb_str_to_int(nb_str_trim(end), last)) && *first > 0 && *last >= *first;
}

/* A cell that is named must be one that can be tagged; within a range the others are passed over. */
typedef enum choice { NOT_CHOSEN, IN_RANGE, NAMED } choice;

static nb_code choose_cells(const char *spec, const nb_notebook *notebook, choice *chosen,
                            nb_error *err)
{
    nb_str rest = nb_str_from(spec), piece;
    while (nb_str_split(&rest, ',', &piece)) {
        int64_t first, last;
        if (!read_range(piece, &first, &last))
            return fail_cells(spec, err);
        if (last > (int64_t)notebook->cell_count) {
            (void)nb_fail(err, NB_ERR_USAGE, "'" NB_STR_FMT "' has no cell %lld",
                          NB_STR_ARG(notebook->path), (long long)last);
            nb_error_hint(err, "count from 1 over all %zu cells, those with text included",
                          notebook->cell_count);
            return err->code;
        }
        for (int64_t i = first; i <= last; i++)
            chosen[i - 1] = last > first ? IN_RANGE : NAMED;
    }
    return NB_OK;
}

static nb_code fail_section(nb_str word, nb_error *err)
{
    nb_str names[NB_SECTION_COUNT + 1];
    for (nb_section s = 0; s < NB_SECTION_COUNT; s++)
        names[s] = nb_str_from(nb_section_name(s));
    names[NB_SECTION_COUNT] = NB_STR("none");
    nb_str near = nb_str_nearest(word, names, NB_LEN(names));
    (void)nb_fail(err, NB_ERR_USAGE, "'" NB_STR_FMT "' is no section", NB_STR_ARG(word));
    if (near.len > 0)
        nb_error_hint(err, "did you mean '" NB_STR_FMT "'?", NB_STR_ARG(near));
    else
        nb_error_hint(err, "choose among imports, parameters, utils, preprocess, model, train, "
                           "inference, requirements, skip and none");
    return err->code;
}

/* The bits of the sections; 0 for "none". */
static nb_code read_sections(const char *as, unsigned *sections, nb_error *err)
{
    nb_str rest = nb_str_from(as), word;
    nb_section section;
    *sections = 0;
    if (nb_str_eqz(rest, "none"))
        return NB_OK;
    while (nb_str_split(&rest, ',', &word)) {
        word = nb_str_trim(word);
        if (!nb_section_find(word, &section))
            return fail_section(word, err);
        *sections |= NB_BIT(section);
    }
    return NB_OK;
}

static nb_code fail_not_code(const nb_notebook *notebook, const nb_cell *cell, nb_error *err)
{
    const char *kind = cell->kind == NB_CELL_MARKDOWN ? "holds text"
                       : cell->kind == NB_CELL_RAW    ? "is a raw cell"
                                                      : "is in another language";
    (void)nb_fail(err, NB_ERR_USAGE, "cannot tag cell %u of '" NB_STR_FMT "': it %s", cell->number,
                  NB_STR_ARG(notebook->path), kind);
    nb_error_hint(err, "choose cells of Python code; 'notebooked tag -v' lists them");
    return err->code;
}

/* The row's tags become those of the cell that are not ours. */
static void remove_tags(nb_arena *arena, nb_tag_plan_row *row)
{
    const nb_cell *cell = row->cell;
    nb_str *tags = NB_NEW_ARRAY(arena, nb_str, cell->tag_count);
    nb_section section;
    for (size_t i = 0; i < cell->tag_count; i++)
        if (!nb_section_find(cell->tags[i], &section))
            tags[row->tag_count++] = cell->tags[i];
    row->tags = tags;
    row->changes = row->tag_count < cell->tag_count;
}

/* What the cell is part of once its tags are those of the row. */
static unsigned sections_then(nb_arena *arena, const nb_target *target, const nb_notebook *notebook,
                              const nb_tag_plan_row *row)
{
    nb_cell cell = *row->cell;
    cell.tags = row->tags;
    cell.tag_count = row->tag_count;
    return sections_of(arena, target, notebook, &cell);
}

static nb_str reason_of(const nb_tag_plan_row *row, unsigned asked)
{
    if (row->changes && asked && !(row->sections & asked))
        return NB_STR("as you say, but 'skip' counts");
    if (row->changes && (asked || row->sections == 0))
        return NB_STR("as you say");
    if (asked)
        return NB_STR("is tagged so already");
    if (row->sections == 0)
        return NB_STR("has no tag of ours");
    return row->cell->directives ? NB_STR("a comment in the cell says so")
                                 : NB_STR("a tag of the configuration says so");
}

static void order_cell(nb_arena *arena, const nb_target *target, nb_tag_plan *plan,
                       const nb_cell *cell, unsigned asked)
{
    unsigned before = sections_of(arena, target, plan->notebook, cell);
    nb_tag_plan_row row = {.cell = cell, .had = before != 0};
    if (asked)
        add_tags(arena, &row, asked & ~before);
    else
        remove_tags(arena, &row);
    row.sections = sections_then(arena, target, plan->notebook, &row);
    row.reason = reason_of(&row, asked);
    add_row(arena, plan, row);
}

nb_code nb_tag_by_hand(nb_arena *arena, const nb_target *target, const nb_tag_order *order,
                       nb_tag_plan *plan, nb_error *err)
{
    const nb_notebook *notebook = plan->notebook;
    choice *chosen = NB_NEW_ARRAY(arena, choice, notebook->cell_count + 1);
    unsigned asked;
    if (read_sections(order->as, &asked, err) != NB_OK ||
        choose_cells(order->cells, notebook, chosen, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < notebook->cell_count; i++) {
        const nb_cell *cell = &notebook->cells[i];
        bool code = cell->kind == NB_CELL_CODE && !cell->foreign_language;
        if (chosen[i] == NAMED && asked && !code)
            return fail_not_code(notebook, cell, err);
        if (chosen[i] != NOT_CHOSEN && (code || !asked))
            order_cell(arena, target, plan, cell, asked);
    }
    return NB_OK;
}
