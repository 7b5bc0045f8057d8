#include "provider/local/serve_parts.h"

#include "base/fs.h"
#include "base/path.h"
#include "endpoint/admin.h"
#include "endpoint/start.h"
#include "endpoint/tree.h"
#include "provider/local/python.h"
#include "text/json_write.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    FIRST_PORT = 8080,
    MOST_PORT_TRIES = 1000,
    STATUS_MS = 2000,
    PAUSE_MS = 100,
    MARGIN_MS = 30000
};

/* --- what is there -------------------------------------------------------------------------------- */

static nb_code ask(nb_arena *arena, const nb_endpoint *endpoint, const nb_admin_request *request,
                   const nb_json **out, nb_error *err)
{
    return nb_admin_ask(arena, endpoint, request, out, err);
}

const nb_json *nb_local_status(nb_arena *arena, const nb_endpoint *endpoint)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no answer is a state of its own */
    const nb_json *status = NULL;
    const nb_admin_request request = {"GET", "/admin/status", NB_STR(""), STATUS_MS};
    (void)ask(arena, endpoint, &request, &status, &ignored);
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

/* The front's word for a version; empty when it says nothing of it. */
static nb_str version_member(const nb_json *status, unsigned version, const char *member)
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
        nb_str state = version_member(status, each->version, "state");
        list[i] = (nb_service_version){
            .name = name,
            .model = each->model,
            .state = state.len > 0 ? state : NB_STR("stopped"),
            .created_ms = each->created_ms,
            .share = {name, each->weight, each->shadow ? each->shadow_percent : 0}
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

/* --- deploy --------------------------------------------------------------------------------------- */

typedef struct deploying {
    const nb_provider_context *context;
    const nb_deploy_request *request;
    nb_arena *arena;
    nb_endpoint endpoint;
    nb_endpoint before; /* as it was on disk; no folder: there was none */
    nb_deployment added;
} deploying;

static void say(const nb_provider_context *context, nb_str line)
{
    if (context->progress.say)
        context->progress.say(context->progress.ctx, line);
}

static nb_code check_trust(const deploying *d, nb_error *err)
{
    nb_model_trust trust = NB_MODEL_UNSEALED;
    nb_str what = {0};
    if (d->request->trust)
        return NB_OK;
    if (nb_model_verify(d->arena, d->context->root, d->request->model->folder, &trust, &what,
                        err) != NB_OK)
        return err->code;
    if (trust == NB_MODEL_OURS)
        return NB_OK;
    if (trust == NB_MODEL_CHANGED)
        (void)nb_fail(err, NB_ERR_CONFIG,
                      "'" NB_STR_FMT "' was changed after training: '" NB_STR_FMT "'",
                      NB_STR_ARG(d->request->model_name), NB_STR_ARG(what));
    else
        (void)nb_fail(err, NB_ERR_CONFIG, "'" NB_STR_FMT "' is not known to be of this project",
                      NB_STR_ARG(d->request->model_name));
    nb_error_hint(
        err, "loading a model runs code that is in it: pass --trust if you know where it is from");
    return err->code;
}

static nb_code choose_python(deploying *d, nb_error *err)
{
    const nb_deploy_request *request = d->request;
    const nb_train_request as_for_training = {.python = request->python,
                                              .experiment_python = request->experiment_python,
                                              .notebook = request->notebook};
    nb_python python = {0};
    nb_python_facts facts = {0};
    nb_str requirements = nb_path_join(d->arena, request->code_dir, NB_STR("requirements.txt"));
    if (nb_python_find(d->arena, d->context, &as_for_training, &python, err) != NB_OK)
        return err->code;
    d->endpoint.settings.python = python.program;
    if (request->skip_requirements)
        return NB_OK;
    if (nb_python_ask(d->arena, d->context, python.program, requirements, &facts, err) != NB_OK)
        return err->code;
    return nb_python_require(&python, &facts, requirements, err);
}

static bool is_free(unsigned port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    bool is = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
              bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return is;
}

/* Another endpoint may be stopped now and want its port back. */
static bool is_promised(const deploying *d, unsigned port)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_str *names = NULL;
    size_t count = 0;
    (void)nb_endpoint_list(d->arena, d->context->root, &names, &count, &ignored);
    for (size_t i = 0; i < count; i++) {
        nb_endpoint other = {0};
        if (nb_endpoint_read(d->arena, d->context->root, names[i], &other, &ignored) == NB_OK &&
            other.settings.port == port)
            return true;
    }
    return false;
}

