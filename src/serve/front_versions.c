#include "base/fs.h"
#include "serve/front_parts.h"

#include <unistd.h>

enum { HISTORY = 100 };

nb_up *nb_front_find(nb_front *front, unsigned number)
{
    for (size_t i = 0; i < front->up_count; i++)
        if (front->up[i].number == number)
            return &front->up[i];
    return NULL;
}

static nb_deployment *deployment_of(nb_front *front, unsigned number)
{
    for (size_t i = 0; i < front->endpoint.deployments.count; i++)
        if (front->endpoint.deployments.at[i].version == number)
            return &front->endpoint.deployments.at[i];
    return NULL;
}

/* --- endpoint.json ------------------------------------------------------------------------------------------------- */

void nb_front_save(nb_front *front)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    for (size_t i = 0; i < front->endpoint.deployments.count; i++) {
        nb_deployment *d = &front->endpoint.deployments.at[i];
        const nb_up *up = nb_front_find(front, d->version);
        const nb_traffic_share *share = nb_traffic_find(&front->traffic, d->version);
        d->up = up && !up->leaving;
        d->shadow = share && share->shadow;
        d->weight = share && !share->shadow ? share->weight : 0;
        d->shadow_percent = share && share->shadow ? share->weight : 0;
    }
    if (nb_endpoint_write(&front->endpoint, &err) != NB_OK)
        nb_log(front, "cannot write endpoint.json: %s", nb_error_message(&err, 0));
}

void nb_front_note(nb_front *front, const char *fmt, ...)
{
    nb_endpoint *endpoint = &front->endpoint;
    struct timespec now;
    va_list args;
    clock_gettime(CLOCK_REALTIME, &now);
    va_start(args, fmt);
    nb_str what = nb_arena_vprintf(&front->arena, fmt, args);
    va_end(args);
    nb_front_save(front); /* the weights below are those of the deployments */
    nb_endpoint_event event = {.at_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
                               .what = what,
                               .weights = nb_endpoint_weights(&front->arena, endpoint)};
    if (endpoint->history.count >= HISTORY) {
        memmove(endpoint->history.at, endpoint->history.at + 1,
                (endpoint->history.count - 1) * sizeof *endpoint->history.at);
        endpoint->history.at[endpoint->history.count - 1] = event;
    } else {
        nb_vec_push(&front->arena, &endpoint->history, event);
    }
    nb_log(front, NB_STR_FMT "; " NB_STR_FMT, NB_STR_ARG(what), NB_STR_ARG(event.weights));
    nb_front_save(front);
}

/* What `deploy` wrote beside us: rows of versions that we do not know yet. */
static void learn_deployment(nb_front *front, unsigned number)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint on_disk;
    struct timespec now;
    if (deployment_of(front, number))
        return;
    if (nb_endpoint_read(&front->arena, front->endpoint.root, front->endpoint.name, &on_disk,
                         &err) == NB_OK)
        for (size_t i = 0; i < on_disk.deployments.count; i++)
            if (on_disk.deployments.at[i].version == number) {
                nb_vec_push(&front->arena, &front->endpoint.deployments, on_disk.deployments.at[i]);
                return;
            }
    clock_gettime(CLOCK_REALTIME, &now);
    nb_vec_push(&front->arena, &front->endpoint.deployments,
                (nb_deployment){.version = number, .created_ms = (int64_t)now.tv_sec * 1000});
}

/* --- up ------------------------------------------------------------------------------------------------------------ */

static void on_changed(void *ctx, nb_version *version)
{
    nb_front *front = ctx;
    nb_str reason = nb_version_reason(version);
    nb_log(front, "v%u is %s%s" NB_STR_FMT, nb_version_number(version),
           nb_version_state_name(nb_version_state_of(version)), reason.len > 0 ? ": " : "",
           NB_STR_ARG(reason));
    front->stirred = true;
}

static void on_log(void *ctx, nb_version *version, unsigned worker, nb_str line)
{
    if (worker > 0)
        nb_log(ctx, "v%u worker %u: " NB_STR_FMT, nb_version_number(version), worker,
               NB_STR_ARG(line));
    else
        nb_log(ctx, "v%u: " NB_STR_FMT, nb_version_number(version), NB_STR_ARG(line));
}

/* With --as no longer than the platform waits. */
static int64_t startup_ms(const nb_front *front)
{
    int64_t ms = front->endpoint.settings.startup_timeout_ms;
    int64_t most = front->only ? front->only->limits.start_ms : 0;
    ms = ms > 0 ? ms : 300000;
    return most > 0 && most < ms ? most : ms;
}

static nb_version_options options_for(nb_front *front, nb_up *up, const char *folder)
{
    const nb_endpoint_settings *s = &front->endpoint.settings;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned cores = online > 0 ? (unsigned)online : 1;
    unsigned workers = front->options->debug ? 1 : s->workers;
    nb_version_options options = {
        .number = up->number,
        .workers = workers,
        .cores = cores,
        .queue_requests = s->queue > 0 ? s->queue : 256,
        .queue_bytes = 64 << 20,
        .grace_ms = 5000,
        .retry_on_crash = s->retry_on_crash,
        .max_requests = s->max_requests,
        .max_rss = s->max_rss,
        .batch = NB_BATCH_OPTIONS,
        .no_batch = !s->batching,
        .worker = {.python = nb_arena_z(&up->arena, s->python),
                   .model_dir = folder,
                   .env = nb_front_env(&up->arena, front,
                   &(nb_env_for){folder, up->number, workers, cores}),
                   .startup_ms = startup_ms(front),
                   .grace_ms = 2000,
                   .batch_check = s->batching},
    };
    if (s->max_batch > 0)
        options.batch.max_rows = s->max_batch;
    if (s->max_delay_us >= 0)
        options.batch.max_delay_us = s->max_delay_us;
    return options;
}

