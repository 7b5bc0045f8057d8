#include "serve/front/front_parts.h"

static const int64_t every_us = 1000000;

static void look(void *ctx);

const char *nb_watch_verdict_name(nb_watch_verdict verdict)
{
    switch (verdict) {
    case NB_WATCH_NONE: return "none";
    case NB_WATCH_LOOKING: return "looking";
    case NB_WATCH_KEPT: return "kept";
    case NB_WATCH_ROLLED_BACK: return "rolled back";
    case NB_WATCH_UNWATCHED: return "unwatched";
    case NB_WATCH_OVERTAKEN: return "overtaken";
    }
    return "unknown";
}

/* --- figures ------------------------------------------------------------------------------------------------------- */

static nb_failures failures_of(const nb_front *front, unsigned version)
{
    nb_version_figures f = nb_metrics_version(front->metrics, version);
    return (nb_failures){f.requests, f.failures};
}

static nb_failures since(const nb_front *front, const struct nb_watched *watched)
{
    nb_failures now = failures_of(front, watched->version);
    return (nb_failures){now.requests - watched->from.requests,
                         now.failures - watched->from.failures};
}

/* What is usual: the rate before the move, or, where it is higher, that of the versions which go on beside. Clients that send nonsense to all of them
 * say nothing against the new one. */
static double usual_rate(const nb_front *front)
{
    const nb_switch_watch *w = &front->watch;
    nb_failures beside = {0, 0};
    for (size_t i = 0; i < w->count; i++)
        if (!w->each[i].grew) {
            nb_failures one = since(front, &w->each[i]);
            beside.requests += one.requests;
            beside.failures += one.failures;
        }
    double rate = nb_failure_rate(beside);
    return beside.requests >= NB_ROLLBACK_REQUESTS && rate > w->old_rate ? rate : w->old_rate;
}

/* --- begin and end ------------------------------------------------------------------------------------------------- */

static bool is_same(const nb_traffic *before, const nb_traffic *after)
{
    for (size_t i = 0; i < after->count; i++)
        if (nb_traffic_grew(before, after, after->shares[i].version))
            return false;
    return true;
}

/* Who is looked at, and who is compared with. */
static void choose(nb_front *front, const nb_traffic *before)
{
    nb_switch_watch *w = &front->watch;
    nb_failures old = {0, 0};
    unsigned most = 0;
    for (size_t i = 0; i < front->traffic.count; i++) {
        const nb_traffic_share *share = &front->traffic.shares[i];
        bool grew = nb_traffic_grew(before, &front->traffic, share->version);
        if (share->shadow || share->weight == 0)
            continue;
        w->each[w->count++] =
            (struct nb_watched){share->version, grew, failures_of(front, share->version)};
        if (grew && share->weight >= most) {
            most = share->weight;
            w->version = share->version;
        }
    }
    for (size_t i = 0; i < before->count; i++) {
        const nb_traffic_share *share = &before->shares[i];
        if (share->shadow || share->weight == 0 ||
            nb_traffic_grew(before, &front->traffic, share->version))
            continue;
        nb_failures one = failures_of(front, share->version);
        old.requests += one.requests;
        old.failures += one.failures;
    }
    w->old_rate = nb_failure_rate(old);
}

void nb_front_watch(nb_front *front, const nb_change *change, const nb_traffic *before)
{
    nb_switch_watch *w = &front->watch;
    int64_t ms = front->endpoint.settings.watch_ms, now = nb_loop_now_us(front->loop);
    nb_traffic nothing = {.count = 0};
    if (is_same(before, &front->traffic)) { /* nobody gets more: what is watched stays so */
        if (w->verdict != NB_WATCH_LOOKING && change->deployed > 0)
            *w = (nb_switch_watch){.verdict = NB_WATCH_UNWATCHED, .version = change->deployed};
        return;
    }
    nb_front_unwatch(front, NB_WATCH_OVERTAKEN);
    *w = (nb_switch_watch){
        .timer = {.fire = look, .ctx = front},
          .before = *before
    };
    choose(front, before);
    if (ms <= 0 || change->back || is_same(&nothing, before)) {
        w->verdict = NB_WATCH_UNWATCHED;
        return;
    }
    w->verdict = NB_WATCH_LOOKING;
    w->until_us = now + ms * 1000;
    nb_timer_set(front->loop, &w->timer, now + every_us);
}

