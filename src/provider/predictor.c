#include "provider/predictor.h"

#include "base/heap.h"
#include "endpoint/talk.h"

enum {
    CONNECT_MS = 5000,
    MOST_HEADERS = 64,
    HTTP_PORT = 80,
    MARGIN_MS = 2000 /* a server that gives up in time says why */
};

typedef struct predictor {
    nb_predictor base;
    nb_arena arena; /* holds the texts of `place` */
    nb_http_place place;
    nb_talk *talk; /* NULL: not connected yet */
} predictor;

/* --- where ---------------------------------------------------------------------------------------- */

static nb_code fail_url(nb_str url, const char *what, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_USAGE, "cannot use the URL '" NB_STR_FMT "': %s", NB_STR_ARG(url),
                  what);
    nb_error_hint(err, "write it like 'http://127.0.0.1:8080/predict'");
    return err->code;
}

/* "host", "host:80", "[::1]:80" */
static const char *parse_authority(nb_str text, nb_http_place *out)
{
    int64_t port = HTTP_PORT;
    bool bracketed = text.len > 0 && text.at[0] == '[';
    ptrdiff_t end = bracketed ? nb_str_find_char(text, ']') : nb_str_find_char(text, ':');
    if (bracketed && end < 0)
        return "']' is missing";
    out->host = bracketed ? nb_str_slice(text, 1, (size_t)end)
                : end < 0 ? text
                          : nb_str_slice(text, 0, (size_t)end);
    nb_str rest = end < 0 ? NB_STR("") : nb_str_from_at(text, (size_t)end + bracketed);
    if (out->host.len == 0)
        return "the host is missing";
    if (rest.len > 0 && (rest.at[0] != ':' || !nb_str_to_int(nb_str_from_at(rest, 1), &port) ||
                         port < 1 || port > UINT16_MAX))
        return "the port is no number from 1 to 65535";
    out->port = (unsigned)port;
    return NULL;
}

nb_code nb_http_place_parse(nb_arena *arena, nb_str url, nb_http_place *out, nb_error *err)
{
    nb_http_place place = {0};
    nb_str scheme = NB_STR("http://");
    if (nb_str_starts(url, NB_STR("https://")))
        return fail_url(url, "https is not spoken here", err);
    if (!nb_str_starts(url, scheme))
        return fail_url(url, "it does not begin with http://", err);
    nb_str rest = nb_str_from_at(url, scheme.len);
    ptrdiff_t slash = nb_str_find_char(rest, '/');
    if (nb_str_find_char(rest, '@') >= 0) /* and they are not shown either */
        return nb_fail(err, NB_ERR_USAGE,
                       "cannot use a URL with a name or password in it; see '--token-file'");
    const char *wrong =
        parse_authority(slash < 0 ? rest : nb_str_slice(rest, 0, (size_t)slash), &place);
    if (wrong)
        return fail_url(url, wrong, err);
    nb_str path = slash < 0 ? NB_STR("/") : nb_str_from_at(rest, (size_t)slash);
    if (nb_str_find_char(path, '#') >= 0 || nb_str_find_char(path, ' ') >= 0)
        return fail_url(url, "it holds a '#' or a blank", err);
    place.path = nb_arena_str(arena, path.len == 1 ? NB_STR("/predict") : path);
    place.host = nb_arena_str(arena, place.host);
    *out = place;
    return NB_OK;
}

/* --- asking --------------------------------------------------------------------------------------- */

static nb_code connect_first(predictor *self, nb_error *err)
{
    const nb_http_place *place = &self->place;
    const nb_talk_to to = {.socket = place->socket,
                           .host = place->host,
                           .port = place->port,
                           .connect_ms = CONNECT_MS,
                           .answer_ms = place->answer_ms,
                           .lookup = true,
                           .stop = place->stop};
    return self->talk ? NB_OK : nb_talk_open(&to, &self->talk, err);
}

/* The request's headers, and ours; NULL at the end. */
static const char *const *headers_of(const predictor *self, const nb_predict_request *request,
                                     nb_arena *arena)
{
    size_t count = 0;
    const char **list = NB_NEW_ARRAY(arena, const char *, MOST_HEADERS + 4);
    for (; request->headers && request->headers[count] && count < MOST_HEADERS; count++)
        list[count] = request->headers[count];
    if (request->version.len > 0)
        list[count++] = nb_arena_printf(arena, "X-Notebooked-Version: " NB_STR_FMT,
                                        NB_STR_ARG(request->version))
                            .at;
    if (request->timeout_ms > 0)
        list[count++] =
            nb_arena_printf(arena, "X-Request-Timeout-Ms: %lld", (long long)request->timeout_ms).at;
    if (self->place.token.len > 0)
        list[count++] = nb_arena_printf(arena, "Authorization: Bearer " NB_STR_FMT,
                                        NB_STR_ARG(self->place.token))
                            .at;
    return list;
}

static nb_code ask(nb_predictor *base, const nb_predict_request *request, nb_arena *arena,
                   nb_prediction *out, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    predictor *self = (predictor *)base;
    nb_talk_answer answer = {0};
    const nb_talk_request http = {
        .method = "POST",
        .path = self->place.path,
        .content_type = request->content_type,
        .accept = request->accept,
        .body = request->body,
        .headers = headers_of(self, request, &scratch),
        .answer_ms = request->timeout_ms > 0 ? request->timeout_ms + MARGIN_MS : 0};
    if (connect_first(self, err) != NB_OK || nb_talk_ask(self->talk, &http, &answer, err) != NB_OK)
        return err->code;
    *out = (nb_prediction){
        .status = answer.status,
        .content_type = nb_arena_str(arena, answer.content_type),
        .body = nb_arena_str(arena, answer.body),
        .version = nb_arena_str(arena, nb_talk_header(&answer, "X-Notebooked-Version")),
        .request_id = nb_arena_str(arena, nb_talk_header(&answer, "X-Request-Id")),
        .retry_after = nb_arena_str(arena, nb_talk_header(&answer, "Retry-After")),
        .timing = nb_arena_str(arena, nb_talk_header(&answer, "Server-Timing"))};
    return NB_OK;
}

static void close_http(nb_predictor *base)
{
    predictor *self = (predictor *)base;
    nb_talk_close(self->talk);
    nb_arena_release(&self->arena);
    free(self);
}

nb_predictor *nb_predictor_http(const nb_http_place *place)
{
    predictor *self = NB_HEAP_NEW(predictor);
    *self = (predictor){
        .base = {ask, close_http},
          .place = *place
    };
    self->place.socket = nb_arena_str(&self->arena, place->socket);
    self->place.host = nb_arena_str(&self->arena, place->host);
    self->place.path = nb_arena_str(&self->arena, place->path);
    self->place.token = nb_arena_str(&self->arena, place->token);
    return &self->base;
}
