#include "serve/front_parts.h"

static const int64_t every_us = 1000000;

static void look(void *ctx);

/* Failures of a request, over those that had weight before. */
static double rate_of(const nb_front *front, const nb_traffic *traffic)
{
    uint64_t requests = 0, failures = 0;
    for (size_t i = 0; i < traffic->count; i++) {
        nb_version_figures f = nb_metrics_version(front->metrics, traffic->shares[i].version);
        requests += traffic->shares[i].shadow ? 0 : f.requests;
        failures += traffic->shares[i].shadow ? 0 : f.failures;
    }
    return requests > 0 ? (double)failures / (double)requests : 0;
}

static bool had_another(const nb_traffic *before, unsigned version)
{
    for (size_t i = 0; i < before->count; i++)
        if (!before->shares[i].shadow && before->shares[i].weight > 0 &&
            before->shares[i].version != version)
            return true;
    return false;
}

void nb_watch_begin(nb_front *front, unsigned version, const nb_traffic *before)
{
    nb_switch_watch *w = &front->watch;
    int64_t ms = front->endpoint.settings.watch_ms;
    nb_timer_stop(front->loop, &w->timer);
    w->version = 0;
    if (ms <= 0 || !had_another(before, version)) {
        nb_front_retire_idle(front);
        return;
    }
    int64_t now = nb_loop_now_us(front->loop);
    *w = (nb_switch_watch){
        .timer = {.fire = look, .ctx = front},
        .version = version,
        .until_us = now + ms * 1000,
        .before = *before,
        .from = nb_metrics_version(front->metrics, version),
        .old_rate = rate_of(front, before)
    };
    nb_timer_set(front->loop, &w->timer, now + every_us);
}

void nb_watch_end(nb_front *front)
{
    nb_timer_stop(front->loop, &front->watch.timer);
    front->watch.version = 0;
}

static void roll_back(nb_front *front, const char *why)
{
    unsigned version = front->watch.version;
    front->traffic = front->watch.before;
    nb_watch_end(front);
    nb_front_note(front, "rolled back from v%u: %s", version, why);
    nb_front_retire_idle(front);
}

/* More than two in a hundred, and three times as many as before. */
static bool fails_too_often(const nb_front *front, double *rate)
{
    const nb_switch_watch *w = &front->watch;
    nb_version_figures now = nb_metrics_version(front->metrics, w->version);
    uint64_t requests = now.requests - w->from.requests;
    *rate = requests > 0 ? (double)(now.failures - w->from.failures) / (double)requests : 0;
    return requests >= NB_ROLLBACK_REQUESTS && *rate > 0.02 && *rate > 3 * w->old_rate;
}

static void look(void *ctx)
{
    nb_front *front = ctx;
    nb_switch_watch *w = &front->watch;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    double rate;
    nb_version *version = nb_front_version(front, w->version);
    nb_version_state state = version ? nb_version_state_of(version) : NB_VERSION_FAILED;
    if (state == NB_VERSION_FAILED || state == NB_VERSION_DEGRADED) {
        roll_back(front, "it lost all its workers");
        return;
    }
    if (fails_too_often(front, &rate)) {
        nb_str why = nb_arena_printf(&arena, "%.1f %% of its requests failed, %.1f %% before",
                                     100 * rate, 100 * w->old_rate);
        roll_back(front, why.at);
        return;
    }
    if (nb_loop_now_us(front->loop) < w->until_us) {
        nb_timer_set(front->loop, &w->timer, nb_loop_now_us(front->loop) + every_us);
        return;
    }
    nb_watch_end(front);
    nb_front_retire_idle(front);
}
