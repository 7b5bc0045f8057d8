/* seal.h - what is in a model's folder, and what its manifest says of it. */
#ifndef NB_ENDPOINT_SEAL_H
#define NB_ENDPOINT_SEAL_H

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

typedef struct nb_model_file {
    nb_str path; /* in the folder */
    nb_str real; /* absolute, links resolved */
    int64_t size;
    nb_str sha256;
} nb_model_file;

typedef struct nb_model_files {
    nb_str folder;
    NB_VEC(nb_model_file) list; /* by path */
} nb_model_files;

typedef struct nb_manifest_text {
    nb_str experiment, job, text, sha256; /* `sha256` is of the text */
    int64_t created_ms;
    nb_model_files files; /* `real` is empty */
} nb_manifest_text;

/* The files of the folder with their sizes. `sha256` is empty. */
nb_code nb_model_walk(nb_arena *arena, nb_str folder, nb_model_files *out, nb_error *err);
/* Of a file that may be large. */
nb_code nb_model_hash(nb_arena *arena, const char *path, nb_str *out, nb_error *err);
/* Sets `text` and `sha256` from the rest. */
void nb_manifest_print(nb_arena *arena, nb_manifest_text *manifest);
/* The manifest of a folder; NB_ERR_NOT_FOUND when there is none, NB_ERR_CONFIG when it is damaged. */
nb_code nb_manifest_get(nb_arena *arena, nb_str folder, nb_manifest_text *out, nb_error *err);

#endif
