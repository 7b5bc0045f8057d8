#include "nb_test.h"

#include "base/fs.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every test runs inside a folder of its own, which is the current one, and goes with it. */
static char *home;

static int enter_folder(void **state)
{
    char *folder = strdup("/tmp/nb-fs-XXXXXX");
    assert_non_null(mkdtemp(folder));
    home = getcwd(NULL, 0);
    assert_int_equal(chdir(folder), 0);
    *state = folder;
    return 0;
}

static void empty_folder(const char *path)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str *names;
    size_t count;
    (void)chmod(path, 0700);
    assert_ok(nb_dir_list(&arena, path, &names, &count, &err), &err);
    for (size_t i = 0; i < count; i++) {
        struct stat st;
        const char *name = nb_arena_printf(&arena, "%s/%s", path, names[i].at).at;
        assert_int_equal(lstat(name, &st), 0);
        if (S_ISDIR(st.st_mode)) {
            empty_folder(name);
            assert_int_equal(rmdir(name), 0);
        } else
            assert_int_equal(unlink(name), 0);
    }
}

static int leave_folder(void **state)
{
    empty_folder(*state);
    assert_int_equal(chdir(home), 0);
    assert_int_equal(rmdir(*state), 0);
    free(home);
    free(*state);
    return 0;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void assert_file(const char *path, const char *want)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str text;
    assert_ok(nb_file_read(&arena, path, 1 << 20, &text, &err), &err);
    assert_str(text, want);
    assert_int_equal(text.at[text.len], 0);
}

/* The names in the current folder, one blank between. */
static void assert_names(const char *want)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str *names, all = NB_STR("");
    size_t count;
    assert_ok(nb_dir_list(&arena, ".", &names, &count, &err), &err);
    for (size_t i = 0; i < count; i++)
        all = nb_arena_printf(&arena, "%s%s%s", all.at, i ? " " : "", names[i].at);
    assert_str(all, want);
}

static unsigned mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void a_file_is_read_whole(void **state)
{
    (void)state;
    put("a", "x = 1\n");
    assert_file("a", "x = 1\n");
    put("empty", "");
    assert_file("empty", "");
}

static void a_limit_is_kept_to_the_byte(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str text = NB_STR("untouched");
    put("a", "12345");
    assert_ok(nb_file_read(&arena, "a", 5, &text, &err), &err);
    assert_str(text, "12345");
    text = NB_STR("untouched");
    assert_int_equal(nb_file_read(&arena, "a", 4, &text, &err), NB_ERR_IO);
    assert_string_equal(nb_error_message(&err, 0), "cannot read 'a': it is larger than 4 bytes");
    assert_int_equal(nb_file_read(&arena, "/dev/zero", 70000, &text, &err), NB_ERR_IO);
    assert_str(text, "untouched");
}

static void a_pipe_is_read_to_its_end(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "provider: local\n", 16), 16);
    close(ends[1]);
    assert_file(nb_arena_printf(&arena, "/proc/self/fd/%d", ends[0]).at, "provider: local\n");
    close(ends[0]);
}

static void reading_says_what_is_there_instead(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        nb_code code;
        const char *read, *map;
    } cases[] = {
        {"none",      NB_ERR_NOT_FOUND, "cannot open 'none': No such file or directory",         NULL                                     },
        {"folder",    NB_ERR_IO,        "cannot read 'folder': it is a directory",               NULL                                     },
        {"dangling",  NB_ERR_NOT_FOUND,
         "cannot open 'dangling': it is a link to 'nowhere', which does not exist",              NULL                                     },
        {"loop",      NB_ERR_IO,        "cannot open 'loop': Too many levels of symbolic links", NULL                                     },
        {"a/b",       NB_ERR_NOT_FOUND, "cannot open 'a/b': Not a directory",                    NULL                                     },
        {"fifo",      NB_ERR_IO,        NULL,                                                    "cannot read 'fifo': it is a named pipe" },
        {"/dev/null", NB_ERR_IO,        NULL,                                                    "cannot read '/dev/null': it is a device"},
    };
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_int_equal(mkfifo("fifo", 0666), 0);
    put("a", "");
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_str text;
        nb_mapped mapped;
        if (cases[i].read) {
            assert_int_equal(nb_file_read(&arena, cases[i].path, 99, &text, &err), cases[i].code);
            assert_string_equal(nb_error_message(&err, 0), cases[i].read);
        }
        assert_int_equal(nb_file_map(cases[i].path, &mapped, &err), cases[i].code);
        assert_string_equal(nb_error_message(&err, 0), cases[i].map ? cases[i].map : cases[i].read);
    }
}

