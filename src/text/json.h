/* json.h - a pull reader for JSON that skips what nobody asks for.
 *
 * Notebooks are written by Python's json: they hold NaN and Infinity, lone surrogates, integers of any size, and
 * 100 MB of pictures that we never want to look at. So the reader walks the text once, hands out views into it, decodes
 * a string only when asked, keeps numbers as text, and skips a value at the speed of memchr. Skipped values are checked
 * for structure (brackets, strings, separators and literals), and, with NB_JSON_STRICT_SKIP, for everything.
 *
 *     nb_json_reader r;
 *     nb_json_open(&r, text, path, NB_JSON_NOTEBOOK);
 *     nb_json_enter(&r, NB_JSON_OBJECT);
 *     while (nb_json_next_key(&r, arena, &key)) {
 *         if (nb_str_eqz(key, "cells")) ... else nb_json_skip(&r, NULL);
 *     }
 *     return nb_json_close(&r, err);
 *
 * Errors are sticky: after the first one every call does nothing and says "end", and nb_json_close() reports it
 * with line and column. So loops need no checks of their own.
 */
#ifndef NB_JSON_H
#define NB_JSON_H

#include "base/buf.h"
#include "base/error.h"

typedef enum nb_json_kind {
    NB_JSON_NULL,
    NB_JSON_TRUE,
    NB_JSON_FALSE,
    NB_JSON_NUMBER,
    NB_JSON_STRING,
    NB_JSON_ARRAY,
    NB_JSON_OBJECT,
    NB_JSON_END /* no value here: end of the enclosing array or object, or an error */
} nb_json_kind;

typedef enum nb_json_dialect {
    NB_JSON_STRICT = 0,           /* RFC 8259 */
    NB_JSON_NAN = 1 << 0,         /* NaN, Infinity, -Infinity are numbers */
    NB_JSON_SURROGATES = 1 << 1,  /* a lone \ud83d is allowed and decodes to U+FFFD */
    NB_JSON_BOM = 1 << 2,         /* a UTF-8 byte-order mark may stand first */
    NB_JSON_STRICT_SKIP = 1 << 3, /* what is skipped is checked as if it were read */
    NB_JSON_NOTEBOOK = NB_JSON_NAN | NB_JSON_SURROGATES | NB_JSON_BOM
} nb_json_dialect;

enum {
    NB_JSON_MAX_DEPTH = 10000,  /* deeper nesting is an error */
    NB_JSON_WINDOW = 512 * 1024 /* `passed` is called about this often */
};

typedef struct nb_json_reader {
    nb_str text; /* the whole document */
    nb_str path; /* for messages */
    size_t at;   /* byte offset of the next unread byte */
    unsigned dialect;
    unsigned depth;
    bool first;           /* no element of the current container was read yet */
    bool lone_surrogate;  /* a decoded string held one; the caller may clear it */
    bool not_finite;      /* a NaN or Infinity was read or skipped; the caller may clear it */
    bool bad;             /* an error was recorded below */
    size_t bad_at;        /* byte offset of the error */
    const char *bad_what; /* "expected ',' or ']'" */
    uint64_t stack[(NB_JSON_MAX_DEPTH + 63) / 64]; /* one bit a level: object or array */
    /* Set after nb_json_open by callers whose text is a mapped file: bytes before `upto` will not be read again (but for an
     * error's place), so their pages may go. */
    void (*passed)(void *ctx, size_t upto);
    void *ctx;
    size_t reported; /* what `passed` was told last */
} nb_json_reader;

void nb_json_open(nb_json_reader *r, nb_str text, nb_str path, unsigned dialect);
/* The kind of the next value, unread; NB_JSON_END where there is none. */
nb_json_kind nb_json_peek(nb_json_reader *r);
/* Enters an array or object; false (an error, unless one is recorded) when the next value is another kind. */
bool nb_json_enter(nb_json_reader *r, nb_json_kind kind);
/* In an array: true when another element follows (read or skip it); false at its end, which is then left. */
bool nb_json_next(nb_json_reader *r);
/* In an object: true when another member follows; *key is its name, decoded only when it has escapes (into `arena`);
 * its value must be read or skipped. False at the end, which is then left. */
bool nb_json_next_key(nb_json_reader *r, nb_arena *arena, nb_str *key);
/* Passes over the next value whatever it is; its raw bytes go to *raw unless NULL. */
void nb_json_skip(nb_json_reader *r, nb_str *raw);
/* The next value must be a string: decoded into the arena (or a view of the text when it has no escapes). Checks UTF-8. */
nb_str nb_json_string(nb_json_reader *r, nb_arena *arena);
/* The same, appended to a buffer. */
void nb_json_string_to(nb_json_reader *r, nb_buf *out);
/* The next value must be a number: its text, exactly as written. */
nb_str nb_json_number(nb_json_reader *r);
/* The next value must be true or false. */
bool nb_json_bool(nb_json_reader *r);
/* The next value must be an integer that fits; an error otherwise. */
int64_t nb_json_int(nb_json_reader *r);
/* Records an error at the next value, for callers that want another kind of value. `what` must be static. */
void nb_json_refuse(nb_json_reader *r, const char *what);
/* Checks that nothing but white space follows, and reports the first error if there was one: NB_ERR_NOTEBOOK with
 * path:line:column, the line's text when it is short, and a hint where the cause is known (trailing comma, git conflict
 * markers, single quotes, comments, truncated file). */
nb_code nb_json_close(nb_json_reader *r, nb_error *err);
/* Line and column (from 1, in characters) of a byte offset. */
void nb_json_place(const nb_json_reader *r, size_t at, unsigned *line, unsigned *column);

/* --- tree: for small documents (manifests, dumps, test data) --------------------------------- */

typedef struct nb_json nb_json;
struct nb_json {
    nb_json_kind kind;
    nb_str text;           /* decoded string, or the number as written */
    nb_str key;            /* when it is a member of an object */
    nb_json *child, *next; /* first element or member; next sibling. Duplicate keys are all kept */
    size_t count;
};
/* Reads a whole document into the arena. Views point into `text` where nothing needed decoding. */
nb_code nb_json_parse(nb_arena *arena, nb_str text, nb_str path, unsigned dialect,
                      const nb_json **out, nb_error *err);
/* The last member of that name (as Python's json has it); NULL when there is none or `value` is no object. */
const nb_json *nb_json_get(const nb_json *value, const char *key);
/* Member of that name when it is a string, else an empty view whose `at` is NULL. */
nb_str nb_json_get_str(const nb_json *value, const char *key);

#endif
