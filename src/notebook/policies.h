/* policies.h - what becomes of the things a script cannot do as a notebook does: shell lines, timing, folders, files, other notebooks.
 *
 * The defaults change nothing behind the user's back: commands become comments with a finding. A project, an experiment
 * (`ipython:` in config.yaml) or one cell (`# notebooked: shell=subprocess`) chooses otherwise, by the same words.
 */
#ifndef NB_POLICIES_H
#define NB_POLICIES_H

#include "base/str.h"

typedef enum nb_shell_policy {
    NB_SHELL_COMMENT,
    NB_SHELL_SUBPROCESS,
    NB_SHELL_DROP
} nb_shell_policy;
typedef enum nb_timeit_policy { NB_TIMEIT_UNWRAP, NB_TIMEIT_DROP } nb_timeit_policy;
typedef enum nb_cd_policy { NB_CD_COMMENT, NB_CD_CHDIR } nb_cd_policy;
typedef enum nb_writefile_policy { NB_WRITEFILE_DROP, NB_WRITEFILE_EXPORT } nb_writefile_policy;
typedef enum nb_run_policy { NB_RUN_COMMENT, NB_RUN_INLINE } nb_run_policy;

/* All zeros: the defaults. */
typedef struct nb_policies {
    nb_shell_policy shell;         /* `!command` */
    nb_timeit_policy timeit;       /* `%timeit`, `%%timeit` */
    nb_cd_policy cd;               /* `%cd` */
    nb_writefile_policy writefile; /* `%%writefile` */
    nb_run_policy run;             /* `%run` */
} nb_policies;

enum { NB_POLICY_COUNT = 5 };

typedef struct nb_policy_row {
    nb_str name;        /* "shell" */
    const char *values; /* "comment|subprocess|drop", the default first */
} nb_policy_row;

/* One row a member, in the order of the struct. */
extern const nb_policy_row nb_policy_rows[NB_POLICY_COUNT];

/* The row of that name; NULL when there is none. */
const nb_policy_row *nb_policy_find(nb_str name);
/* False, and nothing is changed, when the policy cannot have the value. */
bool nb_policy_set(nb_policies *policies, const nb_policy_row *row, nb_str value);

#endif
