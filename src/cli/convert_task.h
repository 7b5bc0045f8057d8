/* convert_task.h - experiments converted side by side, each in memory of its own, and what is told of each in the end. */
#ifndef NB_CLI_CONVERT_TASK_H
#define NB_CLI_CONVERT_TASK_H

#include "cli/targets.h"
#include "gen/convert.h"

typedef struct nb_told_file {
    nb_str path;
    nb_file_state state;
    bool hidden; /* in text: nb_plan_tells() */
} nb_told_file;

/* One experiment. */
typedef struct nb_task {
    nb_target target; /* given */

    nb_diags diags;
    NB_VEC(nb_told_file) files;
    nb_str diff;
    size_t stale;    /* how many files differ from what they should be */
    bool up_to_date; /* nothing was made: the input is that of last time */
    nb_error err;
    nb_code code;
} nb_task;

typedef struct nb_task_pool {
    nb_task *tasks;
    size_t count;
    const nb_convert_options *options;
    const nb_env *env;
    bool check, diff; /* write nothing */
    bool force;       /* overwrite files that were edited by hand */

    size_t next;   /* to be given */
    nb_arena kept; /* what tasks tell */
} nb_task_pool;

/* Converts all of them, on all cores. */
void nb_tasks_run(nb_task_pool *p);
/* What they told goes; the tasks themselves are the caller's. */
void nb_tasks_release(nb_task_pool *p);

#endif
