#include "check/check.h"
#include "cli/app.h"
#include "cli/report.h"
#include "cli/targets.h"

struct check_args {
    const char *python;
};

static const nb_opt options[] = {
    {NB_STRING(0, "python", "PATH", struct check_args, python,
     "interpreter or environment to read package versions from"),
     .names = NB_NAMES_FILE},
    {.kind = NB_OPT_END    },
};

/* --- output --------------------------------------------------------------------------------------------------- */

static void show(nb_app *app, const nb_diags *diags)
{
    nb_severity least = app->verbose ? NB_SEVERITY_INFO : NB_SEVERITY_WARNING;
    if (app->quiet)
        least = NB_SEVERITY_ERROR;
    if (app->json)
        nb_report_diags(app, diags);
    else
        nb_report_text(diags, least, app->colour_out, app->out);
    if (!app->json && !app->quiet) {
        (void)fflush(app->out);
        nb_report_counts(diags, !app->verbose, app->log);
    }
}

/* --- the command ---------------------------------------------------------------------------------------------- */

static nb_code check_all(nb_app *app, const nb_convert_options *how, const nb_target *targets,
                         size_t count, nb_diags *diags, nb_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (nb_check(app->arena, targets[i].config, targets[i].experiment, how, app->env, diags,
                     err) != NB_OK)
            return err->code;
    return NB_OK;
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct check_args *args = args_;
    nb_diags diags = {.arena = app->arena};
    nb_target *targets;
    size_t target_count;
    nb_convert_options how = {.python = nb_str_from(args->python)};
    nb_code code =
        nb_targets_find(app, operands, count, count == 0, &diags, &targets, &target_count, err);
    if (code == NB_OK)
        code = check_all(app, &how, targets, target_count, &diags, err);
    show(app, &diags);
    size_t errors = nb_diags_count(&diags, NB_SEVERITY_ERROR);
    if (code == NB_OK && errors > 0)
        return nb_fail(err, NB_ERR_NOTEBOOK, "%zu error%s", errors, errors == 1 ? "" : "s");
    return code;
}

static const nb_example examples[] = {
    {"notebooked check",                       "every experiment of the configuration"},
    {"notebooked check notebooks/iris.ipynb",                                        "a notebook, without any configuration"},
    {0},
};

const nb_command nb_cmd_check = {
    .name = "check",
    .operands = "[EXPERIMENT | NOTEBOOK]...",
    .summary = "Tell what would surprise later in notebooks, and write nothing.",
    .about =
        "Reads the notebooks as 'convert' does and asks every rule: what the scripts would lack, what other machines do not have, what will not run there. "
        "Findings go to standard output. The exit status is 1 when there is an error among them.",
    .examples = examples,
    .options = options,
    .max_operands = NB_ANY_NUMBER,
    .operand_names = NB_NAMES_EXPERIMENT,
    .args_size = sizeof(struct check_args),
    .run = run,
};
