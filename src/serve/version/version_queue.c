#include "serve/version/version_parts.h"

/* --- the queue ----------------------------------------------------------------------------------------------------- */

static void count_in(nb_version *version, const nb_call *call)
{
    version->waiting++;
    version->waiting_bytes += call->body.len;
}

void nb_queue_push(nb_version *version, nb_call *call)
{
    call->next = NULL;
    *version->end = call;
    version->end = &call->next;
    count_in(version, call);
}

void nb_queue_push_first(nb_version *version, nb_call *call)
{
    call->next = version->head;
    version->head = call;
    if (!call->next)
        version->end = &call->next;
    count_in(version, call);
}

bool nb_queue_remove(nb_version *version, nb_call *call)
{
    for (nb_call **at = &version->head; *at; at = &(*at)->next) {
        if (*at != call)
            continue;
        *at = call->next;
        if (!*at)
            version->end = at;
        version->waiting--;
        version->waiting_bytes -= call->body.len;
        return true;
    }
    return false;
}

void nb_queue_refuse_all(nb_version *version, const char *why)
{
    while (version->head) {
        nb_call *call = version->head;
        (void)nb_queue_remove(version, call);
        nb_call_refuse(call, NB_REFUSED_NOT_READY, 503, 1, "version v%u cannot answer: %s",
                       version->options.number, why);
        nb_version_left(version, call);
    }
}

void nb_queue_refuse_hopeless(nb_version *version)
{
    int64_t start = nb_members_next_start_us(version);
    nb_call *next;
    for (nb_call *call = version->head; call && start > 0; call = next) {
        next = call->next;
        if (call->deadline_us == 0 || call->deadline_us > start)
            continue;
        (void)nb_queue_remove(version, call);
        nb_call_refuse(call, NB_REFUSED_NOT_READY, 503, nb_queue_retry_after(version),
                       "v%u has no worker, and the next one starts after the request's timeout "
                       "(--timeout) is over",
                       version->options.number);
        nb_version_left(version, call);
    }
}

void nb_member_refuse_held(nb_member *member, nb_refusal why, const char *message)
{
    for (size_t i = 0; i < member->held_count; i++) {
        nb_call *call = member->held[i].call;
        member->held[i].call = NULL;
        if (!call)
            continue;
        nb_call_refuse(call, why, 503, 1, "%s", message);
        nb_version_left(member->version, call);
    }
}

int64_t nb_queue_expected_us(const nb_version *version)
{
    size_t workers = nb_members_up(version);
    return (int64_t)((double)version->waiting * version->request_us /
                     (double)(workers > 0 ? workers : 1));
}

unsigned nb_queue_retry_after(const nb_version *version)
{
    int64_t start = nb_members_next_start_us(version);
    int64_t us = start > 0 ? start - nb_version_now(version) : nb_queue_expected_us(version);
    int64_t seconds = (us + 999999) / 1000000;
    return seconds < 1 ? 1 : seconds > 30 ? 30 : (unsigned)seconds;
}

/* --- deadlines ----------------------------------------------------------------------------------------------------- */

static nb_member *holder_of(nb_version *version, const nb_call *call, struct nb_held **held)
{
    for (nb_member *m = version->members; m; m = m->next)
        for (size_t i = 0; i < m->held_count; i++)
            if (m->held[i].call == call) {
                *held = &m->held[i];
                return m;
            }
    return NULL;
}

static void refuse_late(nb_version *version, nb_call *call, const char *where)
{
    nb_call_refuse(call, NB_REFUSED_DEADLINE, 504, 0,
                   "v%u did not answer within the request's timeout (--timeout) of %lld ms: %s",
                   version->options.number,
                   (long long)((call->deadline_us - call->received_us) / 1000), where);
    nb_version_left(version, call);
}

void nb_queue_deadline(void *ctx)
{
    nb_call *call = ctx;
    nb_version *version = call->version;
    struct nb_held *held;
    if (nb_queue_remove(version, call)) {
        refuse_late(version, call, "it waited for a free worker all that time");
        return;
    }
    nb_member *member = holder_of(version, call, &held);
    if (!member)
        return;
    held->call = NULL;
    if (member->grace.slot == 0)
        nb_timer_set(version->loop, &member->grace,
                     nb_version_now(version) + version->options.grace_ms * 1000);
    refuse_late(version, call, "the model still predicts");
}

