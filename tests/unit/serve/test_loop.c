/* Timers in order, stopped and moved; descriptors that are forgotten by another's handler; work before sleeping. */
#include "nb_test.h"

#include "serve/loop.h"

#include <sys/epoll.h>
#include <unistd.h>

typedef struct scene {
    nb_loop *loop;
    char order[64];
    size_t count;
    nb_timer timers[40];
    int64_t fired[40];
    int pipes[2][2];
    int reads, works;
} scene;

static int64_t last_fired;

static void fire(void *ctx)
{
    nb_timer *timer = ctx;
    assert_true(timer->at_us >= last_fired);
    assert_int_equal(timer->slot, 0);
    last_fired = timer->at_us;
}

static void end(void *ctx)
{
    nb_loop_end(ctx);
}

static void timers_fire_in_order(void **unused)
{
    scene s = {0};
    nb_error err = NB_ERROR_INIT;
    (void)unused;
    assert_int_equal(nb_loop_open(&s.loop, &err), NB_OK);
    int64_t now = nb_loop_now_us(s.loop);
    last_fired = 0;
    for (size_t i = 0; i < 40; i++) {
        s.timers[i] = (nb_timer){.fire = fire, .ctx = &s.timers[i]};
        nb_timer_set(s.loop, &s.timers[i], now + (int64_t)((i * 7919) % 1000));
    }
    for (size_t i = 0; i < 40; i += 3)
        nb_timer_stop(s.loop, &s.timers[i]);
    for (size_t i = 1; i < 40; i += 3)
        nb_timer_set(s.loop, &s.timers[i], now + (int64_t)((i * 104729) % 900));
    nb_timer stop = {.fire = end, .ctx = s.loop};
    nb_timer_set(s.loop, &stop, now + 2000);
    assert_int_equal(nb_loop_run(s.loop, &err), NB_OK);
    assert_true(last_fired > now);
    nb_loop_close(s.loop);
}

static void read_one(void *ctx, unsigned events)
{
    scene *s = ctx;
    (void)events;
    s->reads++;
    for (int i = 0; i < 2; i++)
        nb_loop_forget(s->loop, s->pipes[i][0]);
    nb_loop_end(s->loop);
}

static void count_work(void *ctx)
{
    ((scene *)ctx)->works++;
}

static void a_forgotten_descriptor_is_not_called(void **unused)
{
    scene s = {0};
    nb_error err = NB_ERROR_INIT;
    (void)unused;
    assert_int_equal(nb_loop_open(&s.loop, &err), NB_OK);
    nb_loop_before_sleep(s.loop, count_work, &s);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe(s.pipes[i]), 0);
        assert_int_equal(write(s.pipes[i][1], "x", 1), 1);
        assert_int_equal(nb_loop_watch(s.loop, s.pipes[i][0], EPOLLIN, read_one, &s, &err), NB_OK);
    }
    assert_int_equal(nb_loop_run(s.loop, &err), NB_OK);
    assert_int_equal(s.reads, 1); /* both were readable; the first forgot the second */
    assert_int_equal(s.works, 1);
    for (int i = 0; i < 2; i++) {
        close(s.pipes[i][0]);
        close(s.pipes[i][1]);
    }
    nb_loop_close(s.loop);
}

typedef struct crowd {
    nb_loop *loop;
    int pipes[40][2], hurried[2];
    int calls, calls_before; /* of the crowd; before the one that is preferred */
} crowd;

static void one_of_many(void *ctx, unsigned events)
{
    crowd *c = ctx;
    (void)events;
    if (c->calls++ == 0) /* it becomes ready in the middle of a turn */
        assert_int_equal(write(c->hurried[1], "x", 1), 1);
}

static void in_a_hurry(void *ctx, unsigned events)
{
    crowd *c = ctx;
    (void)events;
    c->calls_before = c->calls;
    nb_loop_forget(c->loop, c->hurried[0]);
    nb_loop_end(c->loop);
}

static void a_preferred_descriptor_does_not_wait_for_a_crowd(void **unused)
{
    crowd c = {0};
    nb_error err = NB_ERROR_INIT;
    (void)unused;
    assert_int_equal(nb_loop_open(&c.loop, &err), NB_OK);
    assert_int_equal(pipe(c.hurried), 0);
    assert_int_equal(nb_loop_watch(c.loop, c.hurried[0], EPOLLIN, in_a_hurry, &c, &err), NB_OK);
    nb_loop_prefer(c.loop, c.hurried[0]);
    for (size_t i = 0; i < NB_LEN(c.pipes); i++) {
        assert_int_equal(pipe(c.pipes[i]), 0);
        assert_int_equal(write(c.pipes[i][1], "x", 1), 1);
        assert_int_equal(nb_loop_watch(c.loop, c.pipes[i][0], EPOLLIN, one_of_many, &c, &err),
                         NB_OK);
    }
    assert_int_equal(nb_loop_run(c.loop, &err), NB_OK);
    assert_int_equal(c.calls, NB_LEN(c.pipes)); /* the turn went on */
    assert_in_range(c.calls_before, 1, NB_LEN(c.pipes) / 2);
    for (size_t i = 0; i < NB_LEN(c.pipes); i++) {
        close(c.pipes[i][0]);
        close(c.pipes[i][1]);
    }
    close(c.hurried[0]);
    close(c.hurried[1]);
    nb_loop_close(c.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_order),
        cmocka_unit_test(a_forgotten_descriptor_is_not_called),
        cmocka_unit_test(a_preferred_descriptor_does_not_wait_for_a_crowd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
