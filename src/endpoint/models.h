/* models.h - model versions: models/EXPERIMENT/N as training leaves them, sealed with a manifest of hashes.
 *
 * `manifest.json` beside the model: {"version": 1, "experiment", "job", "created_ms", "files": [{path, size, sha256}], "made_by": "notebooked …"}. A directory
 * without a manifest of ours, or with files that do not fit it, holds pickles of unknown origin: it is deployed only with --trust.
 */
#ifndef NB_ENDPOINT_MODELS_H
#define NB_ENDPOINT_MODELS_H

#include "base/error.h"

typedef struct nb_model {
    nb_str experiment;         /* empty for a folder from elsewhere */
    int64_t number;            /* of models/EXPERIMENT/N; 0 for a folder from elsewhere */
    nb_str folder;             /* absolute */
    nb_str framework, metrics; /* of its notebooked.json and metrics.json (JSON) */
    int64_t created_ms, size;
    nb_str sha256; /* of its manifest; empty: not sealed */
} nb_model;

typedef enum nb_model_trust {
    NB_MODEL_OURS,    /* sealed by this project, untouched */
    NB_MODEL_CHANGED, /* sealed, and changed since: *what names the first file */
    NB_MODEL_UNSEALED /* no manifest of ours */
} nb_model_trust;

/* Training calls it when it is done. */
nb_code nb_model_seal(nb_str folder, nb_str experiment, nb_str job, int64_t now_ms, nb_error *err);
nb_code nb_model_verify(nb_arena *arena, nb_str folder, nb_model_trust *out, nb_str *what,
                        nb_error *err);
nb_code nb_model_list(nb_arena *arena, nb_str root, nb_str experiment, nb_model **out,
                      size_t *count, nb_error *err);
/* What `--model-uri` may be: a folder, a job id, a number of models/EXPERIMENT, empty for the newest finished one. */
nb_code nb_model_find(nb_arena *arena, nb_str root, nb_str experiment, nb_str uri, nb_model *out,
                      nb_error *err);
/* Copies (hard links where the file system allows) the model into the new folder `to`, checking every hash on the way. */
nb_code nb_model_place(const nb_model *model, nb_str to, nb_error *err);

#endif
