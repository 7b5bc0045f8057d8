/* Endpoints of the local provider over tests/endpoint/fake_front.py: what goes to the front, what is written down, what a failure leaves. */
#include "nb_test.h"

#include "base/fs.h"
#include "endpoint/tree.h"
#include "provider/local/local.h"
#include "provider/provider.h"

#include <unistd.h>

typedef struct world {
    nb_arena arena;
    nb_str root;
    nb_provider_context context;
    nb_provider *provider;
    nb_model model;
} world;

static void put(world *w, const char *name, const char *text)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str path = nb_arena_printf(&w->arena, "%s/%s", w->root.at, name);
    assert_ok(nb_file_replace(path.at, nb_str_from(text), 0666, &err), &err);
}

static int set_up(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    char folder[] = "/tmp/nb-serve-XXXXXX";
    world *w = calloc(1, sizeof *w);
    assert_non_null(mkdtemp(folder));
    w->root = nb_arena_str(&w->arena, nb_str_from(folder));
    w->context =
        (nb_provider_context){.env = &nb_env_real, .runner = &nb_runner_real, .root = w->root};
    assert_ok(nb_provider_local.open(&w->context, &w->provider, &err), &err);
    assert_ok(nb_dir_make(nb_arena_printf(&w->arena, "%s/models/iris/1", folder).at, &err), &err);
    put(w, "models/iris/1/model.joblib", "pickle");
    put(w, "models/iris/1/notebooked.json", "{}");
    (void)setenv("FAKE_FRONT", "", 1);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT, ignored = NB_ERROR_INIT;
    world *w = *state;
    (void)nb_provider_local.remove(w->provider, NB_STR("iris"), false, &ignored);
    nb_provider_local.close(w->provider);
    assert_ok(nb_tree_remove(w->root.at, &err), &err);
    nb_arena_release(&w->arena);
    free(w);
    return 0;
}

static void seal(world *w)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    static int64_t now = 1; /* each seal is another one */
    nb_str folder = nb_arena_printf(&w->arena, "%s/models/iris/1", w->root.at);
    const nb_model_seal_request request = {w->root, folder, NB_STR("iris"), NB_STR("iris-1"),
                                           now++};
    const nb_model_query query = {w->root, NB_STR("iris"), NB_STR("1")};
    assert_ok(nb_model_seal(&request, &err), &err);
    assert_ok(nb_model_find(&w->arena, &query, &w->model, &err), &err);
}

static nb_code deploy(world *w, const nb_share *shares, size_t count, nb_service *out,
                      nb_error *err)
{
    const nb_deploy_request request = {.endpoint = NB_STR("iris"),
                                       .experiment = NB_STR("iris"),
                                       .model = &w->model,
                                       .model_name = NB_STR("models/iris/1"),
                                       .code_dir = w->root,
                                       .shares = shares,
                                       .share_count = count,
                                       .python = NB_STR("/usr/bin/env"),
                                       .skip_requirements = true};
    return nb_provider_local.deploy(w->provider, &request, &w->arena, out, err);
}

static nb_str weights(world *w)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_endpoint endpoint;
    assert_ok(nb_endpoint_read(&w->arena, w->root, NB_STR("iris"), &endpoint, &err), &err);
    return nb_endpoint_weights(&w->arena, &endpoint);
}

static bool is_there(world *w, const char *name)
{
    return nb_path_exists(
        nb_arena_printf(&w->arena, "%s/.notebooked/endpoints/iris/%s", w->root.at, name).at);
}

static void versions_are_deployed_and_traffic_moves(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_service service = {0};
    static const nb_share split[] = {
        {NB_STR_ROW("v1"),  90, 0},
        {NB_STR_ROW("new"), 10, 0}
    };
    static const nb_share all[] = {
        {NB_STR_ROW("v2"), 1, 0}
    };
    static const nb_share none[] = {
        {NB_STR_ROW("v7"), 1, 0}
    };
    seal(w);
    assert_ok(deploy(w, NULL, 0, &service, &err), &err);
    assert_str(service.deployed, "v1");
    assert_int_equal(service.state, NB_SERVICE_READY);
    assert_true(nb_str_starts(service.url, NB_STR("http://127.0.0.1:80")));
    assert_str(weights(w), "v1=100");
    assert_ok(deploy(w, NULL, 0, &service, &err), &err); /* the same model: nothing to do */
    assert_true(service.unchanged);
    assert_int_equal(service.version_count, 1);
    seal(w);
    assert_ok(deploy(w, split, 2, &service, &err), &err);
    assert_str(service.deployed, "v2");
    assert_str(weights(w), "v1=90,v2=10");
    nb_traffic_request traffic = {NB_STR("iris"), all, 1};
    assert_ok(nb_provider_local.traffic(w->provider, &traffic, &w->arena, &service, &err), &err);
    assert_str(weights(w), "v2=1");
    traffic.shares = none;
    assert_int_equal(nb_provider_local.traffic(w->provider, &traffic, &w->arena, &service, &err),
                     NB_ERR_NOT_FOUND);
    const nb_rollback_request back = {NB_STR("iris"), NB_STR("")},
                              to = {NB_STR("iris"), NB_STR("v1")};
    assert_ok(nb_provider_local.rollback(w->provider, &back, &w->arena, &service, &err), &err);
    assert_str(weights(w), "v1=90,v2=10");
    assert_ok(nb_provider_local.rollback(w->provider, &to, &w->arena, &service, &err), &err);
    assert_str(weights(w), "v1=100");
    static const nb_share shadow[] = {
        {NB_STR_ROW("new"), 0, 50}
    };
    seal(w);
    assert_ok(deploy(w, shadow, 1, &service, &err), &err);
    assert_str(weights(w), "v1=100");
    assert_int_equal(service.versions[2].share.shadow_percent, 50);
}

