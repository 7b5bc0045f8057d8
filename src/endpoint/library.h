/* library.h - the serving library, libnotebooked-serve.so: what the program and it have agreed on, and how it is found.
 *
 * Serving is a library of its own so that no other command maps, relocates or starts any of it. It brings its own copies of the rooms it needs (base, text, proc,
 * endpoint) and exports one symbol. The other way, a program that exports its symbols to the library, would give the program a dynamic symbol table, keep the
 * linker from dropping what is not used, and tie the library to whatever happens to be linked in. Two copies can live side by side because there are no mutable
 * globals, and memory is malloc's on both sides: an error or an arena that was filled there is released here.
 *
 * Structs cross the border, so both must be of one build: `build` is the version with a hash of the headers of those rooms and of serve (cmake/stamp.py). A library with another one
 * is refused before anything in it is called.
 */
#ifndef NB_ENDPOINT_LIBRARY_H
#define NB_ENDPOINT_LIBRARY_H

#include "endpoint/endpoint.h"

typedef struct nb_front_options {
    const nb_endpoint *endpoint; /* as read from disk */
    const char *only;            /* --as: the one contract that is served; NULL: all */
    bool foreground;             /* log lines go to stderr, too */
    bool debug;                  /* tracebacks in error bodies, one worker, its stdin is ours */
    void (*started)(void *ctx);
    void *ctx;
    unsigned
        first; /* a version to deploy as soon as requests are accepted; when it does not come up, the front ends with the reason. 0: none */
} nb_front_options;

typedef struct nb_serve_library {
    const char *build; /* first, whatever else changes */
    nb_code (*run)(const nb_front_options *options, nb_error *err); /* nb_front_run() */
} nb_serve_library;

/* What dlsym() looks for: a `const nb_serve_library`. */
#define NB_SERVE_LIBRARY_SYMBOL "nb_serve_library_table"
#define NB_SERVE_LIBRARY_FILE   "libnotebooked-serve.so"

/* Of this build; generated. */
extern const char nb_serve_build[];

/* Loads it from beside the program (a build folder) or from ../lib/notebooked of it (an installation); it stays loaded. NB_ERR_NOT_FOUND names
 * where it should have been, NB_ERR_CONFIG says that it is none of ours or of another build. */
nb_code nb_serve_library_open(const nb_serve_library **out, nb_error *err);
/* The same from a file, for tests. */
nb_code nb_serve_library_load(const char *path, const nb_serve_library **out, nb_error *err);

#endif
