#include "notebook/policies.h"

typedef enum member { SHELL, TIMEIT, CD, WRITEFILE, RUN } member;

const nb_policy_row nb_policy_rows[NB_POLICY_COUNT] = {
    [SHELL] = {NB_STR_ROW("shell"),     "comment|subprocess|drop"},
    [TIMEIT] = {NB_STR_ROW("timeit"),    "unwrap|drop"            },
    [CD] = {NB_STR_ROW("cd"),        "comment|chdir"          },
    [WRITEFILE] = {NB_STR_ROW("writefile"), "drop|export"            },
    [RUN] = {NB_STR_ROW("run"),       "comment|inline"         },
};

const nb_policy_row *nb_policy_find(nb_str name)
{
    for (size_t i = 0; i < NB_POLICY_COUNT; i++)
        if (nb_str_eq(nb_policy_rows[i].name, name))
            return &nb_policy_rows[i];
    return NULL;
}

/* The place of the word among the row's values, which is the enumerator; -1 when it is none of them. */
static int value_of(const nb_policy_row *row, nb_str word)
{
    nb_str rest = nb_str_from(row->values), each;
    for (int i = 0; nb_str_split(&rest, '|', &each); i++)
        if (nb_str_eq(each, word))
            return i;
    return -1;
}

bool nb_policy_set(nb_policies *policies, const nb_policy_row *row, nb_str value)
{
    int chosen = value_of(row, value);
    if (chosen < 0)
        return false;
    switch ((member)(row - nb_policy_rows)) {
    case SHELL: policies->shell = (nb_shell_policy)chosen; break;
    case TIMEIT: policies->timeit = (nb_timeit_policy)chosen; break;
    case CD: policies->cd = (nb_cd_policy)chosen; break;
    case WRITEFILE: policies->writefile = (nb_writefile_policy)chosen; break;
    case RUN: policies->run = (nb_run_policy)chosen; break;
    }
    return true;
}
