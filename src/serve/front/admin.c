#include "base/fs.h"
#include "serve/front/front_parts.h"
#include "text/json.h"
#include "text/json_write.h"

enum { LONGEST_NAME = 64 };

/* --- requests ------------------------------------------------------------------------------------------------------ */

static bool number_of(const nb_json *value, int64_t most, unsigned *out)
{
    int64_t number = 0;
    if (!value || value->kind != NB_JSON_NUMBER || !nb_str_to_int(value->text, &number) ||
        number < 0 || number > most)
        return false;
    *out = (unsigned)number;
    return true;
}

/* {"3": 90, "4": 10}; false: that is not what it is. */
static bool read_weights(const nb_json *value, nb_weight *out, size_t *count)
{
    int64_t version = 0;
    *count = 0;
    if (!value || value->kind == NB_JSON_NULL)
        return true;
    if (value->kind != NB_JSON_OBJECT || value->count > NB_TRAFFIC_MOST)
        return false;
    for (const nb_json *at = value->child; at; at = at->next) {
        unsigned weight;
        if (!nb_str_to_int(at->key, &version) || version < 1 || version > INT32_MAX ||
            !number_of(at, 1000000, &weight))
            return false;
        out[(*count)++] = (nb_weight){.version = (unsigned)version, .weight = weight};
    }
    return true;
}

static void answer_versions(nb_http_request *request, const char *what, unsigned version)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "did", nb_str_from(what));
    if (version > 0)
        nb_json_member_int(&w, "version", version);
    nb_json_end_object(&w);
    nb_front_answer(request, 200, "application/json", nb_buf_view(&out));
}

/* Who asked, and whether it goes back: both for the history. False: no text for people. */
static bool read_cause(nb_front *front, const nb_json *body, nb_change *change)
{
    nb_str by = nb_json_get_str(body, "by");
    const nb_json *back = nb_json_get(body, "back");
    if (by.len > LONGEST_NAME)
        return false;
    for (size_t i = 0; i < by.len; i++)
        if ((unsigned char)by.at[i] < ' ')
            return false;
    change->by = by.len > 0 ? nb_arena_str(&front->arena, by) : NB_STR("");
    change->back = back && back->kind == NB_JSON_TRUE;
    return true;
}

static bool is_busy(nb_front *front, nb_http_request *request)
{
    if (!front->change.pending && !front->draining)
        return false;
    nb_front_refuse(request, 409, "try again when that is done", "%s",
                    front->draining ? "the endpoint stops"
                                    : "other weights are waiting for their versions");
    return true;
}

static bool is_there(const nb_front *front, unsigned version)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str folder = nb_arena_printf(&arena, NB_STR_FMT "/versions/%u",
                                    NB_STR_ARG(front->endpoint.folder), version);
    return nb_is_dir(folder.at);
}

/* `row`: of a version that is new. */
static void begin(nb_front *front, nb_http_request *request, nb_change *change,
                  const nb_deployment *row)
{
    uint64_t total = 0;
    for (size_t i = 0; i < change->to.count; i++) {
        const nb_traffic_share *share = &change->to.shares[i];
        total += share->shadow ? 0 : share->weight;
        if (is_there(front, share->version))
            continue;
        nb_front_refuse(request, 404, "deploy it first",
                        "there is no version v%u of '" NB_STR_FMT "'", share->version,
                        NB_STR_ARG(front->endpoint.name));
        return;
    }
    if (total == 0) {
        nb_front_refuse(request, 400, NULL, "no version would get a request");
        return;
    }
    change->learned = row && nb_front_learn(front, row);
    change->before = front->endpoint.settings;
    if (change->learned)
        nb_front_adopt_settings(front);
    change->request = request;
    nb_change_begin(front, change);
}

static void keep(const nb_front *front, bool shadows, nb_traffic *to)
{
    for (size_t i = 0; i < front->traffic.count; i++)
        if (front->traffic.shares[i].shadow == shadows)
            (void)nb_traffic_add(to, front->traffic.shares[i]);
}

