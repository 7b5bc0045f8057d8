/* notebook.h - a notebook written as text, read as a source: "%% train\nx = 1\n%%\ny = x\n"; the words after %% are the cell's tags. */
#ifndef NB_TEST_GRAPH_NOTEBOOK_H
#define NB_TEST_GRAPH_NOTEBOOK_H

#include "nb_test.h"

#include "graph/source.h"
#include "text/json_write.h"

typedef struct test_notebook {
    nb_arena arena;
    nb_diags diags;
    nb_source *source;
} test_notebook;

static inline void test_put_cell(nb_json_writer *w, nb_str cell)
{
    nb_str tags = NB_STR(""), tag;
    (void)nb_str_line(&cell, &tags);
    nb_json_begin_object(w);
    nb_json_member_str(w, "cell_type", NB_STR("code"));
    nb_json_key(w, NB_STR("metadata"));
    nb_json_begin_object(w);
    nb_json_key(w, NB_STR("tags"));
    nb_json_begin_array(w);
    while (nb_str_split(&tags, ' ', &tag))
        if (tag.len > 0)
            nb_json_put_str(w, tag);
    nb_json_end_array(w);
    nb_json_end_object(w);
    nb_json_member_str(w, "source", nb_str_rtrim(cell));
    nb_json_end_object(w);
}

static inline nb_str test_notebook_json(nb_arena *arena, const char *text)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_str rest = nb_str_from_at(nb_str_from(text), 2);
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "nbformat", 4);
    nb_json_member_int(&w, "nbformat_minor", 4);
    nb_json_key(&w, NB_STR("metadata"));
    nb_json_begin_object(&w);
    nb_json_end_object(&w);
    nb_json_key(&w, NB_STR("cells"));
    nb_json_begin_array(&w);
    while (rest.len > 0) {
        ptrdiff_t next = nb_str_find(rest, NB_STR("\n%%"));
        test_put_cell(&w, next < 0 ? rest : nb_str_slice(rest, 0, (size_t)next));
        rest = next < 0 ? NB_STR("") : nb_str_from_at(rest, (size_t)next + 3);
    }
    nb_json_end_array(&w);
    nb_json_end_object(&w);
    return nb_arena_str(arena, nb_buf_view(&out));
}

static inline void test_notebook_open(test_notebook *t, const char *text)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_notebook *notebook = NULL;
    static const nb_tags tags = {0};
    nb_source_options options = {.tags = &tags};
    t->diags.arena = &t->arena;
    assert_ok(nb_notebook_parse(&t->arena, test_notebook_json(&t->arena, text), NB_STR("n.ipynb"),
                                &t->diags, &notebook, &err),
              &err);
    t->source = nb_source_read(&t->arena, notebook, &options, &t->diags);
}

/* "preprocess+train"; "-" for none. */
static inline nb_str test_sections(nb_arena *arena, unsigned sections)
{
    nb_str text = NB_STR("");
    for (nb_section s = 0; s < NB_SECTION_COUNT; s++)
        if (sections & NB_BIT(s))
            text = nb_arena_printf(arena, NB_STR_FMT "%s%s", NB_STR_ARG(text), text.len ? "+" : "",
                                   nb_section_name(s));
    return text.len > 0 ? text : NB_STR("-");
}

#endif
