#include "endpoint/folder.h"

#include "base/fs.h"
#include "endpoint/models.h"
#include "endpoint/tree.h"

/* A project with a trained model: models/iris/1. */
typedef struct project {
    nb_arena arena;
    nb_str root, model;
} project;

static int set_up(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    void *folder = NULL;
    project *p = calloc(1, sizeof *p);
    (void)make_folder(&folder);
    p->root = nb_arena_str(&p->arena, nb_str_from(folder));
    free(folder);
    p->model = nb_arena_printf(&p->arena, "%s/models/iris/1", p->root.at);
    assert_ok(nb_dir_make(nb_arena_printf(&p->arena, "%s/code", p->model.at).at, &err), &err);
    put(p->model.at, "model.joblib", "pickle");
    put(p->model.at, "notebooked.json", "{\"framework\": \"sklearn\"}");
    put(p->model.at, "metrics.json", "{\"accuracy\": 0.9}\n");
    put(p->model.at, "code/inference.py", "def model_fn(d): pass\n");
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    project *p = *state;
    assert_ok(nb_tree_remove(p->root.at, &err), &err);
    nb_arena_release(&p->arena);
    free(p);
    return 0;
}

static void seal(project *p)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_model_seal_request request = {p->root, p->model, NB_STR("iris"), NB_STR("iris-1"),
                                           1700000000000};
    assert_ok(nb_model_seal(&request, &err), &err);
}

static nb_model_trust verify(project *p, nb_str folder, nb_str *what)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_model_trust trust;
    *what = NB_STR("");
    assert_ok(nb_model_verify(&p->arena, p->root, folder, &trust, what, &err), &err);
    return trust;
}

static nb_model find(project *p, const char *uri)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_model_query query = {p->root, NB_STR("iris"), nb_str_from(uri)};
    nb_model model;
    assert_ok(nb_model_find(&p->arena, &query, &model, &err), &err);
    return model;
}

static nb_str path(project *p, nb_str folder, const char *name)
{
    return nb_arena_printf(&p->arena, NB_STR_FMT "/%s", NB_STR_ARG(folder), name);
}

static void a_sealed_model_is_ours_until_it_changes(void **state)
{
    project *p = *state;
    nb_str what;
    assert_int_equal(verify(p, p->model, &what), NB_MODEL_UNSEALED);
    seal(p);
    assert_int_equal(verify(p, p->model, &what), NB_MODEL_OURS);
    put(p->model.at, "model.joblib", "Pickle"); /* the same size */
    assert_int_equal(verify(p, p->model, &what), NB_MODEL_CHANGED);
    assert_str(what, "model.joblib");
    put(p->model.at, "model.joblib", "pickle");
    put(p->model.at, "code/extra.py", "");
    assert_int_equal(verify(p, p->model, &what), NB_MODEL_CHANGED);
    assert_str(what, "code/extra.py");
    (void)unlink(path(p, p->model, "code/extra.py").at);
    assert_int_equal(verify(p, p->model, &what), NB_MODEL_OURS);
    (void)unlink(path(p, p->model, "metrics.json").at);
    assert_int_equal(verify(p, p->model, &what), NB_MODEL_CHANGED);
    assert_str(what, "metrics.json");
}

static void what_python_caches_is_no_part_of_it(void **state)
{
    project *p = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str what;
    seal(p);
    assert_ok(nb_dir_make(path(p, p->model, "code/__pycache__").at, &err), &err);
    put(p->model.at, "code/__pycache__/inference.pyc", "x");
    assert_int_equal(verify(p, p->model, &what), NB_MODEL_OURS);
}

/* Anybody can write a manifest with right hashes; only the project knows which ones it wrote. */
static void a_manifest_from_elsewhere_is_no_seal(void **state)
{
    project *p = *state;
    nb_str what, elsewhere = nb_arena_printf(&p->arena, "%s/elsewhere", p->root.at);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_model_seal_request request = {elsewhere, p->model, NB_STR("iris"), NB_STR("iris-1"), 1};
    assert_ok(nb_dir_make(elsewhere.at, &err), &err);
    assert_ok(nb_model_seal(&request, &err), &err);
    assert_int_equal(verify(p, p->model, &what), NB_MODEL_UNSEALED);
    put(p->model.at, "manifest.json", "{\"version\": 1, \"files\": [{\"path\": \"../x\"}]}");
    assert_int_equal(verify(p, p->model, &what), NB_MODEL_UNSEALED);
}

