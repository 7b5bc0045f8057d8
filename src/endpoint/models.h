/* models.h - model versions: models/EXPERIMENT/N as training leaves them, sealed with a manifest of hashes.
 *
 * `manifest.json` beside the model: {"version": 1, "experiment", "job", "created_ms", "files": [{path, size, sha256}], "made_by": "notebooked …"}. The project keeps
 * the manifest's own hash in .notebooked/seals/, which no model folder can bring along: a folder without a manifest that this project has sealed, or with files
 * that do not fit it, holds pickles of unknown origin and is deployed only with --trust.
 *
 * Links within a model folder to files of it count as those files. Any other link, and whatever is neither file nor folder, makes it no model. What Python caches
 * (__pycache__) is no part of a model.
 */
#ifndef NB_ENDPOINT_MODELS_H
#define NB_ENDPOINT_MODELS_H

#include "base/error.h"

typedef struct nb_model {
    nb_str experiment; /* empty for a folder from elsewhere */
    int64_t number;    /* of models/EXPERIMENT/N; 0 for a folder from elsewhere */
    nb_str folder;     /* absolute */
    nb_str framework,
        metrics; /* of its notebooked.json and metrics.json (a JSON object); may be empty */
    int64_t created_ms, size;
    nb_str sha256; /* of its manifest; empty: not sealed */
    nb_str job;    /* of its manifest */
    bool finished; /* training came to its end */
} nb_model;

typedef enum nb_model_trust {
    NB_MODEL_OURS,    /* sealed by this project, untouched */
    NB_MODEL_CHANGED, /* sealed, and changed since: *what names the first file */
    NB_MODEL_UNSEALED /* no manifest of this project */
} nb_model_trust;

const char *nb_model_trust_name(nb_model_trust trust); /* "sealed", "changed", "unsealed" */

/* Training calls it when it is done. */
typedef struct nb_model_seal_request {
    nb_str root, folder; /* the project and the model, absolute */
    nb_str experiment, job;
    int64_t now_ms;
} nb_model_seal_request;
nb_code nb_model_seal(const nb_model_seal_request *request, nb_error *err);
/* Reads every byte of the model. */
nb_code nb_model_verify(nb_arena *arena, nb_str root, nb_str folder, nb_model_trust *out,
                        nb_str *what, nb_error *err);
/* The same by the names and sizes of the files, without reading them. */
nb_code nb_model_glance(nb_arena *arena, nb_str root, nb_str folder, nb_model_trust *out,
                        nb_str *what, nb_error *err);
/* Those of one experiment, or, when it is empty, of all: by experiment, the newest first. */
nb_code nb_model_list(nb_arena *arena, nb_str root, nb_str experiment, nb_model **out,
                      size_t *count, nb_error *err);
/* What `--model-uri` may be: a folder, a job id, a number of models/EXPERIMENT, empty for the newest finished one. (A job that trained into another folder: the
 * caller, who has the store, gives that.) */
typedef struct nb_model_query {
    nb_str root, experiment, uri;
} nb_model_query;
nb_code nb_model_find(nb_arena *arena, const nb_model_query *query, nb_model *out, nb_error *err);
/* Copies the model into the new folder `to`, whole or not at all, checking every hash on the way; copies share blocks where the file system
 * can. (Hard links would not do: who writes into the original would write into the copy.) A model whose `sha256` is empty is taken as it is. *sha256 is of the
 * manifest in `to`: the same files without a seal give the same. */
nb_code nb_model_place(nb_arena *arena, const nb_model *model, nb_str to, nb_str *sha256,
                       nb_error *err);

#endif
