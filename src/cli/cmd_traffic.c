#include "cli/services.h"
#include "cli/shares.h"

struct traffic_args {
    const char *provider, *shadow;
};

/* --- what is asked for ---------------------------------------------------------------------------- */

static nb_code add_weights(nb_app *app, const char *text, nb_share_list *list, nb_error *err)
{
    nb_share *shares = NULL;
    size_t count = 0;
    if (nb_shares_parse(app->arena, nb_str_from(text), &shares, &count, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++)
        nb_vec_push(app->arena, list, shares[i]);
    return NB_OK;
}

static void keep_weights(nb_app *app, const nb_service *now, nb_share_list *list)
{
    for (size_t i = 0; i < now->version_count; i++) {
        const nb_share *share = &now->versions[i].share;
        if (share->weight > 0)
            nb_vec_push(app->arena, list, *share);
    }
}

/* A shadow that gets a weight of its own is one no more. */
static void keep_shadows(nb_app *app, const nb_service *now, nb_share_list *list)
{
    for (size_t i = 0; i < now->version_count; i++) {
        const nb_share *share = &now->versions[i].share;
        if (share->shadow_percent > 0 && !nb_shares_have(list, share->version))
            nb_vec_push(app->arena, list, *share);
    }
}

/* "v4", "v4=50", "v4=50%" */
static nb_code read_shadow(const char *text, nb_share *out, nb_error *err)
{
    nb_str rest = nb_str_from(text), name;
    int64_t percent = 100;
    bool fine = nb_str_split(&rest, '=', &name) && name.len > 0;
    if (fine && nb_str_find_char(nb_str_from(text), '=') >= 0) {
        if (nb_str_ends(rest, NB_STR("%")))
            rest = nb_str_slice(rest, 0, rest.len - 1);
        fine = nb_str_to_int(nb_str_trim(rest), &percent) && percent >= 1 && percent <= 100;
    }
    if (!fine) {
        (void)nb_fail(err, NB_ERR_USAGE, "'%s' is no shadow", text);
        nb_error_hint(err,
                      "write a version, and how much of the requests it gets: '--shadow v4=50'; "
                      "'--shadow none' ends it");
        return err->code;
    }
    *out = (nb_share){.version = nb_str_trim(name), .shadow_percent = (unsigned)percent};
    return NB_OK;
}

static nb_code add_shadow(nb_app *app, const char *text, nb_share_list *list, nb_error *err)
{
    nb_share shadow = {0};
    if (strcmp(text, "none") == 0)
        return NB_OK;
    if (read_shadow(text, &shadow, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < list->count; i++)
        if (nb_str_eq(list->at[i].version, shadow.version) && list->at[i].weight > 0) {
            (void)nb_fail(err, NB_ERR_USAGE,
                          "version '" NB_STR_FMT "' answers requests: a shadow never does",
                          NB_STR_ARG(shadow.version));
            nb_error_hint(err, "give its requests to another version in the same command");
            return err->code;
        }
    nb_vec_push(app->arena, list, shadow);
    return NB_OK;
}

/* What is not said stays as it is. */
static nb_code plan(nb_app *app, const struct traffic_args *args, const char *weights,
                    const nb_service *now, nb_share_list *list, nb_error *err)
{
    if (weights && add_weights(app, weights, list, err) != NB_OK)
        return err->code;
    if (!weights)
        keep_weights(app, now, list);
    if (args->shadow)
        return add_shadow(app, args->shadow, list, err);
    keep_shadows(app, now, list);
    return NB_OK;
}

static nb_code check_hundred(const nb_services *services, const nb_share_list *list, nb_error *err)
{
    uint64_t total = 0;
    for (size_t i = 0; i < list->count; i++)
        total += list->at[i].weight;
    if (!(services->ops->features & NB_NEEDS_WHOLE_HUNDRED) || total == 100)
        return NB_OK;
    return nb_fail(err, NB_ERR_USAGE, "the weights must sum to 100 there, not to %llu",
                   (unsigned long long)total);
}

/* --- the command ---------------------------------------------------------------------------------- */

static nb_code change(nb_app *app, const nb_services *services, const struct traffic_args *args,
                      const char *const *operands, nb_service *service, nb_error *err)
{
    nb_share_list list = {0};
    if (plan(app, args, operands[1], service, &list, err) != NB_OK ||
        check_hundred(services, &list, err) != NB_OK)
        return err->code;
    const nb_traffic_request request = {service->name, list.at, list.count};
    if (services->ops->traffic(services->provider, &request, app->arena, service, err) != NB_OK)
        return err->code;
    if (service->state == NB_SERVICE_STOPPED)
        nb_app_say(app, "endpoint '" NB_STR_FMT "' is stopped: it starts with this traffic",
                   NB_STR_ARG(service->name));
    return NB_OK;
}

static nb_code run_open(nb_app *app, const nb_services *services, const struct traffic_args *args,
                        const char *const *operands, nb_error *err)
{
    nb_service service = {0};
    if (services->ops->endpoint(services->provider, nb_str_from(operands[0]), app->arena, &service,
                                err) != NB_OK)
        return err->code;
    if ((operands[1] || args->shadow) &&
        change(app, services, args, operands, &service, err) != NB_OK)
        return err->code;
    nb_services_show(app, &service);
    return NB_OK;
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct traffic_args *args = args_;
    const char *const both[] = {operands[0], count > 1 ? operands[1] : NULL};
    unsigned features = NB_CAN_SPLIT | (args->shadow ? (unsigned)NB_CAN_SHADOW : 0U);
    nb_services services;
    nb_code code = nb_services_open(app, args->provider, features, &services, err);
    if (code == NB_OK)
        code = run_open(app, &services, args, both, err);
    nb_services_close(&services);
    return code;
}

static const nb_opt options[] = {
    {NB_STRING(0, "shadow", "VERSION[=PERCENT]", struct traffic_args, shadow,
               "send this version copies of the requests, never its answers; 'none' ends it")},
    {NB_STRING('p', "provider", "NAME", struct traffic_args, provider,
               "where the endpoint is (default: local)")},
    {.kind = NB_OPT_END},
};

static const nb_example examples[] = {
    {"notebooked traffic iris",                            "show how requests are shared"},
    {"notebooked traffic iris v3=90,v4=10",                                                    "let version 4 answer one request in ten"},
    {"notebooked traffic iris v3=100,v4=0 --shadow v5=50",
     "keep version 4 up; compare version 5 on copies of half the requests"},
    {0},
};

const nb_command nb_cmd_traffic = {
    .name = "traffic",
    .operands = "ENDPOINT [VERSION=WEIGHT,...]",
    .summary = "Show or change which versions of an endpoint answer its requests.",
    .about =
        "Weights are whole numbers of which only the ratio counts; versions that are not named get no requests and are stopped, one with weight 0 stays up for clients that "
        "ask for it by name. Versions that are down are brought up first; then all weights move in one step, and no request fails for it.\n\n"
        "Requests with the same X-Notebooked-Session header go to the same version; X-Notebooked-Version asks for one.\n\n"
        "The answers of a shadow are compared with those of the version that answered, and thrown away: 'notebooked endpoints show' has the rate at which they disagree.",
    .examples = examples,
    .options = options,
    .min_operands = 1,
    .max_operands = 2,
    .operand_names = NB_NAMES_ENDPOINT,
    .args_size = sizeof(struct traffic_args),
    .run = run,
};
