#include "nb_test.h"

#include "base/fs.h"
#include "base/path.h"
#include "cli/tag_store.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/nb-tag-XXXXXX";

/* A project with a notebook, a folder beside it with another, and links to both. */
static int make_folder(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    assert_ok(nb_dir_make("project/sub", &err), &err);
    assert_ok(nb_dir_make("elsewhere", &err), &err);
    assert_ok(nb_file_replace("project/sub/a.ipynb", NB_STR("old"), 0666, &err), &err);
    assert_ok(nb_file_replace("elsewhere/b.ipynb", NB_STR("old"), 0666, &err), &err);
    return chdir("project") + symlink("sub/a.ipynb", "in.ipynb") +
           symlink("../elsewhere/b.ipynb", "out.ipynb") + symlink("nothing", "dangling.ipynb");
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"project/in.ipynb", "project/out.ipynb",
                                        "project/dangling.ipynb", "project/sub/a.ipynb",
                                        "elsewhere/b.ipynb"};
    static const char *const folders[] = {"project/sub", "project", "elsewhere"};
    if (chdir(folder) != 0)
        return -1;
    for (size_t i = 0; i < NB_LEN(names); i++)
        (void)unlink(names[i]);
    for (size_t i = 0; i < NB_LEN(folders); i++)
        (void)rmdir(folders[i]);
    return rmdir(folder);
}

static void check(const char *path, const char *want)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str text;
    assert_ok(nb_file_read(&arena, path, 1000, &text, &err), &err);
    assert_str(text, want);
}

static void the_file_is_replaced_and_keeps_its_mode(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    struct stat st;
    assert_int_equal(chmod("sub/a.ipynb", 0640), 0);
    assert_ok(nb_tag_store("sub/a.ipynb", NB_STR("."), NB_STR("old"), NB_STR("new"), &err), &err);
    check("sub/a.ipynb", "new");
    assert_int_equal(stat("sub/a.ipynb", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_ok(nb_tag_store("sub/a.ipynb", NB_STR("."), NB_STR("new"), NB_STR("old"), &err), &err);
}

static void a_file_that_changed_is_left_alone(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    assert_int_equal(nb_tag_store("sub/a.ipynb", NB_STR("."), NB_STR("read"), NB_STR("new"), &err),
                     NB_ERR_NOTEBOOK);
    assert_string_equal(nb_error_message(&err, 0),
                        "cannot write 'sub/a.ipynb': another program changed it meanwhile");
    check("sub/a.ipynb", "old");
    assert_int_equal(nb_tag_store("gone.ipynb", NB_STR("."), NB_STR(""), NB_STR("new"), &err),
                     NB_ERR_NOT_FOUND);
    assert_false(nb_path_exists("gone.ipynb"));
}

static void links_are_followed_within_the_project(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    assert_ok(nb_tag_store("in.ipynb", NB_STR("."), NB_STR("old"), NB_STR("new"), &err), &err);
    assert_true(nb_is_link("in.ipynb"));
    check("sub/a.ipynb", "new");
    assert_ok(nb_tag_store("in.ipynb", NB_STR("."), NB_STR("new"), NB_STR("old"), &err), &err);
    assert_int_equal(nb_tag_store("out.ipynb", NB_STR("."), NB_STR("old"), NB_STR("new"), &err),
                     NB_ERR_NOTEBOOK);
    assert_string_equal(nb_error_message(&err, 0),
                        "cannot write 'out.ipynb': it is a link that leads out of the project");
    assert_non_null(strstr(err.hint, "elsewhere/b.ipynb"));
    check("out.ipynb", "old");
    assert_int_equal(nb_tag_store("dangling.ipynb", NB_STR("."), NB_STR(""), NB_STR("new"), &err),
                     NB_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_replaced_and_keeps_its_mode),
        cmocka_unit_test(a_file_that_changed_is_left_alone),
        cmocka_unit_test(links_are_followed_within_the_project),
    };
    return cmocka_run_group_tests_name("cli/tag_store", tests, make_folder, remove_folder);
}
