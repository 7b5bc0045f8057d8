/* What is captured holds nothing of a secret column: a secret is planted there, in whatever form the bytes ask for, and must not be in the result. What the bytes
 * say as they are ends without a trace, or as JSON or CSV of which a second redaction takes nothing more. */
#include "serve/capture/capture_redact.h"
#include "text/json_write.h"

#include <stdint.h>
#include <stdlib.h>

static const char planted[] = "zQ7planted#";
static const nb_str secret_names[] = {NB_STR_ROW("email"), NB_STR_ROW("home address")};
static const nb_str schema_names[] = {NB_STR_ROW("age"), NB_STR_ROW("email"), NB_STR_ROW("city")};

typedef struct source {
    const uint8_t *at;
    size_t len;
} source;

static unsigned next(source *s)
{
    if (s->len == 0)
        return 0;
    s->len--;
    return *s->at++;
}

static void check(bool fine)
{
    if (!fine)
        abort();
}

/* --- a request with a secret in it --------------------------------------------------------------------------------- */

/* The name in one of the ways that mean the same. */
static nb_str secret_name(source *s)
{
    static const nb_str names[] = {
        NB_STR_ROW("email"),        NB_STR_ROW("EMAIL"),        NB_STR_ROW(" email "),
        NB_STR_ROW("home_address"), NB_STR_ROW("Home-Address"),
    };
    return names[next(s) % NB_LEN(names)];
}

static void put_plain(source *s, nb_json_writer *w)
{
    char text[4] = {(char)next(s), (char)next(s), (char)next(s), '\0'};
    switch (next(s) % 4) {
    case 0: nb_json_put_int(w, next(s)); break;
    case 1: nb_json_put_null(w); break;
    case 2: nb_json_put_str(w, nb_str_from(text)); break;
    default: nb_json_put_bool(w, true); break;
    }
}

static void put_secret(source *s, nb_json_writer *w)
{
    bool wrapped = next(s) % 3 == 0;
    if (wrapped)
        nb_json_begin_array(w);
    nb_json_put_str(w, NB_STR("zQ7planted#"));
    if (wrapped)
        nb_json_end_array(w);
}

static void put_object(source *s, nb_json_writer *w)
{
    unsigned count = 1 + next(s) % 4, where = next(s) % count;
    nb_json_begin_object(w);
    for (unsigned i = 0; i < count; i++) {
        char key[3] = {'k', (char)('a' + next(s) % 26), '\0'};
        nb_json_key(w, i == where ? secret_name(s) : nb_str_from(key));
        if (i == where)
            put_secret(s, w);
        else
            put_plain(s, w);
    }
    nb_json_end_object(w);
}

/* The secret at the place the schema gives it; now and then a row is too long or too short, which must not help. */
static void put_array(source *s, nb_json_writer *w)
{
    unsigned count = next(s) % 8 == 0 ? next(s) % 6 : 3;
    nb_json_begin_array(w);
    for (unsigned i = 0; i < count; i++)
        if (i == 1)
            put_secret(s, w);
        else
            put_plain(s, w);
    nb_json_end_array(w);
}

static void put_split(source *s, nb_json_writer *w)
{
    nb_json_begin_object(w);
    nb_json_key(w, NB_STR("columns"));
    nb_json_begin_array(w);
    nb_json_put_str(w, NB_STR("age"));
    nb_json_put_str(w, secret_name(s));
    nb_json_put_str(w, NB_STR("x"));
    nb_json_end_array(w);
    nb_json_key(w, NB_STR("index"));
    nb_json_begin_array(w);
    put_secret(s, w);
    nb_json_end_array(w);
    nb_json_key(w, NB_STR("data"));
    nb_json_begin_array(w);
    for (unsigned rows = next(s) % 4; rows > 0; rows--)
        put_array(s, w);
    nb_json_end_array(w);
    nb_json_end_object(w);
}

