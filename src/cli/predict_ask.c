#include "cli/predict_ask.h"

#include "base/fs.h"
#include "cli/project.h"
#include "endpoint/http_words.h"
#include "provider/predictor.h"
#include "text/json.h"
#include "text/utf8.h"

enum {
    ANSWER_MS = 90000, /* of a server that is not ours, without --timeout */
    FIRST_PAUSE_MS = 100,
    LONGEST_PAUSE_MS = 5000,
    REFUSED_MS = 350, /* patience with somebody who is not there at all, for a single request */
    SLICE_MS = 100,
    LONGEST_TOKEN = 4096,
    LONGEST_MESSAGE = 600
};

struct nb_asking {
    nb_app *app;
    const nb_provider_ops *ops; /* NULL: a URL */
    nb_provider_context context;
    nb_provider *provider;
    nb_str endpoint, url;
    nb_http_place place;
    nb_predict_request request; /* what all have in common */
    const char **headers;       /* of the request; with one more place for ours, and the NULL */
    size_t header_count;
    const _Atomic bool *stop;
};

/* --- whom ----------------------------------------------------------------------------------------- */

static nb_code read_token(nb_app *app, const char *file, nb_str *out, nb_error *err)
{
    nb_str text = nb_env_str(app->env, "NOTEBOOKED_TOKEN");
    if (file && nb_file_read(app->arena, file, LONGEST_TOKEN, &text, err) != NB_OK)
        return err->code;
    text = nb_str_trim(text);
    ptrdiff_t end = nb_str_find_char(text, '\n');
    *out = nb_str_rtrim(nb_str_slice(text, 0, end < 0 ? text.len : (size_t)end));
    if (file && out->len == 0)
        return nb_fail(err, NB_ERR_USAGE, "there is no token in '%s'", file);
    for (size_t i = 0; i < out->len; i++)
        if (out->at[i] <= ' ' || out->at[i] > '~')
            return nb_fail(err, NB_ERR_USAGE, "the token in %s%s%s holds blanks or odd characters",
                           file ? "'" : "", file ? file : "NOTEBOOKED_TOKEN", file ? "'" : "");
    return NB_OK;
}

static nb_code open_url(nb_asking *asking, const nb_ask_options *options, nb_error *err)
{
    nb_app *app = asking->app;
    asking->url = nb_str_from(options->url);
    if (nb_http_place_parse(app->arena, asking->url, &asking->place, err) != NB_OK ||
        read_token(app, options->token_file, &asking->place.token, err) != NB_OK)
        return err->code;
    asking->place.answer_ms = ANSWER_MS;
    asking->place.stop = asking->stop;
    if (asking->place.token.len > 0 && !nb_host_is_loopback(asking->place.host))
        nb_app_say(app, "the token goes to '" NB_STR_FMT "' unencrypted",
                   NB_STR_ARG(asking->place.host));
    return NB_OK;
}

static nb_code open_endpoint(nb_asking *asking, const nb_ask_options *options, nb_error *err)
{
    nb_app *app = asking->app;
    const nb_config *config = NULL;
    if (nb_app_project(app, &config, err) != NB_OK)
        return err->code;
    nb_str name = options->provider ? nb_str_from(options->provider) : config->provider;
    if (nb_provider_find(name.len > 0 ? name : NB_STR("local"), &asking->ops, err) != NB_OK)
        return err->code;
    if (!(asking->ops->features & NB_CAN_SERVE))
        return nb_fail(err, NB_ERR_USAGE, "the provider '%s' has no endpoints", asking->ops->name);
    if (nb_app_endpoint(app, options->endpoint, &asking->endpoint, err) != NB_OK)
        return err->code;
    asking->context =
        (nb_provider_context){.env = app->env, .runner = &nb_runner_real, .root = config->root};
    return asking->ops->open(&asking->context, &asking->provider, err);
}

/* --- how ------------------------------------------------------------------------------------------ */

/* "Name: value" or "Name:value"; what the body is and how long is not the user's to say here. */
static nb_code check_header(const char *header, nb_error *err)
{
    static const char *const ours[] = {"Content-Type",      "Accept",    "Content-Length", "Host",
                                       "Transfer-Encoding", "Connection"};
    nb_str text = nb_str_from(header);
    ptrdiff_t colon = nb_str_find_char(text, ':');
    nb_str name = nb_str_slice(text, 0, colon < 0 ? 0 : (size_t)colon);
    bool sound = name.len > 0;
    for (size_t i = 0; i < name.len; i++)
        sound &= nb_is_alpha(name.at[i]) || nb_is_digit(name.at[i]) || strchr("-_.", name.at[i]);
    for (size_t i = 0; i < text.len; i++)
        sound &= (unsigned char)text.at[i] >= ' ' && text.at[i] != 0x7f;
    if (!sound)
        return nb_fail(err, NB_ERR_USAGE, "option '--header' needs 'NAME: VALUE', not '%s'",
                       colon < 0 ? header : "this");
    for (size_t i = 0; i < NB_LEN(ours); i++)
        if (nb_str_eq_nocase(name, nb_str_from(ours[i]))) {
            (void)nb_fail(err, NB_ERR_USAGE, "the header '%s' is not set with '--header'", ours[i]);
            if (i < 2)
                nb_error_hint(err, i == 0 ? "use '--content-type'" : "use '--accept'");
            return err->code;
        }
    return NB_OK;
}

