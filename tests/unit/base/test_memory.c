#include "nb_test.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"

#include <stdalign.h>

static void an_arena_hands_out_zeroed_aligned_memory(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    size_t sum = 0;
    for (size_t size = 0; size < 5000; size += 37) {
        unsigned char *at = nb_arena_alloc(&arena, size);
        assert_non_null(at);
        assert_int_equal((uintptr_t)at % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(at[i], 0);
        memset(at, 0xAA, size);
        sum += size;
    }
    assert_true(nb_arena_used(&arena) >= sum);
    const size_t size = (size_t)3 * 1024 * 1024; /* more than a block */
    char *big = nb_arena_alloc(&arena, size);
    big[size - 1] = 'x';
    nb_arena_release(&arena);
    assert_int_equal(nb_arena_used(&arena), 0);
    nb_arena_release(&arena);
}

static void a_vector_grows(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_VEC(int) numbers = {0};
    for (int i = 0; i < 1000; i++)
        nb_vec_push(&arena, &numbers, i);
    assert_int_equal(numbers.count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers.at[i], i);
}

static void a_map_remembers_the_order_of_keys(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_map map = NB_MAP_INIT;
    int values[500];
    assert_null(nb_map_get(&map, NB_STR("k0")));
    for (int i = 0; i < 500; i++)
        nb_map_put(&arena, &map, nb_arena_printf(&arena, "k%d", i), &values[i]);
    assert_int_equal(map.count, 500);
    for (int i = 0; i < 500; i++) {
        assert_str(map.rows[i].key, nb_arena_printf(&arena, "k%d", i).at);
        assert_ptr_equal(nb_map_get(&map, map.rows[i].key), &values[i]);
    }
    nb_map_put(&arena, &map, NB_STR("k3"), &values[9]);
    assert_int_equal(map.count, 500);
    assert_ptr_equal(map.rows[3].value, &values[9]);
    assert_false(nb_map_has(&map, NB_STR("k500")) || nb_map_has(&map, NB_STR("")));
    nb_map_put(&arena, &map, NB_STR(""), &values[0]);
    assert_true(nb_map_has(&map, (nb_str){0}));
}

static void a_set_knows_new_names(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_map set = NB_MAP_INIT;
    assert_true(nb_set_add(&arena, &set, NB_STR("a")));
    assert_true(nb_set_add(&arena, &set, NB_STR("b")));
    assert_false(nb_set_add(&arena, &set, NB_STR("a")));
    assert_int_equal(set.count, 2);
}

static void a_buffer_is_terminated_after_each_append(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_put(&buf, (nb_str){0});
    assert_string_equal(buf.at, "");
    nb_buf_putz(&buf, "ab");
    nb_buf_putc(&buf, 'c');
    nb_buf_repeat(&buf, '.', 3);
    nb_buf_printf(&buf, "%05d", 42);
    assert_string_equal(buf.at, "abc...00042");
    nb_buf_clear(&buf);
    assert_string_equal(buf.at, "");
    for (int i = 0; i < 10000; i++)
        nb_buf_putc(&buf, 'x');
    assert_int_equal(strlen(buf.at), 10000);
    assert_false(buf.full);
}

static void a_full_buffer_takes_nothing_more(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(6);
    nb_buf_putz(&buf, "12345");
    assert_false(buf.full);
    nb_buf_putz(&buf, "67");
    assert_true(buf.full);
    nb_buf_putz(&buf, "8"); /* would fit, but something before it is missing */
    nb_buf_printf(&buf, "%d", 9);
    nb_buf_repeat(&buf, '.', 1);
    assert_str(nb_buf_view(&buf), "12345");
    nb_buf_clear(&buf);
    nb_buf_putz(&buf, "67");
    assert_false(buf.full);
    assert_str(nb_buf_view(&buf), "67");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_hands_out_zeroed_aligned_memory),
        cmocka_unit_test(a_vector_grows),
        cmocka_unit_test(a_map_remembers_the_order_of_keys),
        cmocka_unit_test(a_set_knows_new_names),
        cmocka_unit_test(a_buffer_is_terminated_after_each_append),
        cmocka_unit_test(a_full_buffer_takes_nothing_more),
    };
    return cmocka_run_group_tests_name("base/memory", tests, NULL, NULL);
}
