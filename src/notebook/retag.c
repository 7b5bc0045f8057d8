#include "notebook/retag.h"

#include "notebook/notebook.h"
#include "notebook/retag_parts.h"

typedef struct retagging {
    nb_arena *arena;
    nb_str bytes, path;
    const nb_notebook *before;
    const nb_retag **wanted; /* by cell, from 0; NULL: stays as it is */
    NB_VEC(size_t) cells;    /* where they start */
    bool from_cells;         /* `cells` was read: `worksheets` no longer counts */
    NB_VEC(nb_retag_edit) edits;
} retagging;

/* --- what is wanted ------------------------------------------------------------------------------------------------- */

static bool same_tags(const nb_cell *cell, const nb_retag *change)
{
    bool same = cell->tag_count == change->tag_count;
    for (size_t i = 0; same && i < change->tag_count; i++)
        same = nb_str_eq(cell->tags[i], change->tags[i]);
    return same;
}

static nb_code sort_changes(retagging *r, const nb_retag *changes, size_t count, nb_error *err)
{
    size_t cells = r->before->cell_count;
    r->wanted = NB_NEW_ARRAY(r->arena, const nb_retag *, cells + 1);
    for (size_t i = 0; i < count; i++) {
        unsigned cell = changes[i].cell;
        if (cell == 0 || cell > cells)
            return nb_fail(err, NB_ERR_USAGE, "'" NB_STR_FMT "' has no cell %u: it has %zu",
                           NB_STR_ARG(r->path), cell, cells);
        r->wanted[cell - 1] =
            same_tags(&r->before->cells[cell - 1], &changes[i]) ? NULL : &changes[i];
    }
    return NB_OK;
}

/* --- where cells start: counted as nbformat.c counts them ----------------------------------------------------------- */

static void find_list(retagging *r, nb_json_reader *json)
{
    nb_str raw;
    (void)nb_json_enter(json, NB_JSON_ARRAY);
    while (nb_json_next(json)) {
        nb_json_skip(json, &raw);
        nb_vec_push(r->arena, &r->cells, (size_t)(raw.at - r->bytes.at));
    }
}

static void find_worksheet(retagging *r, nb_json_reader *json)
{
    nb_str key;
    if (nb_json_peek(json) != NB_JSON_OBJECT) {
        nb_json_skip(json, NULL);
        return;
    }
    (void)nb_json_enter(json, NB_JSON_OBJECT);
    while (nb_json_next_key(json, r->arena, &key))
        if (nb_str_eqz(key, "cells"))
            find_list(r, json);
        else
            nb_json_skip(json, NULL);
}

static void find_worksheets(retagging *r, nb_json_reader *json)
{
    if (r->from_cells || nb_json_peek(json) != NB_JSON_ARRAY) {
        nb_json_skip(json, NULL);
        return;
    }
    r->cells.count = 0;
    (void)nb_json_enter(json, NB_JSON_ARRAY);
    while (nb_json_next(json))
        find_worksheet(r, json);
}

static void find_cells(retagging *r)
{
    nb_str key;
    nb_json_reader *json = NB_NEW(r->arena, nb_json_reader);
    nb_json_open(json, r->bytes, r->path, NB_JSON_NOTEBOOK);
    (void)nb_json_enter(json, NB_JSON_OBJECT);
    while (nb_json_next_key(json, r->arena, &key)) {
        if (nb_str_eqz(key, "cells")) {
            r->cells.count = 0;
            r->from_cells = true;
            find_list(r, json);
        } else if (nb_str_eqz(key, "worksheets")) {
            find_worksheets(r, json);
        } else {
            nb_json_skip(json, NULL);
        }
    }
}

/* --- one cell ------------------------------------------------------------------------------------------------------- */

static nb_retag_edit replace(const nb_retag_member *member, nb_str value)
{
    return (nb_retag_edit){member->at, member->end, value};
}

/* `tags` in an object of metadata that is there. */
static nb_retag_edit set_tags(retagging *r, const nb_retag_object *metadata,
                              const nb_retag_layout *outer, const nb_retag *change)
{
    nb_retag_layout layout = nb_retag_layout_of(r->arena, r->bytes, metadata, outer);
    const nb_retag_member *tags = nb_retag_find(metadata, "tags");
    if (tags && tags->kind == NB_JSON_ARRAY)
        return replace(tags, nb_retag_relist(r->arena, &layout, r->bytes, tags->at, change->tags,
                                             change->tag_count));
    nb_str list = nb_retag_list(r->arena, &layout, change->tags, change->tag_count);
    if (tags)
        return replace(tags, list);
    return nb_retag_insert(r->arena, metadata, &layout, "tags", list);
}

