/* openapi.h - this endpoint described for machines: OpenAPI 3.1 of all that is served, and Swagger 2.0 of /score for Azure's clients. */
#ifndef NB_SERVE_OPENAPI_H
#define NB_SERVE_OPENAPI_H

#include "serve/front/front.h"

void nb_openapi_write(const nb_front *front, nb_buf *out);
void nb_swagger_write(const nb_front *front, nb_buf *out);
/* /swagger.json: Swagger 2.0, and OpenAPI with version=3. Azure's clients ask for either; what asks for none gets the former, as from Azure's server. */
void nb_swagger_tell(const nb_front *front, nb_http_request *request);

#endif
