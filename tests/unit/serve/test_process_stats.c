/* What the kernel tells of processes, and logs that are moved aside. */
#include "nb_test.h"

#include "base/fs.h"
#include "serve/front/log_file.h"
#include "serve/front/process_stats.h"

#include <sys/stat.h>
#include <unistd.h>

static void fields_are_found_behind_any_name(void **unused)
{
    static const struct {
        const char *text;
        bool fine;
    } cases[] = {
        {"7 (sh) S 1 7 7 0 -1 4194304 1 2 3 4 150 50 0 0 20 0 3 0 12300 4096000 100 18446744073709551615 0",
         true                                                                                                     },
        {"7 (a) b) (c 1 2) S 1 7 7 0 -1 4194304 1 2 3 4 150 50 0 0 20 0 3 0 12300 4096000 100 1",
         true                                                                                                     },
        {"7 (sh) S 1 7 7 0",                                                                                 false},
        {"7 sh S 1 7",                                                                                       false},
        {"",                                                                                                 false},
    };
    (void)unused;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        nb_process_stats stats = {0};
        print_message("case %zu\n", i);
        assert_int_equal(nb_process_stats_parse(nb_str_from(cases[i].text), 1000, &stats),
                         cases[i].fine);
        if (!cases[i].fine)
            continue;
        double hz = (double)sysconf(_SC_CLK_TCK);
        assert_true(stats.cpu_s * hz > 199.9 && stats.cpu_s * hz < 200.1);
        assert_true((stats.started_s - 1000) * hz > 12299 && (stats.started_s - 1000) * hz < 12301);
        assert_int_equal(stats.threads, 3);
        assert_int_equal(stats.virtual_size, 4096000);
        assert_int_equal(stats.resident, 100 * sysconf(_SC_PAGESIZE));
    }
}

static void this_process_has_figures_and_one_that_is_gone_has_none(void **unused)
{
    nb_process_stats stats;
    (void)unused;
    assert_true(nb_process_stats_read(getpid(), &stats));
    assert_true(stats.resident > 100000 && stats.virtual_size >= stats.resident);
    assert_true(stats.started_s > 1.5e9 && stats.started_s < (double)time(NULL) + 2);
    assert_false(nb_process_stats_read(-1, &stats));
    nb_process_fds fds = nb_process_fds_read();
    assert_true(fds.open >= 3 && fds.open <= fds.most);
}

static size_t size_of(const char *folder, const char *name)
{
    char path[128];
    struct stat about;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &about) == 0 ? (size_t)about.st_size : 0;
}

static void four_old_logs_are_kept(void **unused)
{
    static const char *const names[] = {"log", "log.1", "log.2", "log.3", "log.4", "log.5"};
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    char folder[] = "/tmp/nb_logXXXXXX", path[64];
    nb_log_file log;
    (void)unused;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/log", folder);
    assert_ok(nb_log_file_open(&log, path, 25, &err), &err);
    for (int i = 0; i < 13; i++)
        nb_log_file_write(&log, NB_STR("123456789\n"));
    for (size_t i = 0; i < NB_LEN(names); i++)
        assert_int_equal(size_of(folder, names[i]), i == 0 ? 10 : i < 5 ? 20 : 0);
    nb_log_file_close(&log);
    nb_log_file_write(&log, NB_STR("nowhere\n"));
    assert_ok(nb_log_file_open(&log, path, 25, &err), &err); /* it goes on with what is there */
    nb_log_file_write(&log, NB_STR("123456789\n"));
    nb_log_file_write(&log, NB_STR("a line that is longer than a file may be\n"));
    assert_int_equal(size_of(folder, "log.1"), 20);
    assert_int_equal(size_of(folder, "log"), 41);
    nb_log_file_close(&log);
    for (size_t i = 0; i < NB_LEN(names); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_behind_any_name),
        cmocka_unit_test(this_process_has_figures_and_one_that_is_gone_has_none),
        cmocka_unit_test(four_old_logs_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
