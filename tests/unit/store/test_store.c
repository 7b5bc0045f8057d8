#include "nb_test.h"

#include "base/fs.h"
#include "store/database.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A project folder of its own for each test; *state is its path. */
static int set_up(void **state)
{
    char *root = strdup("/tmp/nb-store-XXXXXX");
    assert_non_null(root);
    assert_ptr_equal(mkdtemp(root), root);
    *state = root;
    return chmod(root, 0777);
}

static int tear_down(void **state)
{
    static const char *const names[] = {".notebooked/state.db", ".notebooked/state.db-wal",
                                        ".notebooked/state.db-shm", ".notebooked/.gitignore"};
    char path[128];
    for (size_t i = 0; i < NB_LEN(names); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", (char *)*state, names[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof path, "%s/.notebooked", (char *)*state);
    (void)chmod(path, 0755);
    (void)rmdir(path);
    (void)rmdir(*state);
    free(*state);
    return 0;
}

typedef nb_store *store_ref;
static void store_ref_auto(store_ref *store)
{
    nb_store_close(*store);
}

static nb_store *open_store(const char *root, nb_store_mode mode)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_store *store = NULL;
    assert_ok(nb_store_open(root, mode, &store, &err), &err);
    return store;
}

static const char *db_path(const char *root)
{
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/.notebooked/state.db", root);
    return path;
}

static nb_job job_of(const char *experiment, int64_t number)
{
    return (nb_job){.experiment = nb_str_from(experiment),
                    .number = number,
                    .provider = NB_STR("local"),
                    .created_ms = 1000 * number,
                    .exit_status = -1};
}

static void add(nb_store *store, nb_arena *arena, const char *experiment, int64_t number)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_job job = job_of(experiment, number);
    assert_ok(nb_store_add(store, arena, &job, &err), &err);
}

static void looking_makes_nothing(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_job *jobs, job;
    size_t count = 7;
    assert_null(open_store(*state, NB_STORE_LOOK));
    assert_false(nb_path_exists(db_path(*state)));
    assert_false(nb_store_writable(NULL));
    assert_ok(nb_store_list(NULL, &arena, NB_STR(""), &jobs, &count, &err), &err);
    assert_int_equal(count, 0);
    assert_int_equal(nb_store_find(NULL, &arena, NB_STR("last"), &job, &err), NB_ERR_NOT_FOUND);
    assert_string_equal(err.hint, "start one with 'notebooked train EXPERIMENT'");
}

static void a_job_comes_back_as_it_was(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_job job = {.experiment = NB_STR("iris"),
                  .number = 3,
                  .provider = NB_STR("local"),
                  .state = NB_JOB_QUEUED,
                  .created_ms = 1700000000123,
                  .exit_status = -1,
                  .notebook = NB_STR("notebooks/iris.ipynb"),
                  .notebook_sha256 = NB_STR("abc"),
                  .git_commit = NB_STR("def"),
                  .model_dir = NB_STR("models/iris/3"),
                  .log_path = NB_STR(".notebooked/logs/iris-3.log"),
                  .python = NB_STR("/usr/bin/python3")};
    {
        NB_AUTO(store_ref) store = open_store(*state, NB_STORE_WRITE);
        assert_ok(nb_store_add(store, &arena, &job, &err), &err);
        assert_str(job.id, "iris-3");
        job.state = NB_JOB_DONE;
        job.started_ms = 5;
        job.ended_ms = 1700000001000;
        job.exit_status = 0;
        job.pid = 4242;
        job.pid_start = 99;
        job.boot_id = NB_STR("boot");
        job.metrics = NB_STR("{\"accuracy\": NaN, \"caf\xc3\xa9\": 1}");
        job.hyperparameters = NB_STR("{}");
        job.run_id = NB_STR("run");
        job.reason = NB_STR("it's \"done\"; DROP TABLE jobs");
        assert_ok(nb_store_save(store, &job, &err), &err);
    }
    NB_AUTO(store_ref) store = open_store(*state, NB_STORE_LOOK);
    nb_job got;
    assert_ok(nb_store_find(store, &arena, NB_STR("iris-3"), &got, &err), &err);
    assert_int_equal(got.state, NB_JOB_DONE);
    assert_int_equal(got.created_ms, 1700000000123);
    assert_int_equal(got.ended_ms, 1700000001000);
    assert_int_equal(got.exit_status, 0);
    assert_int_equal(got.pid, 4242);
    assert_int_equal(got.pid_start, 99);
    assert_str(got.metrics, "{\"accuracy\": NaN, \"caf\xc3\xa9\": 1}");
    assert_str(got.model_dir, "models/iris/3");
    assert_str(got.reason, "it's \"done\"; DROP TABLE jobs");
    assert_str(got.python, "/usr/bin/python3");
}

