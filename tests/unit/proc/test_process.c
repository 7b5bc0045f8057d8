#include "nb_test.h"

#include "proc/process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void this_process_is_alive(void **state)
{
    (void)state;
    nb_process self;
    assert_true(nb_runner_real.identify(NULL, 0, &self));
    assert_int_equal(self.pid, getpid());
    assert_true(self.start > 0);
    assert_true(strlen(self.boot) >= 32);
    assert_int_equal(nb_runner_real.look(NULL, &self), NB_ALIVE);
}

static void a_recycled_number_is_another_process(void **state)
{
    (void)state;
    nb_process self;
    assert_true(nb_process_identify(NULL, 0, &self));
    self.start--;
    assert_int_equal(nb_process_look(NULL, &self), NB_GONE);
    assert_false(nb_process_signal_group(NULL, &self, 0));
}

static void nothing_survives_a_reboot(void **state)
{
    (void)state;
    nb_process self;
    assert_true(nb_process_identify(NULL, 0, &self));
    self.boot[0] = self.boot[0] == '0' ? '1' : '0';
    assert_int_equal(nb_process_look(NULL, &self), NB_GONE);
}

static void another_host_cannot_be_judged(void **state)
{
    (void)state;
    nb_process self;
    assert_true(nb_process_identify(NULL, 0, &self));
    (void)snprintf(self.host, sizeof self.host, "some-other-host");
    assert_int_equal(nb_process_look(NULL, &self), NB_ELSEWHERE);
}

static void a_zombie_is_gone(void **state)
{
    (void)state;
    nb_process child;
    int hold[2];
    char byte;
    assert_int_equal(pipe(hold), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(hold[1]);
        _exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
    }
    assert_true(nb_process_identify(NULL, pid, &child));
    assert_int_equal(nb_process_look(NULL, &child), NB_ALIVE);
    close(hold[1]);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(nb_process_look(NULL, &child), NB_GONE);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(nb_process_look(NULL, &child), NB_GONE);
    assert_false(nb_process_identify(NULL, pid, &child));
    close(hold[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_process_is_alive),
        cmocka_unit_test(a_recycled_number_is_another_process),
        cmocka_unit_test(nothing_survives_a_reboot),
        cmocka_unit_test(another_host_cannot_be_judged),
        cmocka_unit_test(a_zombie_is_gone),
    };
    return cmocka_run_group_tests_name("proc/process", tests, NULL, NULL);
}
