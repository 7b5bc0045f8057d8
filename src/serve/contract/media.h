/* media.h - media types as Content-Type has them: "text/csv; charset=utf-8". */
#ifndef NB_SERVE_MEDIA_H
#define NB_SERVE_MEDIA_H

#include "base/str.h"

/* Is this the type, whatever its parameters and case? */
bool nb_media_is(nb_str content_type, const char *type);
/* Cuts the next parameter off: name and value without quotes. *rest begins as the whole content type. False at the end. */
bool nb_media_parameter(nb_str *rest, nb_str *name, nb_str *value);

#endif