static void the_folder_tells_git_what_is_not_for_it(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str text;
    nb_store_close(open_store(*state, NB_STORE_WRITE));
    const char *path = nb_arena_printf(&arena, "%s/.notebooked/.gitignore", (char *)*state).at;
    assert_ok(nb_file_read(&arena, path, 1000, &text, &err), &err);
    assert_str(text, "state.db*\nlogs/\n");
}

static void numbers_are_taken_once(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(store_ref) store = open_store(*state, NB_STORE_WRITE);
    int64_t last = -1;
    assert_ok(nb_store_last_number(store, NB_STR("a"), &last, &err), &err);
    assert_int_equal(last, 0);
    add(store, &arena, "a", 7);
    add(store, &arena, "b", 9);
    nb_job again = job_of("a", 7);
    assert_int_equal(nb_store_add(store, &arena, &again, &err), NB_ERR_EXISTS);
    assert_int_equal(again.id.len, 0);
    assert_ok(nb_store_last_number(store, NB_STR("a"), &last, &err), &err);
    assert_int_equal(last, 7);
}

static void jobs_are_found_by_what_people_type(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(store_ref) store = open_store(*state, NB_STORE_WRITE);
    for (int i = 1; i <= 12; i++)
        add(store, &arena, "iris", i);
    add(store, &arena, "wine", 1);
    add(store, &arena, "digits", 20);
    static const struct {
        const char *name;
        nb_code code;
        const char *want; /* the id, or the hint */
    } cases[] = {
        {"iris-1",  NB_OK,            "iris-1"                                                     },
        {"iris-12", NB_OK,            "iris-12"                                                    },
        {"w",       NB_OK,            "wine-1"                                                     },
        {"wine",    NB_OK,            "wine-1"                                                     },
        {"last",    NB_OK,            "digits-20"                                                  },
        {"iris",    NB_ERR_USAGE,     "write one of iris-12, iris-11, iris-10, iris-9, iris-8, ..."},
        {"iris-99", NB_ERR_NOT_FOUND, "did you mean 'iris-9'?"                                     },
        {"",        NB_ERR_NOT_FOUND, "see 'notebooked jobs list'"                                 },
        {"zzz",     NB_ERR_NOT_FOUND, "see 'notebooked jobs list'"                                 },
        {"%",       NB_ERR_NOT_FOUND, "see 'notebooked jobs list'"                                 },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_job job = {0};
        print_message("case %zu: %s\n", i, cases[i].name);
        assert_int_equal(nb_store_find(store, &arena, nb_str_from(cases[i].name), &job, &err),
                         cases[i].code);
        assert_str(cases[i].code == NB_OK ? job.id : nb_str_from(err.hint), cases[i].want);
    }
}

