#include "serve/contract/predictions.h"

#include "serve/contract/media.h"
#include "text/json.h"
#include "text/json_write.h"
#include "text/utf8.h"

/* --- JSON ---------------------------------------------------------------------------------------------------------- */

/* The text is JSON but for NaN, Infinity and -Infinity: null stands for them. */
static void write_finite(nb_str text, nb_buf *out)
{
    size_t from = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        if (quoted || (c != 'N' && c != 'I'))
            continue;
        size_t start = c == 'I' && i > from && text.at[i - 1] == '-' ? i - 1 : i;
        nb_buf_put(out, nb_str_slice(text, from, start));
        nb_buf_putz(out, "null");
        from = i + (c == 'N' ? strlen("NaN") : strlen("Infinity"));
        i = from - 1;
    }
    nb_buf_put(out, nb_str_from_at(text, from));
}

/* Checks all of it, and finds the predictions. True: it holds numbers that are not finite. */
static bool read_json(nb_str body, nb_predictions *out, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_predictions found = {.value = nb_str_trim(body), .whole = NB_STR("")};
    nb_str key, raw;
    nb_json_reader r;
    nb_json_open(&r, body, NB_STR("answer"), NB_JSON_NAN | NB_JSON_STRICT_SKIP);
    nb_json_kind kind = nb_json_peek(&r);
    found.is_list = kind == NB_JSON_ARRAY;
    if (kind == NB_JSON_OBJECT) {
        (void)nb_json_enter(&r, NB_JSON_OBJECT);
        while (nb_json_next_key(&r, &arena, &key)) {
            kind = nb_json_peek(&r);
            nb_json_skip(&r, &raw);
            if (nb_str_eqz(key, "predictions"))
                found = (nb_predictions){raw, nb_str_trim(body), kind == NB_JSON_ARRAY};
        }
    } else {
        nb_json_skip(&r, NULL);
    }
    if (nb_json_close(&r, err) == NB_OK)
        *out = found;
    return r.not_finite;
}

static nb_code find_json(nb_str body, nb_buf *made, nb_predictions *out, nb_error *err)
{
    bool cleans = read_json(body, out, err);
    if (err->code == NB_OK && cleans) {
        write_finite(body, made);
        (void)read_json(nb_buf_view(made), out, err);
    }
    return err->code;
}

/* --- CSV ----------------------------------------------------------------------------------------------------------- */

typedef struct cell {
    nb_str text; /* without the quotes around it */
    bool quoted;
} cell;

/* Cuts a cell off; *ends: it was the last one of its line. */
static cell next_cell(nb_str *rest, bool *ends)
{
    cell c = {.text = *rest, .quoted = rest->len > 0 && rest->at[0] == '"'};
    size_t at = c.quoted ? 1 : 0;
    for (bool inside = c.quoted; at < rest->len; at++) {
        char byte = rest->at[at];
        if (byte == '"' && c.quoted)
            inside = !inside;
        else if (!inside && (byte == ',' || byte == '\n'))
            break;
    }
    *ends = at >= rest->len || rest->at[at] == '\n';
    c.text = nb_str_trim(nb_str_slice(*rest, 0, at));
    if (c.quoted)
        c.text = nb_str_slice(c.text, 1,
                              c.text.len - (c.text.len > 1 && nb_str_ends(c.text, NB_STR("\""))));
    *rest = nb_str_from_at(*rest, at + 1);
    return c;
}

static bool is_number(nb_str text)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_json_reader r;
    nb_json_open(&r, text, NB_STR("cell"), NB_JSON_STRICT);
    return nb_json_peek(&r) == NB_JSON_NUMBER && nb_json_number(&r).len == text.len &&
           nb_json_close(&r, &ignored) == NB_OK;
}

/* What Python's csv and NumPy write for values that JSON has other words for. */
static const char *word_for(cell c)
{
    static const char *const words[][2] = {
        {"",      "null" },
        {"nan",   "null" },
        {"inf",   "null" },
        {"-inf",  "null" },
        {"true",  "true" },
        {"false", "false"},
    };
    if (c.quoted && c.text.len > 0) /* Python quotes nothing but a lonely None */
        return NULL;
    for (size_t i = 0; i < NB_LEN(words); i++)
        if (nb_str_eq_nocase(c.text, nb_str_from(words[i][0])))
            return words[i][1];
    return NULL;
}

/* The text of a cell; "" within quotes stands for one. */
static nb_str text_of(cell c, nb_buf *room)
{
    if (!c.quoted || nb_str_find_char(c.text, '"') < 0)
        return c.text;
    nb_buf_clear(room);
    for (size_t i = 0; i < c.text.len; i++) {
        nb_buf_putc(room, c.text.at[i]);
        i += c.text.at[i] == '"' && i + 1 < c.text.len && c.text.at[i + 1] == '"';
    }
    return nb_buf_view(room);
}

