#include "provider/local/serve_parts.h"

#include "base/fs.h"
#include "base/path.h"
#include "endpoint/admin.h"
#include "endpoint/tree.h"
#include "text/json_write.h"

#include <unistd.h>

enum { MARGIN_MS = 30000 };

/* --- shares --------------------------------------------------------------------------------------- */

static nb_deployment *find_version(const nb_endpoint *endpoint, nb_str name)
{
    int64_t number = 0;
    if (nb_str_starts(name, NB_STR("v")))
        name = nb_str_from_at(name, 1);
    if (!nb_str_to_int(name, &number))
        return NULL;
    for (size_t i = 0; i < endpoint->deployments.count; i++)
        if (endpoint->deployments.at[i].version == number)
            return &endpoint->deployments.at[i];
    return NULL;
}

static nb_code fail_version(const nb_endpoint *endpoint, nb_str name, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_NOT_FOUND,
                  "endpoint '" NB_STR_FMT "' has no version '" NB_STR_FMT "'",
                  NB_STR_ARG(endpoint->name), NB_STR_ARG(name));
    nb_error_hint(err, "see 'notebooked endpoints show " NB_STR_FMT "'",
                  NB_STR_ARG(endpoint->name));
    return err->code;
}

/* With nothing given all goes to the added one, and shadows stay; with shadows alone the weights stay. */
static void clear_shares(const nb_endpoint *endpoint, const nb_share *shares, size_t count,
                         const nb_deployment *added)
{
    bool weighed = count == 0;
    for (size_t i = 0; i < count; i++)
        weighed |= shares[i].shadow_percent == 0;
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        nb_deployment *each = &endpoint->deployments.at[i];
        bool all = added && count == 0 && each->version == added->version;
        bool was_shadow = each->shadow;
        if (weighed)
            each->weight = all ? 100 : 0;
        each->shadow = each->shadow && count == 0;
        each->shadow_percent = each->shadow ? each->shadow_percent : 0;
        each->up = each->weight > 0 || each->shadow || (!weighed && each->up && !was_shadow) ||
                   (added && each->version == added->version);
    }
}

nb_code nb_local_set_shares(nb_arena *arena, const nb_endpoint *endpoint,
                            const nb_traffic_request *request, const nb_deployment *added,
                            nb_error *err)
{
    clear_shares(endpoint, request->shares, request->share_count, added);
    for (size_t i = 0; i < request->share_count; i++) {
        const nb_share *share = &request->shares[i];
        bool is_new = added && nb_str_eqz(share->version, "new");
        nb_str name = is_new ? nb_local_version_name(arena, added->version) : share->version;
        nb_deployment *one = find_version(endpoint, name);
        if (!one)
            return fail_version(endpoint, name, err);
        one->shadow = share->shadow_percent > 0;
        one->shadow_percent = share->shadow_percent;
        one->weight = one->shadow ? 0 : share->weight;
        one->up = true;
    }
    return NB_OK;
}

/* One that is up without weight is named, too: it is to stay up. */
static void write_shares(nb_json_writer *w, nb_arena *arena, const nb_endpoint *endpoint)
{
    for (int shadow = 0; shadow < 2; shadow++) {
        nb_json_key(w, shadow ? NB_STR("shadow") : NB_STR("weights"));
        nb_json_begin_object(w);
        for (size_t i = 0; i < endpoint->deployments.count; i++) {
            const nb_deployment *each = &endpoint->deployments.at[i];
            if (each->up && each->shadow == (shadow == 1))
                nb_json_member_int(w, nb_local_version_name(arena, each->version).at + 1,
                                   shadow ? each->shadow_percent : each->weight);
        }
        nb_json_end_object(w);
    }
}

