#include "cli/complete.h"

const char *nb_complete_kind(nb_opt_names names)
{
    switch (names) {
    case NB_NAMES_TEXT: return "";
    case NB_NAMES_FILE: return "file";
    case NB_NAMES_FOLDER: return "folder";
    case NB_NAMES_EXPERIMENT: return "experiment";
    case NB_NAMES_JOB: return "job";
    case NB_NAMES_COMMAND: return "command";
    case NB_NAMES_ENDPOINT: return "endpoint";
    case NB_NAMES_MODEL: return "model";
    }
    return "";
}

bool nb_complete_takes_value(const nb_opt *opt)
{
    return opt->kind != NB_OPT_FLAG && opt->kind != NB_OPT_SWITCH;
}
