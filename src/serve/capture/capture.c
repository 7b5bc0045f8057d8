#include "serve/capture/capture.h"

#include "base/heap.h"
#include "serve/capture/capture_file.h"
#include "serve/capture/capture_line.h"
#include "serve/capture/capture_redact.h"
#include "serve/capture/sample.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    EVENT_ROOM = 512,    /* what an event takes besides its texts, and the line around them */
    AFTER_FAILURE_S = 1, /* nothing is tried so long */
    LAST_WORDS_S = 2,
    AGE_EACH_S = 5,
    MOST_SCHEMAS = 256
};

/* Columns of a version; never changed once events point to it. */
typedef struct schema {
    struct schema *next;
    unsigned version;
    nb_arena arena;
    nb_names names;
} schema;

/* Its texts follow it. */
typedef struct waiting {
    struct waiting *next;
    size_t size;
    unsigned version;
    int64_t at_ms;
    const schema *schema;
    nb_str id, input_type, input, output_type, output;
} waiting;

struct nb_capture {
    nb_loop *loop;
    nb_capture_options options;
    nb_arena arena;
    nb_names secret;
    schema *schemas; /* the loop's */
    size_t schema_count;
    int wake; /* the thread has something to say */
    pthread_t thread;
    nb_capture_files files; /* the thread's */
    int64_t retry_at_s;

    pthread_mutex_t lock; /* of all below; held for moments only */
    pthread_cond_t some, over;
    waiting *head, **end;
    bool is_ending, is_over;
    nb_capture_figures figures;
    uint64_t lost; /* since it began to fail */
    int failure;   /* errno; 0: none */
    bool tells;    /* the log has not been told of the change */
};

static const char *const fates[NB_CAPTURE_FATES] = {
    [NB_CAPTURE_WRITTEN] = "written", [NB_CAPTURE_DROPPED] = "dropped",
    [NB_CAPTURE_FAILED] = "failed",   [NB_CAPTURE_UNSURE] = "unsure",
    [NB_CAPTURE_LARGE] = "large",
};

const char *nb_capture_fate_name(nb_capture_fate fate)
{
    return (unsigned)fate < NB_CAPTURE_FATES ? fates[fate] : "unknown";
}

/* --- a line -------------------------------------------------------------------------------------------------------- */

/* False: it must not be kept. */
static bool make_line(const nb_capture *c, const waiting *e, nb_buf *out)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) input = NB_BUF_INIT(NB_BUF_TEXT);
    NB_AUTO(nb_buf) output = NB_BUF_INIT(NB_BUF_TEXT);
    nb_removed removed = {0};
    nb_redaction what = {.secret = c->secret};
    nb_capture_line line = {
        .id = e->id,
        .at_ms = e->at_ms,
        .input = {e->input_type,  e->input },
        .output = {e->output_type, e->output}
    };
    if (c->secret.count == 0) {
        nb_capture_put_line(out, &line);
        return !out->full;
    }
    if (e->schema)
        what.schema = e->schema->names;
    const nb_redact_body in = {e->input_type, e->input};
    const nb_redact_body answer = {e->output_type, e->output};
    if (!nb_redact_input(&arena, &what, &in, &removed, &input) ||
        !nb_redact_output(&arena, &what, &answer, &removed, &output))
        return false;
    line.input.body = nb_buf_view(&input);
    line.output.body = nb_buf_view(&output);
    nb_capture_put_line(out, &line);
    return !out->full;
}

/* --- the thread ---------------------------------------------------------------------------------------------------- */

static int64_t monotonic_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec;
}

static int64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* *why: errno of a failure, 0 when none was tried. */
static nb_capture_fate write_event(nb_capture *c, const waiting *e, size_t *bytes, int *why)
{
    NB_AUTO(nb_buf) line = NB_BUF_INIT(NB_BUF_TEXT);
    *why = 0;
    if (c->options.before_write)
        c->options.before_write(c->options.ctx);
    if (!make_line(c, e, &line))
        return NB_CAPTURE_UNSURE;
    if (c->retry_at_s > monotonic_s())
        return NB_CAPTURE_FAILED;
    if (nb_capture_files_write(&c->files, e->version, wall_ms(), nb_buf_view(&line))) {
        c->retry_at_s = 0;
        *bytes = line.len;
        return NB_CAPTURE_WRITTEN;
    }
    *why = errno != 0 ? errno : EIO;
    c->retry_at_s = monotonic_s() + AFTER_FAILURE_S;
    return NB_CAPTURE_FAILED;
}

