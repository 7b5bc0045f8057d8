#include "cli/answer_rows.h"

#include "base/vec.h"
#include "text/json.h"
#include "text/json_write.h"
#include "text/rows.h"

enum { DIALECT = NB_JSON_NOTEBOOK | NB_JSON_STRICT_SKIP };

nb_str nb_json_one_line(nb_arena *arena, nb_str json)
{
    if (nb_str_find_char(json, '\n') < 0 && nb_str_find_char(json, '\r') < 0)
        return json;
    char *line = nb_arena_z(arena, json);
    for (size_t i = 0; i < json.len; i++)
        if (line[i] == '\n' || line[i] == '\r')
            line[i] = ' ';
    return (nb_str){line, json.len};
}

/* --- JSON ----------------------------------------------------------------------------------------- */

static bool is_whole(nb_json_reader *r)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the caller only asks whether */
    return nb_json_close(r, &ignored) == NB_OK;
}

/* The member that holds the predictions; false: there is none, or this is no JSON. */
static bool find_list(nb_arena *arena, nb_str body, nb_str *list)
{
    nb_json_reader r;
    nb_str key, value, named = {0}, outputs = {0}, last = {0};
    size_t count = 0;
    nb_json_open(&r, body, NB_STR("answer"), DIALECT);
    if (nb_json_peek(&r) != NB_JSON_OBJECT) {
        nb_json_skip(&r, list);
        return is_whole(&r);
    }
    (void)nb_json_enter(&r, NB_JSON_OBJECT);
    for (; nb_json_next_key(&r, arena, &key); count++) {
        nb_json_skip(&r, &value);
        last = value;
        if (nb_str_eqz(key, "predictions"))
            named = value;
        else if (nb_str_eqz(key, "outputs"))
            outputs = value;
    }
    *list = named.at ? named : outputs.at ? outputs : count == 1 ? last : (nb_str){0};
    return is_whole(&r) && list->at;
}

static nb_answer_rows split(nb_arena *arena, nb_str list)
{
    NB_VEC(nb_str) rows = {0};
    nb_json_reader r;
    nb_str value = list;
    nb_json_open(&r, list, NB_STR("answer"), NB_JSON_NOTEBOOK);
    if (nb_json_peek(&r) != NB_JSON_ARRAY) {
        nb_vec_push(arena, &rows, value);
        return (nb_answer_rows){rows.at, rows.count};
    }
    (void)nb_json_enter(&r, NB_JSON_ARRAY);
    while (nb_json_next(&r)) {
        nb_json_skip(&r, &value);
        nb_vec_push(arena, &rows, value);
    }
    return (nb_answer_rows){rows.at, rows.count};
}

/* --- CSV ------------------------------------------------------------------------------------------ */

/* "a,b" is ["a", "b"], "a" is "a". */
static nb_str json_of_line(nb_arena *arena, nb_str line)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(SIZE_MAX);
    nb_str field;
    size_t count = 0;
    nb_buf_putc(&out, '[');
    for (; nb_csv_field(arena, &line, &field); count++) {
        if (count > 0)
            nb_buf_putz(&out, ", ");
        nb_json_quote(&out, field);
    }
    nb_buf_putc(&out, ']');
    nb_str all = nb_buf_view(&out);
    return nb_arena_str(arena, count == 1 ? nb_str_slice(all, 1, all.len - 1) : all);
}

static bool read_csv(nb_arena *arena, nb_str body, nb_answer_rows *out)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the caller only asks whether */
    NB_AUTO(nb_rows_piece) piece = {0};
    const nb_rows_source source = nb_rows_in_memory(&body, NB_STR("answer"));
    nb_rows *rows = NULL;
    if (nb_rows_open(&source, NB_ROWS_CSV, &rows, &ignored) != NB_OK)
        return false;
    bool fine = nb_rows_next(rows, SIZE_MAX, SIZE_MAX, &piece, &ignored) == NB_OK;
    nb_rows_close(rows);
    nb_str *list = NB_NEW_ARRAY(arena, nb_str, piece.count);
    for (size_t i = 0; fine && i < piece.count; i++) {
        list[i] = json_of_line(arena, nb_row_text(&piece, i));
        fine = nb_row_problem(&piece, i) == NULL;
    }
    *out = (nb_answer_rows){list, piece.count};
    return fine;
}

