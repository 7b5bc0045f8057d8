#include "cli/services.h"

#include "cli/project.h"
#include "cli/service_view.h"
#include "cli/table.h"

/* --- opening -------------------------------------------------------------------------------------- */

static void say(void *ctx, nb_str line)
{
    nb_app_say(ctx, NB_STR_FMT, NB_STR_ARG(line));
}

static nb_code check_features(const nb_provider_ops *ops, unsigned features, nb_error *err)
{
    static const struct {
        unsigned bit;
        const char *what;
    } rows[] = {
        {NB_CAN_SERVE,  "has no endpoints"                         },
        {NB_CAN_SPLIT,  "cannot share requests among versions"     },
        {NB_CAN_SHADOW, "cannot send copies of requests to shadows"},
    };
    for (size_t i = 0; i < NB_LEN(rows); i++)
        if ((features & rows[i].bit) && !(ops->features & rows[i].bit))
            return nb_fail(err, NB_ERR_USAGE, "the provider '%s' %s", ops->name, rows[i].what);
    return NB_OK;
}

nb_code nb_services_open(nb_app *app, const char *name, unsigned features, nb_services *out,
                         nb_error *err)
{
    const nb_config *config = NULL;
    *out = (nb_services){.provider = NULL};
    if (nb_provider_find(nb_str_from(name ? name : "local"), &out->ops, err) != NB_OK ||
        check_features(out->ops, features | NB_CAN_SERVE, err) != NB_OK ||
        nb_app_project(app, &config, err) != NB_OK)
        return err->code;
    out->context = (nb_provider_context){
        .env = app->env,
        .runner = &nb_runner_real,
        .root = config->root,
        .progress = {.say = say, .ctx = app}
    };
    if (out->ops->open(&out->context, &out->provider, err) != NB_OK)
        return nb_wrap(err, "cannot use provider '%s'", out->ops->name);
    return NB_OK;
}

void nb_services_close(nb_services *services)
{
    if (services->provider)
        services->ops->close(services->provider);
    services->provider = NULL;
}

/* --- showing -------------------------------------------------------------------------------------- */

static void put_service(nb_json_writer *w, const nb_service *service)
{
    nb_json_member_str(w, "endpoint", service->name);
    nb_json_member_str(w, "provider", service->provider);
    nb_json_member_str(w, "state", nb_str_from(nb_service_state_name(service->state)));
    nb_json_member_known_str(w, "reason", service->reason);
    nb_json_member_known_str(w, "url", service->url);
    nb_json_key(w, NB_STR("versions"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < service->version_count; i++)
        nb_service_view_version(w, &service->versions[i]);
    nb_json_end_array(w);
}

/* "90 %", "copies of 50 %"; empty for a version that gets nothing. */
static nb_str requests_text(nb_arena *arena, const nb_service *service, const nb_share *share)
{
    uint64_t total = 0;
    for (size_t i = 0; i < service->version_count; i++)
        total += service->versions[i].share.weight;
    if (share->shadow_percent > 0)
        return nb_arena_printf(arena, "copies of %u %%", share->shadow_percent);
    if (share->weight == 0)
        return NB_STR("");
    return nb_arena_printf(arena, "%.4g %%", 100 * (double)share->weight / (double)total);
}

void nb_services_show(nb_app *app, const nb_service *service)
{
    static const nb_str titles[] = {NB_STR_ROW("VERSION"), NB_STR_ROW("REQUESTS"),
                                    NB_STR_ROW("STATE"), NB_STR_ROW("MODEL")};
    nb_table table = {.titles = titles, .columns = NB_LEN(titles)};
    if (app->json) {
        put_service(app->json, service);
        return;
    }
    for (size_t i = service->version_count; i-- > 0;) {
        const nb_service_version *each = &service->versions[i];
        nb_vec_push(app->arena, &table.rows,
                    (nb_table_row){
                        {each->name, requests_text(app->arena, service, &each->share), each->state,
                         each->model},
                        ""
        });
    }
    nb_table_print(app, &table);
}
