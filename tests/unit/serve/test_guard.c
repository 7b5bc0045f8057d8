/* The guard ends the groups that it knows when the other side closes, and only those. */
#include "nb_test.h"
#include "serve/worker/guard.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* A group of its own that does nothing, for a minute at most. */
static pid_t start_group(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)setpgid(0, 0);
        for (int fd = 3; fd < 100;
             fd++) /* as an exec would: the guard waits for the last end to close */
            close(fd);
        alarm(60);
        for (;;)
            (void)pause();
    }
    (void)setpgid(pid, pid);
    return pid;
}

static int end_of(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void groups_end_with_it(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_guard *guard = NULL;
    pid_t pids[5];
    assert_int_equal(nb_guard_start(&guard, &err), NB_OK);
    for (size_t i = 0; i < NB_LEN(pids); i++) {
        pids[i] = start_group();
        nb_guard_add(guard, pids[i]);
    }
    nb_guard_remove(guard, pids[0]);
    nb_guard_remove(guard, pids[3]);
    nb_guard_add(guard, pids[3]); /* takes the free place */
    nb_guard_remove(guard, 1 << 22);
    nb_guard_end(guard);
    for (size_t i = 1; i < NB_LEN(pids); i++)
        assert_int_equal(end_of(pids[i]), SIGKILL);
    assert_int_equal(waitpid(pids[0], NULL, WNOHANG), 0);
    (void)kill(pids[0], SIGTERM);
    assert_int_equal(end_of(pids[0]), SIGTERM);
}

static void more_than_it_has_room_for(void **state)
{
    (void)state;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_guard *guard = NULL;
    assert_int_equal(nb_guard_start(&guard, &err), NB_OK);
    pid_t pid = start_group();
    nb_guard_add(guard, pid);
    for (int i = 0; i < NB_GUARD_MOST + 10; i++)
        nb_guard_add(guard, (1 << 22) + i); /* no process has such a number */
    nb_guard_end(guard);
    assert_int_equal(end_of(pid), SIGKILL);
}

static void nobody_guards(void **state)
{
    (void)state;
    nb_guard_add(NULL, 1);
    nb_guard_remove(NULL, 1);
    nb_guard_end(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_end_with_it),
        cmocka_unit_test(more_than_it_has_room_for),
        cmocka_unit_test(nobody_guards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
