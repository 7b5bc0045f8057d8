/* secret.h - what looks like a password, key or token, by its name or by its shape.
 *
 * A guess, used for warnings and for keeping such values out of messages; nothing is refused because of it. Names that models use
 * (max_tokens, eos_token, tokenizer) are no secrets, and neither is a reference such as ${DB_PASSWORD}.
 */
#ifndef NB_SECRET_H
#define NB_SECRET_H

#include "base/str.h"

/* The name says that its value is secret: password, api_key, awsSecretAccessKey, "db.token". */
bool nb_secret_name(nb_str name);
/* The first part of `text` at or after byte `from` that has the shape of a secret: a cloud's or vendor's key, a private key, a JSON web
 * token, the key of a connection string, user:password@ of a URI (the part between the slashes and the @). */
bool nb_secret_find(nb_str text, size_t from, nb_str *hit);
/* `value`, stored under `name`, is secret by either sign. */
bool nb_secret_value(nb_str name, nb_str value);
/* The text with the shapes nb_secret_find() knows replaced by ***. */
nb_str nb_secret_hide(nb_arena *arena, nb_str text);
/* A line of a configuration file for showing: secret characters become '*', each for each, so that a caret below still fits. */
nb_str nb_secret_mask_line(nb_arena *arena, nb_str line);

#endif
