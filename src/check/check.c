#include "check/check.h"

#include "check/rules.h"

/* What is behind "cannot convert 'iris'", which says no more than which notebook it is. */
static nb_str cause(nb_arena *arena, const nb_error *err)
{
    const char *message = nb_error_message(err, 0);
    nb_str text = nb_str_from(message);
    for (size_t i = 1; (message = nb_error_message(err, i)) != NULL; i++)
        text = i == 1 ? nb_str_from(message)
                      : nb_arena_printf(arena, NB_STR_FMT ": %s", NB_STR_ARG(text), message);
    return nb_arena_str(arena, text);
}

static void add_failure(nb_diags *diags, nb_diag_code code, nb_severity severity, nb_str path,
                        const nb_error *err)
{
    nb_spot spot = {.path = nb_arena_str(diags->arena, path),
                    .line = err->line,
                    .column = err->column,
                    .source = nb_arena_str(diags->arena, nb_str_from(err->source))};
    nb_str text = cause(diags->arena, err);
    nb_diag *diag = nb_diag_add(diags, code, spot, NB_STR_FMT, NB_STR_ARG(text));
    diag->severity = severity;
    if (err->hint)
        nb_diag_help(diags, diag, "%s", err->hint);
}

void nb_check_unreadable(nb_diags *diags, nb_str path, const nb_error *err)
{
    add_failure(diags, NB_D_UNREADABLE, NB_SEVERITY_ERROR, path, err);
}

void nb_check(nb_arena *arena, const nb_check_input *input, nb_diags *diags)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_analysis a = {.arena = arena,
                     .config = input->config,
                     .experiment = input->experiment,
                     .options = input->options,
                     .env = input->env,
                     .diags = diags,
                     .go_on = true};
    a.templates = nb_templates_open(arena, input->config->root, input->env);
    if (nb_analysis_load(&a, &err) == NB_OK) {
        (void)nb_analysis_run(&a);
        nb_rules_ask(&a);
        nb_selection_apply(&input->config->selection, diags, 0);
    } else if (err.code == NB_ERR_LANGUAGE) {
        add_failure(diags, NB_D_OTHER_LANGUAGE, input->found ? NB_SEVERITY_INFO : NB_SEVERITY_ERROR,
                    input->experiment->notebook, &err);
    } else {
        nb_check_unreadable(diags, input->experiment->notebook, &err);
    }
}
