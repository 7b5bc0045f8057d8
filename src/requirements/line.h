/* requirements_line.h - one line of a requirements file, taken apart as far as merging needs it (PEP 508 and pip's own forms).
 *
 * Nothing is evaluated: markers and addresses stay text. All views point into the line, except `normal`.
 */
#ifndef NB_REQUIREMENTS_LINE_H
#define NB_REQUIREMENTS_LINE_H

#include "base/str.h"

typedef enum nb_asked_kind {
    NB_ASKED_NOTHING, /* a blank line or a comment */
    NB_ASKED_OPTION,  /* "--pre", "--index-url …", "-e …" */
    NB_ASKED_FILE,    /* "-r FILE" and "-c FILE": `target` is the file */
    NB_ASKED_PROJECT, /* name, extras, specifier, marker, or "name @ address" */
    NB_ASKED_ADDRESS, /* an address or a path alone: "git+https://…", "./wheel.whl" */
    NB_ASKED_WRONG    /* none of these; `wrong` says why */
} nb_asked_kind;

typedef struct nb_asked_parts {
    nb_asked_kind kind;
    nb_str text;      /* the line without comment and blanks around it */
    nb_str name;      /* as written; of an address: what it most likely installs, may be empty */
    nb_str normal;    /* `name` as PEP 503 compares it */
    nb_str extras;    /* between the brackets: "s3, gpu" */
    nb_str specifier; /* "==2.1", ">=1,<2", "@ https://…"; of an address all of it; may be empty */
    nb_str marker;    /* after the ';' */
    nb_str options;   /* of this requirement alone: "--hash=sha256:…" */
    nb_str target;    /* address, path or file name, of kinds that have one */
    bool local;       /* the target is a path on this machine */
    const char *wrong;
} nb_asked_parts;

nb_asked_parts nb_asked_parse(nb_arena *arena, nb_str line);
/* The text holds an address with a password in it ("https://user:word@host"); ${VARIABLES} are none. */
bool nb_has_password(nb_str text);

#endif
