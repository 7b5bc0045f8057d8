#include "serve/front/front_parts.h"
#include "text/json.h"
#include "text/json_write.h"

enum { MARGIN_MS = 10000 };

/* --- the plan ------------------------------------------------------------------------------------------------------ */

nb_str nb_traffic_text(nb_arena *arena, const nb_traffic *traffic)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    for (int shadow = 0; shadow < 2; shadow++)
        for (size_t i = 0; i < traffic->count; i++) {
            const nb_traffic_share *share = &traffic->shares[i];
            if (share->shadow != (shadow == 1))
                continue;
            const char *comma = out.len == 0 ? "" : shadow ? ", " : ",";
            if (shadow)
                nb_buf_printf(&out, "%sshadow v%u %u %%", comma, share->version, share->weight);
            else
                nb_buf_printf(&out, "%sv%u=%u", comma, share->version, share->weight);
        }
    return nb_arena_str(arena, nb_buf_view(&out));
}

/* What serves already may go on although it is being restarted; what is to serve from now on must be ready. */
static bool must_wait_for(const nb_front *front, const nb_traffic_share *wanted)
{
    const nb_traffic_share *now = nb_traffic_find(&front->traffic, wanted->version);
    const nb_version *version = nb_front_version(front, wanted->version);
    return !now || now->shadow || now->weight == 0 || !version ||
           nb_version_state_of(version) == NB_VERSION_FAILED;
}

bool nb_change_awaits(const nb_front *front, unsigned version)
{
    const nb_change *change = &front->change;
    for (size_t i = 0; change->pending && i < change->awaits_count; i++)
        if (change->awaits[i] == version)
            return true;
    return false;
}

static void lose_patience(void *ctx)
{
    nb_front *front = ctx;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_change_fail(front,
                   nb_arena_printf(&arena, "a version was not ready within %lld s",
                                   (long long)(nb_front_startup_ms(front) / 1000)),
                   NB_STR(""));
}

void nb_change_begin(nb_front *front, const nb_change *change)
{
    nb_change *c = &front->change;
    *c = *change;
    c->pending = true;
    c->awaits_count = 0;
    for (size_t i = 0; i < c->to.count; i++)
        if (must_wait_for(front, &c->to.shares[i]))
            c->awaits[c->awaits_count++] = c->to.shares[i].version;
    c->patience = (nb_timer){.fire = lose_patience, .ctx = front};
    nb_timer_set(front->loop, &c->patience,
                 nb_loop_now_us(front->loop) + (nb_front_startup_ms(front) + MARGIN_MS) * 1000);
    front->stirred = true;
}

/* --- its end ------------------------------------------------------------------------------------------------------- */

static nb_http_request *close_change(nb_front *front)
{
    nb_http_request *request = front->change.request;
    nb_timer_stop(front->loop, &front->change.patience);
    front->change = (nb_change){.pending = false};
    return request;
}

static void answer_failure(nb_http_request *request, nb_str reason, nb_str tail)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "error", reason);
    nb_json_member_str(&w, "tail", tail);
    nb_json_end_object(&w);
    nb_front_answer(request, 422, "application/json", nb_buf_view(&out));
}

/* Everything is as it was. */
void nb_change_fail(nb_front *front, nb_str reason, nb_str tail)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_change change = front->change;
    if (!change.pending)
        return;
    reason =
        nb_arena_str(&arena, reason); /* they may be a version's own, which is about to leave */
    tail = nb_arena_str(&arena, tail);
    nb_log(front, "the weights stay as they are: " NB_STR_FMT, NB_STR_ARG(reason));
    nb_http_request *request = close_change(front);
    for (size_t i = 0; i < front->up_count; i++)
        if (front->up[i].brought)
            nb_front_retire(front, front->up[i].number);
    if (change.learned) {
        front->endpoint.settings = change.before;
        nb_front_forget(front, change.deployed);
        nb_front_save(front);
    }
    if (request) /* after the file tells it, too */
        answer_failure(request, reason, tail);
    if (change.deployed > 0 && change.deployed == front->options->first && !front->draining) {
        front->failure = nb_arena_str(&front->arena, reason);
        nb_front_drain(front);
    }
}

