/* serve_library.c - the serving library's only door: everything behind it is nb_front_run(). endpoint/library.h says what it is. */
#include "serve/front.h"

static const char *const contracts[] = {
#define NB_CONTRACT(name, ...) #name,
#include "serve/contracts.def"
#undef NB_CONTRACT
    NULL,
};

extern const nb_serve_library nb_serve_library_table;
__attribute__((visibility("default"))) const nb_serve_library nb_serve_library_table = {
    .build = nb_serve_build,
    .run = nb_front_run,
    .contracts = contracts,
};