static void lists_go_from_new_to_old(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(store_ref) store = open_store(*state, NB_STORE_WRITE);
    add(store, &arena, "a", 1);
    add(store, &arena, "b", 2);
    add(store, &arena, "a", 3);
    nb_job *jobs;
    size_t count;
    assert_ok(nb_store_list(store, &arena, NB_STR(""), &jobs, &count, &err), &err);
    assert_int_equal(count, 3);
    assert_str(jobs[0].id, "a-3");
    assert_str(jobs[2].id, "a-1");
    assert_ok(nb_store_list(store, &arena, NB_STR("a"), &jobs, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_str(jobs[1].id, "a-1");
}

static void a_wish_to_stop_survives_the_watchers_record(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(store_ref) store = open_store(*state, NB_STORE_WRITE);
    nb_job job = job_of("a", 1), got;
    assert_ok(nb_store_add(store, &arena, &job, &err), &err);
    assert_ok(nb_store_ask_stop(store, job.id, &err), &err);
    job.state = NB_JOB_RUNNING;
    assert_ok(nb_store_save(store, &job, &err), &err);
    assert_ok(nb_store_find(store, &arena, NB_STR("last"), &got, &err), &err);
    assert_int_equal(got.stop_requested, 1);
    assert_int_equal(got.state, NB_JOB_RUNNING);
}

static void only_what_has_no_end_can_be_lost(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(store_ref) store = open_store(*state, NB_STORE_WRITE);
    nb_job job = job_of("a", 1), got;
    assert_ok(nb_store_add(store, &arena, &job, &err), &err);
    nb_job lost = job;
    lost.reason = NB_STR("gone");
    lost.ended_ms = 77;
    assert_ok(nb_store_mark_lost(store, &lost, &err), &err);
    assert_ok(nb_store_find(store, &arena, NB_STR("a-1"), &got, &err), &err);
    assert_int_equal(got.state, NB_JOB_LOST);
    assert_str(got.reason, "gone");
    assert_int_equal(got.ended_ms, 77);
    job.state = NB_JOB_DONE; /* the watcher was alive after all */
    assert_ok(nb_store_save(store, &job, &err), &err);
    assert_ok(nb_store_mark_lost(store, &lost, &err), &err);
    assert_ok(nb_store_find(store, &arena, NB_STR("a-1"), &got, &err), &err);
    assert_int_equal(got.state, NB_JOB_DONE);
}

static void a_vanished_row_is_said(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(store_ref) store = open_store(*state, NB_STORE_WRITE);
    nb_job job = {.id = NB_STR("a-1")};
    assert_int_equal(nb_store_save(store, &job, &err), NB_ERR_NOT_FOUND);
    assert_true(nb_str_starts(nb_str_from(nb_error_message(&err, 0)),
                              NB_STR("job 'a-1' is no longer in '")));
    assert_int_equal(nb_store_get(store, &arena, NB_STR("a-1"), &job, &err), NB_ERR_NOT_FOUND);
    add(store, &arena, "a", 1);
    assert_ok(nb_store_get(store, &arena, NB_STR("a-1"), &job, &err), &err);
    assert_int_equal(job.number, 1);
}

/* Eight processes add twenty jobs each to a store that none of them has made yet. */
static void processes_share_it(void **state)
{
    enum { PROCESSES = 8, JOBS = 20 };
    pid_t pids[PROCESSES];
    for (int p = 0; p < PROCESSES; p++) {
        pids[p] = fork();
        if (pids[p] != 0)
            continue;
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_store *store = NULL;
        nb_code code = nb_store_open(*state, NB_STORE_WRITE, &store, &err);
        for (int64_t i = 0, number = 0; code == NB_OK && i < JOBS; i++) {
            do {
                nb_job job = job_of("shared", ++number);
                code = nb_store_add(store, &arena, &job, &err);
            } while (code == NB_ERR_EXISTS);
        }
        if (code != NB_OK)
            nb_error_print(&err, stderr);
        nb_store_close(store);
        _exit(code == NB_OK ? 0 : 1);
    }
    for (int p = 0; p < PROCESSES; p++) {
        int status;
        assert_int_equal(waitpid(pids[p], &status, 0), pids[p]);
        assert_int_equal(status, 0);
    }
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(store_ref) store = open_store(*state, NB_STORE_LOOK);
    nb_job *jobs;
    size_t count;
    assert_ok(nb_store_list(store, &arena, NB_STR("shared"), &jobs, &count, &err), &err);
    assert_int_equal(count, PROCESSES * JOBS);
}

/* --- faults ------------------------------------------------------------------------------------ */

/* Runs `body` in a process of its own, because it gives up rights or sets limits for good; its failures are this
 * test's. It returns the code that it got. */
static void in_a_process(void **state, nb_code (*body)(const char *root, nb_error *err),
                         nb_code code, const char *message)
{
    int told[2];
    char text[512] = "";
    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_code got = body(*state, &err);
        size_t last = 0;
        while (nb_error_message(&err, last + 1))
            last++;
        const char *why = got == NB_OK ? "" : nb_error_message(&err, last);
        _exit(write(told[1], why, strlen(why) + 1) > 0 ? (int)got : 99);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(told[1]);
    ssize_t got = read(told[0], text, sizeof text - 1);
    close(told[0]);
    assert_true(got > 0 && WIFEXITED(status));
    if (WEXITSTATUS(status) != (int)code || !strstr(text, message))
        print_error("want: %s\n got: %s\n", message, text);
    assert_int_equal(WEXITSTATUS(status), code);
    assert_non_null(strstr(text, message));
}

static void become_nobody(void)
{
    if (geteuid() == 0 &&
        (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0))
        _exit(98);
}

static nb_code open_unprivileged(const char *root, nb_error *err)
{
    nb_store *store;
    become_nobody();
    return nb_store_open(root, NB_STORE_WRITE, &store, err);
}

static void a_read_only_project_takes_no_jobs(void **state)
{
    assert_int_equal(chmod(*state, 0555), 0);
    in_a_process(state, open_unprivileged, NB_ERR_IO, "Permission denied");
    assert_int_equal(chmod(*state, 0777), 0);
}

static nb_code look_unprivileged(const char *root, nb_error *err)
{
    nb_store *store = NULL;
    nb_job job;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    become_nobody();
    nb_code code = nb_store_open(root, NB_STORE_LOOK, &store, err);
    if (code != NB_OK)
        return code;
    if (nb_store_writable(store))
        return nb_fail(err, NB_ERR_INTERNAL, "writable?");
    code = nb_store_find(store, &arena, NB_STR("a-1"), &job, err);
    nb_store_close(store);
    return code;
}

static void jobs_can_be_seen_on_read_only_media(void **state)
{
    char folder[128];
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_store *store = open_store(*state, NB_STORE_WRITE);
    add(store, &arena, "a", 1);
    nb_store_close(store);
    (void)snprintf(folder, sizeof folder, "%s/.notebooked", (char *)*state);
    assert_int_equal(chmod(db_path(*state), 0444), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    in_a_process(state, look_unprivileged, NB_OK, "");
    assert_int_equal(chmod(folder, 0755), 0);
}

static nb_code fill_the_disk(const char *root, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_store *store;
    nb_job job = job_of("a", 1);
    nb_code code = nb_store_open(root, NB_STORE_WRITE, &store, err);
    if (code != NB_OK)
        return code;
    signal(SIGXFSZ, SIG_IGN);
    (void)setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, 100});
    code = nb_store_add(store, &arena, &job, err);
    nb_store_close(store);
    return code;
}

static void a_full_disk_is_an_error(void **state)
{
    in_a_process(state, fill_the_disk, NB_ERR_IO, "cannot record the job in '");
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT; /* and no harm is done */
    NB_AUTO(store_ref) store = open_store(*state, NB_STORE_WRITE);
    add(store, &arena, "a", 1);
}

static void a_lock_is_not_waited_for_for_ever(void **state)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(store_ref) store = open_store(*state, NB_STORE_WRITE);
    NB_AUTO(store_ref) other = open_store(*state, NB_STORE_WRITE);
    nb_job job = job_of("a", 1);
    assert_ok(nb_store_exec(other, "BEGIN EXCLUSIVE", "cannot lock", &err), &err);
    (void)sqlite3_busy_timeout(store->db, 20);
    assert_int_equal(nb_store_add(store, &arena, &job, &err), NB_ERR_TIMEOUT);
    assert_non_null(strstr(nb_error_message(&err, 0), "another program keeps it locked"));
    assert_ok(nb_store_exec(other, "ROLLBACK", "cannot unlock", &err), &err);
    assert_ok(nb_store_add(store, &arena, &job, &err), &err);
}

