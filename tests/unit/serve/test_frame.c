/* Frames: what is whole, what is not yet, and what nobody of ours says. Both directions against Python: test_worker.c, tests/serve. */
#include "nb_test.h"

#include "serve/worker/frame.h"

static nb_str bytes(const char *at, size_t len)
{
    return (nb_str){at, len};
}

static void a_frame_is_whole_partial_or_wrong(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(1024);
    nb_frame_write(&out, NB_FRAME_READY, 3, 0x0102030405060708, NB_STR("{}"));
    nb_frame_write(&out, NB_FRAME_STOP, 0, 0, NB_STR(""));
    assert_int_equal(out.len, 34);
    assert_memory_equal(out.at, "\2\0\0\0\2\0\3\0\10\7\6\5\4\3\2\1{}", 18);
    nb_frame frame;
    size_t taken = 0;
    for (size_t i = 0; i < 18; i++)
        assert_int_equal(nb_frame_read(bytes(out.at, i), &frame, &taken), NB_FRAME_PARTIAL);
    assert_int_equal(nb_frame_read(bytes(out.at, 34), &frame, &taken), NB_FRAME_WHOLE);
    assert_int_equal(taken, 18);
    assert_int_equal(frame.type, NB_FRAME_READY);
    assert_int_equal(frame.flags, 3);
    assert_true(frame.id == 0x0102030405060708);
    assert_str(frame.payload, "{}");
    assert_int_equal(nb_frame_read(bytes(out.at + 18, 16), &frame, &taken), NB_FRAME_WHOLE);
    assert_int_equal(frame.type, NB_FRAME_STOP);
    static const char *const wrong[] = {
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",         /* type 0 */
        "\0\0\0\0\7\0\0\0\0\0\0\0\0\0\0",         /* type 7 */
        "\xff\xff\xff\xff\2\0\0\0\0\0\0\0\0\0\0", /* too long */
        "HTTP/1.1 200 OK\r\n",
    };
    for (size_t i = 0; i < NB_LEN(wrong); i++)
        assert_int_equal(nb_frame_read(bytes(wrong[i], 16), &frame, &taken), NB_FRAME_WRONG);
}

static void large_bodies_lie_in_the_shared_file(void **state)
{
    (void)state;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_FRAME_LARGEST);
    nb_frame_shared shared = {.at = calloc(1, 600000), .size = 600000, .used = 99};
    char *body = malloc(NB_FRAME_SHARED);
    memset(body, 'b', NB_FRAME_SHARED);
    nb_frame_request requests[] = {
        {.id = 1, .body = {body, NB_FRAME_SHARED}    },
        {.id = 2, .body = {body, NB_FRAME_SHARED - 1}}, /* small enough for the frame */
        {.id = 3, .body = {body, NB_FRAME_SHARED}    },
        {.id = 4, .body = {body, NB_FRAME_SHARED}    }, /* no room is left */
    };
    nb_frame_write_batch(&out, 0, 0, requests, 4, &shared);
    assert_int_equal(shared.used, 2 * NB_FRAME_SHARED);
    assert_int_equal(out.len,
                     NB_FRAME_HEADER + 4 + 4 * (8 + 4 + 2 + 2 + 12) + 2 * NB_FRAME_SHARED - 1);
    assert_memory_equal(shared.at + NB_FRAME_SHARED, body, NB_FRAME_SHARED);
    free(shared.at);
    free(body);
}

static const struct {
    const char *name, *payload;
    size_t length, results;
    bool wrong;
} payloads[] = {
    {"none",                   "\0\0\0\0",  4,                   0, false},
    {"nothing",                "",          0,                   0, true },
    {"too many",               "\1\20\0\0", 4,                   0, true },
    {"one",
     "\1\0\0\0"
     "\7\0\0\0\0\0\0\0"
     "\xc8\0\1\0"
     "\5\0\0\0"
     "\1\0t"
     "\2\0\0\0"
     "\xff\xff\xff\xff\xff\xff\xff\xff"
     "ok",                                  4 + 16 + 3 + 12 + 2, 1, false},
    {"cut",
     "\1\0\0\0"
     "\7\0\0\0\0\0\0\0"
     "\xc8\0\1\0"
     "\5\0\0\0"
     "\1\0t"
     "\2\0\0\0"
     "\xff\xff\xff\xff\xff\xff\xff\xff"
     "o",                                   4 + 16 + 3 + 12 + 1, 0, true },
    {"status 99",
     "\1\0\0\0"
     "\7\0\0\0\0\0\0\0"
     "\x63\0\1\0"
     "\5\0\0\0"
     "\0\0"
     "\0\0\0\0"
     "\xff\xff\xff\xff\xff\xff\xff\xff",    4 + 16 + 2 + 12,     0, true },
    {"at the end of the file",
     "\1\0\0\0"
     "\7\0\0\0\0\0\0\0"
     "\xc8\0\0\0"
     "\5\0\0\0"
     "\0\0"
     "\2\0\0\0"
     "\6\0\0\0\0\0\0\0",                    4 + 16 + 2 + 12,     1, false},
    {"behind it",
     "\1\0\0\0"
     "\7\0\0\0\0\0\0\0"
     "\xc8\0\0\0"
     "\5\0\0\0"
     "\0\0"
     "\2\0\0\0"
     "\7\0\0\0\0\0\0\0",                    4 + 16 + 2 + 12,     0, true },
    {"far behind it",
     "\1\0\0\0"
     "\7\0\0\0\0\0\0\0"
     "\xc8\0\0\0"
     "\5\0\0\0"
     "\0\0"
     "\2\0\0\0"
     "\xfe\xff\xff\xff\xff\xff\xff\xff",    4 + 16 + 2 + 12,     0, true },
};

static void results_are_checked(void **state)
{
    (void)state;
    char file[] = "shared.";
    nb_frame_shared shared = {.at = file, .size = 8};
    for (size_t i = 0; i < NB_LEN(payloads); i++) {
        print_message("%s\n", payloads[i].name);
        size_t at = 0, count = 0;
        bool wrong = false;
        nb_frame_result result = {0};
        while (nb_frame_next_result(bytes(payloads[i].payload, payloads[i].length), &shared, &at,
                                    &result, &wrong))
            count++;
        assert_int_equal(count, payloads[i].results);
        assert_int_equal(wrong, payloads[i].wrong);
        if (count > 0) {
            assert_int_equal(result.id, 7);
            assert_int_equal(result.status, 200);
            assert_int_equal(result.model_us, 5);
            assert_int_equal(result.body.len, 2);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_whole_partial_or_wrong),
        cmocka_unit_test(large_bodies_lie_in_the_shared_file),
        cmocka_unit_test(results_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
