/* Answers of any server: rows that are found are JSON again, on one line where that is asked for; a row's own shape always fits it; whatever is printed ends a line. */
#include "cli/answer_rows.h"
#include "cli/predict_print.h"
#include "text/json.h"

#include <stdlib.h>

enum { LARGEST = 1 << 26 };

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_row(nb_arena *arena, nb_str row)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_json *json = NULL;
    nb_str line = nb_json_one_line(arena, row);
    check(nb_json_parse(arena, line, NB_STR("row"), NB_JSON_NOTEBOOK, &json, &err) == NB_OK);
    check(nb_str_find_char(line, '\n') < 0 && line.len == row.len);
    const nb_cells_shape shape = nb_cells_shape_of(arena, row, "prediction");
    nb_str *cells = NB_NEW_ARRAY(arena, nb_str, shape.count);
    check(nb_cells_read(arena, &shape, row, cells));
}

static void check_print(nb_str type, nb_str body)
{
    for (int format = NB_PREDICT_JSON; format <= NB_PREDICT_UNSAID; format++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(LARGEST);
        const nb_predict_view view = {(nb_predict_format)format, true, 20};
        const nb_prediction answer = {.content_type = type, .body = body};
        nb_code code = nb_predict_print(&view, &answer, &out, &err);
        check(code == NB_OK || format != NB_PREDICT_UNSAID);
        check(out.len == 0 || code != NB_OK || out.at[out.len - 1] == '\n');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_answer_rows rows = {0};
    if (size == 0)
        return 0;
    nb_str type = data[0] % 2 ? NB_STR("text/csv") : NB_STR("application/json");
    nb_str body = {(const char *)data + 1, size - 1};
    bool found = nb_answer_rows_read(&arena, type, body, &rows);
    for (size_t i = 0; found && i < rows.count; i++)
        check_row(&arena, rows.rows[i]);
    check_print(type, body);
    return 0;
}
