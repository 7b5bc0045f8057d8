/* contract_common.h - what protocols share: plain passing-on, JSON members that must be there, predictions and errors as JSON. */
#ifndef NB_SERVE_CONTRACT_COMMON_H
#define NB_SERVE_CONTRACT_COMMON_H

#include "serve/contract/contract.h"
#include "serve/contract/media.h"
#include "serve/front/front.h"
#include "text/json.h"
#include "text/json_write.h"

/* "POST" for predictions, "GET, HEAD" for what is told. */
const char *nb_contract_allow(nb_route route);

/* --- requests --- */

/* Body and types go to the script as they came: no type is JSON, no Accept is the worker's own default. */
bool nb_contract_read_plain(nb_call *call);
/* A JSON body whose answer must be JSON, for protocols that know nothing else. */
void nb_contract_read_json(nb_call *call);
/* A member that a JSON body may have. */
typedef struct nb_contract_member {
    const char *name;
    nb_json_kind kind; /* NB_JSON_END: it is not there */
    nb_str text;       /* the value as it stands there */
} nb_contract_member;
/* Looks for these in the body's object. False, and the call is refused with 400, when it is none; `wants` says what it should be. */
bool nb_contract_find(nb_call *call, nb_contract_member *members, size_t count, const char *wants);
/* 400, as the model's own refusal of an input. */
void nb_contract_refuse(nb_call *call, unsigned status, const char *message, ...) NB_PRINTF(3, 4);
/* What follows `prefix` in a path as NAME or NAME/versions/N, without `suffix`. False: it does not look like that. */
typedef struct nb_contract_target {
    nb_str name;
    unsigned version; /* 0: not in the path */
} nb_contract_target;
bool nb_contract_target_of(nb_str path, const char *prefix, const char *suffix,
                           nb_contract_target *out);
/* "/invocations", or "/endpoints/NAME/invocations" of this endpoint, which the clients of SageMaker's runtime and of MLflow's deployments ask. */
bool nb_contract_is_invocations(const nb_front *front, nb_str path);
/* Is it the name of this endpoint? */
bool nb_contract_is_ours(const nb_front *front, nb_str name);
/* The deployment whose version predicts; NULL: not chosen. */
const nb_deployment *nb_contract_deployment(const nb_call *call);

/* --- answers --- */

void nb_contract_write_plain(nb_call *call, const nb_frame_result *result, nb_http_answer *answer);
/* {"predictions": …}. With `more`, members follow. */
typedef void nb_contract_more(const nb_call *call, nb_json_writer *w);
void nb_contract_write_predictions(nb_call *call, const nb_frame_result *result,
                                   nb_contract_more *more, nb_http_answer *answer);
/* The text of `out` as the answer's body; it stays as long as the call. */
void nb_contract_json_body(nb_call *call, const nb_buf *out, nb_http_answer *answer);
/* {key: message} */
void nb_contract_error_member(nb_call *call, const char *key, nb_str message,
                              nb_http_answer *answer);
/* Adds a header to the answer. */
void nb_contract_header(nb_call *call, nb_http_answer *answer, const char *name, nb_str value);
/* 200 with `fine`, or 503 with the reason, as plain text. */
void nb_contract_ready_text(nb_http_request *request, bool ready, const char *fine, nb_str reason);
/* 200 {"ready": true}, or 503 with the reason. */
void nb_contract_ready_json(const nb_front *front, nb_http_request *request, bool ready,
                            nb_str reason);
void nb_contract_tell_json(nb_http_request *request, unsigned status, const nb_buf *out);

#endif
