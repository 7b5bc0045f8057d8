#include "check/check.h"

#include "check/rules.h"

nb_code nb_check(nb_arena *arena, const nb_config *config, const nb_experiment *experiment,
                 const nb_convert_options *options, const nb_env *env, nb_diags *diags,
                 nb_error *err)
{
    nb_analysis a = {.arena = arena,
                     .config = config,
                     .experiment = experiment,
                     .options = options,
                     .env = env,
                     .diags = diags,
                     .go_on = true};
    a.templates = nb_templates_open(arena, config->root, env);
    if (nb_analysis_load(&a, err) != NB_OK)
        return err->code;
    (void)nb_analysis_run(&a);
    nb_rules_ask(&a);
    return NB_OK;
}