/* The front writes down what it is told: of a row in endpoint.json that it does not know it might make another file in the same moment. */
static void write_row(nb_json_writer *w, const nb_endpoint *endpoint, unsigned version)
{
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        const nb_deployment *each = &endpoint->deployments.at[i];
        if (each->version != version)
            continue;
        nb_json_member_str(w, "experiment", each->experiment);
        nb_json_member_str(w, "model", each->model);
        nb_json_member_str(w, "sha256", each->sha256);
        nb_json_member_int(w, "created_ms", each->created_ms);
    }
}

nb_str nb_local_shares_json(const nb_provider_context *context, nb_arena *arena,
                            const nb_endpoint *endpoint, unsigned version)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "version", version);
    nb_json_member_str(&w, "by", nb_env_str(context->env, "USER"));
    write_row(&w, endpoint, version);
    write_shares(&w, arena, endpoint);
    nb_json_end_object(&w);
    return nb_arena_str(arena, nb_buf_view(&out));
}

/* --- traffic and rollback ------------------------------------------------------------------------- */

typedef struct moving {
    const nb_provider_context *context;
    nb_arena *arena;
    nb_endpoint endpoint; /* as it is to be */
    bool back;
} moving;

/* A weight without a version that could be meant is refused before anybody is asked. */
static nb_code check_shares(const nb_traffic_request *request, nb_error *err)
{
    const nb_str *shadow = NULL;
    for (size_t i = 0; i < request->share_count; i++) {
        const nb_share *share = &request->shares[i];
        if (share->shadow_percent == 0)
            continue;
        if (shadow) {
            (void)nb_fail(err, NB_ERR_USAGE, "only one version can be a shadow at a time");
            nb_error_hint(err, "choose '" NB_STR_FMT "' or '" NB_STR_FMT "'", NB_STR_ARG(*shadow),
                          NB_STR_ARG(share->version));
            return err->code;
        }
        shadow = &share->version;
    }
    return NB_OK;
}

static nb_code check_anybody_answers(const nb_endpoint *endpoint, nb_error *err)
{
    for (size_t i = 0; i < endpoint->deployments.count; i++)
        if (endpoint->deployments.at[i].weight > 0)
            return NB_OK;
    (void)nb_fail(err, NB_ERR_USAGE, "no version would get a request");
    nb_error_hint(err, "give one a weight: 'notebooked traffic " NB_STR_FMT " v1=100'",
                  NB_STR_ARG(endpoint->name));
    return err->code;
}

/* What has to be loaded first takes a while. One may be up that is only kept for going back to: the front knows. */
static void say_what_comes_up(const moving *m)
{
    const nb_progress *progress = &m->context->progress;
    const nb_json *status = progress->say ? nb_local_status(m->arena, &m->endpoint) : NULL;
    for (size_t i = 0; i < m->endpoint.deployments.count && progress->say; i++) {
        const nb_deployment *each = &m->endpoint.deployments.at[i];
        nb_str state = nb_local_version_member(status, each->version, "state");
        if (each->up && state.len == 0)
            progress->say(progress->ctx, nb_arena_printf(m->arena, "loading v%u", each->version));
    }
}

/* The front brings up what is down, and moves all weights in one step when that is ready. */
static nb_code move_running(const moving *m, nb_error *err)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    const nb_json *answer = NULL;
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "by", nb_env_str(m->context->env, "USER"));
    nb_json_member_bool(&w, "back", m->back);
    write_shares(&w, m->arena, &m->endpoint);
    nb_json_end_object(&w);
    const nb_admin_request request = {"POST", "/admin/traffic", nb_buf_view(&out),
                                      m->endpoint.settings.startup_timeout_ms + MARGIN_MS};
    return nb_admin_ask(m->arena, &m->endpoint, &request, &answer, err);
}

