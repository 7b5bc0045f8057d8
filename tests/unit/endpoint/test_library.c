/* The serving library is taken when it is of this build, and refused before anything in it is called when it is not. */
#include "endpoint/folder.h"

#include "base/fs.h"
#include "endpoint/library.h"

enum { LARGEST = 64 << 20 };

static nb_str built_library(nb_arena *arena)
{
    const char *build = getenv("NB_BUILD_DIR");
    return nb_arena_printf(arena, "%s/%s", build ? build : ".", NB_SERVE_LIBRARY_FILE);
}

static void the_library_of_this_build_is_taken(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const nb_serve_library *beside = NULL, *named = NULL;
    (void)state;
    assert_ok(nb_serve_library_open(&beside, &err), &err); /* tests lie beside it, too */
    assert_ok(nb_serve_library_load(built_library(&arena).at, &named, &err), &err);
    assert_string_equal(named->build, nb_serve_build);
    assert_non_null(named->run);
    assert_ptr_equal(beside, named);
}

/* The same library with another name of its build. */
static const char *of_another_build(nb_arena *arena, nb_str folder)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str bytes = {0}, path = nb_arena_printf(arena, "%s/other.so", folder.at);
    assert_ok(nb_file_read(arena, built_library(arena).at, LARGEST, &bytes, &err), &err);
    char *at = memmem(bytes.at, bytes.len, nb_serve_build, strlen(nb_serve_build));
    assert_non_null(at);
    at[0] = '9';
    assert_ok(nb_file_replace(path.at, bytes, 0755, &err), &err);
    return path.at;
}

static void others_are_refused(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str folder = nb_str_from(*state);
    nb_str text = nb_arena_printf(&arena, "%s/text.so", folder.at);
    const char *other = of_another_build(&arena, folder);
    const struct {
        const char *path, *message;
    } cases[] = {
        {"/no/such/library.so", "cannot load the serving library: "               },
        {text.at,               "cannot load the serving library: "               },
        {"libc.so.6",           "'libc.so.6' is no serving library: it has no '"  },
        {other,                 "belongs to another build of notebooked: it is 9."},
    };
    NB_AUTO(nb_error) write_error = NB_ERROR_INIT;
    assert_ok(nb_file_replace(text.at, NB_STR("no ELF"), 0644, &write_error), &write_error);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        const nb_serve_library *library = NULL;
        assert_int_equal(nb_serve_library_load(cases[i].path, &library, &err), NB_ERR_CONFIG);
        assert_null(library);
        assert_non_null(strstr(nb_error_message(&err, 0), cases[i].message));
        assert_true(cases[i].path != other || strstr(err.hint, "from the same build"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_of_this_build_is_taken),
        cmocka_unit_test_setup_teardown(others_are_refused, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
