/* python.h - which Python trains, and what it has: found in a fixed order, asked before anything starts. */
#ifndef NB_LOCAL_PYTHON_H
#define NB_LOCAL_PYTHON_H

#include "provider/provider.h"

typedef struct nb_python {
    nb_str program; /* absolute path, links unresolved: that is what tells a virtual environment */
    nb_str origin;  /* "--python", "VIRTUAL_ENV", ".venv", ... */
} nb_python;

/* The first there is of: --python; the experiment's `python:`; $VIRTUAL_ENV; $CONDA_PREFIX; .venv in the project and beside the
 * notebook; python3 on PATH. The first two must be right when they are given: a program, a name on PATH or an environment's
 * folder. A version (`python: "3.12"`) asks for python3.12 in the other places. NB_ERR_NOT_FOUND names what was tried. */
nb_code nb_python_find(nb_arena *arena, const nb_provider_context *context,
                       const nb_train_request *request, nb_python *out, nb_error *err);

typedef struct nb_missing {
    nb_str requirement; /* "xgboost==2.0.3" */
    nb_str installed;   /* the version that is there; empty: none */
    bool imported;      /* the notebook's code imports it, as far as the file says */
} nb_missing;

/* What the Python says of itself and of a requirements.txt. */
typedef struct nb_python_facts {
    nb_str version;  /* "3.11.2" */
    nb_str identity; /* implementation, version and platform: what an environment depends on */
    const nb_missing *missing;
    size_t missing_count;
} nb_python_facts;

/* Asks it, by running a short script (probe.py). `requirements` may be empty or name a file that does not exist. Fails when it
 * is no Python, too old, or does not answer. */
nb_code nb_python_ask(nb_arena *arena, const nb_provider_context *context, nb_str program,
                      nb_str requirements, nb_python_facts *out, nb_error *err);

/* NB_OK when nothing but MLflow is missing (training works without, and says so, unless the notebook itself imports it); otherwise one message that names all that
 * is, and advises the command that installs it, or `otherwise`. */
nb_code nb_python_require(const nb_python *python, const nb_python_facts *facts,
                          nb_str requirements, const char *otherwise, nb_error *err);
/* Whether MLflow is among the missing. */
bool nb_python_lacks_mlflow(const nb_python_facts *facts);

#endif
