#include "serve/front/front_parts.h"

static void say(void *ctx, nb_str line)
{
    nb_log(ctx, NB_STR_FMT, NB_STR_ARG(line));
}

nb_code nb_front_capture_open(nb_front *front, nb_error *err)
{
    const nb_endpoint_settings *s = &front->endpoint.settings;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_capture_options options = NB_CAPTURE_OPTIONS;
    if (!(s->capture > 0))
        return NB_OK;
    options.folder =
        nb_arena_printf(&arena, NB_STR_FMT "/capture", NB_STR_ARG(front->endpoint.folder));
    options.share = s->capture;
    options.redact = s->capture_redact;
    options.keep = s->capture_keep;
    options.log = say;
    options.ctx = front;
    return nb_capture_open(front->loop, &options, &front->capture, err);
}

/* Only what the model answered well: the text of an error may repeat what a column held. */
void nb_front_capture(nb_front *front, const nb_call *call)
{
    struct timespec now;
    bool is_good = call->refusal == NB_REFUSED_NOT && call->status >= 200 && call->status < 300;
    if (!call->is_captured || !is_good || !call->request)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    nb_capture_take(front->capture,
                    &(nb_capture_event){.version = call->answered_by,
                                        .id = nb_str_from(call->request_id),
                                        .at_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000,
                                        .about = nb_version_about(call->version),
                                        .input_type = call->content_type,
                                        .input = call->body,
                                        .output_type = call->result_type,
                                        .output = call->result});
}
