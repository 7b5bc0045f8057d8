/* serve_library.c - the serving library's only door: everything behind it is nb_front_run(). endpoint/library.h says what it is. */
#include "serve/front/front.h"

extern const nb_serve_library nb_serve_library_table;
__attribute__((visibility("default"))) const nb_serve_library nb_serve_library_table = {
    .build = nb_serve_build,
    .run = nb_front_run,
};
