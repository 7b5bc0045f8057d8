/* pages.h - the endpoint's pages for people: / and /docs, with their style and script. Static files of the library, filled in here: they read whole
 * without JavaScript and load nothing from elsewhere. */
#ifndef NB_SERVE_PAGES_H
#define NB_SERVE_PAGES_H

#include "serve/front/front.h"

/* HTML for whoever accepts that, JSON for others. */
void nb_pages_tell_about(const nb_front *front, nb_http_request *request);
void nb_pages_tell_docs(const nb_front *front, nb_http_request *request);
/* /docs/NAME: a file that the pages load. */
bool nb_pages_has_file(nb_str path);
void nb_pages_tell_file(const nb_front *front, nb_http_request *request);

#endif
