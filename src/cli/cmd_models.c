#include "cli/model_view.h"
#include "cli/project.h"

/* Endpoints that cannot be read are told by `endpoints`; here they only miss in a column. */
static nb_code load_view(nb_app *app, nb_str root, nb_model_view *out, nb_error *err)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_str *names = NULL;
    size_t count = 0;
    if (nb_endpoint_list(app->arena, root, &names, &count, err) != NB_OK)
        return err->code;
    nb_endpoint *endpoints = NB_NEW_ARRAY(app->arena, nb_endpoint, count);
    *out = (nb_model_view){.endpoints = endpoints};
    for (size_t i = 0; i < count; i++)
        if (nb_endpoint_read(app->arena, root, names[i], &endpoints[out->endpoint_count],
                             &ignored) == NB_OK)
            out->endpoint_count++;
    return NB_OK;
}

typedef nb_code (*verifier)(nb_arena *arena, nb_str root, nb_str folder, nb_model_trust *out,
                            nb_str *what, nb_error *err);

/* A folder that cannot be looked through holds no model that we would vouch for. */
static nb_model_sight look(nb_app *app, nb_str root, const nb_model *model, verifier verify)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_model_sight sight = {.model = *model, .trust = NB_MODEL_UNSEALED};
    sight.path = nb_project_path(app->arena, root, model->folder);
    (void)verify(app->arena, root, model->folder, &sight.trust, &sight.changed, &ignored);
    return sight;
}

/* --- list ----------------------------------------------------------------------------------------- */

static nb_code run_list(NB_UNUSED const void *args, const char *const *operands,
                        size_t operand_count, nb_app *app, nb_error *err)
{
    const nb_config *config = NULL;
    nb_str experiment = operand_count > 0 ? nb_str_from(operands[0]) : NB_STR("");
    nb_model *models = NULL;
    nb_model_view view = {0};
    size_t count = 0;
    if (nb_app_project(app, &config, err) != NB_OK ||
        nb_model_list(app->arena, config->root, experiment, &models, &count, err) != NB_OK ||
        load_view(app, config->root, &view, err) != NB_OK)
        return err->code;
    nb_model_sight *sights = NB_NEW_ARRAY(app->arena, nb_model_sight, count);
    for (size_t i = 0; i < count; i++)
        sights[i] = look(app, config->root, &models[i], nb_model_glance);
    nb_model_view_table(app, &view, sights, count);
    if (count == 0)
        nb_app_say(app, "no models%s%s yet", operand_count > 0 ? " of " : "",
                   operand_count > 0 ? operands[0] : "");
    return NB_OK;
}

static const nb_command cmd_list = {
    .name = "models list",
    .operands = "[EXPERIMENT]",
    .summary = "List what training has left, the newest of an experiment first.",
    .about =
        "A model is sealed when training has left it so, going by the names and sizes of its files; "
        "'notebooked models show' reads them all.",
    .max_operands = 1,
    .operand_names = NB_NAMES_EXPERIMENT,
    .run = run_list,
};

/* --- show ----------------------------------------------------------------------------------------- */

static nb_code run_show(NB_UNUSED const void *args, const char *const *operands, size_t count,
                        nb_app *app, nb_error *err)
{
    const nb_config *config = NULL;
    nb_model_view view = {0};
    nb_model model = {0};
    if (nb_app_project(app, &config, err) != NB_OK)
        return err->code;
    const nb_model_query query = {config->root, nb_str_from(operands[0]),
                                  count > 1 ? nb_str_from(operands[1]) : NB_STR("")};
    if (nb_model_find(app->arena, &query, &model, err) != NB_OK ||
        load_view(app, config->root, &view, err) != NB_OK)
        return err->code;
    const nb_model_sight sight = look(app, config->root, &model, nb_model_verify);
    nb_model_view_page(app, &view, &sight);
    return NB_OK;
}

static const nb_command cmd_show = {
    .name = "models show",
    .operands = "EXPERIMENT [MODEL]",
    .summary = "Show everything that is known about a model.",
    .about =
        "MODEL is its number, the id of the job that made it, or a folder; without it, the newest finished one is shown.",
    .min_operands = 1,
    .max_operands = 2,
    .operand_names = NB_NAMES_EXPERIMENT,
    .run = run_show,
};

static const nb_command *const commands[] = {&cmd_list, &cmd_show, NULL};

const nb_command nb_cmd_models = {
    .name = "models",
    .summary = "Look at the models that trainings have left.",
    .commands = commands,
};
