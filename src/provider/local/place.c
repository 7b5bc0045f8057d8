/* Where a new version lives: its endpoint, Python and port; its files, placed and taken back. */
#include "base/fs.h"
#include "base/path.h"
#include "endpoint/settings.h"
#include "endpoint/tree.h"
#include "provider/local/python.h"
#include "provider/local/serve_parts.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_PORT = 8080, MOST_PORT_TRIES = 1000 };

/* --- may it be deployed? ---------------------------------------------------------------------------- */

static nb_code check_trust(const nb_local_deploying *d, nb_error *err)
{
    nb_model_trust trust = NB_MODEL_UNSEALED;
    nb_str what = {0};
    if (d->request->trust)
        return NB_OK;
    if (nb_model_verify(d->arena, d->context->root, d->request->model->folder, &trust, &what,
                        err) != NB_OK)
        return err->code;
    if (trust == NB_MODEL_OURS)
        return NB_OK;
    if (trust == NB_MODEL_CHANGED)
        (void)nb_fail(err, NB_ERR_CONFIG,
                      "'" NB_STR_FMT "' was changed after training: '" NB_STR_FMT "'",
                      NB_STR_ARG(d->request->model_name), NB_STR_ARG(what));
    else
        (void)nb_fail(err, NB_ERR_CONFIG, "'" NB_STR_FMT "' is not known to be of this project",
                      NB_STR_ARG(d->request->model_name));
    nb_error_hint(
        err, "loading a model runs code that is in it: pass --trust if you know where it is from");
    return err->code;
}

/* What nobody has said otherwise: the Python that serves the endpoint, else the one that trained the model, while it is there. */
static bool take_known_python(const nb_local_deploying *d, nb_python *out)
{
    const nb_deploy_request *request = d->request;
    const nb_python known[] = {
        {d->before.settings.python, NB_STR("the endpoint")},
        {request->trained_python,   NB_STR("training")    }
    };
    if (request->python.len > 0 || request->experiment_python.len > 0)
        return false;
    for (size_t i = 0; i < NB_LEN(known); i++)
        if (known[i].program.len > 0 && access(nb_arena_z(d->arena, known[i].program), X_OK) == 0) {
            *out = known[i];
            return true;
        }
    return false;
}

static nb_code choose_python(nb_local_deploying *d, nb_error *err)
{
    const nb_deploy_request *request = d->request;
    const nb_train_request as_for_training = {.python = request->python,
                                              .experiment_python = request->experiment_python,
                                              .notebook = request->notebook};
    nb_python python = {0};
    nb_python_facts facts = {0};
    nb_str requirements = nb_path_join(d->arena, request->code_dir, NB_STR("requirements.txt"));
    if (!take_known_python(d, &python) &&
        nb_python_find(d->arena, d->context, &as_for_training, &python, err) != NB_OK)
        return err->code;
    d->endpoint.settings.python = python.program;
    if (request->skip_requirements)
        return NB_OK;
    if (nb_python_ask(d->arena, d->context, python.program, requirements, &facts, err) != NB_OK)
        return err->code;
    return nb_python_require(&python, &facts, requirements, "choose another Python with --python",
                             err);
}

/* --- the port --------------------------------------------------------------------------------------- */

/* On no address anybody listens there. */
static bool is_free(unsigned port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_ANY)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    bool is = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
              bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return is;
}

/* Another endpoint may be stopped now and want its port back. */
static bool is_promised(const nb_local_deploying *d, unsigned port)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_str *names = NULL;
    size_t count = 0;
    (void)nb_endpoint_list(d->arena, d->context->root, &names, &count, &ignored);
    for (size_t i = 0; i < count; i++) {
        nb_endpoint other = {0};
        if (nb_endpoint_read(d->arena, d->context->root, names[i], &other, &ignored) == NB_OK &&
            other.settings.port == port)
            return true;
    }
    return false;
}

/* The endpoint's own, the one that is asked for, or the first free one. */
static nb_code choose_port(nb_local_deploying *d, nb_error *err)
{
    unsigned wanted = d->endpoint.settings.port;
    bool runs = nb_local_is_running(d->context, &d->endpoint);
    if (wanted > 0 && (is_free(wanted) || (runs && wanted == d->before.settings.port)))
        return NB_OK;
    if (wanted > 0) {
        (void)nb_fail(err, NB_ERR_IO, "another process listens on port %u", wanted);
        nb_error_hint(err, "choose another port with --port");
        return err->code;
    }
    for (unsigned port = FIRST_PORT; port < FIRST_PORT + MOST_PORT_TRIES; port++)
        if (is_free(port) && !is_promised(d, port)) {
            d->endpoint.settings.port = port;
            return NB_OK;
        }
    (void)nb_fail(err, NB_ERR_IO, "no port from %d on is free", FIRST_PORT);
    nb_error_hint(err, "pass one with --port");
    return err->code;
}

