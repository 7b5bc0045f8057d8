#include "provider/local/serve_parts.h"

#include "base/fs.h"
#include "base/path.h"
#include "endpoint/admin.h"
#include "endpoint/tree.h"
#include "text/json_write.h"

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

/* With nothing given all goes to the added one; with shadows alone the weights stay. */
static void clear_shares(const nb_endpoint *endpoint, const nb_share *shares, size_t count,
                         const nb_deployment *added)
{
    bool weighed = count == 0;
    for (size_t i = 0; i < count; i++)
        weighed |= shares[i].shadow_percent == 0;
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        nb_deployment *each = &endpoint->deployments.at[i];
        bool all = added && count == 0 && each->version == added->version;
        if (weighed)
            each->weight = all ? 100 : 0;
        each->shadow = false;
        each->shadow_percent = 0;
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
    }
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        nb_deployment *each = &endpoint->deployments.at[i];
        each->up = each->weight > 0 || each->shadow;
    }
    return NB_OK;
}

nb_str nb_local_shares_json(nb_arena *arena, const nb_endpoint *endpoint, unsigned version)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    if (version > 0)
        nb_json_member_int(&w, "version", version);
    for (int shadow = 0; shadow < 2; shadow++) {
        nb_json_key(&w, shadow ? NB_STR("shadow") : NB_STR("weights"));
        nb_json_begin_object(&w);
        for (size_t i = 0; i < endpoint->deployments.count; i++) {
            const nb_deployment *each = &endpoint->deployments.at[i];
            unsigned number = shadow ? each->shadow_percent : each->weight;
            if (number > 0)
                nb_json_member_int(&w, nb_local_version_name(arena, each->version).at + 1, number);
        }
        nb_json_end_object(&w);
    }
    nb_json_end_object(&w);
    return nb_arena_str(arena, nb_buf_view(&out));
}

nb_code nb_local_set_shadows(nb_arena *arena, const nb_endpoint *endpoint, nb_error *err)
{
    const nb_json *answer = NULL;
    bool any = false;
    for (size_t i = 0; i < endpoint->deployments.count; i++)
        any |= endpoint->deployments.at[i].shadow;
    if (!any)
        return NB_OK;
    const nb_admin_request request = {"POST", "/admin/traffic",
                                      nb_local_shares_json(arena, endpoint, 0), 0};
    return nb_admin_ask(arena, endpoint, &request, &answer, err);
}

/* --- traffic and rollback ------------------------------------------------------------------------- */

/* Versions that got weight and are not up are brought up by deploy, which moves the weights when they are ready. */
static nb_code move_running(nb_arena *arena, const nb_endpoint *before, const nb_endpoint *after,
                            nb_error *err)
{
    const nb_json *answer = NULL;
    const char *path = "/admin/traffic";
    unsigned to_start = 0;
    for (size_t i = 0; i < after->deployments.count; i++)
        if (after->deployments.at[i].up && !before->deployments.at[i].up)
            to_start = after->deployments.at[i].version;
    if (to_start > 0)
        path = "/admin/deploy";
    const nb_admin_request request = {"POST", path, nb_local_shares_json(arena, after, to_start),
                                      after->settings.startup_timeout_ms + MARGIN_MS};
    if (nb_admin_ask(arena, after, &request, &answer, err) != NB_OK)
        return err->code;
    return to_start > 0 ? nb_local_set_shadows(arena, after, err) : NB_OK;
}

static nb_code move(const nb_provider_context *context, const nb_traffic_request *request,
                    nb_str what, nb_arena *arena, nb_service *out, nb_error *err)
{
    nb_endpoint before = {0}, after = {0};
    if (nb_endpoint_read(arena, context->root, request->endpoint, &before, err) != NB_OK ||
        nb_local_read_again(arena, &before, &after, err) != NB_OK ||
        nb_local_set_shares(arena, &after, request, NULL, err) != NB_OK)
        return err->code;
    if (nb_local_is_running(context, &after)) {
        if (move_running(arena, &before, &after, err) != NB_OK)
            return err->code;
    } else {
        nb_local_note(arena, context, &after, what);
        if (nb_endpoint_write(&after, err) != NB_OK)
            return err->code;
    }
    return nb_local_tell(arena, context, &after, out, err);
}

nb_code nb_local_traffic(const nb_provider_context *context, const nb_traffic_request *request,
                         nb_arena *arena, nb_service *out, nb_error *err)
{
    return move(context, request, NB_STR("traffic moved"), arena, out, err);
}

/* The weights before the last change that changed them, as far as their versions are still there. */
static nb_code previous_shares(nb_arena *arena, const nb_endpoint *endpoint, nb_share **out,
                               size_t *count, nb_error *err)
{
    nb_str now = nb_endpoint_weights(arena, endpoint);
    nb_weight *weights = NULL;
    for (size_t i = endpoint->history.count; i-- > 0;) {
        NB_AUTO(nb_error) ignored =
            NB_ERROR_INIT; /* an event without traffic is none to go back to */
        nb_str then = endpoint->history.at[i].weights;
        size_t found = 0;
        if (nb_str_eq(then, now) ||
            nb_weights_parse(arena, then, &weights, &found, &ignored) != NB_OK)
            continue;
        nb_share *shares = NB_NEW_ARRAY(arena, nb_share, found);
        for (size_t w = 0; w < found; w++)
            shares[w] =
                (nb_share){nb_local_version_name(arena, weights[w].version), weights[w].weight, 0};
        *out = shares;
        *count = found;
        return NB_OK;
    }
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "endpoint '" NB_STR_FMT "' has had no other traffic",
                  NB_STR_ARG(endpoint->name));
    nb_error_hint(err, "name a version with --to");
    return err->code;
}

nb_code nb_local_rollback(const nb_provider_context *context, const nb_rollback_request *request,
                          nb_arena *arena, nb_service *out, nb_error *err)
{
    nb_endpoint endpoint = {0};
    nb_share one = {request->to, 100, 0}, *shares = &one;
    size_t count = 1;
    if (nb_endpoint_read(arena, context->root, request->endpoint, &endpoint, err) != NB_OK)
        return err->code;
    if (request->to.len == 0 && previous_shares(arena, &endpoint, &shares, &count, err) != NB_OK)
        return err->code;
    const nb_traffic_request traffic = {request->endpoint, shares, count};
    return move(context, &traffic, NB_STR("rolled back"), arena, out, err);
}

/* --- removal -------------------------------------------------------------------------------------- */

/* What was captured and logged may outlive the endpoint. */
static nb_code remove_all_but_data(nb_arena *arena, const nb_endpoint *endpoint, nb_error *err)
{
    nb_entry *entries = NULL;
    size_t count = 0;
    if (nb_dir_read(arena, endpoint->folder.at, &entries, &count, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++)
        if (!nb_str_eqz(entries[i].name, "capture") && !nb_str_eqz(entries[i].name, "log") &&
            nb_tree_remove(nb_path_join(arena, endpoint->folder, entries[i].name).at, err) != NB_OK)
            return err->code;
    return NB_OK;
}

nb_code nb_local_delete(const nb_provider_context *context, nb_str name, bool keep_data,
                        nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_endpoint endpoint = {0};
    if (nb_endpoint_read(&arena, context->root, name, &endpoint, err) != NB_OK)
        return err->code;
    const nb_front_process front = nb_local_front(context, &endpoint);
    if (nb_front_stop(&front, NULL, err) != NB_OK)
        return err->code;
    return keep_data ? remove_all_but_data(&arena, &endpoint, err)
                     : nb_tree_remove(endpoint.folder.at, err);
}
