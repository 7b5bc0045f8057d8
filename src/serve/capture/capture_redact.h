/* capture_redact.h - takes named columns out of what is captured, or says that it cannot be sure that they are out.
 *
 * A value that has a name is taken out by it; one that has none, by its position, when the request itself or the model's schema names the positions
 * and there are as many of them. Whatever else a body may be, the answer is false: it must not be kept. A value becomes null, a cell of CSV
 * empty. Names are compared without case; blanks, '_' and '-' in them are the same.
 */
#ifndef NB_SERVE_CAPTURE_REDACT_H
#define NB_SERVE_CAPTURE_REDACT_H

#include "base/buf.h"
#include "base/vec.h"

typedef struct nb_names {
    const nb_str *at;
    size_t count;
} nb_names;

typedef struct nb_redaction {
    nb_names secret; /* the columns that are not kept */
    nb_names schema; /* names of the model's columns by position; none: not known */
} nb_redaction;

/* What was taken out, for a look whether the answer repeats it. */
typedef struct nb_removed {
    NB_VEC(nb_str) texts;
} nb_removed;

/* "name,home address" or "name email": what blanks separate may be one name or several, so it is both. The views are of `text`. */
nb_names nb_names_split(nb_arena *arena, nb_str text);
/* feature_names of the schema in a READY frame. */
nb_names nb_names_of_schema(nb_arena *arena, nb_str about);

typedef struct nb_redact_body {
    nb_str content_type, body;
} nb_redact_body;
bool nb_redact_input(nb_arena *arena, const nb_redaction *what, const nb_redact_body *in,
                     nb_removed *removed, nb_buf *out);
/* Named values are taken out as well; predictions have no names and stay. False, too, when a value of `removed` is in it. */
bool nb_redact_output(nb_arena *arena, const nb_redaction *what, const nb_redact_body *in,
                      const nb_removed *removed, nb_buf *out);

/* For the JSON and the CSV side of it, each in its own file. */
bool nb_redact_is_secret(const nb_redaction *what, nb_str name);
bool nb_redact_is_column(const nb_redaction *what, nb_str name); /* of the schema */
/* Does this text of an answer hold something that was taken out of the request? */
bool nb_redact_reveals(const nb_removed *removed, nb_str text);
bool nb_redact_csv(nb_arena *arena, const nb_redaction *what, nb_str body, nb_removed *removed,
                   nb_buf *out);
bool nb_redact_csv_output(nb_arena *arena, const nb_redaction *what, nb_str body,
                          const nb_removed *removed, nb_buf *out);

#endif