static void a_mapping_shows_the_bytes(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_mapped mapped = {0};
    put("a", "{}");
    assert_ok(nb_file_map("a", &mapped, &err), &err);
    assert_str(mapped.bytes, "{}");
    nb_mapped_release(&mapped);
    assert_null(mapped.bytes.at);
    put("empty", "");
    assert_ok(nb_file_map("empty", &mapped, &err), &err);
    assert_int_equal(mapped.bytes.len, 0);
    nb_mapped_release(&mapped);
}

static void replacing_keeps_the_mode_of_the_old_file(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    mode_t old = umask(022);
    assert_ok(nb_file_replace("new", NB_STR("1"), 0666, &err), &err);
    assert_int_equal(mode_of("new"), 0644);
    assert_ok(nb_file_replace("secret", NB_STR("1"), 0600, &err), &err);
    assert_int_equal(mode_of("secret"), 0600);
    put("script", "old");
    assert_int_equal(chmod("script", 0755), 0);
    assert_ok(nb_file_replace("script", NB_STR("new"), 0666, &err), &err);
    assert_int_equal(mode_of("script"), 0755);
    assert_file("script", "new");
    umask(old);
    assert_names("new script secret");
}

static void a_link_stays_a_link(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    struct stat st;
    assert_int_equal(mkdir("folder", 0777), 0);
    put("folder/target", "old");
    assert_int_equal(symlink("folder/target", "link"), 0);
    assert_ok(nb_file_replace("link", NB_STR("new"), 0666, &err), &err);
    assert_int_equal(lstat("link", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_file("folder/target", "new");
    assert_names("folder link");
}

static void an_open_reader_keeps_the_old_text(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_mapped) mapped = {0};
    put("a", "old");
    assert_ok(nb_file_map("a", &mapped, &err), &err);
    assert_ok(nb_file_replace("a", NB_STR("newer"), 0666, &err), &err);
    assert_str(mapped.bytes, "old");
    assert_file("a", "newer");
}

static void a_full_disk_leaves_the_old_file_and_nothing_else(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    struct rlimit old, small;
    char big[9000];
    memset(big, 'x', sizeof(big));
    put("a", "old");
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){4096, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    nb_code code = nb_file_replace("a", (nb_str){big, sizeof(big)}, 0666, &err);
    nb_error second = NB_ERROR_INIT;
    nb_code code_new = nb_file_replace("b", (nb_str){big, sizeof(big)}, 0666, &second);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(code, NB_ERR_IO);
    assert_int_equal(code_new, NB_ERR_IO);
    assert_string_equal(nb_error_message(&err, 0), "cannot write 'a': File too large");
    nb_error_release(&second);
    assert_file("a", "old");
    assert_names("a");
}

static void writing_says_what_is_in_the_way(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        nb_code code;
        const char *message;
    } cases[] = {
        {"folder",    NB_ERR_IO,        "cannot write 'folder': it is a directory"          },
        {"fifo",      NB_ERR_IO,        "cannot write 'fifo': it is a named pipe"           },
        {"to_folder", NB_ERR_IO,        "cannot write 'to_folder': it is a directory"       },
        {"dangling",  NB_ERR_NOT_FOUND,
         "cannot write 'dangling': it is a link to 'nowhere/x', which does not exist"       },
        {"none/x.py", NB_ERR_NOT_FOUND,
         "cannot write 'none/x.py': cannot make a file beside it: No such file or directory"},
        {"file/x.py", NB_ERR_NOT_FOUND, "cannot write 'file/x.py': Not a directory"         },
        {"",          NB_ERR_NOT_FOUND, NULL                                                },
    };
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(mkfifo("fifo", 0666), 0);
    assert_int_equal(symlink("folder", "to_folder"), 0);
    assert_int_equal(symlink("nowhere/x", "dangling"), 0);
    put("file", "");
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        assert_int_equal(nb_file_replace(cases[i].path, NB_STR("x"), 0666, &err), cases[i].code);
        if (cases[i].message)
            assert_string_equal(nb_error_message(&err, 0), cases[i].message);
    }
    assert_names("dangling fifo file folder to_folder");
}

/* Root writes everywhere, so as root this runs as nobody. False when that is not possible here. */
static bool leave_root(void)
{
    return geteuid() != 0 || (chown(".", 65534, (gid_t)-1) == 0 && seteuid(65534) == 0);
}

