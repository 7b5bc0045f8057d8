/* requirements.h - requirements.txt: what the notebook asks for, then what its exported code imports.
 *
 * Order of evidence (conversion.md 11): `requirements` cells and %pip lines first, verbatim and merged (the last version of a project wins, a
 * conflict is a finding); then each import of the exported code: modules of the project itself and the standard library give nothing, a platform's own module is
 * an error, then the project's lock files and files that ask (lock.h), the installed metadata of the chosen Python (read as files: no Python is
 * started), the built-in table, and a popular project of the same name; anything else is a finding, never a guess. Names compare as PEP 503 says.
 *
 * Every line ends with a comment that says why it is there and where its version is from. No version without evidence.
 */
#ifndef NB_REQUIREMENTS_REQUIREMENTS_H
#define NB_REQUIREMENTS_REQUIREMENTS_H

#include "base/diag.h"
#include "base/error.h"
#include "requirements/lock.h"

/* One imported module of exported code: `import a.b` gives "a.b"; `from a import b` gives "a" with name "b". */
typedef struct nb_module_use {
    nb_str module; /* dotted; empty or leading dots for relative imports */
    nb_str name;   /* of from-imports; empty otherwise; "*" for star imports */
    bool optional; /* inside try/except ImportError */
    nb_spot spot;  /* for findings */
} nb_module_use;

typedef struct
    nb_asked { /* a line the user wrote: in a requirements cell, a %pip line or the configuration */
    nb_str line;
    nb_spot spot;
    nb_str why; /* what its comment says: "%pip install (cell 1)"; may be empty */
} nb_asked;

/* Code that needs a project which it does not import: code.h finds it. */
typedef struct nb_needed {
    nb_str needs; /* PEP 503 names with blanks between; one of them will do */
    nb_str what;  /* "pandas.read_parquet" */
    bool certain; /* else it is only suggested */
    nb_spot spot;
} nb_needed;

/* What the target has already: the text of `pip freeze`, of `pip list --format json` or of a requirements file. */
typedef struct nb_provided_list {
    nb_str name; /* of the file, for comments: no path of this machine */
    nb_str text;
} nb_provided_list;

typedef struct nb_requirements_input {
    const nb_module_use *uses;
    size_t use_count;
    const nb_needed *needed;
    size_t needed_count;
    const nb_asked *asked;
    size_t asked_count;
    const nb_str *
        source_folders; /* absolute folders where modules of the project lie: the notebook's folder, the project root, include paths */
    size_t source_folder_count;
    nb_str site_packages
        [4]; /* absolute site-packages folders of the chosen Python, nearest first; empty ones are ignored */
    unsigned minor; /* target Python 3.x */
    bool tracking;  /* adds mlflow */
    struct nb_local
        *local; /* local.h: the project's own modules; NULL: those of `source_folders` */
    nb_str
        environment; /* what comments call the chosen Python: ".venv"; empty: "the chosen environment" */
    nb_locks_input locks; /* the project's own files; `minor` as above */
    const nb_provided_list *provided;
    size_t provided_count;
} nb_requirements_input;

typedef struct nb_requirement {
    nb_str distribution; /* PEP 503 name; empty for option lines */
    nb_str line;         /* as it stands in the file, without the comment */
    nb_str why; /* the comment: "import sklearn (cell 2); version from uv.lock"; may be empty */
    bool
        provided; /* the target has it: the line is a comment in the file, and comes after the others */
} nb_requirement;

typedef struct nb_requirements {
    nb_str
        text; /* requirements.txt: option lines, then one line a project, sorted; ends with a newline unless empty */
    const nb_requirement *list;
    size_t count;
    const nb_str *
        local_modules; /* files and folders of the project that travel: "helpers.py", "pkg", sorted */
    size_t local_module_count;
} nb_requirements;

nb_requirements nb_requirements_build(nb_arena *arena, const nb_requirements_input *input,
                                      nb_diags *diags);

/* The site-packages folders of a Python installation or virtual environment: `python` is the path of an interpreter or of an environment folder (a bare "python3" has
 * to be looked up in PATH before); reads pyvenv.cfg and looks for lib/python3.x/site-packages (and dist-packages of a Debian system Python); returns how many were
 * found (at most 4), and the minor version in *minor when known. A pyenv shim is a shell script and leads nowhere. */
size_t nb_site_packages(nb_arena *arena, nb_str python, nb_str folders[4], unsigned *minor);

#endif
