/* json_write.h - writes JSON: separators, indentation and escapes are the writer's work.
 *
 *     nb_json_writer w = NB_JSON_WRITER(&buf, 2);          indent 2; 0 writes one line
 *     nb_json_begin_object(&w);
 *     nb_json_key(&w, NB_STR("jobs")); nb_json_begin_array(&w); ... nb_json_end_array(&w);
 *     nb_json_end_object(&w);
 *
 * Text is written as UTF-8 (non-ASCII kept); bytes that are not UTF-8 become U+FFFD, so that the result always parses.
 * The layout is the one of Python's json.dumps(indent=N, ensure_ascii=False).
 */
#ifndef NB_JSON_WRITE_H
#define NB_JSON_WRITE_H

#include "base/buf.h"

typedef struct nb_json_writer {
    nb_buf *out;
    unsigned indent, depth;
    bool first, after_key;
} nb_json_writer;

#define NB_JSON_WRITER(out_, indent_) \
    ((nb_json_writer){.out = (out_), .indent = (indent_), .first = true})

void nb_json_begin_object(nb_json_writer *w);
void nb_json_end_object(nb_json_writer *w);
void nb_json_begin_array(nb_json_writer *w);
void nb_json_end_array(nb_json_writer *w);
void nb_json_key(nb_json_writer *w, nb_str key);
void nb_json_put_str(nb_json_writer *w, nb_str text);
void nb_json_put_int(nb_json_writer *w, int64_t value);
void nb_json_put_bool(nb_json_writer *w, bool value);
void nb_json_put_null(nb_json_writer *w);
/* Text that is JSON already: a number kept as text, a raw span. */
void nb_json_put_raw(nb_json_writer *w, nb_str json);
/* Elements for the open array that another writer has written: one of the same indent whose `depth` and `first` were those of an array without
 * elements at that place. */
void nb_json_put_part(nb_json_writer *w, nb_str elements);
/* key and value in one call; a view whose `at` is NULL is written as null. */
void nb_json_member_str(nb_json_writer *w, const char *key, nb_str text);
void nb_json_member_int(nb_json_writer *w, const char *key, int64_t value);
void nb_json_member_bool(nb_json_writer *w, const char *key, bool value);
/* What is not known is null: an empty text, a number below 1. */
void nb_json_member_known_str(nb_json_writer *w, const char *key, nb_str text);
void nb_json_member_known_int(nb_json_writer *w, const char *key, int64_t value);
/* A string literal with its quotes, appended to a buffer. */
void nb_json_quote(nb_buf *out, nb_str text);

#endif