static void folders_and_files_that_may_not_be_written_are_left(void **state)
{
    (void)state;
    NB_AUTO(nb_error) file_err = NB_ERROR_INIT;
    NB_AUTO(nb_error) folder_err = NB_ERROR_INIT;
    if (!leave_root())
        skip();
    put("fixed", "old");
    assert_int_equal(chmod("fixed", 0444) | mkdir("folder", 0555), 0);
    (void)nb_file_replace("fixed", NB_STR("new"), 0666, &file_err);
    (void)nb_file_replace("folder/x", NB_STR("new"), 0666, &folder_err);
    assert_int_equal(seteuid(getuid()), 0);
    assert_int_equal(file_err.code, NB_ERR_IO);
    assert_string_equal(nb_error_message(&file_err, 0), "cannot write 'fixed': Permission denied");
    assert_int_equal(folder_err.code, NB_ERR_IO);
    assert_string_equal(nb_error_message(&folder_err, 0),
                        "cannot write 'folder/x': cannot make a file beside it: Permission denied");
    assert_file("fixed", "old");
    assert_names("fixed folder");
}

static void a_left_over_temporary_file_is_stepped_around(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    const char *taken = nb_arena_printf(&arena, ".nb-%ld-0.tmp", (long)getpid()).at;
    put(taken, "of another run");
    assert_ok(nb_file_replace("a", NB_STR("text"), 0666, &err), &err);
    assert_file("a", "text");
    assert_file(taken, "of another run");
}

static void folders_are_made_with_their_parents(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    assert_ok(nb_dir_make("a/b//c/", &err), &err);
    assert_true(nb_is_dir("a/b/c"));
    assert_ok(nb_dir_make("a/b/c", &err), &err);
    assert_ok(nb_dir_make("/tmp", &err), &err);
    put("a/file", "");
    assert_int_equal(nb_dir_make("a/file/x", &err), NB_ERR_EXISTS);
    assert_string_equal(nb_error_message(&err, 0),
                        "cannot make the folder 'a/file/x': 'a/file' is a file");
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    assert_int_equal(nb_dir_make("dangling", &err), NB_ERR_EXISTS);
    assert_string_equal(
        nb_error_message(&err, 0),
        "cannot make the folder 'dangling': 'dangling' is a link that leads to no folder");
}

static void a_new_folder_takes_no_name_that_is_there(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    assert_ok(nb_dir_make_new("1", &err), &err);
    assert_int_equal(nb_dir_make_new("1", &err), NB_ERR_EXISTS);
    assert_string_equal(nb_error_message(&err, 0),
                        "cannot make the folder '1': a directory of that name exists");
    assert_int_equal(symlink("nowhere", "2"), 0);
    assert_int_equal(nb_dir_make_new("2", &err), NB_ERR_EXISTS);
    assert_int_equal(nb_dir_make_new("none/3", &err), NB_ERR_NOT_FOUND);
}

static void names_are_sorted(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str *names;
    size_t count;
    put("b", "");
    put("B", "");
    put(".hidden", "");
    put("a10", "");
    assert_names(".hidden B a10 b");
    assert_int_equal(nb_dir_list(&arena, "none", &names, &count, &err), NB_ERR_NOT_FOUND);
    assert_int_equal(nb_dir_list(&arena, "b", &names, &count, &err), NB_ERR_NOT_FOUND);
}

static void kinds_are_told_apart(void **state)
{
    (void)state;
    put("file", "");
    assert_int_equal(symlink("file", "link"), 0);
    assert_int_equal(symlink("none", "dangling"), 0);
    assert_true(nb_path_exists("file") && nb_path_exists("link") && nb_path_exists("."));
    assert_false(nb_path_exists("dangling") || nb_path_exists("none"));
    assert_true(nb_is_file("file") && nb_is_file("link") && nb_is_dir("."));
    assert_false(nb_is_file(".") || nb_is_dir("file") || nb_is_file("none"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_file_is_read_whole),
        IN_FOLDER(a_limit_is_kept_to_the_byte),
        IN_FOLDER(a_pipe_is_read_to_its_end),
        IN_FOLDER(reading_says_what_is_there_instead),
        IN_FOLDER(a_mapping_shows_the_bytes),
        IN_FOLDER(replacing_keeps_the_mode_of_the_old_file),
        IN_FOLDER(a_link_stays_a_link),
        IN_FOLDER(an_open_reader_keeps_the_old_text),
        IN_FOLDER(a_full_disk_leaves_the_old_file_and_nothing_else),
        IN_FOLDER(writing_says_what_is_in_the_way),
        IN_FOLDER(folders_and_files_that_may_not_be_written_are_left),
        IN_FOLDER(a_left_over_temporary_file_is_stepped_around),
        IN_FOLDER(folders_are_made_with_their_parents),
        IN_FOLDER(a_new_folder_takes_no_name_that_is_there),
        IN_FOLDER(names_are_sorted),
        IN_FOLDER(kinds_are_told_apart),
    };
    return cmocka_run_group_tests_name("base/fs", tests, NULL, NULL);
}
