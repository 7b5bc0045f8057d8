/* notebook.c - what the notebook reader makes of files: tool_notebook FILE...
 *
 * One JSON line a file: {"path", "ok", "kernel", "language", "nbformat", "sha256", "cells": [{"type", "tags", "source", ...}],
 * "error": {"messages", "line", "column", "hint"}, "diagnostics": [{"slug", "severity", "cell", "line", "column", "message"}]}. With
 * --brief cells are only counted. */
#include "notebook/notebook.h"
#include "text/json_write.h"

static const char *const kinds[] = {
    [NB_CELL_CODE] = "code", [NB_CELL_MARKDOWN] = "markdown", [NB_CELL_RAW] = "raw"};

static void put_cell(nb_json_writer *w, const nb_cell *cell)
{
    nb_json_begin_object(w);
    nb_json_member_int(w, "number", cell->number);
    nb_json_member_str(w, "type", nb_str_from(kinds[cell->kind]));
    nb_json_member_str(w, "id", cell->id);
    nb_json_member_int(w, "execution", cell->execution);
    nb_json_key(w, NB_STR("tags"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < cell->tag_count; i++)
        nb_json_put_str(w, cell->tags[i]);
    nb_json_end_array(w);
    nb_json_member_str(w, "source", cell->source);
    nb_json_member_bool(w, "foreign", cell->foreign_language);
    nb_json_member_bool(w, "frozen", cell->frozen);
    nb_json_end_object(w);
}

static void put_notebook(nb_json_writer *w, const nb_notebook *notebook, bool brief)
{
    nb_json_member_str(w, "kernel", notebook->kernel);
    nb_json_member_str(w, "language", notebook->language);
    nb_json_member_int(w, "nbformat", notebook->major);
    nb_json_member_str(w, "sha256", notebook->sha256);
    nb_json_member_int(w, "cell_count", (int64_t)notebook->cell_count);
    if (brief)
        return;
    nb_json_key(w, NB_STR("cells"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < notebook->cell_count; i++)
        put_cell(w, &notebook->cells[i]);
    nb_json_end_array(w);
}

static void put_error(nb_json_writer *w, const nb_error *err)
{
    nb_json_key(w, NB_STR("error"));
    nb_json_begin_object(w);
    nb_json_member_str(w, "code", nb_str_from(nb_code_name(err->code)));
    nb_json_key(w, NB_STR("messages"));
    nb_json_begin_array(w);
    for (size_t i = 0; nb_error_message(err, i); i++)
        nb_json_put_str(w, nb_str_from(nb_error_message(err, i)));
    nb_json_end_array(w);
    nb_json_member_int(w, "line", err->line);
    nb_json_member_int(w, "column", err->column);
    nb_json_member_str(w, "hint", nb_str_from(err->hint));
    nb_json_end_object(w);
}

static void put_findings(nb_json_writer *w, const nb_diags *diags)
{
    nb_json_key(w, NB_STR("diagnostics"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < diags->list.count; i++) {
        const nb_diag *diag = &diags->list.at[i];
        nb_json_begin_object(w);
        nb_json_member_str(w, "slug", nb_str_from(nb_diag_row_of(diag->code)->slug));
        nb_json_member_str(w, "severity", nb_str_from(nb_severity_name(diag->severity)));
        nb_json_member_int(w, "cell", diag->spot.cell);
        nb_json_member_int(w, "line", diag->spot.line);
        nb_json_member_int(w, "column", diag->spot.column);
        nb_json_member_str(w, "message", diag->message);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void show(const char *path, bool brief)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(SIZE_MAX);
    nb_diags diags = {.arena = &arena};
    const nb_notebook *notebook = NULL;
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    bool ok = nb_notebook_load(&arena, path, &diags, &notebook, &err) == NB_OK;
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "path", nb_str_from(path));
    nb_json_member_bool(&w, "ok", ok);
    if (ok)
        put_notebook(&w, notebook, brief);
    else
        put_error(&w, &err);
    put_findings(&w, &diags);
    nb_json_end_object(&w);
    puts(out.at);
}

int main(int argc, char **argv)
{
    bool brief = argc > 1 && strcmp(argv[1], "--brief") == 0;
    for (int i = brief ? 2 : 1; i < argc; i++)
        show(argv[i], brief);
    return 0;
}
