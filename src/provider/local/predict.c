#include "base/heap.h"
#include "base/path.h"
#include "provider/local/serve_parts.h"
#include "provider/predictor.h"

enum { MARGIN_MS = 30000 }; /* the front answers first when the model is too slow */

typedef struct predictor {
    nb_predictor base;
    nb_arena arena; /* holds `endpoint` */
    const nb_provider_context *context;
    nb_endpoint endpoint;
    nb_predictor *http;
} predictor;

/* Why nobody answers, and what would help. */
static nb_code explain(const predictor *self, nb_code code, nb_error *err)
{
    nb_str name = self->endpoint.name;
    if (code != NB_ERR_NET && code != NB_ERR_REMOTE && code != NB_ERR_TIMEOUT)
        return code;
    if (nb_local_is_running(self->context, &self->endpoint)) {
        nb_error_hint(err, "see 'notebooked endpoints logs " NB_STR_FMT "'", NB_STR_ARG(name));
        return code;
    }
    if (code == NB_ERR_NET) {
        nb_error_release(err);
        (void)nb_fail(err, code, "endpoint '" NB_STR_FMT "' is stopped", NB_STR_ARG(name));
    }
    nb_error_hint(err, "start it with 'notebooked endpoints start " NB_STR_FMT "'",
                  NB_STR_ARG(name));
    return code;
}

static nb_code ask(nb_predictor *base, const nb_predict_request *request, nb_arena *arena,
                   nb_prediction *out, nb_error *err)
{
    predictor *self = (predictor *)base;
    return explain(self, self->http->ask(self->http, request, arena, out, err), err);
}

static void close_local(nb_predictor *base)
{
    predictor *self = (predictor *)base;
    if (self->http)
        self->http->close(self->http);
    nb_arena_release(&self->arena);
    free(self);
}

/* The Unix socket is open to its owner alone, and needs no token. */
nb_code nb_local_predictor(const nb_provider_context *context, nb_str endpoint,
                           const _Atomic bool *stop, nb_predictor **out, nb_error *err)
{
    predictor *self = NB_HEAP_NEW(predictor);
    self->base = (nb_predictor){ask, close_local};
    self->context = context;
    if (nb_endpoint_read(&self->arena, context->root, endpoint, &self->endpoint, err) != NB_OK) {
        close_local(&self->base);
        return err->code;
    }
    const nb_endpoint *found = &self->endpoint;
    const nb_http_place place = {
        .socket = nb_path_join(&self->arena, found->folder, NB_STR("server.sock")),
        .path = NB_STR("/predict"),
        .answer_ms = found->settings.timeout_ms + MARGIN_MS,
        .stop = stop};
    self->http = nb_predictor_http(&place);
    *out = &self->base;
    return NB_OK;
}