static nb_code take_options(nb_asking *asking, const nb_ask_options *options, nb_error *err)
{
    size_t count = options->headers ? options->headers->count : 0;
    asking->headers = NB_NEW_ARRAY(asking->app->arena, const char *, count + 2);
    for (size_t i = 0; i < count; i++) {
        if (check_header(options->headers->at[i], err) != NB_OK)
            return err->code;
        asking->headers[i] = options->headers->at[i];
    }
    asking->header_count = count;
    asking->request = (nb_predict_request){.version = nb_str_from(options->version),
                                           .content_type = nb_str_from(options->content_type),
                                           .accept = nb_str_from(options->accept),
                                           .headers = asking->headers,
                                           .timeout_ms = options->timeout_s * 1000};
    return NB_OK;
}

nb_code nb_asking_open(nb_app *app, const nb_ask_options *options, const _Atomic bool *stop,
                       nb_asking **out, nb_error *err)
{
    nb_asking *asking = NB_NEW(app->arena, nb_asking);
    asking->app = app;
    asking->stop = stop;
    if (options->url && options->endpoint)
        return nb_fail(err, NB_ERR_USAGE, "a URL and the name of an endpoint: which is it?");
    if (options->token_file && !options->url)
        return nb_fail(err, NB_ERR_USAGE,
                       "'--token-file' goes with '--url'; endpoints of the project need none");
    if (take_options(asking, options, err) != NB_OK ||
        (options->url ? open_url : open_endpoint)(asking, options, err) != NB_OK)
        return err->code;
    *out = asking;
    return NB_OK;
}

void nb_asking_close(nb_asking *asking)
{
    if (asking && asking->provider)
        asking->ops->close(asking->provider);
}

nb_str nb_asking_name(const nb_asking *asking)
{
    return asking->ops
               ? nb_arena_printf(asking->app->arena, "endpoint '" NB_STR_FMT "'",
                                 NB_STR_ARG(asking->endpoint))
               : nb_arena_printf(asking->app->arena, "'" NB_STR_FMT "'", NB_STR_ARG(asking->url));
}

nb_code nb_asking_predictor(nb_asking *asking, nb_predictor **out, nb_error *err)
{
    if (asking->ops)
        return asking->ops->predictor(asking->provider, asking->endpoint, asking->stop, out, err);
    *out = nb_predictor_http(&asking->place);
    return NB_OK;
}

/* --- again ---------------------------------------------------------------------------------------- */

static bool is_stopped(const nb_asking *asking)
{
    return asking->stop && *asking->stop;
}

static void pause_for(const nb_asking *asking, int64_t ms)
{
    const nb_env *env = asking->app->env;
    for (; ms > 0 && !is_stopped(asking); ms -= SLICE_MS)
        env->sleep_ms(env->ctx, ms < SLICE_MS ? ms : SLICE_MS);
}

/* Seconds; a date is not understood, and stands for our own pause. */
static int64_t pause_after(const nb_prediction *prediction, int64_t pause_ms)
{
    int64_t seconds = 0;
    if (prediction && nb_str_to_int(prediction->retry_after, &seconds) && seconds > 0 &&
        seconds < INT32_MAX && seconds * 1000 > pause_ms)
        return seconds * 1000;
    return pause_ms;
}

static bool is_for_now(nb_code code, const nb_prediction *prediction)
{
    return code == NB_ERR_NET ||
           (code == NB_OK && (prediction->status == 429 || prediction->status == 503));
}