static nb_str text_of(nb_arena *arena, const nb_change *change)
{
    nb_str shares = nb_traffic_text(arena, &change->to);
    if (change->deployed > 0)
        return nb_arena_printf(arena, "deployed v%u", change->deployed);
    return nb_arena_printf(arena, "%s " NB_STR_FMT, change->back ? "rolled back to" : "traffic",
                           NB_STR_ARG(shares));
}

static bool is_as(const nb_traffic *a, const nb_traffic *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        const nb_traffic_share *x = &a->shares[i], *y = &b->shares[i];
        if (x->version != y->version || x->weight != y->weight || x->shadow != y->shadow)
            return false;
    }
    return a->count == b->count;
}

static void finish(nb_front *front)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_change change = front->change;
    const nb_traffic before = front->traffic;
    nb_http_request *request = close_change(front);
    for (size_t i = 0; i < front->up_count; i++)
        front->up[i].brought = false;
    front->traffic = change.to;
    if (change.deployed > 0 || !is_as(&before, &change.to)) {
        const nb_front_event event = {text_of(&arena, &change), change.by, change.back};
        nb_front_note(front, &event);
    }
    nb_front_watch(front, &change, &before);
    nb_front_retire_idle(front);
    nb_front_prune(front);
    if (request)
        nb_admin_status(front, request);
}

/* --- waiting ------------------------------------------------------------------------------------------------------- */

typedef enum readiness { READY, NOT_YET, NEVER } readiness;

/* `NEVER`: the change has failed. */
static readiness bring(nb_front *front, unsigned number)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    if (front->up_count == NB_TRAFFIC_MOST)
        for (size_t i = 0; i < front->up_count; i++)
            if (front->up[i].leaving) /* there will be room */
                return NOT_YET;
    if (nb_front_bring_up(front, number, true, &err) != NB_OK) {
        nb_change_fail(front, nb_str_from(nb_error_message(&err, 0)), NB_STR(""));
        return NEVER;
    }
    nb_front_find(front, number)->brought = true;
    return NOT_YET;
}

/* Empty when it was predicted, or when there is none. */
static nb_str failed_example(nb_arena *arena, const nb_version *version)
{
    nb_str example = nb_version_example(arena, version);
    bool fine = nb_str_eqz(example, "predicted") || nb_str_eqz(example, "none");
    return fine ? NB_STR("") : example;
}

/* A version that was brought up for this change has to prove that it predicts. */
static readiness judge(nb_front *front, const nb_up *up)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str wrong = up->brought ? failed_example(&arena, up->version) : NB_STR("");
    if (wrong.len == 0)
        return READY;
    nb_change_fail(
        front,
        nb_arena_printf(&arena, "the sample prediction failed: " NB_STR_FMT, NB_STR_ARG(wrong)),
        NB_STR(""));
    return NEVER;
}

static readiness look_at(nb_front *front, unsigned number)
{
    const nb_up *up = nb_front_find(front, number);
    if (!up)
        return bring(front, number);
    if (up->leaving) /* it comes up again when it is down */
        return NOT_YET;
    switch (nb_version_state_of(up->version)) {
    case NB_VERSION_READY: return judge(front, up);
    case NB_VERSION_LOADING:
    case NB_VERSION_DEGRADED:
    case NB_VERSION_DRAINING: return NOT_YET;
    case NB_VERSION_STOPPED:
    case NB_VERSION_FAILED: break;
    }
    if (!up->brought) { /* it had given up long ago: another try */
        nb_front_retire(front, number);
        return NOT_YET;
    }
    nb_change_fail(front, nb_version_reason(up->version), nb_version_tail(up->version));
    return NEVER;
}

void nb_change_step(nb_front *front)
{
    size_t ready = 0;
    if (!front->change.pending)
        return;
    for (size_t i = 0; i < front->change.awaits_count; i++)
        switch (look_at(front, front->change.awaits[i])) {
        case READY: ready++; break;
        case NOT_YET: break;
        case NEVER: return;
        }
    if (ready == front->change.awaits_count)
        finish(front);
}