/* Weights and shadows as asked for, else as they are. A shadow that gets weight is one no more. */
static bool plan(const nb_front *front, const nb_json *body, nb_traffic *to)
{
    nb_weight weights[NB_TRAFFIC_MOST], shadows[NB_TRAFFIC_MOST];
    size_t count = 0, shadow_count = 0;
    const nb_json *shadow = nb_json_get(body, "shadow");
    if (!read_weights(nb_json_get(body, "weights"), weights, &count) ||
        !read_weights(shadow, shadows, &shadow_count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!nb_traffic_add(
                to, (nb_traffic_share){.version = weights[i].version, .weight = weights[i].weight}))
            return false;
    if (to->count == 0)
        keep(front, false, to);
    for (size_t i = 0; i < shadow_count; i++)
        if (shadows[i].weight > 100 ||
            (shadows[i].weight > 0 &&
             !nb_traffic_add(to, (nb_traffic_share){.version = shadows[i].version,
                                                    .weight = shadows[i].weight,
                                                    .shadow = true})))
            return false;
    if (!shadow)
        keep(front, true, to);
    return true;
}

static void refuse_plan(nb_http_request *request)
{
    nb_front_refuse(
        request, 400, NULL,
        "weights are {\"weights\": {\"3\": 90, …}, \"shadow\": {\"4\": 100}}; a shadow has no "
        "weight, and at most 100 per cent");
}

static nb_deployment read_row(const nb_json *body, unsigned version)
{
    const nb_json *created = nb_json_get(body, "created_ms");
    nb_deployment row = {.version = version,
                         .experiment = nb_json_get_str(body, "experiment"),
                         .model = nb_json_get_str(body, "model"),
                         .sha256 = nb_json_get_str(body, "sha256")};
    if (created && created->kind == NB_JSON_NUMBER)
        (void)nb_str_to_int(created->text, &row.created_ms);
    return row;
}

/* All goes to the new version, or, with weights, what they give it: without any it is up for those who ask for it. */
static void deploy(nb_front *front, nb_http_request *request, const nb_json *body)
{
    unsigned version = 0;
    nb_change change = {.pending = false};
    const nb_json *weights = nb_json_get(body, "weights");
    bool shared = weights && weights->kind == NB_JSON_OBJECT && weights->count > 0;
    if (!number_of(nb_json_get(body, "version"), INT32_MAX, &version) || version == 0 ||
        !read_cause(front, body, &change)) {
        nb_front_refuse(request, 400, NULL, "deploy wants {\"version\": N, \"weights\": {…}}");
        return;
    }
    if (!shared)
        (void)nb_traffic_add(&change.to, (nb_traffic_share){.version = version, .weight = 100});
    if (!plan(front, body, &change.to)) {
        refuse_plan(request);
        return;
    }
    (void)nb_traffic_add(&change.to, (nb_traffic_share){.version = version});
    if (is_busy(front, request))
        return;
    change.deployed = version;
    const nb_deployment row = read_row(body, version);
    begin(front, request, &change, &row);
}

static void traffic(nb_front *front, nb_http_request *request, const nb_json *body)
{
    nb_change change = {.pending = false};
    if (!read_cause(front, body, &change) || !plan(front, body, &change.to))
        refuse_plan(request);
    else if (!is_busy(front, request))
        begin(front, request, &change, NULL);
}

static void drop_share(nb_front *front, unsigned version)
{
    nb_traffic *traffic = &front->traffic;
    size_t kept = 0;
    for (size_t i = 0; i < traffic->count; i++)
        if (traffic->shares[i].version != version)
            traffic->shares[kept++] = traffic->shares[i];
    traffic->count = kept;
}

static void note_retired(nb_front *front, unsigned version, const nb_json *body)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_change cause = {.pending = false};
    (void)read_cause(front, body, &cause);
    const nb_front_event event = {nb_arena_printf(&arena, "retired v%u", version), cause.by, false};
    nb_front_note(front, &event);
}

static void retire(nb_front *front, nb_http_request *request, const nb_json *body)
{
    unsigned version = 0;
    if (!number_of(nb_json_get(body, "version"), INT32_MAX, &version) ||
        !nb_front_version(front, version)) {
        nb_front_refuse(request, 404, NULL, "v%u is not up", version);
        return;
    }
    const nb_traffic_share *share = nb_traffic_find(&front->traffic, version);
    if (share && share->weight > 0) {
        nb_front_refuse(request, 409, "move its traffic to another version first",
                        "v%u still has weight", version);
        return;
    }
    drop_share(front, version);
    nb_front_retire(front, version);
    note_retired(front, version, body);
    answer_versions(request, "retired", version);
}

static void stop(nb_front *front, nb_http_request *request, const nb_json *body)
{
    (void)body;
    answer_versions(request, "stopping", 0);
    nb_front_drain(front);
}

static const struct command {
    const char *path;
    void (*run)(nb_front *front, nb_http_request *request, const nb_json *body);
} commands[] = {
    {"/admin/deploy",  deploy },
    {"/admin/traffic", traffic},
    {"/admin/retire",  retire },
    {"/admin/stop",    stop   },
};

static void run_command(nb_front *front, nb_http_request *request, const struct command *command)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_json *body = NULL;
    nb_str text = nb_http_body(request);
    if (!nb_str_eqz(nb_http_method(request), "POST"))
        nb_front_refuse(request, 405, NULL, "this path takes POST only");
    else if (text.len > 0 &&
             nb_json_parse(&arena, text, NB_STR("body"), NB_JSON_STRICT, &body, &err) != NB_OK)
        nb_front_refuse(request, 400, NULL, "%s", nb_error_message(&err, 0));
    else
        command->run(front, request, body);
}

void nb_admin(nb_front *front, nb_http_request *request)
{
    nb_str path = nb_http_path(request);
    if (nb_str_eqz(path, "/admin/status")) {
        nb_admin_status(front, request);
        return;
    }
    for (size_t i = 0; i < NB_LEN(commands); i++)
        if (nb_str_eqz(path, commands[i].path)) {
            run_command(front, request, &commands[i]);
            return;
        }
    nb_front_refuse(request, 404, NULL, "the admin has nothing at '" NB_STR_FMT "'",
                    NB_STR_ARG(path));
}