static nb_code choose_port(deploying *d, nb_error *err)
{
    if (d->endpoint.settings.port > 0)
        return NB_OK;
    for (unsigned port = FIRST_PORT; port < FIRST_PORT + MOST_PORT_TRIES; port++)
        if (is_free(port) && !is_promised(d, port)) {
            d->endpoint.settings.port = port;
            return NB_OK;
        }
    (void)nb_fail(err, NB_ERR_IO, "no port from %d on is free", FIRST_PORT);
    nb_error_hint(err, "pass one with --port");
    return err->code;
}

static nb_code open_endpoint(deploying *d, nb_error *err)
{
    const nb_deploy_request *request = d->request;
    nb_code code =
        nb_endpoint_read(d->arena, d->context->root, request->endpoint, &d->endpoint, err);
    if (code == NB_OK) {
        if (nb_local_read_again(d->arena, &d->endpoint, &d->before, err) != NB_OK)
            return err->code;
    } else if (code == NB_ERR_NOT_FOUND) {
        nb_error_release(err);
        if (nb_endpoint_new(d->arena, d->context->root, request->endpoint, &d->endpoint, err) !=
            NB_OK)
            return err->code;
        if (request->settings)
            d->endpoint.settings = *request->settings;
    } else {
        return code;
    }
    if (choose_python(d, err) != NB_OK)
        return err->code;
    return choose_port(d, err);
}

/* Places the model as the next version, and adds it without weight. */
static nb_code add_version(deploying *d, nb_error *err)
{
    const nb_endpoint *endpoint = &d->endpoint;
    nb_model model = *d->request->model;
    size_t count = endpoint->deployments.count;
    d->added = (nb_deployment){
        .version = count > 0 ? endpoint->deployments.at[count - 1].version + 1 : 1,
        .experiment = d->request->experiment,
        .model = d->request->model_name,
        .created_ms = d->context->env->now_ms(d->context->env->ctx),
    };
    for (;;
         d->added.version++) { /* a number is never used again, also not one that came to nothing */
        nb_str folder = nb_arena_printf(d->arena, NB_STR_FMT "/versions/%u",
                                        NB_STR_ARG(endpoint->folder), d->added.version);
        if (nb_path_exists(folder.at))
            continue;
        if (d->request->trust)
            model.sha256 = NB_STR("");
        if (nb_model_place(d->arena, &model, folder, &d->added.sha256, err) != NB_OK)
            return err->code;
        break;
    }
    nb_vec_push(d->arena, &d->endpoint.deployments, d->added);
    return NB_OK;
}

/* The version failed: what was is written down again, and its files go. */
static void take_back(const deploying *d)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the failure that led here is the one to tell */
    nb_endpoint now = {0};
    bool is_new = d->before.folder.len == 0;
    if (is_new) { /* its log stays, for whoever wants to know */
        (void)unlink(nb_path_join(d->arena, d->endpoint.folder, NB_STR("endpoint.json")).at);
    } else if (nb_local_read_again(d->arena, &d->endpoint, &now, &ignored) == NB_OK) {
        size_t kept = 0;
        for (size_t i = 0; i < now.deployments.count; i++)
            if (now.deployments.at[i].version != d->added.version)
                now.deployments.at[kept++] = now.deployments.at[i];
        now.deployments.count = kept;
        (void)nb_endpoint_write(&now, &ignored);
    }
    (void)nb_tree_remove(nb_arena_printf(d->arena, NB_STR_FMT "/versions/%u",
                                         NB_STR_ARG(d->endpoint.folder), d->added.version)
                             .at,
                         &ignored);
}

nb_front_process nb_local_front(const nb_provider_context *context, const nb_endpoint *endpoint)
{
    return (nb_front_process){.endpoint = endpoint, .runner = context->runner, .env = context->env};
}

/* Until the started front is ready, or says that it will never be. */
static nb_code await_ready(const deploying *d, nb_error *err)
{
    const nb_env *env = d->context->env;
    int64_t limit_ms = d->endpoint.settings.startup_timeout_ms + MARGIN_MS;
    for (int64_t waited = 0; waited < limit_ms; waited += PAUSE_MS) {
        NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
        const nb_json *status = nb_local_status(&scratch, &d->endpoint);
        nb_str state = version_member(status, d->added.version, "state");
        nb_str reason = version_member(status, d->added.version, "reason");
        if (is_true(nb_json_get(status, "ready")))
            return NB_OK;
        if (nb_str_eqz(state, "failed"))
            return nb_fail(err, NB_ERR_USER_CODE, "the model does not load: " NB_STR_FMT,
                           NB_STR_ARG(reason));
        if (!nb_local_is_running(d->context, &d->endpoint))
            return nb_fail(err, NB_ERR_REMOTE, "the endpoint's process has ended");
        env->sleep_ms(env->ctx, PAUSE_MS);
    }
    return nb_fail(err, NB_ERR_TIMEOUT, "the endpoint is not ready after %lld s",
                   (long long)(limit_ms / 1000));
}

