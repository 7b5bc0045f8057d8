#include "provider/local/serve_parts.h"

#include "base/path.h"
#include "endpoint/admin.h"

enum { STATUS_MS = 2000 };

/* --- what is there -------------------------------------------------------------------------------- */

const nb_json *nb_local_status(nb_arena *arena, const nb_endpoint *endpoint)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no answer is a state of its own */
    const nb_json *status = NULL;
    const nb_admin_request request = {"GET", "/admin/status", NB_STR(""), STATUS_MS};
    (void)nb_admin_ask(arena, endpoint, &request, &status, &ignored);
    return status;
}

bool nb_local_is_running(const nb_provider_context *context, const nb_endpoint *endpoint)
{
    nb_process process;
    return nb_endpoint_look(endpoint, context->runner, &process) == NB_ENDPOINT_RUNNING;
}

static bool is_true(const nb_json *value)
{
    return value && value->kind == NB_JSON_TRUE;
}

nb_str nb_local_version_name(nb_arena *arena, unsigned version)
{
    return nb_arena_printf(arena, "v%u", version);
}

nb_str nb_local_version_member(const nb_json *status, unsigned version, const char *member)
{
    const nb_json *versions = nb_json_get(status, "versions");
    for (const nb_json *each = versions ? versions->child : NULL; each; each = each->next) {
        const nb_json *number = nb_json_get(each, "version");
        int64_t is = 0;
        if (number && nb_str_to_int(number->text, &is) && is == version)
            return nb_json_get_str(each, member);
    }
    return (nb_str){0};
}

static const nb_service_version *versions_of(nb_arena *arena, const nb_endpoint *endpoint,
                                             const nb_json *status)
{
    size_t count = endpoint->deployments.count;
    nb_service_version *list = NB_NEW_ARRAY(arena, nb_service_version, count);
    for (size_t i = 0; i < count; i++) {
        const nb_deployment *each = &endpoint->deployments.at[i];
        nb_str name = nb_local_version_name(arena, each->version);
        nb_str state = nb_local_version_member(status, each->version, "state");
        nb_str example = nb_local_version_member(status, each->version, "example");
        list[i] = (nb_service_version){
            .name = name,
            .model = each->model,
            .state = state.len > 0 ? state : NB_STR("stopped"),
            .created_ms = each->created_ms,
            .share = {name, each->weight, each->shadow ? each->shadow_percent : 0},
            .tried = !nb_str_eqz(example, "none"),
        };
    }
    return list;
}

static nb_service describe(nb_arena *arena, const nb_provider_context *context,
                           const nb_endpoint *endpoint)
{
    bool runs = nb_local_is_running(context, endpoint);
    const nb_json *status = runs ? nb_local_status(arena, endpoint) : NULL;
    bool ready = is_true(nb_json_get(status, "ready"));
    nb_str reason = nb_json_get_str(status, "reason"), host = endpoint->settings.host;
    nb_service service = {.name = endpoint->name, .provider = NB_STR("local")};
    service.state = !runs ? NB_SERVICE_STOPPED : ready ? NB_SERVICE_READY : NB_SERVICE_NOT_READY;
    service.reason = ready || !reason.at ? NB_STR("") : reason;
    if (runs && !status)
        service.reason = NB_STR("its process does not answer");
    service.url = nb_arena_printf(arena,
                                  nb_str_find_char(host, ':') < 0 ? "http://" NB_STR_FMT ":%u"
                                                                  : "http://[" NB_STR_FMT "]:%u",
                                  NB_STR_ARG(host), endpoint->settings.port);
    service.log = nb_path_join(arena, endpoint->folder, NB_STR("log/server.log"));
    service.token_file = endpoint->settings.token_file;
    service.versions = versions_of(arena, endpoint, status);
    service.version_count = endpoint->deployments.count;
    return service;
}

nb_code nb_local_read_again(nb_arena *arena, const nb_endpoint *from, nb_endpoint *out,
                            nb_error *err)
{
    return nb_endpoint_read(arena, from->root, from->name, out, err);
}

nb_code nb_local_tell(nb_arena *arena, const nb_provider_context *context,
                      const nb_endpoint *endpoint, nb_service *out, nb_error *err)
{
    nb_endpoint now = {0};
    if (nb_local_read_again(arena, endpoint, &now, err) != NB_OK)
        return err->code;
    *out = describe(arena, context, &now);
    return NB_OK;
}

nb_code nb_local_endpoint(const nb_provider_context *context, nb_str name, nb_arena *arena,
                          nb_service *out, nb_error *err)
{
    nb_endpoint endpoint = {0};
    if (nb_endpoint_read(arena, context->root, name, &endpoint, err) != NB_OK)
        return err->code;
    *out = describe(arena, context, &endpoint);
    return NB_OK;
}

void nb_local_note(nb_arena *arena, const nb_provider_context *context, nb_endpoint *endpoint,
                   nb_str what)
{
    nb_vec_push(arena, &endpoint->history,
                (nb_endpoint_event){.at_ms = context->env->now_ms(context->env->ctx),
                                    .what = what,
                                    .weights = nb_endpoint_weights(arena, endpoint),
                                    .by = nb_env_str(context->env, "USER")});
}

nb_front_process nb_local_front(const nb_provider_context *context, const nb_endpoint *endpoint)
{
    return (nb_front_process){.endpoint = endpoint, .runner = context->runner, .env = context->env};
}
