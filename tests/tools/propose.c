/* propose.c - what is proposed for the cells of notebooks: tool_propose NOTEBOOK...
 *
 * One JSON line a notebook: {"path", "cells": [{"cell", "sections", "proposed", "split", "reason", "statements": [{"line", "purpose", "about"}]}]}; a
 * notebook that cannot be read has "error" instead of "cells". */
#include "graph/propose.h"
#include "graph/purpose.h"
#include "text/json_write.h"

static void put_sections(nb_json_writer *w, const char *key, unsigned sections)
{
    nb_json_key(w, nb_str_from(key));
    nb_json_begin_array(w);
    for (nb_section s = 0; s < NB_SECTION_COUNT; s++)
        if (sections & NB_BIT(s))
            nb_json_put_str(w, nb_str_from(nb_section_name(s)));
    nb_json_end_array(w);
}

static void put_statements(nb_json_writer *w, const nb_source *source, const nb_intent *intents,
                           const nb_source_cell *cell)
{
    nb_json_key(w, NB_STR("statements"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < source->statement_count; i++) {
        const nb_statement *s = &source->statements[i];
        if (s->cell != cell)
            continue;
        nb_json_begin_object(w);
        nb_json_member_int(w, "line", s->node->line);
        nb_json_member_str(w, "purpose", nb_str_from(nb_purpose_name(intents[i].purpose)));
        nb_json_member_str(w, "about", intents[i].what);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void put_cells(nb_json_writer *w, const nb_source *source)
{
    const nb_intent *intents = nb_purposes_find(source);
    nb_proposals proposals = nb_propose(source);
    nb_json_key(w, NB_STR("cells"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < proposals.list.count; i++) {
        const nb_proposal *proposal = &proposals.list.at[i];
        nb_json_begin_object(w);
        nb_json_member_int(w, "cell", proposal->cell->cell->number);
        put_sections(w, "tagged", proposal->cell->sections);
        put_sections(w, "sections", proposal->sections);
        nb_json_member_bool(w, "split", proposal->split);
        nb_json_member_str(w, "reason", proposal->reason);
        put_statements(w, source, intents, proposal->cell);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void put_notebook(nb_json_writer *w, nb_arena *arena, const char *path)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_diags diags = {.arena = arena};
    const nb_notebook *notebook;
    nb_tags tags = {0};
    nb_source_options options = {.tags = &tags};
    nb_json_begin_object(w);
    nb_json_member_str(w, "path", nb_str_from(path));
    if (nb_notebook_load(arena, path, &diags, &notebook, &err) == NB_OK)
        put_cells(w, nb_source_read(arena, notebook, &options, &diags));
    else
        nb_json_member_str(w, "error", nb_str_from(nb_code_name(err.code)));
    nb_json_end_object(w);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_json_writer w = NB_JSON_WRITER(&out, 0);
        put_notebook(&w, &arena, argv[i]);
        nb_buf_putc(&out, '\n');
        fwrite(out.at, 1, out.len, stdout);
    }
    return 0;
}
