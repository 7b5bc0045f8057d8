#include "cli/predict_batch.h"

#include "base/pool.h"
#include "cli/answer_rows.h"
#include "cli/predict_output.h"
#include "cli/predict_progress.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE_BYTES = 256 * 1024,
    PROBE_ROWS = 32,
    FIRST_ROWS = 64,
    MOST_ROWS = 10000,
    QUICK_MS = 250, /* an answer that came faster could have had twice the rows */
    SLOW_MS = 2000,
    LOOK_UP_MS = 100,
    HOPELESS_ROWS = 1000 /* without a single prediction */
};

/* What came of a row. */
typedef struct outcome {
    nb_str prediction; /* JSON; `at` NULL: none */
    const char *error;
    unsigned status;
} outcome;

typedef struct batch {
    nb_app *app;
    nb_asking *asking;
    const nb_batch_options *options;
    const _Atomic bool *stop;
    int fd;
    nb_rows *rows;
    nb_rows_frame frame;
    nb_rows_piece first; /* read to find the header, not given yet */
    nb_predict_output *output;
    nb_predict_progress progress;

    pthread_mutex_t lock; /* of what follows */
    nb_predictor *idle[NB_BATCH_MOST_CONNECTIONS];
    size_t idle_count;
    size_t rows_now; /* of a request */
    unsigned again;

    _Atomic uint64_t failed_at; /* first row of the earliest piece that ended the run; UINT64_MAX */
    bool failed;                /* by take(): that piece came */
    nb_error read_err;          /* the file could not be read to its end */
    nb_error *err;
    uint64_t done, without; /* rows written; those of them without a prediction */
} batch;

typedef struct slot {
    nb_rows_piece piece;
    nb_arena arena; /* of the outcomes */
    outcome *outcomes;
    uint64_t position; /* in the file, behind the piece */
    nb_error err;      /* what ends the run */
} slot;

static bool is_stopped(const batch *b)
{
    return *b->stop;
}

/* --- what the rows are called --------------------------------------------------------------------- */

static const char *word_of(const batch *b)
{
    return b->frame.form == NB_ROWS_NPY ? "row" : "line";
}

static nb_code wrap_rows(const batch *b, const nb_rows_piece *piece, size_t from, size_t count,
                         nb_error *err)
{
    unsigned long long first = piece->rows[from].line, last = piece->rows[from + count - 1].line;
    if (b->frame.form != NB_ROWS_NPY)
        nb_error_at(err, (nb_place){.path = nb_str_from(b->options->input),
                                    .line = first < UINT32_MAX ? (unsigned)first : 0});
    if (first == last)
        return nb_wrap(err, "cannot predict %s %llu of '%s'", word_of(b), first, b->options->input);
    return nb_wrap(err, "cannot predict %ss %llu to %llu of '%s'", word_of(b), first, last,
                   b->options->input);
}

/* --- connections ---------------------------------------------------------------------------------- */

static nb_code take_predictor(batch *b, nb_predictor **out, nb_error *err)
{
    nb_predictor *predictor = NULL;
    (void)pthread_mutex_lock(&b->lock);
    if (b->idle_count > 0)
        predictor = b->idle[--b->idle_count];
    (void)pthread_mutex_unlock(&b->lock);
    if (!predictor && nb_asking_predictor(b->asking, &predictor, err) != NB_OK)
        return err->code;
    *out = predictor;
    return NB_OK;
}

static void give_back(batch *b, nb_predictor *predictor)
{
    bool kept = false;
    (void)pthread_mutex_lock(&b->lock);
    kept = b->idle_count < NB_LEN(b->idle);
    if (kept)
        b->idle[b->idle_count++] = predictor;
    (void)pthread_mutex_unlock(&b->lock);
    if (!kept && predictor)
        predictor->close(predictor);
}

/* --- how many rows a request has ------------------------------------------------------------------- */

static size_t rows_now(batch *b)
{
    (void)pthread_mutex_lock(&b->lock);
    size_t rows = b->rows_now;
    (void)pthread_mutex_unlock(&b->lock);
    return rows;
}

/* `rows` took that long; a request that was too large or too late counts as slow. */
static void learn(batch *b, size_t rows, int64_t ms)
{
    if (b->options->rows > 0)
        return;
    (void)pthread_mutex_lock(&b->lock);
    if (ms > SLOW_MS && rows <= b->rows_now && rows > 1)
        b->rows_now = rows / 2;
    else if (ms < QUICK_MS && rows >= b->rows_now && b->rows_now < MOST_ROWS)
        b->rows_now *= 2;
    (void)pthread_mutex_unlock(&b->lock);
}