void nb_front_unwatch(nb_front *front, nb_watch_verdict verdict)
{
    nb_timer_stop(front->loop, &front->watch.timer);
    if (front->watch.verdict == NB_WATCH_LOOKING)
        front->watch.verdict = verdict;
}

/* --- looking ------------------------------------------------------------------------------------------------------- */

static bool can_go_back(const nb_front *front)
{
    const nb_traffic *before = &front->watch.before;
    for (size_t i = 0; i < before->count; i++) {
        const nb_version *version = nb_front_version(front, before->shares[i].version);
        if (before->shares[i].weight > 0 && !before->shares[i].shadow &&
            (!version || nb_version_state_of(version) != NB_VERSION_READY))
            return false;
    }
    return true;
}

/* Shadows that are gone meanwhile do not come back. */
static void restore(nb_front *front)
{
    const nb_traffic *before = &front->watch.before;
    nb_traffic next = {.count = 0};
    for (size_t i = 0; i < before->count; i++)
        if (nb_front_version(front, before->shares[i].version))
            (void)nb_traffic_add(&next, before->shares[i]);
    front->traffic = next;
}

/* A change that was asked for before, and waits for another version, must not bring this one back. */
static void refuse_waiting(nb_front *front, unsigned version)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_traffic_share *share = nb_traffic_find(&front->change.to, version);
    if (front->change.pending && share && share->weight > 0)
        nb_change_fail(front, nb_arena_printf(&arena, "v%u was rolled back meanwhile", version),
                       NB_STR(""));
}

static void roll_back(nb_front *front, unsigned version, nb_str why)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_switch_watch *w = &front->watch;
    w->version = version;
    w->reason = nb_arena_str(&front->arena, why);
    restore(front);
    nb_front_unwatch(front, NB_WATCH_ROLLED_BACK);
    const nb_front_event event = {
        nb_arena_printf(&arena, "rolled back from v%u: " NB_STR_FMT, version, NB_STR_ARG(why)),
        NB_STR("watch"), true};
    nb_front_note(front, &event);
    refuse_waiting(front, version);
    nb_front_retire_idle(front);
}

/* Why these weights were a mistake, on account of this version; empty: nothing is wrong with it. */
static nb_str fault_of(const nb_front *front, nb_arena *arena, const struct nb_watched *watched)
{
    const nb_version *version = nb_front_version(front, watched->version);
    nb_version_state state = version ? nb_version_state_of(version) : NB_VERSION_FAILED;
    double usual = usual_rate(front);
    nb_failures now = since(front, watched);
    if (state == NB_VERSION_FAILED || state == NB_VERSION_DEGRADED)
        return version ? nb_arena_printf(arena, "it lost all its workers: " NB_STR_FMT,
                                         NB_STR_ARG(nb_version_reason(version)))
                       : NB_STR("it is not up");
    if (nb_traffic_fails(now, usual))
        return nb_arena_printf(arena, "%.1f %% of its requests failed, %.1f %% of others",
                               100 * nb_failure_rate(now), 100 * usual);
    return NB_STR("");
}

void nb_front_look(nb_front *front)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_switch_watch *w = &front->watch;
    if (w->verdict != NB_WATCH_LOOKING || !can_go_back(front))
        return;
    for (size_t i = 0; i < w->count; i++) {
        nb_str fault = w->each[i].grew ? fault_of(front, &arena, &w->each[i]) : NB_STR("");
        if (fault.len > 0) {
            roll_back(front, w->each[i].version, fault);
            return;
        }
    }
}

static void look(void *ctx)
{
    nb_front *front = ctx;
    int64_t now = nb_loop_now_us(front->loop);
    nb_front_look(front);
    if (front->watch.verdict != NB_WATCH_LOOKING)
        return;
    if (now < front->watch.until_us) {
        nb_timer_set(front->loop, &front->watch.timer, now + every_us);
        return;
    }
    nb_front_unwatch(front, NB_WATCH_KEPT);
    nb_front_retire_idle(front);
    nb_front_prune(front);
}
