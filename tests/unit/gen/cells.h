/* cells.h - a notebook written as text, taken through the rooms of gen/: "%% train\nx = 1\n%% inference\n…"; "%% [3] train" was run as In [3]. */
#ifndef NB_TEST_CELLS_H
#define NB_TEST_CELLS_H

#include "nb_test.h"

#include "config/config.h"
#include "gen/emit.h"
#include "gen/find.h"
#include "gen/infer.h"
#include "text/json.h"

typedef struct test_cells {
    nb_arena arena;
    nb_diags diags;
    const nb_config *config;
    nb_experiment experiment;
    nb_source *source;
    nb_params *params;
    nb_graph *graph;
} test_cells;

static inline void test_put_text(nb_buf *out, nb_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\n')
            nb_buf_put(out, NB_STR("\\n"));
        else if (text.at[i] == '"' || text.at[i] == '\\')
            nb_buf_printf(out, "\\%c", text.at[i]);
        else
            nb_buf_putc(out, text.at[i]);
    }
}

static inline void test_put_cell(nb_buf *out, nb_str cell)
{
    nb_str tags, tag;
    const char *comma = "";
    int64_t execution = 0;
    (void)nb_str_line(&cell, &tags);
    nb_buf_put(out, NB_STR("{\"cell_type\": \"code\", \"metadata\": {\"tags\": ["));
    while (tags.len > 0 && nb_str_split(&tags, ' ', &tag)) {
        if (tag.len == 0)
            continue;
        if (nb_str_to_int(nb_str_slice(tag, 1, tag.len - 1), &execution))
            continue;
        nb_buf_printf(out, "%s\"" NB_STR_FMT "\"", comma, NB_STR_ARG(tag));
        comma = ",";
    }
    nb_buf_put(out, NB_STR("]}, \"outputs\": [], "));
    if (execution > 0)
        nb_buf_printf(out, "\"execution_count\": %lld, ", (long long)execution);
    nb_buf_put(out, NB_STR("\"source\": \""));
    test_put_text(out, nb_str_trim(cell));
    nb_buf_put(out, NB_STR("\"}"));
}

static inline nb_str test_notebook_json(nb_arena *arena, const char *text)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str rest = nb_str_from_at(nb_str_from(text), 2);
    nb_buf_put(&out,
               NB_STR("{\"nbformat\": 4, \"nbformat_minor\": 4, \"metadata\": {}, \"cells\": ["));
    while (rest.len > 0) {
        ptrdiff_t next = nb_str_find(rest, NB_STR("\n%%"));
        test_put_cell(&out, next < 0 ? rest : nb_str_slice(rest, 0, (size_t)next));
        rest = next < 0 ? NB_STR("") : nb_str_from_at(rest, (size_t)next + 3);
        if (rest.len > 0)
            nb_buf_putc(&out, ',');
    }
    nb_buf_put(&out, NB_STR("]}"));
    return nb_arena_str(arena, nb_buf_view(&out));
}

/* Up to the graph; `t->experiment` may be set before. */
static inline void test_cells_open(test_cells *t, const char *text)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_notebook *notebook;
    t->diags.arena = &t->arena;
    t->experiment.name = NB_STR("case");
    t->experiment.notebook = NB_STR("n.ipynb");
    assert_ok(nb_config_default(&t->arena, ".", &nb_env_real, &t->config, &err), &err);
    assert_ok(nb_notebook_parse(&t->arena, test_notebook_json(&t->arena, text), NB_STR("n.ipynb"),
                                &t->diags, &notebook, &err),
              &err);
    nb_source_options options = {.tags = &t->config->tags, .minor = 11};
    t->source = nb_source_read(&t->arena, notebook, &options, &t->diags);
    t->params = nb_params_find(t->source, t->config, &t->experiment);
    nb_graph_options graph_options = {false, &t->params->provided};
    t->graph = nb_graph_build(t->source, &graph_options);
}

/* "NB302 NB303": the codes of the findings that are no notes, in order. */
static inline nb_str test_findings(test_cells *t)
{
    nb_str all = NB_STR("");
    for (size_t i = 0; i < t->diags.list.count; i++)
        if (t->diags.list.at[i].severity != NB_SEVERITY_INFO)
            all = nb_arena_printf(&t->arena, NB_STR_FMT "%s%s", NB_STR_ARG(all), all.len ? " " : "",
                                  nb_diag_row_of(t->diags.list.at[i].code)->code);
    return all;
}

/* How many findings have that code. */
static inline size_t test_count(const test_cells *t, nb_diag_code code)
{
    size_t count = 0;
    for (size_t i = 0; i < t->diags.list.count; i++)
        count += t->diags.list.at[i].code == code;
    return count;
}

/* The statements as a function of train.py has them. */
static inline nb_str test_emitted(test_cells *t)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_emitter e = {.graph = t->graph, .out = &out, .in_function = true};
    for (size_t i = 0; i < t->source->statement_count; i++)
        nb_emit_statement(&e, &t->source->statements[i]);
    return nb_arena_str(&t->arena, nb_buf_view(&out));
}

#endif