static void put_body(source *s, nb_buf *out)
{
    static const nb_str keys[] = {NB_STR_ROW("instances"), NB_STR_ROW("inputs"),
                                  NB_STR_ROW("dataframe_records"), NB_STR_ROW("other")};
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    unsigned form = next(s) % 4;
    if (form == 0) {
        put_object(s, &w);
        return;
    }
    nb_json_begin_object(&w);
    nb_json_key(&w, form == 1 ? NB_STR("dataframe_split") : keys[next(s) % NB_LEN(keys)]);
    if (form == 1) {
        put_split(s, &w);
    } else {
        nb_json_begin_array(&w);
        for (unsigned rows = 1 + next(s) % 3; rows > 0; rows--)
            if (next(s) % 2)
                put_object(s, &w);
            else
                put_array(s, &w);
        nb_json_end_array(&w);
    }
    nb_json_end_object(&w);
}

/* No quotes: they would move the secret into another cell. */
static void put_cell(source *s, nb_buf *out)
{
    for (unsigned count = next(s) % 4; count > 0; count--) {
        char c = (char)next(s);
        nb_buf_putc(out, c == '"' ? '\'' : c);
    }
}

/* The secret is the second of three cells, in quotes or not. */
static void put_csv(source *s, nb_buf *out)
{
    const char *quote = next(s) % 2 ? "\"" : "";
    if (next(s) % 2)
        nb_buf_printf(out, "age,%s" NB_STR_FMT "%s,city\n", quote, NB_STR_ARG(secret_name(s)),
                      quote);
    for (unsigned rows = 1 + next(s) % 3; rows > 0; rows--) {
        put_cell(s, out);
        nb_buf_printf(out, ",%s%s%s,", quote, planted, quote);
        put_cell(s, out);
        nb_buf_putz(out, next(s) % 2 ? "\r\n" : "\n");
    }
}

/* --- the invariant ------------------------------------------------------------------------------------------------- */

/* *repeated: the same as an answer, which is kept only without what was taken out. */
static bool redact(const char *type, nb_str body, bool schema, nb_buf *out, nb_buf *repeated)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_removed removed = {0};
    nb_redaction what = {
        .secret = {secret_names, NB_LEN(secret_names)}
    };
    const nb_redact_body in = {nb_str_from(type), body};
    if (schema)
        what.schema = (nb_names){schema_names, NB_LEN(schema_names)};
    if (!nb_redact_input(&arena, &what, &in, &removed, out))
        return false;
    if (!nb_redact_output(&arena, &what, &in, &removed, repeated))
        nb_buf_clear(repeated);
    return true;
}

static void check_planted(const char *type, nb_str body, bool schema)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) answer = NB_BUF_INIT(NB_BUF_TEXT);
    if (!redact(type, body, schema, &out, &answer))
        return;
    check(!nb_str_contains(nb_buf_view(&out), nb_str_from(planted)));
    check(!nb_str_contains(nb_buf_view(&answer), nb_str_from(planted)));
}

static void check_as_it_is(const char *type, nb_str body, bool schema)
{
    NB_AUTO(nb_buf) once = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) twice = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) ignored = NB_BUF_INIT(NB_BUF_TEXT);
    if (!redact(type, body, schema, &once, &ignored))
        return;
    check(redact(type, nb_buf_view(&once), schema, &twice, &ignored));
    check(nb_str_eq(nb_buf_view(&once), nb_buf_view(&twice)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_buf) json = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) csv = NB_BUF_INIT(NB_BUF_TEXT);
    source s = {data, size};
    bool schema = next(&s) % 2;
    nb_str rest = {(const char *)s.at, s.len};
    check_as_it_is("application/json", rest, schema);
    check_as_it_is("text/csv", rest, schema);
    source again = s;
    put_body(&s, &json);
    put_csv(&again, &csv);
    check_planted("application/json", nb_buf_view(&json), schema);
    check_planted("text/csv", nb_buf_view(&csv), schema);
    return 0;
}