bool nb_answer_rows_read(nb_arena *arena, nb_str content_type, nb_str body, nb_answer_rows *out)
{
    nb_str list = {0};
    if (nb_str_starts(content_type, NB_STR("text/csv")))
        return read_csv(arena, body, out);
    if (!find_list(arena, body, &list))
        return false;
    *out = split(arena, list);
    return true;
}

/* --- cells ---------------------------------------------------------------------------------------- */

static nb_str read_cell(nb_json_reader *r, nb_arena *arena)
{
    nb_str raw = NB_STR("");
    nb_json_kind kind = nb_json_peek(r);
    if (kind == NB_JSON_STRING)
        return nb_json_string(r, arena);
    nb_json_skip(r, &raw);
    return kind == NB_JSON_NULL ? NB_STR("") : nb_json_one_line(arena, raw);
}

static void open_value(nb_json_reader *r, nb_str value)
{
    nb_json_open(r, value, NB_STR("answer"), NB_JSON_NOTEBOOK);
}

nb_cells_shape nb_cells_shape_of(nb_arena *arena, nb_str value, const char *word)
{
    nb_json_reader r;
    nb_str key;
    nb_cells_shape shape = {0};
    NB_VEC(nb_str) names = {0};
    open_value(&r, value);
    if (nb_json_peek(&r) == NB_JSON_OBJECT) {
        shape.kind = NB_CELLS_NAMED;
        (void)nb_json_enter(&r, NB_JSON_OBJECT);
        for (; nb_json_next_key(&r, arena, &key); nb_json_skip(&r, NULL))
            nb_vec_push(arena, &names, nb_arena_str(arena, key));
    } else if (nb_json_peek(&r) == NB_JSON_ARRAY) {
        shape.kind = NB_CELLS_LIST;
        (void)nb_json_enter(&r, NB_JSON_ARRAY);
        for (; names.count < NB_PREDICTION_CELLS && nb_json_next(&r); nb_json_skip(&r, NULL)) {
            nb_str name = nb_arena_printf(arena, "%s_%zu", word, names.count);
            nb_vec_push(arena, &names, name);
        }
    } else {
        nb_vec_push(arena, &names, nb_str_from(word));
    }
    shape.names = names.at;
    shape.count = names.count;
    return shape;
}

/* Members mostly come in the same order. */
static size_t find_name(const nb_cells_shape *shape, nb_str name, size_t guess)
{
    if (guess < shape->count && nb_str_eq(shape->names[guess], name))
        return guess;
    size_t i = 0;
    while (i < shape->count && !nb_str_eq(shape->names[i], name))
        i++;
    return i;
}

static bool read_named(nb_json_reader *r, nb_arena *arena, const nb_cells_shape *shape,
                       nb_str *cells)
{
    nb_str key;
    (void)nb_json_enter(r, NB_JSON_OBJECT);
    for (size_t i = 0; nb_json_next_key(r, arena, &key); i++) {
        size_t column = find_name(shape, key, i);
        if (column == shape->count)
            return false;
        cells[column] = read_cell(r, arena);
    }
    return true;
}

static bool read_list(nb_json_reader *r, nb_arena *arena, const nb_cells_shape *shape,
                      nb_str *cells)
{
    size_t count = 0;
    (void)nb_json_enter(r, NB_JSON_ARRAY);
    for (; nb_json_next(r); count++) {
        if (count == shape->count)
            return false;
        cells[count] = read_cell(r, arena);
    }
    return count == shape->count;
}

bool nb_cells_read(nb_arena *arena, const nb_cells_shape *shape, nb_str value, nb_str *cells)
{
    nb_json_reader r;
    for (size_t i = 0; i < shape->count; i++)
        cells[i] = NB_STR("");
    open_value(&r, value);
    nb_json_kind kind = nb_json_peek(&r);
    switch (shape->kind) {
    case NB_CELLS_ONE: cells[0] = read_cell(&r, arena); return true;
    case NB_CELLS_LIST:
        return kind == NB_JSON_ARRAY && read_list(&r, arena, shape, cells) && !r.bad;
    case NB_CELLS_NAMED:
        return kind == NB_JSON_OBJECT && read_named(&r, arena, shape, cells) && !r.bad;
    }
    return false;
}