static nb_code change_cell(retagging *r, size_t start, const nb_retag *change, nb_error *err)
{
    nb_arena *arena = r->arena;
    nb_retag_object cell = nb_retag_object_at(arena, r->bytes, start);
    nb_retag_layout layout = nb_retag_layout_of(arena, r->bytes, &cell, NULL);
    const nb_retag_member *metadata = nb_retag_find(&cell, "metadata");
    if (metadata && metadata->kind == NB_JSON_OBJECT) {
        nb_retag_object object = nb_retag_object_at(arena, r->bytes, metadata->at);
        nb_vec_push(arena, &r->edits, set_tags(r, &object, &layout, change));
        return NB_OK;
    }
    if (metadata && metadata->kind != NB_JSON_NULL) {
        (void)nb_fail(err, NB_ERR_NOTEBOOK,
                      "cannot tag cell %u of '" NB_STR_FMT "': its metadata is not an object",
                      change->cell, NB_STR_ARG(r->path));
        nb_error_hint(err, "open the notebook in Jupyter and save it again");
        return err->code;
    }
    nb_retag_layout inner = nb_retag_inner(arena, &layout);
    nb_str list = nb_retag_list(arena, &inner, change->tags, change->tag_count);
    nb_str value = nb_retag_wrap(arena, &layout, "tags", list);
    nb_vec_push(arena, &r->edits,
                metadata ? replace(metadata, value)
                         : nb_retag_insert(arena, &cell, &layout, "metadata", value));
    return NB_OK;
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static nb_str apply(const retagging *r)
{
    size_t len = r->bytes.len, at = 0, from = 0;
    for (size_t i = 0; i < r->edits.count; i++)
        len += r->edits.at[i].text.len;
    char *out = nb_arena_alloc(r->arena, len + 1);
    for (size_t i = 0; i <= r->edits.count; i++) {
        bool last = i == r->edits.count;
        size_t upto = last ? r->bytes.len : r->edits.at[i].start;
        nb_str text = last ? NB_STR("") : r->edits.at[i].text;
        memcpy(out + at, r->bytes.at + from, upto - from);
        at += upto - from;
        memcpy(out + at, text.at, text.len);
        at += text.len;
        from = last ? upto : r->edits.at[i].end;
    }
    return (nb_str){out, at};
}

static bool same_cell(const nb_cell *a, const nb_cell *b)
{
    return a->kind == b->kind && a->execution == b->execution && a->frozen == b->frozen &&
           a->foreign_language == b->foreign_language && nb_str_eq(a->id, b->id) &&
           nb_str_eq(a->source, b->source);
}

/* A file that belongs to somebody: what was made is looked at before anybody gets it. */
static nb_code check(const retagging *r, nb_str bytes, nb_error *err)
{
    const nb_notebook *after;
    nb_diags ignored = {.arena = r->arena}; /* were told when the notebook was read first */
    if (nb_notebook_parse(r->arena, bytes, r->path, &ignored, &after, err) != NB_OK) {
        err->code = NB_ERR_INTERNAL;
        return nb_wrap(err, "the notebook with its new tags cannot be read");
    }
    bool same = after->cell_count == r->before->cell_count;
    for (size_t i = 0; same && i < after->cell_count; i++) {
        const nb_cell *old = &r->before->cells[i], *new = &after->cells[i];
        const nb_retag kept = {old->number, old->tags, old->tag_count};
        same = same_cell(old, new) && same_tags(new, r->wanted[i] ? r->wanted[i] : &kept);
    }
    return same ? NB_OK
                : nb_fail(err, NB_ERR_INTERNAL, "the tags of '" NB_STR_FMT "' came out wrong",
                          NB_STR_ARG(r->path));
}

nb_code nb_retag_bytes(nb_arena *arena, nb_str bytes, nb_str path, const nb_retag *changes,
                       size_t count, nb_str *out, nb_error *err)
{
    retagging r = {.arena = arena, .bytes = bytes, .path = path};
    nb_diags ignored = {.arena = arena}; /* whoever reads the notebook for its cells tells them */
    if (nb_notebook_parse(arena, bytes, path, &ignored, &r.before, err) != NB_OK ||
        sort_changes(&r, changes, count, err) != NB_OK)
        return err->code;
    find_cells(&r);
    for (size_t i = 0; i < r.before->cell_count; i++)
        if (r.wanted[i] && change_cell(&r, r.cells.at[i], r.wanted[i], err) != NB_OK)
            return err->code;
    nb_str after = r.edits.count > 0 ? apply(&r) : bytes;
    if (r.edits.count > 0 && check(&r, after, err) != NB_OK)
        return err->code;
    *out = after;
    return NB_OK;
}
