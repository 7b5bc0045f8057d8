#include "cli/services.h"

struct rollback_args {
    const char *provider, *to;
};

static nb_code run_open(nb_app *app, const nb_services *services, const struct rollback_args *args,
                        const char *name, nb_error *err)
{
    nb_service service = {0};
    const nb_rollback_request request = {nb_str_from(name),
                                         args->to ? nb_str_from(args->to) : NB_STR("")};
    if (services->ops->rollback(services->provider, &request, app->arena, &service, err) != NB_OK)
        return err->code;
    nb_app_say(app, "endpoint '%s' is rolled back%s", name,
               service.state == NB_SERVICE_STOPPED ? "; it is stopped" : "");
    nb_services_show(app, &service);
    return NB_OK;
}

static nb_code run(const void *args_, const char *const *operands, NB_UNUSED size_t count,
                   nb_app *app, nb_error *err)
{
    const struct rollback_args *args = args_;
    nb_services services;
    nb_code code = nb_services_open(app, args->provider, NB_CAN_SPLIT, &services, err);
    if (code == NB_OK)
        code = run_open(app, &services, args, operands[0], err);
    nb_services_close(&services);
    return code;
}

static const nb_opt options[] = {
    {NB_STRING(
        0, "to", "VERSION", struct rollback_args, to,
        "let this version answer all requests (default: the traffic before the last change)")},
    {NB_STRING('p', "provider", "NAME", struct rollback_args, provider,
               "where the endpoint is (default: local)")},
    {.kind = NB_OPT_END},
};

const nb_command nb_cmd_rollback = {
    .name = "rollback",
    .operands = "ENDPOINT",
    .summary = "Go back to the versions that answered before.",
    .about =
        "It works like undoing: going back twice leads two changes back. Versions that are down are brought up before any request moves, so that none fails. An endpoint "
        "keeps its last five versions.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .operand_names = NB_NAMES_ENDPOINT,
    .args_size = sizeof(struct rollback_args),
    .run = run,
};
