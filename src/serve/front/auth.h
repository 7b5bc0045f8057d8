/* auth.h - who may ask: the Host field against DNS rebinding, and a token where the endpoint has one.
 *
 * The Unix socket is 0600 and needs neither. Tokens come as `Authorization: Bearer` or `X-API-Key`; the file holds one a line, two while they are
 * being exchanged. Health paths are open to whoever passes the Host check: they say nothing but "ready".
 */
#ifndef NB_SERVE_AUTH_H
#define NB_SERVE_AUTH_H

#include "endpoint/endpoint.h"
#include "serve/http/http.h"

enum { NB_TOKENS = 2, NB_TOKEN_SHORTEST = 16, NB_TOKEN_LONGEST = 512 };

typedef struct nb_auth nb_auth;

typedef enum nb_auth_verdict {
    NB_AUTH_FINE,
    NB_AUTH_HOST, /* 403: a name that is not this endpoint's */
    NB_AUTH_TOKEN /* 401 */
} nb_auth_verdict;

/* Reads the token file. Refuses another address than loopback without a token, unless `no_auth` says that this is meant. */
nb_code nb_auth_open(const nb_endpoint_settings *settings, nb_auth **out, nb_error *err);
/* Reads the token file again when it was changed, looking once a second: tokens are exchanged without a restart. When it cannot be read, or holds none, those
 * that were known stay, and the failure is told once. */
nb_code nb_auth_refresh(nb_auth *auth, int64_t now_us, bool *changed, nb_error *err);
void nb_auth_free(nb_auth *auth);
bool nb_auth_has_token(const nb_auth *auth);
/* The token that came with a request, right or wrong; empty when there is none. */
nb_str nb_auth_given(const nb_http_request *request);
nb_auth_verdict nb_auth_check(const nb_auth *auth, const nb_http_request *request, bool is_health);

/* For tests. */
bool nb_auth_knows_host(const nb_auth *auth, nb_str host); /* a Host field, with or without port */
bool nb_auth_knows_token(const nb_auth *auth, nb_str token);

#endif