static nb_code deploy_started(deploying *d, nb_error *err)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the first failure is the one to tell */
    const nb_front_process front = nb_local_front(d->context, &d->endpoint);
    nb_process process;
    nb_local_note(d->arena, d->context, &d->endpoint,
                  nb_arena_printf(d->arena, "deployed v%u", d->added.version));
    if (nb_endpoint_write(&d->endpoint, err) != NB_OK ||
        nb_front_start(&front, &process, err) != NB_OK)
        return err->code;
    say(d->context, nb_arena_printf(d->arena, "the endpoint's process has started; loading v%u",
                                    d->added.version));
    if (await_ready(d, err) == NB_OK)
        return NB_OK;
    (void)nb_front_stop(&front, NULL, &ignored);
    return err->code;
}

/* The front finds the new version in endpoint.json, brings it up beside the others, and writes the file from then on. */
static nb_code deploy_running(deploying *d, nb_error *err)
{
    nb_endpoint on_disk = {0};
    const nb_json *answer = NULL;
    nb_str body = nb_local_shares_json(d->arena, &d->endpoint, d->added.version);
    const nb_admin_request request = {"POST", "/admin/deploy", body,
                                      d->endpoint.settings.startup_timeout_ms + MARGIN_MS};
    if (nb_local_read_again(d->arena, &d->endpoint, &on_disk, err) != NB_OK)
        return err->code;
    nb_vec_push(d->arena, &on_disk.deployments, d->added);
    if (nb_endpoint_write(&on_disk, err) != NB_OK)
        return err->code;
    say(d->context,
        nb_arena_printf(d->arena, "loading v%u beside what is served", d->added.version));
    if (ask(d->arena, &d->endpoint, &request, &answer, err) != NB_OK)
        return err->code;
    return nb_local_set_shadows(d->arena, &d->endpoint, err);
}

/* The newest version with weight has this very model. */
static bool is_served_already(const deploying *d)
{
    const nb_endpoint *endpoint = &d->endpoint;
    nb_str sha256 = d->request->model->sha256;
    if (sha256.len == 0 || d->request->share_count > 0 ||
        !nb_local_is_running(d->context, endpoint))
        return false;
    for (size_t i = endpoint->deployments.count; i-- > 0;)
        if (endpoint->deployments.at[i].weight > 0)
            return nb_str_eq(endpoint->deployments.at[i].sha256, sha256);
    return false;
}

static nb_code deploy_new(deploying *d, nb_error *err)
{
    const nb_deploy_request *request = d->request;
    const nb_front_process front = nb_local_front(d->context, &d->endpoint);
    if (add_version(d, err) != NB_OK)
        return err->code;
    const nb_traffic_request shares = {request->endpoint, request->shares, request->share_count};
    nb_code code = nb_local_set_shares(d->arena, &d->endpoint, &shares, &d->added, err);
    if (code == NB_OK && request->replace)
        code = nb_front_stop(&front, NULL, err);
    if (code == NB_OK)
        code = nb_local_is_running(d->context, &d->endpoint) ? deploy_running(d, err)
                                                             : deploy_started(d, err);
    if (code != NB_OK)
        take_back(d);
    return code;
}

nb_code nb_local_deploy(const nb_provider_context *context, const nb_deploy_request *request,
                        nb_arena *arena, nb_service *out, nb_error *err)
{
    deploying d = {.context = context, .request = request, .arena = arena};
    if (check_trust(&d, err) != NB_OK || open_endpoint(&d, err) != NB_OK)
        return err->code;
    bool unchanged = is_served_already(&d);
    if (!unchanged && deploy_new(&d, err) != NB_OK)
        return nb_wrap(err, "cannot deploy '" NB_STR_FMT "' to the endpoint '" NB_STR_FMT "'",
                       NB_STR_ARG(request->model_name), NB_STR_ARG(request->endpoint));
    if (nb_local_tell(arena, context, &d.endpoint, out, err) != NB_OK)
        return err->code;
    out->unchanged = unchanged;
    out->deployed = unchanged ? NB_STR("") : nb_local_version_name(arena, d.added.version);
    return NB_OK;
}