static void damage(const char *root, const char *with, off_t at)
{
    int fd = open(db_path(root), O_WRONLY);
    assert_true(fd >= 0 && pwrite(fd, with, strlen(with), at) == (ssize_t)strlen(with));
    close(fd);
}

static nb_code open_and_list(const char *root, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_store *store = NULL;
    nb_job *jobs;
    size_t count;
    nb_code code = nb_store_open(root, NB_STORE_WRITE, &store, err);
    if (code == NB_OK)
        code = nb_store_list(store, &arena, NB_STR(""), &jobs, &count, err);
    nb_store_close(store);
    return code;
}

static void damaged_files_are_refused(void **state)
{
    static const struct {
        const char *with;
        off_t at, cut; /* `cut`: the file ends here */
    } cases[] = {
        {"this is no database at all, it is a text", 0,    0   },
        {"\x01\x02\x03",                             4096, 0   }, /* the page of the table */
        {"",                                         0,    5000},
        {"xxxxxxxxxxxxxxxxxxxx",                     100,  0   },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_store *store = open_store(*state, NB_STORE_WRITE);
        for (int n = 1; n < 50; n++)
            add(store, &arena, "a", n);
        nb_store_close(store);
        damage(*state, cases[i].with, cases[i].at);
        if (cases[i].cut)
            assert_int_equal(truncate(db_path(*state), cases[i].cut), 0);
        print_message("case %zu\n", i);
        assert_int_equal(open_and_list(*state, &err), NB_ERR_IO);
        nb_error_print(&err, stderr);
        assert_non_null(err.hint);
        assert_int_equal(unlink(db_path(*state)), 0);
    }
}