/* --- asking --------------------------------------------------------------------------------------- */

typedef struct range {
    slot *slot;
    size_t from, count, sound; /* `sound`: rows of it that can be sent */
} range;

static range range_of(slot *s, size_t from, size_t count)
{
    range r = {s, from, count, 0};
    for (size_t i = from; i < from + count; i++)
        r.sound += nb_row_problem(&s->piece, i) == NULL;
    return r;
}

static nb_code ask(batch *b, const range *r, int64_t patience_ms, nb_prediction *answer,
                   nb_error *err)
{
    NB_AUTO(nb_buf) body = NB_BUF_INIT(SIZE_MAX);
    nb_predictor *predictor = NULL;
    unsigned again = 0;
    nb_rows_body(&b->frame, &r->slot->piece, r->from, r->count, &body);
    const nb_question question = {.body = nb_buf_view(&body),
                                  .content_type = nb_rows_content_type(b->frame.form),
                                  .accept = NB_STR("application/json"),
                                  .patience_ms = patience_ms};
    if (take_predictor(b, &predictor, err) != NB_OK)
        return err->code;
    const nb_env *env = b->app->env;
    int64_t start_ms = env->now_ms(env->ctx);
    nb_code code =
        nb_asking_ask(b->asking, predictor, &question, &r->slot->arena, answer, &again, err);
    int64_t took_ms = env->now_ms(env->ctx) - start_ms;
    give_back(b, predictor);
    bool late = code == NB_OK && (answer->status == 413 || answer->status == 504);
    if (again == 0)
        learn(b, r->sound, late ? INT64_MAX : took_ms);
    (void)pthread_mutex_lock(&b->lock);
    b->again += again;
    (void)pthread_mutex_unlock(&b->lock);
    return code;
}

/* Refusals that another row would get as well. */
static bool concerns_rows(const batch *b, unsigned status)
{
    static const unsigned of_rows[] = {400, 413, 422, 500, 504};
    for (size_t i = 0; i < NB_LEN(of_rows); i++)
        if (status == of_rows[i])
            return true;
    return status == 502 && b->options->skip_errors; /* a row that ends the worker */
}

static void mark(const range *r, const char *error, unsigned status)
{
    for (size_t i = r->from; i < r->from + r->count; i++)
        if (!nb_row_problem(&r->slot->piece, i))
            r->slot->outcomes[i] = (outcome){.error = error, .status = status};
}

/* True when every row of the range has its prediction. */
static bool keep_predictions(const range *r, const nb_answer_rows *all)
{
    size_t next = 0;
    if (all->count != r->sound)
        return false;
    for (size_t i = r->from; i < r->from + r->count; i++)
        if (!nb_row_problem(&r->slot->piece, i))
            r->slot->outcomes[i].prediction = all->rows[next++];
    return true;
}

static nb_code fail_answer(const batch *b, const range *r, const nb_prediction *answer,
                           const nb_answer_rows *all, bool found, nb_error *err)
{
    nb_str name = nb_asking_name(b->asking);
    if (!nb_prediction_is_fine(answer))
        return nb_asking_refused(b->asking, answer, err);
    if (!found)
        (void)nb_fail(err, NB_ERR_REMOTE,
                      NB_STR_FMT " answered with no list of predictions (" NB_STR_FMT ")",
                      NB_STR_ARG(name), NB_STR_ARG(answer->content_type));
    else
        (void)nb_fail(err, NB_ERR_REMOTE, NB_STR_FMT " answered %zu predictions for %zu row%s",
                      NB_STR_ARG(name), all->count, r->sound, r->sound == 1 ? "" : "s");
    nb_error_hint(err, "look at what it answers: 'notebooked predict --data'");
    return err->code;
}

static nb_code predict_range(batch *b, const range *r, nb_error *err);

static nb_code predict_halves(batch *b, const range *r, nb_error *err)
{
    const range left = range_of(r->slot, r->from, r->count / 2);
    const range right = range_of(r->slot, r->from + r->count / 2, r->count - r->count / 2);
    return predict_range(b, &left, err) == NB_OK ? predict_range(b, &right, err) : err->code;
}