/* The lock is held. */
static void note(nb_capture *c, nb_capture_fate fate, size_t bytes, int why)
{
    nb_capture_figures *f = &c->figures;
    uint64_t one = 1;
    f->events[fate]++;
    f->bytes += bytes;
    f->pruned = c->files.pruned;
    c->lost += fate == NB_CAPTURE_FAILED;
    bool changes = (fate == NB_CAPTURE_FAILED && !f->is_failing) ||
                   (fate == NB_CAPTURE_WRITTEN && f->is_failing);
    if (!changes)
        return;
    f->is_failing = fate == NB_CAPTURE_FAILED;
    c->failure = why;
    c->tells = true;
    (void)!write(c->wake, &one, sizeof one);
}

/* The next event; NULL: there is none, and there will be none. */
static waiting *next_event(nb_capture *c)
{
    while (!c->head && !c->is_ending) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += AGE_EACH_S;
        if (pthread_cond_timedwait(&c->some, &c->lock, &until) != ETIMEDOUT)
            continue;
        pthread_mutex_unlock(&c->lock);
        nb_capture_files_age(&c->files, wall_ms());
        pthread_mutex_lock(&c->lock);
    }
    waiting *e = c->head;
    if (!e)
        return NULL;
    c->head = e->next;
    if (!c->head)
        c->end = &c->head;
    return e;
}

