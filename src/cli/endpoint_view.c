#include "cli/endpoint_view.h"

#include "cli/endpoint_status.h"
#include "cli/table.h"
#include "cli/term.h"
#include "provider/values.h"

/* --- words ---------------------------------------------------------------------------------------- */

static bool is_ready(const nb_endpoint_sight *sight)
{
    const nb_json *ready = nb_json_get(sight->status, "ready");
    return ready && ready->kind == NB_JSON_TRUE;
}

static nb_str reason_of(const nb_endpoint_sight *sight)
{
    nb_str reason = nb_json_get_str(sight->status, "reason");
    if (sight->damage.len > 0)
        return sight->damage;
    return reason.at && !is_ready(sight) ? reason : NB_STR("");
}

static nb_str state_of(const nb_endpoint_sight *sight)
{
    if (sight->damage.len > 0)
        return NB_STR("damaged");
    switch (sight->liveness) {
    case NB_ENDPOINT_STOPPED: return NB_STR("stopped");
    case NB_ENDPOINT_ELSEWHERE: return NB_STR("elsewhere");
    case NB_ENDPOINT_RUNNING: break;
    }
    if (!sight->status)
        return NB_STR("not answering");
    return is_ready(sight) ? NB_STR("ready") : NB_STR("not ready");
}

static const char *style_of(const nb_app *app, const nb_endpoint_sight *sight)
{
    if (sight->liveness != NB_ENDPOINT_RUNNING && sight->damage.len == 0)
        return "";
    return nb_term_style(app->colour_out, is_ready(sight) ? NB_STYLE_BOLD : NB_STYLE_ERROR);
}

nb_str nb_endpoint_url(nb_arena *arena, const nb_endpoint_sight *sight)
{
    const nb_endpoint_settings *settings = &sight->endpoint.settings;
    nb_str url = nb_json_get_str(sight->status, "url");
    bool v6 = nb_str_find_char(settings->host, ':') >= 0;
    if (url.len > 0)
        return url;
    if (settings->port == 0)
        return NB_STR("");
    return nb_arena_printf(arena, v6 ? "http://[" NB_STR_FMT "]:%u" : "http://" NB_STR_FMT ":%u",
                           NB_STR_ARG(settings->host), settings->port);
}

/* --- JSON ----------------------------------------------------------------------------------------- */

