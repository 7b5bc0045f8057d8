/* deployment.h - which model is to be served how, as `deploy` and `serve` are told. */
#ifndef NB_CLI_DEPLOYMENT_H
#define NB_CLI_DEPLOYMENT_H

#include "cli/serving_options.h"
#include "cli/targets.h"
#include "provider/service.h"

typedef struct nb_deployment_args {
    nb_serving_args serving;
    const char *model, *python;
    bool trust, check;
} nb_deployment_args;

/* Rows for a table of options; `type` has a member `field` of nb_deployment_args, whose default is NB_DEPLOYMENT_DEFAULTS. */
#define NB_DEPLOYMENT_DEFAULTS              \
    {                                       \
        .serving.auth = true, .check = true \
    }
/* clang-format off */
#define NB_DEPLOYMENT_OPTIONS(type, field)                                                         \
    {NB_STRING('m', "model-uri", "MODEL", type, field.model,                                       \
     "a folder, a job's id or a number of 'models list' (default: the newest)"),                   \
     .names = NB_NAMES_MODEL},                                                                     \
    {NB_STRING(0, "python", "PYTHON", type, field.python,                                          \
     "a program, an environment's folder, or a name on PATH"), .names = NB_NAMES_FILE},            \
    {NB_FLAG(0, "trust", type, field.trust,                                                        \
     "serve a model that training here has not left so: loading it runs code that is in it")},     \
    {NB_FLAG(0, "check", type, field.check, "serve although requirements are missing")},           \
    NB_SERVING_OPTIONS(type, field.serving)
/* clang-format on */

/* What a provider needs to know; texts live in app->arena. */
nb_code nb_deployment_describe(nb_app *app, const nb_target *target, const nb_deployment_args *args,
                               nb_deploy_request *out, nb_error *err);

#endif