/* --- the endpoint ----------------------------------------------------------------------------------- */

static nb_code read_or_make(nb_local_deploying *d, nb_error *err)
{
    const nb_deploy_request *request = d->request;
    nb_code code =
        nb_endpoint_read(d->arena, d->context->root, request->endpoint, &d->endpoint, err);
    if (code == NB_OK)
        return nb_local_read_again(d->arena, &d->endpoint, &d->before, err);
    if (code != NB_ERR_NOT_FOUND)
        return code;
    nb_error_release(err);
    if (nb_endpoint_new(d->arena, d->context->root, request->endpoint, &d->endpoint, err) != NB_OK)
        return err->code;
    if (request->settings)
        d->endpoint.settings = *request->settings;
    return NB_OK;
}

/* What was asked for explicitly goes to an old endpoint, too. */
static nb_code change_settings(nb_local_deploying *d, nb_error *err)
{
    for (size_t i = 0; i < d->request->given_count; i++)
        if (nb_setting_set(d->arena, &d->request->given[i], &d->endpoint.settings, err) != NB_OK)
            return err->code;
    return NB_OK;
}

static nb_code refuse_fixed(const nb_local_deploying *d, nb_error *err)
{
    const char *name = NULL;
    if (d->before.folder.len > 0 && !d->request->replace &&
        nb_local_is_running(d->context, &d->endpoint))
        name = nb_settings_differ(&d->before.settings, &d->endpoint.settings, true);
    if (!name)
        return NB_OK;
    (void)nb_fail(err, NB_ERR_USAGE, "an endpoint that runs cannot change its '%s'", name);
    nb_error_hint(err, "stop it for a moment with --replace");
    return err->code;
}

/* Its front there writes endpoint.json. */
static nb_code refuse_elsewhere(const nb_local_deploying *d, nb_error *err)
{
    nb_process process;
    bool elsewhere =
        d->before.folder.len > 0 &&
        nb_endpoint_look(&d->before, d->context->runner, &process) == NB_ENDPOINT_ELSEWHERE;
    return elsewhere ? nb_endpoint_fail_elsewhere(&d->before, &process, err) : NB_OK;
}

nb_code nb_local_prepare(nb_local_deploying *d, nb_error *err)
{
    if (read_or_make(d, err) != NB_OK || refuse_elsewhere(d, err) != NB_OK ||
        check_trust(d, err) != NB_OK || change_settings(d, err) != NB_OK ||
        refuse_fixed(d, err) != NB_OK || choose_python(d, err) != NB_OK)
        return err->code;
    return choose_port(d, err);
}

/* --- its files -------------------------------------------------------------------------------------- */

static nb_str folder_of(const nb_local_deploying *d)
{
    return nb_arena_printf(d->arena, NB_STR_FMT "/versions/%u", NB_STR_ARG(d->endpoint.folder),
                           d->added.version);
}

nb_code nb_local_place(nb_local_deploying *d, nb_error *err)
{
    const nb_endpoint *endpoint = &d->endpoint;
    nb_model model = *d->request->model;
    size_t count = endpoint->deployments.count;
    d->added = (nb_deployment){
        .version = count > 0 ? endpoint->deployments.at[count - 1].version + 1 : 1,
        .experiment = d->request->experiment,
        .model = d->request->model_name,
        .created_ms = d->context->env->now_ms(d->context->env->ctx),
    };
    while (nb_path_exists(folder_of(d).at)) /* what was left of one that came to nothing */
        d->added.version++;
    if (d->request->trust)
        model.sha256 = NB_STR("");
    return nb_model_place(d->arena, &model, folder_of(d), &d->added.sha256, err);
}

/* Removes the row of the version from endpoint.json as it is now, and brings the settings back. */
static void remove_row(const nb_local_deploying *d)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the failure that led here is the one to tell */
    nb_endpoint now = {0};
    size_t kept = 0;
    if (nb_local_read_again(d->arena, &d->endpoint, &now, &ignored) != NB_OK)
        return;
    for (size_t i = 0; i < now.deployments.count; i++)
        if (now.deployments.at[i].version != d->added.version)
            now.deployments.at[kept++] = now.deployments.at[i];
    now.deployments.count = kept;
    now.settings = d->before.settings;
    (void)nb_endpoint_write(&now, &ignored);
}

void nb_local_remove_files(const nb_local_deploying *d)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    (void)nb_tree_remove(folder_of(d).at, &ignored);
}

void nb_local_take_back(const nb_local_deploying *d)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    bool is_new = d->before.folder.len == 0;
    if (is_new) /* its log stays, for whoever wants to know */
        (void)unlink(nb_path_join(d->arena, d->endpoint.folder, NB_STR("endpoint.json")).at);
    else if (nb_local_is_running(d->context, &d->endpoint))
        remove_row(d);
    else
        (void)nb_endpoint_write(&d->before, &ignored);
    nb_local_remove_files(d);
}