static void put_cell(nb_json_writer *w, cell c)
{
    NB_AUTO(nb_buf) room = NB_BUF_INIT(NB_BUF_TEXT);
    const char *word = word_for(c);
    if (word)
        nb_json_put_raw(w, nb_str_from(word));
    else if (!c.quoted && is_number(c.text))
        nb_json_put_raw(w, c.text);
    else
        nb_json_put_str(w, text_of(c, &room));
}

/* Passes over a line; are all its cells words? */
static bool is_words(nb_str *csv)
{
    bool ends = false, words = true;
    while (!ends) {
        cell c = next_cell(csv, &ends);
        words = words && !word_for(c) && (c.quoted || !is_number(c.text));
    }
    return words;
}

/* A first line of words only above one that is not. */
static bool has_header(nb_str csv)
{
    return is_words(&csv) && csv.len > 0 && !is_words(&csv);
}

enum { MOST_COLUMNS = 4096 };

static size_t read_header(nb_arena *arena, nb_str *csv, cell **names)
{
    size_t count = 0;
    bool ends = !has_header(*csv);
    *names = ends ? NULL : NB_NEW_ARRAY(arena, cell, MOST_COLUMNS);
    while (!ends) {
        cell c = next_cell(csv, &ends);
        if (count < MOST_COLUMNS)
            (*names)[count++] = c;
    }
    return count;
}

static void put_record(nb_json_writer *w, nb_str *csv, const cell *names, size_t count)
{
    NB_AUTO(nb_buf) room = NB_BUF_INIT(NB_BUF_TEXT);
    bool ends = false;
    nb_json_begin_object(w);
    for (size_t i = 0; !ends; i++) {
        cell c = next_cell(csv, &ends);
        if (i >= count)
            continue;
        nb_json_key(w, text_of(names[i], &room));
        put_cell(w, c);
    }
    nb_json_end_object(w);
}

static void put_line(nb_json_writer *w, nb_str *csv)
{
    bool ends;
    cell c = next_cell(csv, &ends);
    if (ends) {
        put_cell(w, c);
        return;
    }
    nb_json_begin_array(w);
    put_cell(w, c);
    while (!ends)
        put_cell(w, next_cell(csv, &ends));
    nb_json_end_array(w);
}

static void write_csv(nb_str csv, nb_buf *out)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    cell *names;
    size_t count = read_header(&arena, &csv, &names);
    nb_json_begin_array(&w);
    while (csv.len > 0 && !out->full)
        if (count > 0)
            put_record(&w, &csv, names, count);
        else
            put_line(&w, &csv);
    nb_json_end_array(&w);
}

/* --- whichever it is ----------------------------------------------------------------------------------------------- */

static void write_text(nb_str text, nb_buf *out)
{
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    nb_json_put_str(&w, text);
}

static nb_code find_text(nb_str body, nb_buf *made, nb_predictions *out)
{
    NB_AUTO(nb_error) none = NB_ERROR_INIT;
    if (find_json(body, made, out, &none) == NB_OK)
        return NB_OK;
    nb_buf_clear(made);
    write_text(body, made);
    *out = (nb_predictions){nb_buf_view(made), NB_STR(""), false};
    return NB_OK;
}

nb_code nb_predictions_find(nb_str content_type, nb_str body, nb_buf *made, nb_predictions *out,
                            nb_error *err)
{
    if (nb_media_is(content_type, "application/json")) {
        if (find_json(body, made, out, err) != NB_OK)
            return nb_fail(err, NB_ERR_REMOTE, "the model's answer is said to be JSON and is not");
    } else if (nb_media_is(content_type, "text/csv")) {
        write_csv(body, made);
        *out = (nb_predictions){nb_buf_view(made), NB_STR(""), true};
    } else if (nb_media_is(content_type, "text/plain")) {
        (void)find_text(body, made, out);
    } else {
        return nb_fail(err, NB_ERR_REMOTE,
                       "the model answered '" NB_STR_FMT
                       "', which this protocol has no form for; JSON, CSV and text it has",
                       NB_STR_ARG(content_type));
    }
    return made->full ? nb_fail(err, NB_ERR_REMOTE, "the model's answer is too large as JSON")
                      : NB_OK;
}

size_t nb_predictions_count(nb_str list)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    size_t count = 0;
    nb_json_reader r;
    nb_json_open(&r, list, NB_STR("list"), NB_JSON_NOTEBOOK);
    if (nb_json_peek(&r) == NB_JSON_ARRAY && nb_json_enter(&r, NB_JSON_ARRAY))
        while (nb_json_next(&r)) {
            nb_json_skip(&r, NULL);
            count++;
        }
    (void)nb_json_close(&r, &ignored);
    return count;
}
