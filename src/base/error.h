/* error.h - what went wrong, for a person: a code, a chain of context, a place, a hint.
 *
 * A function that can fail returns nb_code and takes `nb_error *err` last; NB_OK is 0. When it fails it has
 * called nb_fail() once, or passed a failure up (usually through nb_wrap()), and its out parameters are as
 * they were. `err` is never NULL.
 *
 *     if (fd < 0)
 *         return nb_fail_errno(err, "cannot open '%s'", path);
 *     ...
 *     if (nb_file_read(...) != NB_OK)
 *         return nb_wrap(err, "cannot load experiment '%s'", name);
 *
 * Messages start in lower case, have no final stop, quote names in single quotes and say what the program tried
 * ("cannot ..."). Only the command line prints. Things that are wrong but do not end the work are nb_diag.
 */
#ifndef NB_ERROR_H
#define NB_ERROR_H

#include "base/str.h"

#include <stdio.h>

/* Grouped by the exit status they lead to; see nb_code_exit(). */
typedef enum nb_code {
    NB_OK = 0,
    /* the user can fix it: exit 1 */
    NB_ERR_USAGE,
    NB_ERR_CONFIG,
    NB_ERR_NOTEBOOK,
    NB_ERR_NOT_FOUND,
    NB_ERR_EXISTS,
    NB_ERR_USER_CODE, /* the user's Python ended with an error */
    NB_ERR_STALE,     /* convert --check: files would change */
    NB_ERR_LANGUAGE,  /* a notebook that is not in Python */
    /* the world refused: exit 2 */
    NB_ERR_IO,
    NB_ERR_NET,
    NB_ERR_AUTH,
    NB_ERR_REMOTE,
    NB_ERR_TIMEOUT,
    /* ours: exit 3 */
    NB_ERR_INTERNAL,
    NB_CODE_COUNT
} nb_code;

/* A place in an input file; line and column count from 1 (columns in characters), 0 means unknown.
 * `source`, when not empty, is that line's text, shown under the message with a caret. */
typedef struct nb_place {
    nb_str path;
    unsigned line, column;
    nb_str source;
} nb_place;

typedef struct nb_error {
    nb_code code;
    char *chain; /* messages, innermost first, each NUL-terminated; owned */
    size_t chain_len;
    char *hint;   /* one sentence that starts with a verb, or NULL; owned */
    char *path;   /* of the place; NULL when there is none; owned */
    char *source; /* the line at the place, or NULL; owned */
    unsigned line, column;
    const char *
        finding; /* of base/codes.def ("NB802"), whose page explains it; NULL for most; not owned */
} nb_error;

#define NB_ERROR_INIT ((nb_error){0})

void nb_error_release(nb_error *err);
static inline void nb_error_auto(nb_error *err)
{
    nb_error_release(err);
}

/* Records a new failure; one already in *err is released first. Returns `code`. */
nb_code nb_fail(nb_error *err, nb_code code, const char *fmt, ...) NB_PRINTF(3, 4)
    __attribute__((nonnull(1)));
/* The same from errno: a path that is not there gives NB_ERR_NOT_FOUND, anything else NB_ERR_IO; adds strerror's text. */
nb_code nb_fail_errno(nb_error *err, const char *fmt, ...) NB_PRINTF(2, 3)
    __attribute__((nonnull(1)));
/* Says what the caller was doing when the failure in *err came up. Returns the code in *err. */
nb_code nb_wrap(nb_error *err, const char *fmt, ...) NB_PRINTF(2, 3) __attribute__((nonnull(1)));
/* Where; the innermost place is kept, later ones are ignored. Copies. */
void nb_error_at(nb_error *err, nb_place place);
/* What to do about it; a later hint replaces an earlier one. */
void nb_error_hint(nb_error *err, const char *fmt, ...) NB_PRINTF(2, 3);

/* *to becomes what *from says; *from stays. */
void nb_error_copy(nb_error *to, const nb_error *from);

int nb_code_exit(nb_code code);
/* Stable lower-case word for JSON output and tests: "config", "auth", ... */
const char *nb_code_name(nb_code code);
/* Message number `i`, outermost first; NULL past the end. */
const char *nb_error_message(const nb_error *err, size_t i);
/* The report a person reads:
 *
 *     error: cannot convert 'iris'             ("error[NB802]: " when there is a finding of that code)
 *       because: unknown key 'notebok'
 *       at config.yaml:14:7
 *           notebok: iris.ipynb
 *           ^
 *     hint: write 'notebook'
 */
void nb_error_print(const nb_error *err, FILE *to);

#endif