static void put_deployments(nb_json_writer *w, const nb_endpoint *endpoint)
{
    nb_json_key(w, NB_STR("deployments"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        const nb_deployment *each = &endpoint->deployments.at[i];
        nb_json_begin_object(w);
        nb_json_member_int(w, "version", each->version);
        nb_json_member_known_str(w, "experiment", each->experiment);
        nb_json_member_str(w, "model", each->model);
        nb_json_member_str(w, "sha256", each->sha256);
        nb_json_member_known_int(w, "created_ms", each->created_ms);
        nb_json_member_int(w, "weight", each->weight);
        nb_json_member_bool(w, "up", each->up);
        nb_json_member_bool(w, "shadow", each->shadow);
        nb_json_member_int(w, "shadow_percent", each->shadow_percent);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void put_history(nb_json_writer *w, const nb_endpoint *endpoint)
{
    nb_json_key(w, NB_STR("history"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < endpoint->history.count; i++) {
        nb_json_begin_object(w);
        nb_json_member_int(w, "at_ms", endpoint->history.at[i].at_ms);
        nb_json_member_str(w, "what", endpoint->history.at[i].what);
        nb_json_member_str(w, "weights", endpoint->history.at[i].weights);
        nb_json_member_known_str(w, "by", endpoint->history.at[i].by);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void put_json(nb_app *app, const nb_endpoint_sight *sight)
{
    nb_json_writer *w = app->json;
    bool stopped = sight->liveness == NB_ENDPOINT_STOPPED;
    nb_json_begin_object(w);
    nb_json_member_str(w, "name", sight->endpoint.name);
    nb_json_member_str(w, "state", state_of(sight));
    nb_json_member_known_str(w, "reason", reason_of(sight));
    nb_json_member_known_str(w, "url", nb_endpoint_url(app->arena, sight));
    nb_json_member_known_int(w, "pid", stopped ? 0 : sight->process.pid);
    nb_json_member_known_str(w, "host", stopped ? NB_STR("") : nb_str_from(sight->process.host));
    nb_json_member_bool(w, "wanted", sight->endpoint.wanted);
    nb_json_member_str(w, "folder", sight->endpoint.folder);
    nb_json_member_str(w, "python", sight->endpoint.settings.python);
    nb_json_member_str(w, "weights", nb_endpoint_weights(app->arena, &sight->endpoint));
    put_deployments(w, &sight->endpoint);
    put_history(w, &sight->endpoint);
    nb_json_key(w, NB_STR("status"));
    if (sight->status)
        nb_values_put(w, sight->status, true);
    else
        nb_json_put_null(w);
    nb_json_end_object(w);
}

/* --- page ----------------------------------------------------------------------------------------- */

static nb_str state_sentence(nb_arena *arena, const nb_endpoint_sight *sight)
{
    nb_str reason = reason_of(sight), state = state_of(sight);
    if (sight->liveness == NB_ENDPOINT_ELSEWHERE)
        return nb_arena_printf(arena, "runs on the machine %s", sight->process.host);
    if (sight->liveness == NB_ENDPOINT_STOPPED && sight->endpoint.wanted)
        return NB_STR("stopped, though nobody has stopped it");
    if (reason.len == 0)
        return state;
    return nb_arena_printf(arena, NB_STR_FMT ": " NB_STR_FMT, NB_STR_ARG(state),
                           NB_STR_ARG(reason));
}

/* What the front says of a version, else what is to be of it. */
static nb_str version_state(const nb_endpoint_sight *sight, const nb_deployment *deployment)
{
    const nb_json *row = nb_status_version(sight->status, deployment->version);
    nb_str state = nb_json_get_str(row, "state");
    if (state.at)
        return state;
    if (!deployment->up)
        return NB_STR("kept");
    return sight->liveness == NB_ENDPOINT_STOPPED ? NB_STR("stopped") : NB_STR("up");
}

static nb_str share_text(nb_arena *arena, const nb_deployment *deployment)
{
    if (deployment->shadow)
        return nb_arena_printf(arena, "shadow %u %%", deployment->shadow_percent);
    return nb_arena_printf(arena, "%u", deployment->weight);
}

static void print_deployments(nb_app *app, const nb_endpoint_sight *sight)
{
    static const nb_str titles[] = {NB_STR_ROW("VERSION"), NB_STR_ROW("MODEL"),
                                    NB_STR_ROW("WEIGHT"), NB_STR_ROW("STATE"),
                                    NB_STR_ROW("DEPLOYED")};
    nb_table table = {.titles = titles, .columns = NB_LEN(titles)};
    for (size_t i = sight->endpoint.deployments.count; i-- > 0;) {
        const nb_deployment *each = &sight->endpoint.deployments.at[i];
        nb_vec_push(app->arena, &table.rows,
                    (nb_table_row){
                        {nb_arena_printf(app->arena, "v%u", each->version), each->model,
                         share_text(app->arena, each), version_state(sight, each),
                         nb_minute_text(app->arena, each->created_ms)},
                        ""
        });
    }
    if (table.rows.count > 0)
        fputc('\n', app->out);
    nb_table_print(app, &table);
}

static void print_history(nb_app *app, const nb_endpoint *endpoint)
{
    if (endpoint->history.count > 0)
        fputs("\nhistory\n", app->out);
    for (size_t i = endpoint->history.count; i-- > 0;) {
        fprintf(app->out, NB_STR_FMT "  ",
                NB_STR_ARG(nb_time_text(app->arena, endpoint->history.at[i].at_ms)));
        nb_term_put(endpoint->history.at[i].what, app->out);
        if (endpoint->history.at[i].by.len > 0) {
            fputs(" (", app->out);
            nb_term_put(endpoint->history.at[i].by, app->out);
            fputc(')', app->out);
        }
        fputc('\n', app->out);
    }
}

void nb_endpoint_view_page(nb_app *app, const nb_endpoint_sight *sight)
{
    nb_arena *arena = app->arena;
    const nb_endpoint *endpoint = &sight->endpoint;
    nb_pairs list = {0};
    if (app->json) {
        nb_json_key(app->json, NB_STR("endpoint"));
        put_json(app, sight);
        return;
    }
    nb_pairs_add(arena, &list, "endpoint", endpoint->name);
    nb_pairs_add(arena, &list, "state", state_sentence(arena, sight));
    nb_pairs_add(arena, &list, "address", nb_endpoint_url(arena, sight));
    if (sight->liveness == NB_ENDPOINT_RUNNING)
        nb_pairs_add(arena, &list, "process",
                     nb_arena_printf(arena, "%lld", (long long)sight->process.pid));
    nb_pairs_add(arena, &list, "python", endpoint->settings.python);
    nb_pairs_add(arena, &list, "traffic", nb_endpoint_weights(arena, endpoint));
    nb_status_add_pairs(arena, sight->status, &list);
    nb_pairs_print(app, &list);
    print_deployments(app, sight);
    nb_status_print(app, sight->status);
    print_history(app, endpoint);
}

/* --- table ---------------------------------------------------------------------------------------- */

enum { STATE_COLUMN = 1 };

void nb_endpoint_view_table(nb_app *app, const nb_endpoint_sight *sights, size_t count)
{
    static const nb_str titles[] = {NB_STR_ROW("ENDPOINT"), NB_STR_ROW("STATE"),
                                    NB_STR_ROW("ADDRESS"), NB_STR_ROW("TRAFFIC")};
    nb_table table = {.titles = titles, .columns = NB_LEN(titles), .styled = STATE_COLUMN};
    if (app->json) {
        nb_json_key(app->json, NB_STR("endpoints"));
        nb_json_begin_array(app->json);
        for (size_t i = 0; i < count; i++)
            put_json(app, &sights[i]);
        nb_json_end_array(app->json);
        return;
    }
    for (size_t i = 0; i < count; i++)
        nb_vec_push(app->arena, &table.rows,
                    (nb_table_row){
                        {sights[i].endpoint.name, state_of(&sights[i]),
                         nb_endpoint_url(app->arena, &sights[i]),
                         nb_endpoint_weights(app->arena, &sights[i].endpoint)},
                        style_of(app, &sights[i])
        });
    nb_table_print(app, &table);
}