nb_code nb_front_bring_up(nb_front *front, unsigned number, bool fails_fast, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    if (nb_front_find(front, number))
        return nb_fail(err, NB_ERR_EXISTS, "v%u is up already", number);
    if (front->up_count == NB_TRAFFIC_MOST)
        return nb_fail(err, NB_ERR_USAGE, "cannot have more than %d versions up", NB_TRAFFIC_MOST);
    nb_str folder = nb_arena_printf(&arena, NB_STR_FMT "/versions/%u",
                                    NB_STR_ARG(front->endpoint.folder), number);
    if (!nb_is_dir(folder.at))
        return nb_fail(err, NB_ERR_NOT_FOUND, "there is no version v%u of '" NB_STR_FMT "'", number,
                       NB_STR_ARG(front->endpoint.name));
    learn_deployment(front, number);
    nb_up *up = &front->up[front->up_count++];
    *up = (nb_up){.number = number};
    nb_version_options options = options_for(front, up, nb_arena_z(&up->arena, folder));
    options.fails_fast = fails_fast;
    nb_version_hooks hooks = {
        .changed = on_changed, .log = on_log, .answered = nb_front_answered, .ctx = front};
    up->version = nb_version_start(front->loop, &options, &hooks, front->metrics);
    front->stirred = true;
    return NB_OK;
}

void nb_front_retire(nb_front *front, unsigned number)
{
    nb_up *up = nb_front_find(front, number);
    if (!up || up->leaving)
        return;
    if (nb_traffic_find(&front->watch.before, number) && front->watch.version > 0)
        nb_watch_end(front); /* nobody could go back to it */
    up->leaving = true;
    front->stirred = true;
    nb_version_drain(up->version);
}

void nb_front_retire_idle(nb_front *front)
{
    for (size_t i = 0; i < front->up_count; i++) {
        const nb_traffic_share *share = nb_traffic_find(&front->traffic, front->up[i].number);
        if ((!share || share->weight == 0) && front->up[i].number != front->deploying.version)
            nb_front_retire(front, front->up[i].number);
    }
}

/* --- weights ------------------------------------------------------------------------------------------------------- */

nb_code nb_front_move(nb_front *front, const nb_weight *weights, size_t count, nb_error *err)
{
    nb_traffic next = {.count = 0};
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        const nb_up *up = nb_front_find(front, weights[i].version);
        if (weights[i].weight == 0)
            continue;
        if (!up || up->leaving)
            return nb_fail(err, NB_ERR_NOT_FOUND, "v%u is not up", weights[i].version);
        if (next.count == NB_TRAFFIC_MOST || nb_traffic_find(&next, weights[i].version))
            return nb_fail(err, NB_ERR_USAGE, "v%u is named twice", weights[i].version);
        next.shares[next.count++] =
            (nb_traffic_share){.version = weights[i].version, .weight = weights[i].weight};
        total += weights[i].weight;
    }
    if (total == 0)
        return nb_fail(err, NB_ERR_USAGE, "no version would have any weight");
    for (size_t i = 0; i < front->traffic.count && next.count < NB_TRAFFIC_MOST; i++) {
        const nb_traffic_share *share = &front->traffic.shares[i];
        if (share->shadow && !nb_traffic_find(&next, share->version))
            next.shares[next.count++] = *share;
    }
    front->traffic = next;
    return NB_OK;
}

/* --- steps --------------------------------------------------------------------------------------------------------- */

static bool is_over(const nb_up *up)
{
    nb_version_state state = nb_version_state_of(up->version);
    return state == NB_VERSION_STOPPED || (state == NB_VERSION_FAILED && up->leaving);
}

static void reap(nb_front *front)
{
    for (size_t i = 0; i < front->up_count;) {
        nb_up *up = &front->up[i];
        if (!is_over(up)) {
            i++;
            continue;
        }
        nb_version_free(up->version);
        nb_arena_release(&up->arena);
        *up = front->up[--front->up_count];
    }
}

static void finish_deploying(nb_front *front)
{
    nb_deploying *d = &front->deploying;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    unsigned version = d->version;
    nb_traffic before = front->traffic;
    nb_weight all = {.version = version, .weight = 100};
    nb_code code = d->count > 0 ? nb_front_move(front, d->weights, d->count, &err)
                                : nb_front_move(front, &all, 1, &err);
    d->version = 0;
    if (code != NB_OK) {
        nb_front_retire(front, version);
        nb_admin_deployed(front, false, nb_str_from(nb_error_message(&err, 0)), NB_STR(""));
        return;
    }
    nb_front_note(front, "deployed v%u", version);
    nb_watch_begin(front, version, &before);
    nb_admin_deployed(front, true, NB_STR(""), NB_STR(""));
}

static void step_deploying(nb_front *front)
{
    const nb_up *up = nb_front_find(front, front->deploying.version);
    if (front->deploying.version == 0 || !up)
        return;
    nb_version_state state = nb_version_state_of(up->version);
    if (state == NB_VERSION_READY) {
        finish_deploying(front);
    } else if (state == NB_VERSION_FAILED || state == NB_VERSION_STOPPED) {
        front->deploying.version = 0;
        nb_admin_deployed(front, false, nb_version_reason(up->version),
                          nb_version_tail(up->version));
        nb_front_retire(front, up->number);
    }
}

void nb_front_step(nb_front *front)
{
    while (front->stirred) {
        front->stirred = false;
        step_deploying(front);
        reap(front);
    }
}