static nb_str text_of(const moving *m)
{
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str weights = nb_endpoint_weights(m->arena, &m->endpoint);
    nb_buf_printf(&text, "%s " NB_STR_FMT, m->back ? "rolled back to" : "traffic",
                  NB_STR_ARG(weights));
    for (size_t i = 0; i < m->endpoint.deployments.count; i++) {
        const nb_deployment *each = &m->endpoint.deployments.at[i];
        if (each->shadow)
            nb_buf_printf(&text, ", shadow v%u %u %%", each->version, each->shadow_percent);
    }
    return nb_arena_str(m->arena, nb_buf_view(&text));
}

/* No front writes the file, and none is started while we do. */
static nb_code move_stopped(moving *m, nb_error *err)
{
    nb_local_note(m->arena, m->context, &m->endpoint, text_of(m));
    m->endpoint.history.at[m->endpoint.history.count - 1].back = m->back;
    return nb_endpoint_write(&m->endpoint, err);
}

static nb_code move_held(moving *m, const nb_traffic_request *request, bool *stopped, nb_error *err)
{
    nb_process process;
    nb_endpoint now = {0};
    if (nb_local_read_again(m->arena, &m->endpoint, &now, err) != NB_OK)
        return err->code;
    m->endpoint = now;
    if (nb_local_set_shares(m->arena, &m->endpoint, request, NULL, err) != NB_OK ||
        check_anybody_answers(&m->endpoint, err) != NB_OK)
        return err->code;
    switch (nb_endpoint_look(&m->endpoint, m->context->runner, &process)) {
    case NB_ENDPOINT_STOPPED: *stopped = true; return move_stopped(m, err);
    case NB_ENDPOINT_RUNNING: break;
    case NB_ENDPOINT_ELSEWHERE: return nb_endpoint_fail_elsewhere(&m->endpoint, &process, err);
    }
    return NB_OK;
}

static nb_code move(moving *m, const nb_traffic_request *request, nb_service *out, nb_error *err)
{
    bool stopped = false;
    int held = -1;
    if (check_shares(request, err) != NB_OK || nb_endpoint_hold(&m->endpoint, &held, err) != NB_OK)
        return err->code;
    nb_code code = move_held(m, request, &stopped, err);
    close(held);
    if (code == NB_OK && !stopped) {
        say_what_comes_up(m);
        code = move_running(m, err);
    }
    if (code != NB_OK)
        return code;
    return nb_local_tell(m->arena, m->context, &m->endpoint, out, err);
}

nb_code nb_local_traffic(const nb_provider_context *context, const nb_traffic_request *request,
                         nb_arena *arena, nb_service *out, nb_error *err)
{
    moving m = {.context = context, .arena = arena};
    if (nb_endpoint_read(arena, context->root, request->endpoint, &m.endpoint, err) != NB_OK)
        return err->code;
    if (move(&m, request, out, err) != NB_OK)
        return nb_wrap(err, "cannot share the requests of '" NB_STR_FMT "' anew",
                       NB_STR_ARG(request->endpoint));
    return NB_OK;
}

typedef NB_VEC(nb_share) share_list;

static nb_code previous_shares(nb_arena *arena, const nb_endpoint *endpoint, share_list *out,
                               nb_error *err)
{
    nb_weight *weights = NULL;
    size_t count = 0;
    if (!nb_endpoint_previous(arena, endpoint, &weights, &count)) {
        (void)nb_fail(err, NB_ERR_NOT_FOUND,
                      "there is no earlier traffic whose versions are still there");
        nb_error_hint(
            err, "name a version with --to; 'notebooked endpoints show " NB_STR_FMT "' lists them",
            NB_STR_ARG(endpoint->name));
        return err->code;
    }
    for (size_t i = 0; i < count; i++)
        nb_vec_push(
            arena, out,
            (nb_share){nb_local_version_name(arena, weights[i].version), weights[i].weight, 0});
    return NB_OK;
}

static bool is_named(const share_list *list, unsigned version)
{
    for (size_t i = 0; i < list->count; i++) {
        nb_str digits = nb_str_starts(list->at[i].version, NB_STR("v"))
                            ? nb_str_from_at(list->at[i].version, 1)
                            : list->at[i].version;
        int64_t number = 0;
        if (nb_str_to_int(digits, &number) && number == version)
            return true;
    }
    return false;
}

