/* predictor.h - a predictor (service.h) for whoever speaks our HTTP: an endpoint's front through its Unix socket, or any server at a URL. */
#ifndef NB_PROVIDER_PREDICTOR_H
#define NB_PROVIDER_PREDICTOR_H

#include "provider/service.h"

typedef struct nb_http_place {
    nb_str socket; /* Unix socket, or empty: */
    nb_str host;   /* a name or an address, without brackets */
    unsigned port;
    nb_str path;              /* "/predict" */
    nb_str token;             /* sent as a bearer token and shown nowhere; empty: none */
    int64_t answer_ms;        /* how long to wait for an answer */
    const _Atomic bool *stop; /* see nb_provider_ops.predictor */
} nb_http_place;

/* "http://localhost:8080" (its /predict) or "http://10.0.0.7:8080/v1/models/iris:predict". NB_ERR_USAGE says what is wrong with another. */
nb_code nb_http_place_parse(nb_arena *arena, nb_str url, nb_http_place *out, nb_error *err);
/* Connects with the first request, and again when the connection has ended. */
nb_predictor *nb_predictor_http(const nb_http_place *place);

#endif