static nb_code predict_range(batch *b, const range *r, nb_error *err)
{
    nb_prediction answer = {0};
    nb_answer_rows all = {0};
    if (r->sound == 0 || is_stopped(b) || b->failed_at < r->slot->piece.first)
        return NB_OK;
    nb_code code = ask(b, r, NB_ASK_BATCH_MS, &answer, err);
    if (code != NB_OK)
        return wrap_rows(b, &r->slot->piece, r->from, r->count, err);
    bool fine = nb_prediction_is_fine(&answer);
    bool found =
        fine && nb_answer_rows_read(&r->slot->arena, answer.content_type, answer.body, &all);
    if (found && keep_predictions(r, &all))
        return NB_OK;
    bool of_rows = fine ? found : concerns_rows(b, answer.status);
    if (of_rows && r->count > 1)
        return predict_halves(b, r, err);
    (void)fail_answer(b, r, &answer, &all, found, err);
    if (!of_rows || !b->options->skip_errors)
        return wrap_rows(b, &r->slot->piece, r->from, r->count, err);
    mark(r,
         nb_arena_z(&r->slot->arena, fine ? nb_str_from(nb_error_message(err, 0))
                                          : nb_prediction_message(&r->slot->arena, &answer)),
         answer.status);
    nb_error_release(err);
    return NB_OK;
}

/* --- the pool's three steps ----------------------------------------------------------------------- */

static bool give(void *batch_, void *slot_)
{
    batch *b = batch_;
    slot *s = slot_;
    size_t most = b->options->rows > 0 ? (size_t)b->options->rows : rows_now(b);
    if (is_stopped(b) || b->failed_at != UINT64_MAX || b->read_err.code != NB_OK)
        return false;
    if (b->first.count > 0) {
        const nb_rows_piece empty = s->piece;
        s->piece = b->first;
        b->first = empty;
        b->first.count = 0;
        return true;
    }
    size_t bytes = b->options->rows > 0 ? SIZE_MAX : PIECE_BYTES;
    nb_code code = nb_rows_next(b->rows, most, bytes, &s->piece, &b->read_err);
    s->position = nb_rows_position(b->rows);
    return code == NB_OK && s->piece.count > 0;
}

static nb_code fail_problem(batch *b, slot *s, size_t row)
{
    (void)nb_fail(&s->err, NB_ERR_USAGE, "%s", nb_row_problem(&s->piece, row));
    return wrap_rows(b, &s->piece, row, 1, &s->err);
}

/* The earliest one counts: what comes after it need not be done. */
static void note_failure(batch *b, const slot *s)
{
    uint64_t before = b->failed_at;
    bool noted = s->err.code == NB_OK;
    while (!noted && s->piece.first < before)
        noted = atomic_compare_exchange_strong(&b->failed_at, &before, s->piece.first);
}

/* The piece may be larger than what the user wants in a request: the first one is read before that is known. */
static nb_code predict_piece(batch *b, slot *s, size_t count)
{
    size_t most = b->options->rows > 0 ? (size_t)b->options->rows : count;
    for (size_t from = 0; from < count && s->err.code == NB_OK; from += most) {
        const range part = range_of(s, from, count - from < most ? count - from : most);
        (void)predict_range(b, &part, &s->err);
    }
    return s->err.code;
}

static void work(void *batch_, void *slot_)
{
    batch *b = batch_;
    slot *s = slot_;
    size_t sound = s->piece.count;
    nb_arena_release(&s->arena);
    s->outcomes = NB_NEW_ARRAY(&s->arena, outcome, s->piece.count);
    for (size_t i = s->piece.count; i-- > 0;)
        if (nb_row_problem(&s->piece, i))
            sound = i;
    bool ends = sound < s->piece.count && !b->options->skip_errors;
    if (predict_piece(b, s, ends ? sound : s->piece.count) == NB_OK && ends && !is_stopped(b))
        (void)fail_problem(b, s, sound);
    note_failure(b, s);
}

static nb_code put_row(batch *b, slot *s, size_t row)
{
    const outcome *came = &s->outcomes[row];
    const char *problem = nb_row_problem(&s->piece, row);
    const nb_output_row out = {.instance = nb_row_text(&s->piece, row),
                               .prediction = came->prediction,
                               .error = problem ? problem : came->error,
                               .status = came->status};
    b->without += !came->prediction.at;
    b->done++;
    return nb_predict_output_put(b->output, &out, b->err);
}

static nb_code check_hope(const batch *b)
{
    if (b->without < b->done || b->done < HOPELESS_ROWS)
        return NB_OK;
    return nb_fail(b->err, NB_ERR_USAGE, "none of the first %llu rows has a prediction",
                   (unsigned long long)b->done);
}