/* Shadows answer nobody: they stay, unless they are what is gone back to. */
static void keep_shadows(nb_arena *arena, const nb_endpoint *endpoint, share_list *list)
{
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        const nb_deployment *each = &endpoint->deployments.at[i];
        if (each->shadow && !is_named(list, each->version))
            nb_vec_push(arena, list,
                        (nb_share){.version = nb_local_version_name(arena, each->version),
                                   .shadow_percent = each->shadow_percent});
    }
}

static nb_code roll_back(moving *m, const nb_rollback_request *request, nb_service *out,
                         nb_error *err)
{
    share_list shares = {0};
    if (request->to.len > 0)
        nb_vec_push(m->arena, &shares, (nb_share){request->to, 100, 0});
    else if (previous_shares(m->arena, &m->endpoint, &shares, err) != NB_OK)
        return err->code;
    keep_shadows(m->arena, &m->endpoint, &shares);
    const nb_traffic_request traffic = {request->endpoint, shares.at, shares.count};
    return move(m, &traffic, out, err);
}

nb_code nb_local_rollback(const nb_provider_context *context, const nb_rollback_request *request,
                          nb_arena *arena, nb_service *out, nb_error *err)
{
    moving m = {.context = context, .arena = arena, .back = true};
    if (nb_endpoint_read(arena, context->root, request->endpoint, &m.endpoint, err) != NB_OK)
        return err->code;
    if (roll_back(&m, request, out, err) != NB_OK)
        return nb_wrap(err, "cannot roll back '" NB_STR_FMT "'", NB_STR_ARG(request->endpoint));
    return NB_OK;
}

/* --- removal -------------------------------------------------------------------------------------- */

/* What was captured and logged may outlive the endpoint. endpoint.json goes first: after that there is no endpoint, whatever happens. */
static nb_code remove_all_but_data(nb_arena *arena, const nb_endpoint *endpoint, nb_error *err)
{
    nb_entry *entries = NULL;
    size_t count = 0;
    nb_str state = nb_path_join(arena, endpoint->folder, NB_STR("endpoint.json"));
    if (nb_dir_read(arena, endpoint->folder.at, &entries, &count, err) != NB_OK ||
        nb_tree_remove(state.at, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++)
        if (!nb_str_eqz(entries[i].name, "capture") && !nb_str_eqz(entries[i].name, "log") &&
            nb_tree_remove(nb_path_join(arena, endpoint->folder, entries[i].name).at, err) != NB_OK)
            return err->code;
    return NB_OK;
}

/* An endpoint whose file is damaged can go, too: where it lives follows from its name. */
static nb_code open_for_removal(nb_arena *arena, const nb_provider_context *context, nb_str name,
                                nb_endpoint *out, nb_error *err)
{
    nb_code code = nb_endpoint_read(arena, context->root, name, out, err);
    if (code == NB_OK || code == NB_ERR_NOT_FOUND || code == NB_ERR_USAGE)
        return code;
    nb_error_release(err);
    return nb_endpoint_new(arena, context->root, name, out, err);
}

nb_code nb_local_delete(const nb_provider_context *context, nb_str name, bool keep_data,
                        nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_endpoint endpoint = {0};
    if (open_for_removal(&arena, context, name, &endpoint, err) != NB_OK)
        return err->code;
    const nb_front_process front = nb_local_front(context, &endpoint);
    nb_code code = nb_front_end(&front, NULL, err);
    if (code == NB_OK)
        code = keep_data ? remove_all_but_data(&arena, &endpoint, err)
                         : nb_tree_remove(endpoint.folder.at, err);
    if (code != NB_OK)
        return nb_wrap(err, "cannot delete the endpoint '" NB_STR_FMT "'", NB_STR_ARG(name));
    return NB_OK;
}
