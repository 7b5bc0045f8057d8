/* secret.h - what looks like a password, key or token, by its name or by its shape.
 *
 * A guess, used for warnings and for keeping such values out of messages; nothing is refused because of it. Names that models use
 * (max_tokens, eos_token, tokenizer) are no secrets, and neither is a reference such as ${DB_PASSWORD}.
 */
#ifndef NB_SECRET_H
#define NB_SECRET_H

#include "base/str.h"

typedef enum nb_secret_sort {
    NB_SECRET_PLAIN,
    NB_SECRET_TOKEN, /* keys and tokens: the value has to look like one, too (eos_token is none) */
    NB_SECRET_PASSWORD /* whatever the value is */
} nb_secret_sort;

/* What a name says about its value. */
nb_secret_sort nb_secret_sort_of(nb_str name);
/* The name says that its value is secret: password, api_key, awsSecretAccessKey, "db.token". */
bool nb_secret_name(nb_str name);
/* The first part of `text` at or after byte `from` that has the shape of a secret: a cloud's or vendor's key, a private key, a JSON web
 * token, the key of a connection string, user:password@ of a URI (the part between the slashes and the @). */
bool nb_secret_find(nb_str text, size_t from, nb_str *hit);
/* What nb_secret_find() found: "an AWS access key". */
nb_str nb_secret_kind(nb_str hit);
/* `value`, stored under `name`, is secret by either sign. */
bool nb_secret_value(nb_str name, nb_str value);
/* The text with the shapes nb_secret_find() knows replaced by ***. */
nb_str nb_secret_hide(nb_arena *arena, nb_str text);
/* A line of a configuration file for showing: secret characters become '*', each for each, so that a caret below still fits. */
nb_str nb_secret_mask_line(nb_arena *arena, nb_str line);

typedef enum nb_secret_guess { NB_SECRET_NONE, NB_SECRET_LIKELY, NB_SECRET_SURE } nb_secret_guess;

/* The same for a string literal of a program, stored or passed under `name` (may be empty). Stricter than the above, since programs hold examples and
 * placeholders: "YOUR_API_KEY", "<token>", "xxx", "{}" and names of variables are none. *kind gets "a password", "a GitHub token". */
nb_secret_guess nb_secret_in_code(nb_str name, nb_str value, nb_str *kind);
/* The same for a part of a program's text that nb_secret_find() found. */
nb_secret_guess nb_secret_shape_in_code(nb_str text, nb_str hit);
/* A line of a cell for showing, masked as nb_secret_mask_line() does: the shapes, and literals under a telling name. Lines that are no Python (shell commands, cells
 * that cannot be parsed) as well. */
nb_str nb_secret_mask_code(nb_arena *arena, nb_str line);

#endif