static void take(void *batch_, void *slot_)
{
    batch *b = batch_;
    slot *s = slot_;
    nb_code code = s->err.code;
    if (b->failed || is_stopped(b))
        return;
    if (code != NB_OK)
        nb_error_copy(b->err, &s->err);
    for (size_t i = 0; code == NB_OK && i < s->piece.count; i++)
        code = put_row(b, s, i);
    if (code == NB_OK)
        code = check_hope(b);
    if (code == NB_OK)
        code = nb_predict_output_flush(b->output, b->err);
    b->failed = code != NB_OK;
    if (b->failed)
        b->failed_at = 0;
    nb_predict_progress_show(&b->progress, b->done, s->position);
}

static void release_slot(void *slot_)
{
    slot *s = slot_;
    nb_rows_piece_release(&s->piece);
    nb_arena_release(&s->arena);
    nb_error_release(&s->err);
}

/* --- the header of CSV ----------------------------------------------------------------------------- */

/* A guess, for when the server does not answer: words above a line that is not all words. */
static bool looks_like_header(const nb_rows_piece *piece)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str rest = nb_row_text(piece, 0), field;
    while (nb_csv_field(&arena, &rest, &field))
        if (field.len == 0 || !(nb_is_name_start(field.at[0]) || field.at[0] == ' '))
            return false;
    return true;
}

static nb_code find_header(batch *b, bool *has, nb_error *err)
{
    nb_prediction answer = {0};
    nb_answer_rows all = {0};
    slot s = {.piece = b->first};
    const range r = range_of(&s, 0, s.piece.count);
    nb_code code = ask(b, &r, NB_ASK_ONCE_MS, &answer, err);
    bool found = code == NB_OK && nb_prediction_is_fine(&answer) &&
                 nb_answer_rows_read(&s.arena, answer.content_type, answer.body, &all);
    *has = found && (all.count == r.sound || all.count + 1 == r.sound)
               ? all.count + 1 == r.sound
               : looks_like_header(&s.piece);
    nb_arena_release(&s.arena);
    return code;
}

static void drop_first_row(nb_rows_piece *piece)
{
    memmove(piece->rows, piece->rows + 1, (piece->count - 1) * sizeof *piece->rows);
    piece->count--;
    piece->first++;
}

/* Also finds out that nobody is there before any output is begun. */
static nb_code read_header(batch *b, nb_error *err)
{
    bool has = b->options->header == NB_ON;
    if (b->first.count == 0 || nb_row_problem(&b->first, 0))
        return NB_OK;
    if (b->options->header == NB_UNSET && find_header(b, &has, err) != NB_OK)
        return err->code;
    if (!has)
        return NB_OK;
    b->frame.header = nb_arena_str(b->app->arena, nb_row_text(&b->first, 0));
    drop_first_row(&b->first);
    return NB_OK;
}

/* --- the run --------------------------------------------------------------------------------------- */

/* A pipe may stay silent for long: an interrupted run sees the end of its input. */
static ssize_t read_input(void *batch_, char *into, size_t size)
{
    batch *b = batch_;
    struct pollfd ready = {.fd = b->fd, .events = POLLIN};
    int got = 0;
    while (got == 0 && !is_stopped(b))
        got = poll(&ready, 1, LOOK_UP_MS);
    return is_stopped(b) ? 0 : read(b->fd, into, size);
}

static nb_code open_input(batch *b, nb_error *err)
{
    const char *path = b->options->input;
    struct stat st;
    b->fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (b->fd < 0)
        return nb_fail_errno(err, "cannot read '%s'", path);
    if (fstat(b->fd, &st) == 0 && S_ISDIR(st.st_mode))
        return nb_fail(err, NB_ERR_USAGE, "cannot read '%s': it is a folder", path);
    const nb_rows_source source = {
        read_input, b, strcmp(path, "-") == 0 ? NB_STR("standard input") : nb_str_from(path)};
    bool has_header = b->options->form == NB_ROWS_CSV && b->options->header != NB_OFF;
    int64_t wanted = b->options->rows > 0 ? b->options->rows + has_header : PROBE_ROWS;
    int64_t most = wanted < PROBE_ROWS ? wanted : PROBE_ROWS;
    if (nb_rows_open(&source, b->options->form, &b->rows, err) != NB_OK ||
        nb_rows_next(b->rows, (size_t)most, PIECE_BYTES, &b->first, err) != NB_OK)
        return err->code;
    b->frame = nb_rows_frame_of(b->rows);
    nb_predict_progress_begin(&b->progress, b->app, S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0);
    return b->options->form == NB_ROWS_CSV ? read_header(b, err) : NB_OK;
}

