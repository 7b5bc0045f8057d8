/* service.h - endpoints as every provider has them: what is asked for, and what is told back.
 *
 * Words of the clouds: a version is SageMaker's production variant (its weight InitialVariantWeight, a shadow a ShadowProductionVariant), Azure's deployment
 * (`traffic`, `mirror_traffic`), Vertex AI's deployed model (`trafficSplit`, whose numbers sum to 100). So versions have names here, and shares are whole numbers of which
 * only the ratio counts.
 */
#ifndef NB_PROVIDER_SERVICE_H
#define NB_PROVIDER_SERVICE_H

#include "endpoint/endpoint.h"
#include "endpoint/models.h"

typedef enum nb_service_state {
    NB_SERVICE_STARTING, /* or being updated */
    NB_SERVICE_READY,
    NB_SERVICE_NOT_READY, /* up, and not able to answer now */
    NB_SERVICE_FAILED,
    NB_SERVICE_STOPPED /* nothing runs, nothing is paid for */
} nb_service_state;

const char *nb_service_state_name(nb_service_state state); /* "starting", ... */

typedef struct nb_share {
    nb_str version; /* "v3"; "blue"; a deployed model's id */
    unsigned weight;
    unsigned
        shadow_percent; /* above 0: it gets copies of this share of requests, and never answers */
} nb_share;

typedef struct nb_service_version {
    nb_str name;  /* as shares name it */
    nb_str model; /* as the user knows it */
    nb_str state; /* in the provider's words, for people */
    int64_t created_ms;
    nb_share share;
    bool tried; /* its input example, if it has one, is a request that works */
} nb_service_version;

typedef struct nb_service {
    nb_str name, provider;
    nb_service_state state;
    nb_str reason;                      /* why it is not ready */
    nb_str url;                         /* where clients send predictions */
    nb_str log;                         /* a path or address for people; may be empty */
    const nb_service_version *versions; /* oldest first */
    size_t version_count;
    nb_str deployed;   /* by deploy(): the name of the new version */
    bool unchanged;    /* by deploy(): that model was served so already */
    nb_str token_file; /* of this machine, with what clients must send; empty: nothing */
} nb_service;

/* What is to serve, and how. Folders are absolute; what may be missing is empty. */
typedef struct nb_deploy_request {
    nb_str endpoint; /* a valid name (nb_endpoint_valid_name) */
    nb_str experiment;
    const nb_model *model;
    nb_str model_name; /* as the user knows it: "models/iris/3" */
    nb_str code_dir;   /* holds inference.py, requirements.txt */
    const nb_share *
        shares; /* after it; the new version is named "new" (Vertex AI's "0"). None: all goes to the new one */
    size_t share_count;
    bool replace; /* end the old versions first: less memory, and a gap */
    bool trust;   /* the user vouches for a model that is not sealed */
    nb_str python, experiment_python, notebook; /* as for training */
    bool skip_requirements;
    const nb_endpoint_settings *
        settings; /* of a new endpoint on this machine; NULL: the defaults. An old one keeps its own */
    nb_str instance_type; /* of clouds, like the next */
    int64_t instance_count;
    const nb_setting_value
        *given; /* settings that were asked for: an old endpoint gets them, too */
    size_t given_count;
    bool
        wait; /* stay until the endpoint has stopped watching the new traffic; going back is a failure */
    nb_str map_dir;        /* where the source map of its scripts is; tracebacks name cells then */
    nb_str trained_python; /* the program that trained the model; may be gone, or unknown */
} nb_deploy_request;

typedef struct nb_traffic_request {
    nb_str endpoint;
    const nb_share *shares; /* all that get requests */
    size_t share_count;
} nb_traffic_request;

typedef struct nb_rollback_request {
    nb_str endpoint;
    nb_str to; /* a version; empty: the traffic there was before the last change */
} nb_rollback_request;

typedef struct nb_predict_request {
    nb_str version; /* empty: as traffic is shared */
    nb_str content_type, accept, body;
    const char *const *headers; /* more of them, "Name: value", NULL at the end; may be NULL */
    int64_t timeout_ms;         /* 0: the endpoint's own */
} nb_predict_request;

/* An answer, also of an endpoint that refuses: `status` tells. */
typedef struct nb_prediction {
    unsigned status; /* of HTTP */
    nb_str content_type, body, version, request_id;
    nb_str retry_after, timing; /* Retry-After and Server-Timing, as they came */
} nb_prediction;

/* Asks an endpoint, one request after the other, over a connection that it keeps. One thread uses it at a time; several of them may ask one endpoint. */
typedef struct nb_predictor nb_predictor;
struct nb_predictor {
    /* A refusal by status is no failure of this call: NB_ERR_NET, NB_ERR_TIMEOUT and NB_ERR_REMOTE (no HTTP came back) are. Texts of *out live in `arena`. */
    nb_code (*ask)(nb_predictor *self, const nb_predict_request *request, nb_arena *arena,
                   nb_prediction *out, nb_error *err);
    void (*close)(nb_predictor *self);
};

#endif
