/* admin.h - asking a running front, in one call: talk.h says what there is to ask. */
#ifndef NB_ENDPOINT_ADMIN_H
#define NB_ENDPOINT_ADMIN_H

#include "endpoint/endpoint.h"
#include "text/json.h"

typedef struct nb_admin_request {
    const char *method, *path; /* "POST", "/admin/traffic" */
    nb_str body;               /* JSON; empty: none */
    int64_t answer_ms;         /* 0: 10 s */
} nb_admin_request;

/* The answer as JSON in the arena. A refusal is an error with the front's message and hint: NB_ERR_USAGE for 4xx, NB_ERR_REMOTE for 5xx. */
nb_code nb_admin_ask(nb_arena *arena, const nb_endpoint *endpoint, const nb_admin_request *request,
                     const nb_json **out, nb_error *err);

/* The same for what takes long; `idle` is called while it does, as nb_talk_to has it. */
typedef struct nb_admin_wait {
    nb_admin_request request;
    void (*idle)(void *ctx);
    void *ctx;
} nb_admin_wait;
nb_code nb_admin_await(nb_arena *arena, const nb_endpoint *endpoint, const nb_admin_wait *wait,
                       const nb_json **out, nb_error *err);

#endif