static void other_versions_and_programs_are_refused(void **state)
{
    static const struct {
        const char *sql, *message;
    } cases[] = {
        {"PRAGMA user_version = 1000",    "was written by a newer version of notebooked"},
        {"PRAGMA application_id = 12345", "is a database of another program"            },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_store *store = open_store(*state, NB_STORE_WRITE);
        assert_ok(nb_store_exec(store, cases[i].sql, "cannot", &err), &err);
        nb_store_close(store);
        assert_int_equal(open_and_list(*state, &err), NB_ERR_CONFIG);
        assert_non_null(strstr(nb_error_message(&err, 1), cases[i].message));
        assert_int_equal(unlink(db_path(*state)), 0);
    }
}

static void a_folder_in_the_way_is_named(void **state)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_store_close(open_store(*state, NB_STORE_WRITE));
    assert_int_equal(unlink(db_path(*state)), 0);
    assert_int_equal(mkdir(db_path(*state), 0755), 0);
    assert_int_equal(open_and_list(*state, &err), NB_ERR_IO);
    assert_non_null(strstr(nb_error_message(&err, 1), db_path(*state)));
    assert_int_equal(rmdir(db_path(*state)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(looking_makes_nothing),
        TEST(a_job_comes_back_as_it_was),
        TEST(the_folder_tells_git_what_is_not_for_it),
        TEST(numbers_are_taken_once),
        TEST(jobs_are_found_by_what_people_type),
        TEST(lists_go_from_new_to_old),
        TEST(a_wish_to_stop_survives_the_watchers_record),
        TEST(only_what_has_no_end_can_be_lost),
        TEST(a_vanished_row_is_said),
        TEST(processes_share_it),
        TEST(a_read_only_project_takes_no_jobs),
        TEST(jobs_can_be_seen_on_read_only_media),
        TEST(a_full_disk_is_an_error),
        TEST(a_lock_is_not_waited_for_for_ever),
        TEST(damaged_files_are_refused),
        TEST(other_versions_and_programs_are_refused),
        TEST(a_folder_in_the_way_is_named),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