/* Python cannot be interrupted inside native code: the process has to go, and the rest of its batch with it. */
void nb_member_grace_passed(void *ctx)
{
    nb_member *member = ctx;
    nb_version *version = member->version;
    member->ending = NB_ENDING_DEADLINE;
    nb_version_log(
        version, member->number,
        "a request passed its deadline and %lld ms more: the worker is ended and started "
        "again%s",
        (long long)version->options.grace_ms,
        nb_members_up(version) > 1 ? "" : "; it was the only one that was ready");
    nb_member_refuse_held(member, NB_REFUSED_BATCH,
                          "another request of the same batch passed its deadline and took the "
                          "worker with it; try again");
    nb_worker_kill(member->worker);
}

/* --- dispatch ------------------------------------------------------------------------------------------------------ */

/* Nobody would read its answer: it never comes to Python. */
static void drop_gone(nb_version *version, size_t most)
{
    nb_call *next;
    for (nb_call *call = version->head; call && most > 0; call = next, most--) {
        next = call->next;
        if (!call->request || !nb_http_is_gone(call->request))
            continue;
        (void)nb_queue_remove(version, call);
        nb_call_refuse(call, NB_REFUSED_GONE, 499, 0, "the client left");
        nb_version_left(version, call);
    }
}

/* Was this input, of this call or of another, with a dying worker? */
static bool is_suspect(const nb_version *version, nb_call *call)
{
    return call->deaths > 0 || (version->suspects.count > 0 &&
                                nb_suspect_deaths(&version->suspects, nb_input_hash(call),
                                                  nb_version_now(version)) > 0);
}

/* The head of the queue as the rule sees it. A suspect goes alone: it may do that again. */
static size_t look(const nb_version *version, nb_batch_item *items, size_t most)
{
    size_t count = 0;
    for (nb_call *call = version->head; call && count < most; call = call->next) {
        bool alone = is_suspect(version, call);
        if (alone && count > 0)
            break;
        items[count++] = (nb_batch_item){.rows = call->rows,
                                         .bytes = call->body.len,
                                         .queued_us = call->queued_us,
                                         .kind = call->kind};
        if (alone)
            break;
    }
    return count;
}

