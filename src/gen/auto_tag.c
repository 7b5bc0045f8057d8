#include "gen/auto_tag.h"

/* "3, 5-7": the cells of that section, as people write page numbers. */
static nb_str cells_of(nb_arena *arena, const nb_proposals *proposals, nb_section section)
{
    nb_str text = NB_STR("");
    for (size_t i = 0; i < proposals->list.count;) {
        size_t end = i;
        while (end < proposals->list.count && !proposals->list.at[end].cell->sections &&
               (proposals->list.at[end].sections & NB_BIT(section)))
            end++;
        if (end == i) {
            i++;
            continue;
        }
        unsigned first = proposals->list.at[i].cell->cell->number;
        unsigned last = proposals->list.at[end - 1].cell->cell->number;
        text = nb_arena_printf(arena, NB_STR_FMT "%s%u", NB_STR_ARG(text), text.len ? ", " : "",
                               first);
        if (last > first)
            text = nb_arena_printf(arena, NB_STR_FMT "-%u", NB_STR_ARG(text), last);
        i = end;
    }
    return text;
}

static void report(const nb_notebook *notebook, const nb_proposals *proposals, size_t count,
                   nb_diags *diags)
{
    nb_str text = NB_STR("");
    for (nb_section s = 0; s < NB_SECTION_COUNT; s++) {
        nb_str cells = cells_of(diags->arena, proposals, s);
        if (cells.len > 0)
            text = nb_arena_printf(diags->arena, NB_STR_FMT "%s%s " NB_STR_FMT, NB_STR_ARG(text),
                                   text.len ? "; " : "", nb_section_name(s), NB_STR_ARG(cells));
    }
    nb_diag *diag = nb_diag_add(diags, NB_D_TAG_PROPOSED, (nb_spot){.path = notebook->path},
                                "%zu untagged cell%s read as tagged: " NB_STR_FMT, count,
                                count == 1 ? " is" : "s are", NB_STR_ARG(text));
    nb_diag_help(diags, diag,
                 "look at the reasons with 'notebooked tag', and keep them with --write");
}

static void report_split(const nb_notebook *notebook, const nb_proposal *proposal, nb_diags *diags)
{
    nb_diag *diag =
        nb_diag_add(diags, NB_D_CELL_SPLIT, nb_cell_spot(notebook, proposal->cell->cell, 1, 1, 0),
                    "this cell does several jobs (" NB_STR_FMT ")", NB_STR_ARG(proposal->reason));
    nb_diag_help(diags, diag, "make a cell of each job to choose yourself");
}

const unsigned *nb_auto_tag(const nb_notebook *notebook, const nb_source_options *options,
                            nb_diags *diags)
{
    nb_diags ignored = {.arena = diags->arena}; /* the notebook is read again with its sections */
    const nb_source *source = nb_source_read(diags->arena, notebook, options, &ignored);
    nb_proposals proposals = nb_propose(source);
    unsigned *sections = NB_NEW_ARRAY(diags->arena, unsigned, notebook->cell_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < proposals.list.count; i++) {
        const nb_proposal *proposal = &proposals.list.at[i];
        if (proposal->cell->sections || !proposal->sections)
            continue;
        if (proposal->split)
            report_split(notebook, proposal, diags);
        sections[proposal->cell->cell->number - 1] = proposal->sections;
        count++;
    }
    if (count > 0)
        report(notebook, &proposals, count, diags);
    return sections;
}