static nb_code open_output(batch *b, nb_error *err)
{
    const nb_batch_options *options = b->options;
    const nb_output_options output = {.path = options->output,
                                      .format = options->format,
                                      .keep = options->keep_columns,
                                      .mark_errors = options->skip_errors,
                                      .form = options->form,
                                      .header = b->frame.header};
    return nb_predict_output_open(b->app, &output, &b->output, err);
}

static void close_all(batch *b)
{
    for (size_t i = 0; i < b->idle_count; i++)
        b->idle[i]->close(b->idle[i]);
    nb_predict_output_drop(b->output);
    nb_rows_close(b->rows);
    nb_rows_piece_release(&b->first);
    nb_error_release(&b->read_err);
    if (b->fd >= 0)
        close(b->fd);
    (void)pthread_mutex_destroy(&b->lock);
}

/* After a run that ended early: what there is of the output. */
static void tell_unfinished(const batch *b)
{
    const char *output = b->options->output;
    bool streamed = strcmp(output, "-") == 0;
    nb_app_say(b->app, "%llu row%s %s done; %s%s%s", (unsigned long long)b->done,
               b->done == 1 ? "" : "s", b->done == 1 ? "was" : "were",
               streamed ? "their predictions were printed" : "'", streamed ? "" : output,
               streamed ? "" : "' was not written");
}

static void tell(const batch *b)
{
    NB_AUTO(nb_buf) line = NB_BUF_INIT(NB_BUF_TEXT);
    const char *output = b->options->output;
    nb_predict_progress_sum(&b->progress, b->done, &line);
    if (b->without > 0)
        nb_buf_printf(&line, ", %llu of them without a prediction", (unsigned long long)b->without);
    if (b->again > 0)
        nb_buf_printf(&line, "; asked again %u time%s", b->again, b->again == 1 ? "" : "s");
    if (strcmp(output, "-") != 0)
        nb_buf_printf(&line, "; written to '%s'", output);
    nb_app_say(b->app, NB_STR_FMT, NB_STR_ARG(nb_buf_view(&line)));
    if (b->app->json) {
        nb_json_member_int(b->app->json, "rows", (int64_t)b->done);
        nb_json_member_int(b->app->json, "without_prediction", (int64_t)b->without);
        nb_json_member_str(b->app->json, "output", nb_str_from(output));
    }
}

static nb_code fail_marked(const batch *b, nb_error *err)
{
    bool csv = b->options->format == NB_PREDICT_CSV;
    (void)nb_fail(err, NB_ERR_USAGE, "%llu of %llu rows %s no prediction",
                  (unsigned long long)b->without, (unsigned long long)b->done,
                  b->without == 1 ? "has" : "have");
    nb_error_hint(err, csv ? "see the column 'error' of the output" : "see 'error' in the output");
    return err->code;
}

static nb_code run(batch *b, nb_error *err)
{
    const nb_pool pool = {.ctx = b,
                          .slot_size = sizeof(slot),
                          .give = give,
                          .work = work,
                          .take = take,
                          .release = release_slot,
                          .threads = (unsigned)b->options->connections};
    if (open_input(b, err) != NB_OK || open_output(b, err) != NB_OK)
        return err->code;
    nb_pool_run(&pool);
    nb_predict_progress_end(&b->progress);
    if (is_stopped(b))
        (void)nb_fail(err, NB_ERR_USAGE, "interrupted");
    else if (!b->failed && b->read_err.code != NB_OK)
        nb_error_copy(err, &b->read_err);
    if (err->code == NB_OK)
        (void)nb_predict_output_finish(NB_TAKE(b->output), err);
    if (err->code != NB_OK)
        tell_unfinished(b);
    else
        tell(b);
    return err->code == NB_OK && b->without > 0 ? fail_marked(b, err) : err->code;
}

nb_code nb_predict_batch(nb_app *app, nb_asking *asking, const nb_batch_options *options,
                         const _Atomic bool *stop, nb_error *err)
{
    batch b = {.app = app,
               .asking = asking,
               .options = options,
               .stop = stop,
               .fd = -1,
               .rows_now = FIRST_ROWS,
               .failed_at = UINT64_MAX,
               .err = err};
    (void)pthread_mutex_init(&b.lock, NULL);
    nb_code code = run(&b, err);
    close_all(&b);
    return code;
}
