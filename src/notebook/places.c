#include "notebook/places.h"

#include "text/json.h"
#include "text/utf8.h"

/* A JSON string of a cell's source, with its quotes. */
typedef struct piece {
    nb_str raw;
    unsigned line, column; /* of its first character, behind the quote */
} piece;

typedef struct cell_pieces {
    NB_VEC(piece) list;
} cell_pieces;

struct nb_places {
    nb_arena *arena;
    NB_VEC(cell_pieces) cells;
};

/* --- reading ------------------------------------------------------------------------------------------------------ */

typedef struct reader {
    nb_json_reader json;
    nb_str bytes;
    nb_places *places;
    size_t at; /* `line` and `column` are of this byte */
    unsigned line, column;
} reader;

/* Counts on to the byte; strings come in the order of the file. */
static void count_to(reader *r, size_t at)
{
    nb_str text = nb_str_slice(r->bytes, r->at, at);
    for (ptrdiff_t end; (end = nb_str_find_char(text, '\n')) >= 0;) {
        r->line++;
        r->column = 1;
        text = nb_str_from_at(text, (size_t)end + 1);
    }
    r->column += (unsigned)nb_utf8_count(text);
    r->at = at;
}

static void read_piece(reader *r, cell_pieces *cell)
{
    nb_str raw;
    bool string = nb_json_peek(&r->json) == NB_JSON_STRING;
    nb_json_skip(&r->json, &raw);
    if (!string || r->json.bad || raw.len < 2)
        return;
    count_to(r, (size_t)(raw.at - r->bytes.at) + 1);
    nb_vec_push(r->places->arena, &cell->list, (piece){raw, r->line, r->column});
}

static void read_source(reader *r, cell_pieces *cell)
{
    cell->list.count = 0;
    if (nb_json_peek(&r->json) != NB_JSON_ARRAY) {
        read_piece(r, cell);
        return;
    }
    (void)nb_json_enter(&r->json, NB_JSON_ARRAY);
    while (nb_json_next(&r->json))
        read_piece(r, cell);
}

static void read_cell(reader *r)
{
    cell_pieces cell = {0};
    nb_str key;
    bool has_source = false;
    if (nb_json_peek(&r->json) != NB_JSON_OBJECT)
        nb_json_skip(&r->json, NULL);
    else if (nb_json_enter(&r->json, NB_JSON_OBJECT))
        while (nb_json_next_key(&r->json, r->places->arena, &key)) {
            bool source = nb_str_eqz(key, "source");
            if (source || (nb_str_eqz(key, "input") && !has_source)) /* before version 4 */
                read_source(r, &cell);
            else
                nb_json_skip(&r->json, NULL);
            has_source |= source;
        }
    nb_vec_push(r->places->arena, &r->places->cells, cell);
}

static void read_cells(reader *r)
{
    if (nb_json_peek(&r->json) != NB_JSON_ARRAY) {
        nb_json_skip(&r->json, NULL);
        return;
    }
    (void)nb_json_enter(&r->json, NB_JSON_ARRAY);
    while (nb_json_next(&r->json))
        read_cell(r);
}

/* Version 3 and before: [{"cells": [...]}]. */
static void read_worksheets(reader *r)
{
    nb_str key;
    if (nb_json_peek(&r->json) != NB_JSON_ARRAY) {
        nb_json_skip(&r->json, NULL);
        return;
    }
    (void)nb_json_enter(&r->json, NB_JSON_ARRAY);
    while (nb_json_next(&r->json)) {
        if (nb_json_peek(&r->json) != NB_JSON_OBJECT) {
            nb_json_skip(&r->json, NULL);
            continue;
        }
        (void)nb_json_enter(&r->json, NB_JSON_OBJECT);
        while (nb_json_next_key(&r->json, r->places->arena, &key))
            if (nb_str_eqz(key, "cells"))
                read_cells(r);
            else
                nb_json_skip(&r->json, NULL);
    }
}

static void read_document(reader *r)
{
    nb_str key;
    bool from_cells = false;
    if (nb_json_peek(&r->json) != NB_JSON_OBJECT)
        return;
    (void)nb_json_enter(&r->json, NB_JSON_OBJECT);
    while (nb_json_next_key(&r->json, r->places->arena, &key)) {
        bool cells = nb_str_eqz(key, "cells");
        if (!cells && (from_cells || !nb_str_eqz(key, "worksheets"))) {
            nb_json_skip(&r->json, NULL);
            continue;
        }
        r->places->cells.count = 0;
        from_cells |= cells;
        if (cells)
            read_cells(r);
        else
            read_worksheets(r);
    }
}

