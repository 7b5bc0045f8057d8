#include "cli/services.h"

struct delete_args {
    const char *provider;
    bool keep_data;
};

static nb_code run(const void *args_, const char *const *operands, NB_UNUSED size_t count,
                   nb_app *app, nb_error *err)
{
    const struct delete_args *args = args_;
    nb_services services;
    nb_code code = nb_services_open(app, args->provider, 0, &services, err);
    if (code == NB_OK)
        code =
            services.ops->remove(services.provider, nb_str_from(operands[0]), args->keep_data, err);
    if (code == NB_OK) {
        nb_app_say(app, "endpoint '%s' is deleted%s", operands[0],
                   args->keep_data ? "; its logs and captured requests stay" : "");
        if (app->json)
            nb_json_member_str(app->json, "deleted", nb_str_from(operands[0]));
    }
    nb_services_close(&services);
    return code;
}

static const nb_opt options[] = {
    {NB_FLAG(0, "keep-data", struct delete_args, keep_data,
             "keep its logs and the requests it has captured")},
    {NB_STRING('p', "provider", "NAME", struct delete_args, provider,
               "where the endpoint is (default: local)")},
    {.kind = NB_OPT_END},
};

const nb_command nb_cmd_delete_endpoint = {
    .name = "delete-endpoint",
    .operands = "ENDPOINT",
    .summary = "Delete an endpoint with all its versions; models stay.",
    .about =
        "It answers what it has, then ends. The models it was deployed from are not touched: 'notebooked models list' has them.",
    .options = options,
    .min_operands = 1,
    .max_operands = 1,
    .operand_names = NB_NAMES_ENDPOINT,
    .args_size = sizeof(struct delete_args),
    .run = run,
};