static uint32_t ms_left(const nb_version *version, const nb_call *call)
{
    if (call->deadline_us == 0)
        return UINT32_MAX;
    int64_t ms = (call->deadline_us - nb_version_now(version)) / 1000;
    return ms < 0 ? 0 : ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

static void hold(nb_member *member, nb_call *call, size_t batch)
{
    call->sent_us = member->sent_us;
    call->worker = member->number;
    call->batch = (unsigned)batch;
    member->held[member->held_count++] = (struct nb_held){call->id, call};
}

/* A frame did not take it: one body of more than any frame holds, since nb_batch_options.max_bytes bounds several. */
static void take_back(nb_member *member)
{
    nb_version *version = member->version;
    for (size_t i = 0; i < member->held_count; i++) {
        nb_call *call = member->held[i].call;
        nb_call_refuse(call, NB_REFUSED_INPUT, 413, 0,
                       "a body of %zu bytes cannot be passed to the model, the limit is %d bytes",
                       call->body.len, NB_FRAME_LARGEST);
        nb_version_left(version, call);
    }
    version->busy -= member->held_count;
    member->held_count = member->unanswered = 0;
}

/* The first `count` calls of the queue go to this worker. */
static void send(nb_member *member, size_t count, bool together)
{
    nb_version *version = member->version;
    nb_frame_request requests[NB_BATCH_MOST];
    unsigned rows = 0;
    member->sent_us = nb_version_now(version);
    member->held_count = 0;
    member->model_us = 0;
    member->together = together;
    member->fell_apart = false;
    for (size_t i = 0; i < count; i++) {
        nb_call *call = version->head;
        (void)nb_queue_remove(version, call);
        requests[i] = (nb_frame_request){call->id, ms_left(version, call), call->content_type,
                                         call->accept, call->body};
        rows += call->rows;
        hold(member, call, count);
    }
    member->unanswered = count;
    version->busy += count;
    nb_metrics_batch(version->metrics, version->options.number, (unsigned)count, rows);
    if (!nb_worker_send(member->worker, requests, count, together))
        take_back(member);
}

static bool is_free(const nb_member *member)
{
    return member->worker && member->ending == NB_ENDING_NOT &&
           nb_worker_state_of(member->worker) == NB_WORKER_READY;
}

/* One batch for a free worker; false: there is nothing to send now. With several free workers each gets its part. */
static bool feed(nb_member *member, size_t free_workers)
{
    nb_version *version = member->version;
    nb_batch_item items[NB_BATCH_MOST];
    size_t part =
        free_workers > 1 ? (version->waiting + free_workers - 1) / free_workers : version->waiting;
    size_t count = look(version, items, part < NB_BATCH_MOST ? part : NB_BATCH_MOST);
    nb_batch_choice choice = nb_batch_choose(&version->options.batch, &version->batch, items, count,
                                             version->together, nb_version_now(version));
    if (choice.count > 0) {
        send(member, choice.count, choice.together);
        return true;
    }
    if (choice.wait_until_us > 0)
        nb_timer_set(version->loop, &version->wait, choice.wait_until_us);
    return false;
}

void nb_version_dispatch(nb_version *version)
{
    size_t free_workers = 0;
    if (!version->head)
        return;
    for (const nb_member *m = version->members; m; m = m->next)
        free_workers += is_free(m);
    if (free_workers == 0)
        return;
    nb_timer_stop(version->loop, &version->wait);
    drop_gone(version, free_workers * NB_BATCH_MOST);
    for (nb_member *m = version->members; m && version->head; m = m->next) {
        if (!is_free(m))
            continue;
        if (!feed(m, free_workers))
            return;
        free_workers--;
    }
}

/* More waits than one frame takes: the next one would not grow until the end of this turn, and its worker would idle. */
static bool has_full_frame(const nb_version *version)
{
    nb_batch_item items[NB_BATCH_MOST];
    size_t count = look(version, items, NB_BATCH_MOST);
    nb_batch_choice choice = nb_batch_choose(&version->options.batch, &version->batch, items, count,
                                             version->together, nb_version_now(version));
    return choice.count > 0 && choice.count < version->waiting;
}

/* --- results ------------------------------------------------------------------------------------------------------- */

/* Results mostly come in the order of the requests: the search begins behind the last one found. */
static struct nb_held *held_with(nb_member *member, uint64_t id, size_t *from)
{
    for (size_t n = 0; n < member->held_count; n++) {
        size_t i = (*from + n) % member->held_count;
        if (member->held[i].id == id) {
            *from = i + 1;
            return &member->held[i];
        }
    }
    return NULL;
}

static void answer(nb_member *member, nb_call *call, const nb_frame_result *result)
{
    nb_version *version = member->version;
    if (version->suspects.count > 0)
        nb_suspect_clear(&version->suspects, nb_input_hash(call));
    call->answered_us = nb_version_now(version);
    nb_call_answer(call, result);
    nb_version_left(version, call);
}

void nb_member_results(nb_member *member, const nb_frame_result *results, size_t count)
{
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        struct nb_held *held = held_with(member, results[i].id, &from);
        if (!held)
            continue;
        held->id = 0; /* whatever the worker says, it is answered once */
        member->unanswered--;
        member->version->busy--;
        member->served++;
        member->model_us += results[i].model_us;
        member->fell_apart |= member->together && (results[i].flags & NB_RESULT_ALONE);
        nb_call *call = held->call;
        held->call = NULL;
        if (call)
            answer(member, call, &results[i]);
    }
}

static void count_failed_batch(nb_version *version)
{
    version->batch.failures++;
    if (version->batch.failures < NB_BATCH_FAILURES || !version->together)
        return;
    version->together = false;
    nb_version_log(version, 0,
                   "batching is switched off: %d batches could not be predicted together",
                   NB_BATCH_FAILURES);
}

void nb_member_idle(nb_member *member)
{
    nb_version *version = member->version;
    int64_t now = nb_version_now(version);
    size_t count = member->held_count;
    nb_timer_stop(version->loop, &member->grace);
    if (count > 0) {
        double each = (double)(now - member->sent_us) / (double)count;
        nb_batch_served(&version->batch, now - member->sent_us, (unsigned)count, member->model_us,
                        now);
        version->request_us += version->frames == 0 ? each : 0.1 * (each - version->request_us);
        version->frames++;
        if (member->fell_apart)
            count_failed_batch(version);
    }
    member->held_count = 0;
    nb_member_consider_recycling(member);
    if (version->draining)
        nb_members_let_go(version);
    if (has_full_frame(version))
        nb_version_dispatch(version);
}