nb_code nb_asking_ask(nb_asking *asking, nb_predictor *predictor, const nb_question *question,
                      nb_arena *arena, nb_prediction *out, unsigned *again, nb_error *err)
{
    nb_predict_request request = asking->request;
    int64_t left_ms = question->patience_ms, pause_ms = FIRST_PAUSE_MS;
    const char **headers = NB_NEW_ARRAY(arena, const char *, asking->header_count + 2);
    memcpy(headers, asking->headers, asking->header_count * sizeof *headers);
    headers[asking->header_count] = question->timing ? "X-Notebooked-Timing: 1" : NULL;
    request.headers = headers;
    request.body = question->body;
    if (request.content_type.len == 0)
        request.content_type = question->content_type;
    if (request.accept.len == 0)
        request.accept = question->accept;
    for (;;) {
        nb_code code = predictor->ask(predictor, &request, arena, out, err);
        bool single = question->patience_ms <= NB_ASK_ONCE_MS;
        if (code == NB_ERR_NET && single && left_ms > REFUSED_MS)
            left_ms = REFUSED_MS;
        int64_t wait_ms = pause_after(code == NB_OK ? out : NULL, pause_ms);
        if (!is_for_now(code, out) || wait_ms > left_ms || is_stopped(asking))
            return code;
        nb_error_release(err);
        pause_for(asking, wait_ms);
        left_ms -= wait_ms;
        pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
        (*again)++;
    }
}

/* --- refusals ------------------------------------------------------------------------------------- */

/* The members that servers put their message into, in this order; of an object in `error` its `message`. */
static nb_str message_in(const nb_json *body)
{
    static const char *const keys[] = {"detail", "message", "error", "title"};
    const nb_json *inner = nb_json_get(body, "error");
    nb_str text = inner ? nb_json_get_str(inner, "message") : (nb_str){0};
    for (size_t i = 0; !text.at && i < NB_LEN(keys); i++)
        text = nb_json_get_str(body, keys[i]);
    return text;
}

static nb_str title_of(nb_str page)
{
    ptrdiff_t start = nb_str_find(page, NB_STR("<title>"));
    nb_str rest = start < 0 ? NB_STR("") : nb_str_from_at(page, (size_t)start + 7);
    ptrdiff_t end = nb_str_find_char(rest, '<');
    return nb_str_trim(nb_str_slice(rest, 0, end < 0 ? 0 : (size_t)end));
}

/* On one line, of bounded length, cut between characters. */
static nb_str plain_line(nb_arena *arena, nb_str text)
{
    nb_str cut = nb_str_slice(nb_str_trim(text), 0, LONGEST_MESSAGE);
    cut = nb_str_slice(cut, 0, nb_utf8_valid(cut) > 0 ? nb_utf8_valid(cut) : cut.len);
    char *line = nb_arena_z(arena, cut);
    for (size_t i = 0; i < cut.len; i++)
        if ((unsigned char)line[i] < ' ')
            line[i] = ' ';
    return (nb_str){line, cut.len};
}

nb_str nb_prediction_message(nb_arena *arena, const nb_prediction *prediction)
{
    NB_AUTO(nb_error) ignored =
        NB_ERROR_INIT; /* most bodies of errors are no JSON, and need not be */
    const nb_json *json = NULL;
    nb_str body = nb_str_trim(prediction->body), text = body;
    if (nb_str_starts(body, NB_STR("{")) && body.len < NB_BUF_TEXT &&
        nb_json_parse(arena, body, NB_STR("answer"), NB_JSON_NOTEBOOK, &json, &ignored) == NB_OK &&
        message_in(json).at)
        text = message_in(json);
    else if (nb_str_starts(body, NB_STR("<")))
        text = nb_arena_printf(arena, "a page of HTML '" NB_STR_FMT "'",
                               NB_STR_ARG(nb_str_slice(title_of(body), 0, LONGEST_MESSAGE)));
    return plain_line(arena, text);
}

static void add_hint(const nb_asking *asking, unsigned status, nb_error *err)
{
    if (status == 401 || status == 403)
        nb_error_hint(err, asking->ops ? "see what the endpoint asks of its callers"
                                       : "name the file with the endpoint's token: --token-file");
    else if (status == 404 && asking->ops)
        nb_error_hint(err, "see 'notebooked endpoints show " NB_STR_FMT "'",
                      NB_STR_ARG(asking->endpoint));
    else if (status == 406 || status == 415)
        nb_error_hint(err, "say what you send and take: --content-type, --accept");
    else if (status >= 500 && asking->ops)
        nb_error_hint(err, "see 'notebooked endpoints logs " NB_STR_FMT "'",
                      NB_STR_ARG(asking->endpoint));
}

nb_code nb_asking_refused(const nb_asking *asking, const nb_prediction *prediction, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str name = nb_asking_name(asking), words = nb_prediction_message(&scratch, prediction);
    bool ours = prediction->status >= 400 && prediction->status < 500;
    (void)nb_fail(err, ours ? NB_ERR_USAGE : NB_ERR_REMOTE, NB_STR_FMT " answered %u%s" NB_STR_FMT,
                  NB_STR_ARG(name), prediction->status, words.len > 0 ? ": " : "",
                  NB_STR_ARG(words));
    add_hint(asking, prediction->status, err);
    return err->code;
}