static void models_are_found_as_people_name_them(void **state)
{
    project *p = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_model *list;
    size_t count;
    seal(p);
    for (int i = 2; i <= 11; i++) /* 11 and 10 come before 9; none of them is finished */
        assert_ok(
            nb_dir_make(nb_arena_printf(&p->arena, "%s/models/iris/%d", p->root.at, i).at, &err),
            &err);
    assert_ok(nb_model_list(&p->arena, p->root, NB_STR("iris"), &list, &count, &err), &err);
    assert_int_equal(count, 11);
    assert_int_equal(list[0].number, 11);
    assert_false(list[0].finished);
    assert_ok(nb_model_list(&p->arena, p->root, NB_STR(""), &list, &count, &err), &err);
    assert_int_equal(count, 11);
    nb_model model = find(p, "");
    assert_int_equal(model.number, 1);
    assert_str(model.framework, "sklearn");
    assert_str(model.metrics, "{\"accuracy\": 0.9}");
    assert_str(model.job, "iris-1");
    assert_int_equal(model.size, 6 + 24 + 18 + 22);
    assert_int_equal(model.created_ms, 1700000000000);
    assert_int_equal(find(p, "1").number, 1);
    assert_int_equal(find(p, "iris-1").number, 1);
    model = find(p, p->model.at);
    assert_int_equal(model.number, 1);
    assert_str(model.experiment, "iris");
    model = find(p, path(p, p->model, "code").at);
    assert_int_equal(model.number, 0);
}

static void what_is_no_model(void **state)
{
    static const struct {
        const char *uri, *message;
    } cases[] = {
        {"",          "experiment 'iris' has no finished model"},
        {"7",         "experiment 'iris' has no model 7"       },
        {"0",         "experiment 'iris' has no model 0"       },
        {"iris-7",    "experiment 'iris' has no model 7"       },
        {"nowhere/1", "there is no model 'nowhere/1'"          },
    };
    project *p = *state;
    (void)unlink(path(p, p->model, "notebooked.json").at);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        const nb_model_query query = {p->root, NB_STR("iris"), nb_str_from(cases[i].uri)};
        nb_model model;
        assert_int_equal(nb_model_find(&p->arena, &query, &model, &err), NB_ERR_NOT_FOUND);
        assert_string_equal(nb_error_message(&err, 0), cases[i].message);
    }
}

/* --- placing ---------------------------------------------------------------------------------------- */

static nb_code place(project *p, const nb_model *model, const char *to, nb_str *sha256,
                     nb_error *err)
{
    return nb_model_place(&p->arena, model, nb_arena_printf(&p->arena, "%s/%s", p->root.at, to),
                          sha256, err);
}

static void assert_not_there(project *p)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str *names;
    size_t count;
    assert_ok(nb_dir_list(&p->arena, path(p, p->root, "versions").at, &names, &count, &err), &err);
    assert_int_equal(count, 0);
}

static void a_placed_model_does_not_follow_the_original(void **state)
{
    project *p = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str sha256, what, text;
    seal(p);
    nb_model model = find(p, "1");
    assert_ok(place(p, &model, "versions/1", &sha256, &err), &err);
    assert_str(sha256, model.sha256.at);
    put(p->model.at, "model.joblib", "other!"); /* written in place */
    nb_str placed = path(p, p->root, "versions/1");
    assert_ok(nb_file_read(&p->arena, path(p, placed, "model.joblib").at, 100, &text, &err), &err);
    assert_str(text, "pickle");
    assert_int_equal(verify(p, placed, &what), NB_MODEL_OURS);
    assert_int_equal(place(p, &model, "versions/1", &sha256, &err), NB_ERR_CONFIG);
}

static void a_place_that_is_taken_is_kept(void **state)
{
    project *p = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str sha256;
    nb_model model = find(p, "1");
    assert_ok(nb_dir_make(path(p, p->root, "versions/1").at, &err), &err);
    assert_int_equal(place(p, &model, "versions/1", &sha256, &err), NB_ERR_EXISTS);
}

