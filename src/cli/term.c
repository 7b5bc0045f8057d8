#include "cli/term.h"

const char *nb_term_style(bool colour, nb_style style)
{
    static const char *const escapes[] = {
        [NB_STYLE_NONE] = "\033[0m",     [NB_STYLE_BOLD] = "\033[1m",
        [NB_STYLE_ERROR] = "\033[1;31m", [NB_STYLE_WARNING] = "\033[1;33m",
        [NB_STYLE_NOTE] = "\033[1;36m",  [NB_STYLE_HINT] = "\033[1;32m",
        [NB_STYLE_DIM] = "\033[2m",
    };
    return colour ? escapes[style] : "";
}

bool nb_term_colour(nb_switch asked, bool terminal, const nb_env *env)
{
    if (asked != NB_UNSET)
        return asked == NB_ON;
    if (nb_env_str(env, "NO_COLOR").len > 0)
        return false;
    nb_str force = nb_env_str(env, "CLICOLOR_FORCE");
    if (force.len > 0 && !nb_str_eqz(force, "0"))
        return true;
    return terminal && !nb_str_eqz(nb_env_str(env, "TERM"), "dumb");
}
