#include "base/fs.h"
#include "endpoint/settings.h"
#include "serve/front/front_parts.h"

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

/* The rows as things are. A version that only waits for its change, or is only watched, is not to come up again. */
static void update_rows(nb_front *front)
{
    for (size_t i = 0; i < front->endpoint.deployments.count; i++) {
        nb_deployment *d = &front->endpoint.deployments.at[i];
        const nb_up *up = nb_front_find(front, d->version);
        const nb_traffic_share *share = nb_traffic_find(&front->traffic, d->version);
        d->up = up && !up->leaving && share;
        d->shadow = share && share->shadow;
        d->weight = share && !share->shadow ? share->weight : 0;
        d->shadow_percent = share && share->shadow ? share->weight : 0;
    }
}

void nb_front_save(nb_front *front)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    update_rows(front);
    if (nb_endpoint_write(&front->endpoint, &err) != NB_OK)
        nb_log(front, "cannot write endpoint.json: %s", nb_error_message(&err, 0));
}

static int64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void nb_front_note(nb_front *front, const nb_front_event *event)
{
    nb_endpoint *endpoint = &front->endpoint;
    update_rows(front); /* the weights below are theirs */
    nb_endpoint_event row = {.at_ms = wall_ms(),
                             .what = nb_arena_str(&front->arena, event->what),
                             .weights = nb_endpoint_weights(&front->arena, endpoint),
                             .by = nb_arena_str(&front->arena, event->by),
                             .back = event->back};
    if (endpoint->history.count >= HISTORY) {
        memmove(endpoint->history.at, endpoint->history.at + 1,
                (endpoint->history.count - 1) * sizeof *endpoint->history.at);
        endpoint->history.at[endpoint->history.count - 1] = row;
    } else {
        nb_vec_push(&front->arena, &endpoint->history, row);
    }
    nb_log(front, NB_STR_FMT "; weights " NB_STR_FMT, NB_STR_ARG(row.what),
           NB_STR_ARG(row.weights));
    nb_front_save(front);
}

/* Rows stand by version; those of deploy come last. */
static void add_row(nb_front *front, const nb_deployment *row)
{
    nb_endpoint *endpoint = &front->endpoint;
    size_t at = endpoint->deployments.count;
    nb_vec_push(&front->arena, &endpoint->deployments, *row);
    for (; at > 0 && endpoint->deployments.at[at - 1].version > row->version; at--)
        endpoint->deployments.at[at] = endpoint->deployments.at[at - 1];
    endpoint->deployments.at[at] = *row;
}

/* Texts of *out live in `arena`. */
static bool find_on_disk(const nb_front *front, nb_arena *arena, unsigned number,
                         nb_deployment *out)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a row that cannot be read is made anew */
    nb_endpoint on_disk;
    if (nb_endpoint_read(arena, front->endpoint.root, front->endpoint.name, &on_disk, &ignored) !=
        NB_OK)
        return false;
    for (size_t i = 0; i < on_disk.deployments.count; i++)
        if (on_disk.deployments.at[i].version == number) {
            *out = on_disk.deployments.at[i];
            return true;
        }
    return false;
}

bool nb_front_learn(nb_front *front, const nb_deployment *told)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_deployment row = *told;
    if (deployment_of(front, told->version))
        return false;
    if (row.model.len == 0 && !find_on_disk(front, &arena, row.version, &row))
        row = *told;
    row.experiment = nb_arena_str(&front->arena, row.experiment);
    row.model = nb_arena_str(&front->arena, row.model);
    row.sha256 = nb_arena_str(&front->arena, row.sha256);
    if (row.created_ms == 0)
        row.created_ms = wall_ms();
    add_row(front, &row);
    return true;
}

void nb_front_forget(nb_front *front, unsigned number)
{
    nb_endpoint *endpoint = &front->endpoint;
    size_t kept = 0;
    for (size_t i = 0; i < endpoint->deployments.count; i++)
        if (endpoint->deployments.at[i].version != number)
            endpoint->deployments.at[kept++] = endpoint->deployments.at[i];
    endpoint->deployments.count = kept;
}

void nb_front_adopt_settings(nb_front *front)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* what cannot be read changes nothing */
    nb_endpoint on_disk;
    if (nb_endpoint_read(&front->arena, front->endpoint.root, front->endpoint.name, &on_disk,
                         &ignored) == NB_OK)
        nb_settings_adopt(&front->endpoint.settings, &on_disk.settings);
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

int64_t nb_front_startup_ms(const nb_front *front)
{
    int64_t ms = front->endpoint.settings.startup_timeout_ms;
    int64_t most = front->only ? front->only->limits.start_ms : 0;
    if (front->options->debug)
        return NB_DEBUG_MS;
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
        .queue_requests = s->queue,
        .queue_bytes = 64 << 20,
        .grace_ms = 5000,
        .retry_on_crash = s->retry_on_crash,
        .max_requests = s->max_requests,
        .max_rss = s->max_rss,
        .batch = NB_BATCH_OPTIONS,
        .no_batch = !s->batching,
        .worker = {.python = nb_arena_z(&up->arena, s->python),
                   .model_dir = folder,
                   .env =
                       nb_front_env(&up->arena, front, &(nb_env_for){folder, up->number, workers}),
                   .startup_ms = nb_front_startup_ms(front),
                   .grace_ms = 2000,
                   .batch_check = s->batching,
                   .debug = front->options->debug,
                   .guard = front->guard},
    };
    options.batch.max_rows = s->max_batch;
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
    nb_deployment row = {.version = number};
    nb_str folder = nb_arena_printf(&arena, NB_STR_FMT "/versions/%u",
                                    NB_STR_ARG(front->endpoint.folder), number);
    if (!nb_is_dir(folder.at))
        return nb_fail(err, NB_ERR_NOT_FOUND, "there is no version v%u of '" NB_STR_FMT "'", number,
                       NB_STR_ARG(front->endpoint.name));
    (void)nb_front_learn(front, &row);
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

static bool is_watched(const nb_front *front, unsigned number)
{
    const nb_traffic_share *share = nb_traffic_find(&front->watch.before, number);
    return front->watch.verdict == NB_WATCH_LOOKING && share && share->weight > 0;
}

void nb_front_retire(nb_front *front, unsigned number)
{
    nb_up *up = nb_front_find(front, number);
    if (!up || up->leaving)
        return;
    if (is_watched(front, number)) /* nobody could go back to it */
        nb_front_unwatch(front, NB_WATCH_OVERTAKEN);
    up->leaving = true;
    front->stirred = true;
    nb_version_drain(up->version);
}

void nb_front_retire_idle(nb_front *front)
{
    for (size_t i = 0; i < front->up_count; i++) {
        unsigned number = front->up[i].number;
        if (!nb_traffic_find(&front->traffic, number) && !is_watched(front, number) &&
            !nb_change_awaits(front, number))
            nb_front_retire(front, number);
    }
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

void nb_front_step(nb_front *front)
{
    while (front->stirred) {
        front->stirred = false;
        reap(front);
        nb_change_step(front);
        nb_front_look(front);
    }
}