static void the_same_unsealed_files_have_the_same_hash(void **state)
{
    project *p = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str first, second;
    nb_model model = find(p, "1");
    assert_ok(place(p, &model, "versions/1", &first, &err), &err);
    assert_ok(place(p, &model, "versions/2", &second, &err), &err);
    assert_true(nb_str_eq(first, second));
    assert_int_equal(first.len, 64);
}

static void a_changed_model_leaves_nothing_behind(void **state)
{
    static const struct {
        const char *file, *text;
    } changes[] = {
        {"model.joblib",  "Pickle"},
        {"code/extra.py", "x"     },
        {"zzz",           "x"     }
    };
    project *p = *state;
    seal(p);
    nb_model model = find(p, "1");
    for (size_t i = 0; i < NB_LEN(changes); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_str sha256;
        put(p->model.at, changes[i].file, changes[i].text);
        assert_int_equal(place(p, &model, "versions/1", &sha256, &err), NB_ERR_CONFIG);
        assert_non_null(strstr(nb_error_message(&err, 1), changes[i].file));
        assert_not_there(p);
        if (i == 0)
            put(p->model.at, "model.joblib", "pickle");
        else
            (void)unlink(path(p, p->model, changes[i].file).at);
    }
    put(p->model.at, "manifest.json", "{}");
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str sha256;
    assert_int_equal(place(p, &model, "versions/1", &sha256, &err), NB_ERR_CONFIG);
    assert_not_there(p);
}

static void what_was_cut_off_is_made_again(void **state)
{
    project *p = *state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str sha256;
    nb_model model = find(p, "1");
    assert_ok(nb_dir_make(path(p, p->root, "versions/.placing-1").at, &err), &err);
    put(path(p, p->root, "versions/.placing-1").at, "half", "x");
    assert_ok(place(p, &model, "versions/1", &sha256, &err), &err);
    assert_false(nb_path_exists(path(p, p->root, "versions/1/half").at));
}

static void links_stay_inside_or_are_refused(void **state)
{
    static const struct {
        const char *to, *message; /* NULL: allowed */
    } cases[] = {
        {"model.joblib",     NULL                                     },
        {"code",             "is a link to something else than a file"},
        {"../../../outside", "is a link that leads out of it"         },
        {"/etc/hostname",    "is a link that leads out of it"         },
        {"nothing",          "is a link that leads to nothing"        },
        {"../..",            "is a link that leads out of it"         },
    };
    project *p = *state;
    put(p->root.at, "outside", "secret");
    nb_model model = find(p, "1");
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_str sha256, link = path(p, p->model, "alias"),
                       to = nb_arena_printf(&p->arena, "versions/%zu", i + 1);
        assert_int_equal(symlink(cases[i].to, link.at), 0);
        nb_code code = place(p, &model, to.at, &sha256, &err);
        (void)unlink(link.at);
        print_message("%s\n", cases[i].to);
        assert_int_equal(code, cases[i].message ? NB_ERR_CONFIG : NB_OK);
        if (cases[i].message)
            assert_non_null(strstr(nb_error_message(&err, 1), cases[i].message));
        else
            assert_false(nb_is_link(path(p, p->root, "versions/1/alias").at));
    }
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str sha256;
    assert_int_equal(mkfifo(path(p, p->model, "pipe").at, 0600), 0);
    assert_int_equal(place(p, &model, "versions/9", &sha256, &err), NB_ERR_CONFIG);
    assert_non_null(strstr(nb_error_message(&err, 1), "neither a file nor a folder"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sealed_model_is_ours_until_it_changes),
        TEST(what_python_caches_is_no_part_of_it),
        TEST(a_manifest_from_elsewhere_is_no_seal),
        TEST(models_are_found_as_people_name_them),
        TEST(what_is_no_model),
        TEST(a_placed_model_does_not_follow_the_original),
        TEST(a_place_that_is_taken_is_kept),
        TEST(the_same_unsealed_files_have_the_same_hash),
        TEST(a_changed_model_leaves_nothing_behind),
        TEST(what_was_cut_off_is_made_again),
        TEST(links_stay_inside_or_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