static void predictions_go_to_the_front(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_service service = {0};
    nb_prediction answer = {0};
    nb_predictor *predictor = NULL;
    const nb_predict_request request = {.version = NB_STR("1"),
                                        .content_type = NB_STR("application/json"),
                                        .body = NB_STR("{\"instances\": [1]}")};
    assert_int_equal(
        nb_provider_local.predictor(w->provider, NB_STR("iris"), NULL, &predictor, &err),
        NB_ERR_NOT_FOUND);
    seal(w);
    assert_ok(deploy(w, NULL, 0, &service, &err), &err);
    assert_ok(nb_provider_local.predictor(w->provider, NB_STR("iris"), NULL, &predictor, &err),
              &err);
    for (int i = 0; i < 2; i++) {
        assert_ok(predictor->ask(predictor, &request, &w->arena, &answer, &err), &err);
        assert_int_equal(answer.status, 200);
        assert_str(answer.body, "{\"predictions\": [1], \"version\": \"1\"}");
    }
    assert_ok(nb_provider_local.remove(w->provider, NB_STR("iris"), true, &err), &err);
    assert_false(is_there(w, "versions"));
    assert_true(is_there(w, "log/server.log"));
    predictor->close(predictor);
}

static void a_model_of_unknown_origin_is_not_deployed(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_service service = {0};
    seal(w);
    put(w, "models/iris/1/model.joblib", "Pickle");
    assert_int_equal(deploy(w, NULL, 0, &service, &err), NB_ERR_CONFIG);
    assert_string_equal(nb_error_message(&err, 1),
                        "'models/iris/1' was changed after training: 'model.joblib'");
    put(w, "models/iris/1/manifest.json", "{}");
    assert_int_equal(deploy(w, NULL, 0, &service, &err), NB_ERR_CONFIG);
    assert_string_equal(nb_error_message(&err, 1),
                        "'models/iris/1' is not known to be of this project");
    assert_non_null(strstr(err.hint, "--trust"));
    assert_false(is_there(w, "endpoint.json"));
}

static void a_first_version_that_fails_leaves_no_endpoint(void **state)
{
    static const struct {
        const char *mode, *message;
    } cases[] = {
        {"fail",   "port 80 is taken"                  },
        {"broken", "the load failed: no module named x"}
    };
    world *w = *state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_service service = {0};
        bool found = false;
        seal(w);
        (void)setenv("FAKE_FRONT", cases[i].mode, 1);
        assert_int_not_equal(deploy(w, NULL, 0, &service, &err), NB_OK);
        for (size_t m = 0; nb_error_message(&err, m); m++)
            found |= strcmp(nb_error_message(&err, m), cases[i].message) == 0;
        assert_true(found);
        assert_false(is_there(w, "endpoint.json"));
        assert_false(is_there(w, "server.pid"));
        assert_false(is_there(w, "versions/1"));
    }
}

static void a_next_version_that_fails_changes_nothing(void **state)
{
    world *w = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_service service = {0};
    seal(w);
    assert_ok(deploy(w, NULL, 0, &service, &err), &err);
    put(w, ".notebooked/endpoints/iris/refuse", "");
    seal(w);
    assert_int_equal(deploy(w, NULL, 0, &service, &err), NB_ERR_USAGE);
    assert_string_equal(nb_error_message(&err, 1), "v2 is broken");
    assert_string_equal(err.hint, "mend it");
    assert_str(weights(w), "v1=100");
    assert_false(is_there(w, "versions/2"));
    assert_ok(nb_provider_local.endpoint(w->provider, NB_STR("iris"), &w->arena, &service, &err),
              &err);
    assert_int_equal(service.state, NB_SERVICE_READY);
    assert_int_equal(service.version_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* A front is this program again: then it becomes the fake one. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(versions_are_deployed_and_traffic_moves),
        TEST(predictions_go_to_the_front),
        TEST(a_model_of_unknown_origin_is_not_deployed),
        TEST(a_first_version_that_fails_leaves_no_endpoint),
        TEST(a_next_version_that_fails_changes_nothing),
    };
    if (argc > 4 && strcmp(argv[3], "serve") == 0) {
        char path[512];
        const char *source = getenv("NB_SOURCE_DIR");
        (void)snprintf(path, sizeof path, "%s/tests/endpoint/fake_front.py", source ? source : ".");
        (void)execv(path, argv);
        return 127;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
