#include "serve/contract/rows.h"

#include "serve/contract/media.h"
#include "text/json.h"

/* Elements of the array that comes next. One of plain numbers is a single row. */
static unsigned count_array(nb_json_reader *r)
{
    unsigned count = 0;
    bool nested = false;
    if (nb_json_peek(r) != NB_JSON_ARRAY) {
        nb_json_skip(r, NULL);
        return 0;
    }
    (void)nb_json_enter(r, NB_JSON_ARRAY);
    while (nb_json_next(r)) {
        nb_json_kind kind = nb_json_peek(r);
        nested |= kind == NB_JSON_ARRAY || kind == NB_JSON_OBJECT;
        nb_json_skip(r, NULL);
        count++;
    }
    return nested || count == 0 ? count : 1;
}

static unsigned count_split(nb_json_reader *r, nb_arena *arena)
{
    unsigned count = 0;
    nb_str key;
    if (nb_json_peek(r) != NB_JSON_OBJECT) {
        nb_json_skip(r, NULL);
        return 0;
    }
    (void)nb_json_enter(r, NB_JSON_OBJECT);
    while (nb_json_next_key(r, arena, &key)) {
        if (nb_str_eqz(key, "data"))
            count = count_array(r);
        else
            nb_json_skip(r, NULL);
    }
    return count;
}

static unsigned count_object(nb_json_reader *r, nb_arena *arena)
{
    unsigned count = 0;
    nb_str key;
    (void)nb_json_enter(r, NB_JSON_OBJECT);
    while (nb_json_next_key(r, arena, &key)) {
        if (nb_str_eqz(key, "instances") || nb_str_eqz(key, "inputs") ||
            nb_str_eqz(key, "dataframe_records") || nb_str_eqz(key, "data"))
            count = count_array(r);
        else if (nb_str_eqz(key, "dataframe_split"))
            count = count_split(r, arena);
        else
            nb_json_skip(r, NULL);
    }
    return count;
}

static unsigned count_json(nb_str body)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the model's input_fn says what is wrong with it */
    nb_json_reader r;
    nb_json_open(&r, body, NB_STR("body"), NB_JSON_NAN);
    nb_json_kind kind = nb_json_peek(&r);
    unsigned count = kind == NB_JSON_ARRAY    ? count_array(&r)
                     : kind == NB_JSON_OBJECT ? count_object(&r, &arena)
                                              : 0;
    return nb_json_close(&r, &ignored) == NB_OK ? count : 0;
}

static unsigned count_lines(nb_str body)
{
    unsigned count = 0;
    nb_str line;
    while (nb_str_line(&body, &line))
        count += nb_str_trim(line).len > 0;
    return count;
}

unsigned nb_rows_count(nb_str content_type, nb_str body)
{
    if (body.len > NB_ROWS_BODY)
        return 0;
    if (nb_media_is(content_type, "application/json"))
        return count_json(body);
    if (nb_media_is(content_type, "text/csv"))
        return count_lines(body);
    return 0;
}
