#include "endpoint/admin.h"

#include "base/path.h"
#include "endpoint/talk.h"

enum { CONNECT_MS = 2000, ANSWER_MS = 10000 };

static nb_code refusal(const nb_talk_answer *answer, const nb_json *root, nb_error *err)
{
    nb_str message = nb_json_get_str(root, "error"), hint = nb_json_get_str(root, "hint");
    nb_code code = answer->status < 500 ? NB_ERR_USAGE : NB_ERR_REMOTE;
    if (message.len > 0)
        (void)nb_fail(err, code, NB_STR_FMT, NB_STR_ARG(message));
    else
        (void)nb_fail(err, code, "the endpoint refused with status %u", answer->status);
    if (hint.len > 0)
        nb_error_hint(err, NB_STR_FMT, NB_STR_ARG(hint));
    return code;
}

static nb_code read_answer(nb_arena *arena, const nb_talk_answer *answer, const nb_json **out,
                           nb_error *err)
{
    const nb_json *root = NULL;
    nb_str body = nb_arena_str(arena, answer->body);
    nb_code code = nb_json_parse(arena, body, NB_STR("answer"), NB_JSON_STRICT, &root, err);
    if (answer->status >= 300)
        return refusal(answer, root, err);
    if (code != NB_OK) {
        (void)nb_wrap(err, "the endpoint's answer is no JSON");
        return err->code = NB_ERR_REMOTE;
    }
    *out = root;
    return NB_OK;
}

nb_code nb_admin_ask(nb_arena *arena, const nb_endpoint *endpoint, const nb_admin_request *request,
                     const nb_json **out, nb_error *err)
{
    const nb_admin_wait wait = {.request = *request};
    return nb_admin_await(arena, endpoint, &wait, out, err);
}

nb_code nb_admin_await(nb_arena *arena, const nb_endpoint *endpoint, const nb_admin_wait *wait,
                       const nb_json **out, nb_error *err)
{
    const nb_admin_request *request = &wait->request;
    nb_talk *talk = NULL;
    nb_talk_answer answer = {0};
    const nb_talk_to to = {.socket = nb_path_join(arena, endpoint->folder, NB_STR("server.sock")),
                           .connect_ms = CONNECT_MS,
                           .answer_ms = request->answer_ms > 0 ? request->answer_ms : ANSWER_MS,
                           .idle = wait->idle,
                           .ctx = wait->ctx};
    const nb_talk_request ask = {
        .method = request->method,
        .path = nb_str_from(request->path),
        .content_type = request->body.len > 0 ? NB_STR("application/json") : NB_STR(""),
        .accept = NB_STR("application/json"),
        .body = request->body,
    };
    nb_code code = nb_talk_open(&to, &talk, err);
    if (code == NB_OK)
        code = nb_talk_ask(talk, &ask, &answer, err);
    if (code == NB_OK)
        code = read_answer(arena, &answer, out, err);
    nb_talk_close(talk);
    return code;
}
