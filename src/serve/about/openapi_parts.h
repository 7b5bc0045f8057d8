/* openapi_parts.h - what the files of openapi.h share; nobody else includes it.
 *
 *     openapi.c          paths and what stands around them
 *     openapi_schema.c   components: what bodies look like, from the model's signature
 */
#ifndef NB_SERVE_OPENAPI_PARTS_H
#define NB_SERVE_OPENAPI_PARTS_H

#include "serve/about/openapi.h"
#include "serve/about/operations.h"
#include "text/json_write.h"

void nb_openapi_schemas(nb_json_writer *w, const nb_signature *signature);
/* {"$ref": "#/components/KIND/NAME"} */
void nb_openapi_ref(nb_json_writer *w, const char *kind, const char *name);

#endif
