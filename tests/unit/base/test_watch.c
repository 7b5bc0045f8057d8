#include "nb_test.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/watch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONG_MS = 60000, SHORT_MS = 10 };

typedef struct world {
    nb_arena arena;
    nb_error err;
    nb_watch *watch;
    nb_str folder, file;
} world;

static nb_str in(world *w, const char *name)
{
    return nb_path_join(&w->arena, w->folder, nb_str_from(name));
}

static void put(world *w, const char *name, const char *text)
{
    assert_ok(nb_file_replace(in(w, name).at, nb_str_from(text), 0666, &w->err), &w->err);
}

static int set_up(void **state)
{
    world *w = calloc(1, sizeof(*w));
    char folder[] = "/tmp/nb-watch-XXXXXX";
    assert_non_null(mkdtemp(folder));
    w->folder = nb_arena_str(&w->arena, nb_str_from(folder));
    assert_ok(nb_dir_make(in(w, "nb").at, &w->err), &w->err);
    put(w, "nb/a.ipynb", "first");
    w->file = in(w, "nb/a.ipynb");
    assert_ok(nb_watch_open(&w->watch, &w->err), &w->err);
    assert_ok(nb_watch_path(w->watch, w->file, &w->err), &w->err);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    nb_watch_close(w->watch);
    static const char *const names[] = {"nb/a.ipynb", "nb/b", "nb/other",   "nb",       "x",
                                        "y",          "link", "new/deep/z", "new/deep", "new"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        (void)remove(in(w, names[i]).at);
    (void)rmdir(w->folder.at);
    nb_arena_release(&w->arena);
    free(w);
    return 0;
}

static void watch_again(world *w, nb_str path)
{
    nb_watch_forget(w->watch);
    assert_ok(nb_watch_path(w->watch, path, &w->err), &w->err);
}

static void every_way_to_save_is_seen(void **state)
{
    world *w = *state;
    assert_int_equal(nb_watch_wait(w->watch, SHORT_MS), NB_WATCH_TIMEOUT);
    put(w, "nb/a.ipynb", "by rename");
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_CHANGED);
    int fd = open(w->file.at, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "in place", 8), 8);
    close(fd);
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_CHANGED);
    assert_int_equal(unlink(w->file.at), 0);
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_CHANGED);
    assert_int_equal(nb_watch_wait(w->watch, SHORT_MS), NB_WATCH_TIMEOUT);
}

static void other_names_do_not_matter(void **state)
{
    world *w = *state;
    put(w, "nb/other", "x");
    put(w, "x", "x");
    assert_int_equal(nb_watch_wait(w->watch, SHORT_MS), NB_WATCH_TIMEOUT);
    assert_ok(nb_watch_folder(w->watch, in(w, "nb"), &w->err), &w->err);
    put(w, "nb/other", "y");
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_CHANGED);
    watch_again(w, w->file); /* not any more */
    put(w, "nb/other", "z");
    assert_int_equal(nb_watch_wait(w->watch, SHORT_MS), NB_WATCH_TIMEOUT);
}

static void what_is_missing_is_seen_when_it_comes(void **state)
{
    world *w = *state;
    nb_str path = in(w, "new/deep/z");
    watch_again(w, path);
    assert_ok(nb_dir_make(in(w, "new").at, &w->err), &w->err);
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_CHANGED);
    watch_again(w, path);
    assert_ok(nb_dir_make(in(w, "new/deep").at, &w->err), &w->err);
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_CHANGED);
    watch_again(w, path);
    put(w, "new/deep/z", "there");
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_CHANGED);
}

static void links_are_followed(void **state)
{
    world *w = *state;
    put(w, "x", "x");
    put(w, "y", "y");
    assert_int_equal(symlink("x", in(w, "link").at), 0);
    watch_again(w, in(w, "link"));
    put(w, "x", "written behind it");
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_CHANGED);
    assert_int_equal(unlink(in(w, "link").at), 0);
    assert_int_equal(symlink("y", in(w, "link").at), 0);
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_CHANGED);
}

/* Also while a change has begun, and none of them ends the test. */
static void signals_are_told(void **state)
{
    world *w = *state;
    assert_int_equal(raise(SIGINT), 0);
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_SIGNAL);
    put(w, "nb/a.ipynb", "changed");
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(nb_watch_wait(w->watch, LONG_MS), NB_WATCH_SIGNAL);
}

static void stamps_tell_states_apart(void **state)
{
    world *w = *state;
    nb_str first = nb_path_stamp(&w->arena, w->file);
    assert_str(nb_path_stamp(&w->arena, w->file), first.at);
    put(w, "nb/a.ipynb", "other");
    assert_false(nb_str_eq(nb_path_stamp(&w->arena, w->file), first));
    assert_str(nb_path_stamp(&w->arena, in(w, "nb/gone")), "-");
    assert_false(nb_str_eq(nb_path_stamp(&w->arena, in(w, "nb")), NB_STR("-")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_way_to_save_is_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_names_do_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_missing_is_seen_when_it_comes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_are_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signals_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stamps_tell_states_apart, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("base/watch", tests, NULL, NULL);
}