const nb_places *nb_places_read(nb_arena *arena, nb_str bytes)
{
    nb_places *places = NB_NEW(arena, nb_places);
    reader r = {.bytes = bytes, .places = places, .line = 1, .column = 1};
    places->arena = arena;
    nb_json_open(&r.json, bytes, NB_STR(""), NB_JSON_NOTEBOOK);
    read_document(&r);
    return places;
}

/* --- finding ------------------------------------------------------------------------------------------------------ */

/* The character at raw.at[*at] as it is after decoding: only line ends matter, everything else is 'x'. *at moves behind it. */
static char decoded(nb_str raw, size_t *at)
{
    size_t i = *at;
    bool escape = raw.at[i] == '\\' && i + 1 < raw.len;
    nb_str four = nb_str_slice(raw, i + 2, i + 6);
    if (!escape) {
        for (i++; i < raw.len && ((unsigned char)raw.at[i] & 0xC0) == 0x80;)
            i++;
    } else if (raw.at[i + 1] != 'u') {
        i += 2;
    } else { /* the two halves of a pair are one character */
        nb_str next = nb_str_slice(raw, i + 6, i + 9);
        bool high = four.len == 4 && (four.at[0] | 0x20) == 'd' && strchr("89abAB", four.at[1]);
        bool pair = high && next.len == 3 && next.at[0] == '\\' && next.at[1] == 'u' &&
                    (next.at[2] | 0x20) == 'd';
        i += pair ? 12 : 6;
    }
    char first = raw.at[*at], second = escape ? raw.at[*at + 1] : 0;
    *at = i < raw.len ? i : raw.len;
    if (!escape)
        return first == '\n' || first == '\r' ? first : 'x';
    if (second == 'u')
        return nb_str_eqz(four, "000a") || nb_str_eqz(four, "000A")   ? '\n'
               : nb_str_eqz(four, "000d") || nb_str_eqz(four, "000D") ? '\r'
                                                                      : 'x';
    return second == 'n' ? '\n' : second == 'r' ? '\r' : 'x';
}

/* A position that goes through a cell's source, character by character. */
typedef struct cursor {
    unsigned line, column; /* in the cell */
    bool after_cr;
} cursor;

static void step(cursor *c, char character)
{
    bool second_half = character == '\n' && c->after_cr; /* of CR LF */
    c->after_cr = character == '\r';
    if (second_half)
        return;
    if (character == 'x') {
        c->column++;
        return;
    }
    c->line++;
    c->column = 1;
}

static unsigned column_at(const piece *p, nb_str inner, size_t at)
{
    return p->column + (unsigned)nb_utf8_count(nb_str_slice(inner, 0, at));
}

/* The mark begins at inner.at[at]: it ends after `length` characters, or with the line. */
static nb_file_place mark(const piece *p, nb_str inner, size_t at, unsigned length)
{
    nb_file_place place = {.line = p->line, .column = column_at(p, inner, at)};
    for (unsigned n = length ? length : 1; n > 0 && at < inner.len; n--) {
        size_t next = at;
        if (decoded(inner, &next) != 'x')
            break;
        at = next;
    }
    place.end_column = column_at(p, inner, at);
    if (place.end_column == place.column)
        place.end_column++;
    return place;
}

bool nb_places_find(const nb_places *places, const nb_spot *spot, nb_file_place *out)
{
    *out = (nb_file_place){1, 1, 2};
    if (spot->cell == 0 || spot->cell > places->cells.count)
        return false;
    const cell_pieces *cell = &places->cells.at[spot->cell - 1];
    cursor here = {1, 1, false};
    unsigned line = spot->line ? spot->line : 1, column = spot->column ? spot->column : 1;
    for (size_t i = 0; i < cell->list.count; i++) {
        const piece *p = &cell->list.at[i];
        nb_str inner = nb_str_slice(p->raw, 1, p->raw.len - 1);
        if (i == 0)
            *out = (nb_file_place){p->line, p->column, p->column + 1};
        for (size_t at = 0; at < inner.len;) {
            size_t start = at;
            char character = decoded(inner, &at);
            bool there = here.line == line && here.column == column;
            if (there && !(character == '\n' && here.after_cr)) {
                *out = mark(p, inner, start, spot->length);
                return true;
            }
            step(&here, character);
        }
    }
    return false;
}
