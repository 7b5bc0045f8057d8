/* settings.h - an endpoint's settings as a table: one row is an option of `deploy` and `serve`, a key below `serving:` and a member in
 * endpoint.json. */
#ifndef NB_ENDPOINT_SETTINGS_H
#define NB_ENDPOINT_SETTINGS_H

#include "endpoint/endpoint.h"
#include "endpoint/fields.h"

typedef struct nb_setting_row {
    const char *name;     /* in config.yaml, and with dashes as an option: "max_body" */
    const char *fallback; /* as a person would write it */
    bool fixed;           /* of the endpoint's process as a whole: a running one cannot change it */
} nb_setting_row;

/* Row i of the names and of the fields belong together. */
nb_fields nb_setting_fields(void);
const nb_setting_row *nb_setting_rows(size_t *count);

/* Sets one by its name ("max_body" or "max-body"). NB_ERR_USAGE with the nearest name, or with what the value must be. `workers` may be
 * "auto". A relative path is seen from `folder`. */
nb_code nb_setting_set(nb_arena *arena, const nb_setting_value *value,
                       nb_endpoint_settings *settings, nb_error *err);

/* The name of the first setting that differs, of all or only of the fixed ones; NULL: none does. */
const char *nb_settings_differ(const nb_endpoint_settings *a, const nb_endpoint_settings *b,
                               bool fixed_only);
/* Takes over what a running endpoint can change. */
void nb_settings_adopt(nb_endpoint_settings *into, const nb_endpoint_settings *from);

#endif