static void *write_events(void *ctx)
{
    nb_capture *c = ctx;
    pthread_mutex_lock(&c->lock);
    for (waiting *e; (e = next_event(c)) != NULL;) {
        size_t bytes = 0;
        int why;
        pthread_mutex_unlock(&c->lock);
        nb_capture_fate fate = write_event(c, e, &bytes, &why);
        pthread_mutex_lock(&c->lock);
        c->figures.queued -= e->size;
        note(c, fate, bytes, why);
        free(e);
    }
    nb_capture_files_close(&c->files);
    c->is_over = true;
    pthread_cond_signal(&c->over);
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* --- the loop's side ----------------------------------------------------------------------------------------------- */

static void tell(void *ctx, unsigned events)
{
    nb_capture *c = ctx;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    uint64_t count;
    (void)events;
    (void)!read(c->wake, &count, sizeof count);
    pthread_mutex_lock(&c->lock);
    bool tells = c->tells, is_failing = c->figures.is_failing;
    uint64_t lost = c->lost;
    int why = c->failure;
    c->tells = false;
    if (!is_failing)
        c->lost = 0;
    pthread_mutex_unlock(&c->lock);
    if (!tells || !c->options.log)
        return;
    nb_str line =
        is_failing ? nb_arena_printf(&arena,
                                     "requests cannot be captured below '" NB_STR_FMT
                                     "': %s; serving goes on, capture does when it can",
                                     NB_STR_ARG(c->options.folder), strerror(why))
                   : nb_arena_printf(&arena, "requests are captured again, %llu were not meanwhile",
                                     (unsigned long long)lost);
    c->options.log(c->options.ctx, line);
}

static nb_code start_thread(nb_capture *c, nb_error *err)
{
    sigset_t all, before;
    pthread_condattr_t attributes;
    pthread_mutex_init(&c->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&c->some, &attributes);
    pthread_cond_init(&c->over, &attributes);
    pthread_condattr_destroy(&attributes);
    sigfillset(&all); /* signals are the loop's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = pthread_create(&c->thread, NULL, write_events, c);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return errno == 0 ? NB_OK : nb_fail_errno(err, "cannot start a thread that captures");
}

static void release(nb_capture *c)
{
    for (waiting *e = c->head, *next; e; e = next) {
        next = e->next;
        free(e);
    }
    for (schema *s = c->schemas, *next; s; s = next) {
        next = s->next;
        nb_arena_release(&s->arena);
        free(s);
    }
    nb_arena_release(&c->arena);
    free(c);
}

nb_code nb_capture_open(nb_loop *loop, const nb_capture_options *options, nb_capture **out,
                        nb_error *err)
{
    nb_capture *c = NB_HEAP_NEW(nb_capture);
    *c = (nb_capture){.loop = loop, .options = *options};
    c->end = &c->head;
    c->options.folder = nb_arena_str(&c->arena, options->folder);
    c->secret = nb_names_split(&c->arena, nb_arena_str(&c->arena, options->redact));
    size_t part = options->keep > 0 && options->keep / 4 < options->file_bytes
                      ? (size_t)(options->keep / 4)
                      : options->file_bytes;
    c->files = (nb_capture_files){.folder = c->options.folder.at,
                                  .keep = options->keep,
                                  .file_bytes = part,
                                  .file_ms = options->file_ms,
                                  .run = (uint64_t)wall_ms()};
    c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    nb_code code = c->wake < 0 ? nb_fail_errno(err, "cannot make an event descriptor")
                               : nb_loop_watch(loop, c->wake, EPOLLIN, tell, c, err);
    if (code == NB_OK)
        code = start_thread(c, err);
    if (code != NB_OK) {
        nb_loop_forget(loop, c->wake);
        if (c->wake >= 0)
            close(c->wake);
        release(c);
        return code;
    }
    *out = c;
    return NB_OK;
}

bool nb_capture_wants(const nb_capture *capture, uint64_t call)
{
    return capture && nb_sampled(call, NB_SAMPLE_CAPTURE, capture->options.share);
}

static const schema *schema_of(nb_capture *c, unsigned version, nb_str about)
{
    for (const schema *s = c->schemas; s; s = s->next)
        if (s->version == version)
            return s;
    if (about.len == 0 || c->schema_count >= MOST_SCHEMAS)
        return NULL;
    schema *s = NB_HEAP_NEW(schema);
    s->version = version;
    s->names = nb_names_of_schema(&s->arena, about);
    s->next = c->schemas;
    c->schemas = s;
    c->schema_count++;
    return s;
}

static nb_str copy_to(char **at, nb_str text)
{
    char *start = *at;
    if (text.len > 0)
        memcpy(start, text.at, text.len);
    *at += text.len;
    return (nb_str){start, text.len};
}

static waiting *make_event(const nb_capture_event *from, const schema *schema_, size_t texts)
{
    waiting *e = nb_heap_alloc(sizeof *e + texts + 1);
    char *at = (char *)(e + 1);
    *e = (waiting){.size = texts + EVENT_ROOM,
                   .version = from->version,
                   .at_ms = from->at_ms,
                   .schema = schema_};
    e->id = copy_to(&at, from->id);
    e->input_type = copy_to(&at, from->input_type);
    e->input = copy_to(&at, from->input);
    e->output_type = copy_to(&at, from->output_type);
    e->output = copy_to(&at, from->output);
    return e;
}

/* The lock is held for these few lines only; the thread holds it for as few. */
static bool queue(nb_capture *c, waiting *e)
{
    pthread_mutex_lock(&c->lock);
    bool fits = c->figures.queued + e->size <= c->options.queue_bytes && !c->is_ending;
    if (fits) {
        *c->end = e;
        c->end = &e->next;
        c->figures.queued += e->size;
        pthread_cond_signal(&c->some);
    } else {
        c->figures.events[NB_CAPTURE_DROPPED]++;
    }
    pthread_mutex_unlock(&c->lock);
    return fits;
}

static void count(nb_capture *c, nb_capture_fate fate)
{
    pthread_mutex_lock(&c->lock);
    c->figures.events[fate]++;
    pthread_mutex_unlock(&c->lock);
}

void nb_capture_take(nb_capture *capture, const nb_capture_event *event)
{
    size_t bodies = event->input.len + event->output.len;
    if (bodies > capture->options.event_bytes) {
        count(capture, NB_CAPTURE_LARGE);
        return;
    }
    if (nb_capture_look(capture).queued + bodies > capture->options.queue_bytes) {
        count(capture, NB_CAPTURE_DROPPED);
        return;
    }
    const schema *known =
        capture->secret.count > 0 ? schema_of(capture, event->version, event->about) : NULL;
    waiting *e = make_event(
        event, known, bodies + event->id.len + event->input_type.len + event->output_type.len);
    if (!queue(capture, e))
        free(e);
}

nb_capture_figures nb_capture_look(nb_capture *capture)
{
    pthread_mutex_lock(&capture->lock);
    nb_capture_figures figures = capture->figures;
    pthread_mutex_unlock(&capture->lock);
    return figures;
}

/* A disk that hangs keeps the thread for ever; then it and its memory stay until the process ends, which is soon. */
void nb_capture_close(nb_capture *capture)
{
    nb_capture *c = capture;
    struct timespec until;
    if (!c)
        return;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LAST_WORDS_S;
    pthread_mutex_lock(&c->lock);
    c->is_ending = true;
    pthread_cond_signal(&c->some);
    while (!c->is_over && pthread_cond_timedwait(&c->over, &c->lock, &until) != ETIMEDOUT)
        continue;
    bool is_over = c->is_over;
    pthread_mutex_unlock(&c->lock);
    nb_loop_forget(c->loop, c->wake);
    if (!is_over) {
        (void)pthread_detach(c->thread);
        return;
    }
    (void)pthread_join(c->thread, NULL);
    close(c->wake);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->some);
    pthread_cond_destroy(&c->over);
    release(c);
}
