#include "nb_test.h"

#include "endpoint/answer.h"

#define OK "HTTP/1.1 200 OK\r\n"

/* Feeds in pieces of `step` bytes, then ends the connection unless it is done. */
static nb_code feed(nb_answer *answer, const char *text, size_t step, nb_error *err)
{
    nb_str rest = nb_str_from(text);
    while (rest.len > 0 && answer->state != NB_ANSWER_DONE) {
        size_t used;
        nb_str piece = nb_str_slice(rest, 0, step);
        if (nb_answer_feed(answer, piece, &used, err) != NB_OK)
            return err->code;
        rest = nb_str_from_at(rest, used);
    }
    return nb_answer_end(answer, err);
}

static void reads_answers(void **state)
{
    static const struct {
        const char *text;
        unsigned status;
        bool keep;
        const char *body;
    } cases[] = {
        {OK "Content-Length: 5\r\n\r\nhello",                                                 200, true,  "hello"},
        {OK "content-length:5\r\n\r\nhello and more",                                         200, true,  "hello"},
        {OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",                            200, true,  "hello"},
        {OK "Content-Length: 0\r\nConnection: close\r\n\r\n",                                 200, false, ""     },
        {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nX: y\r\n\r\n", 200,
         true,                                                                                            "hello"},
        {OK "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",                                    200, true,  ""     },
        {OK "\r\nhello",                                                                      200, false, "hello"},
        {"HTTP/1.0 503 Busy\r\nContent-Length: 1\r\n\r\nx",                                   503, false, "x"    },
        {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx",           200, true,  "x"    },
        {"HTTP/1.1 204 None\r\n\r\n",                                                         204, true,  ""     },
        {"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx",                                        200, true,  "x"    },
        {"HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 1\r\n\r\nx",                     200, true,  "x"    },
    };
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++)
        for (size_t step = 1; step < 200; step = step * 3 + 1) {
            NB_AUTO(nb_error) err = NB_ERROR_INIT;
            nb_answer answer;
            nb_answer_init(&answer, 1000);
            print_message("case %zu in steps of %zu\n", i, step);
            assert_ok(feed(&answer, cases[i].text, step, &err), &err);
            assert_int_equal(answer.status, cases[i].status);
            assert_int_equal(answer.keep, cases[i].keep);
            assert_str(nb_buf_view(&answer.body), cases[i].body);
            nb_answer_release(&answer);
        }
}

static void refuses_what_is_no_answer(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"",                                                            "the connection ended before an answer came"},
        {OK "Content-Length: 5\r\n\r\nhell",                            "the connection ended within the answer"    },
        {OK "Transfer-Encoding: chunked\r\n\r\n0\r\n",                  "the connection ended within the answer"    },
        {"SSH-2.0\r\n",                                                 "does not begin with HTTP/1.1"              },
        {"HTTP/2 200 OK\r\n",                                           "does not begin with HTTP/1.1"              },
        {"HTTP/1.1 20x OK\r\n",                                         "no status"                                 },
        {"HTTP/1.1 2000 OK\r\n",                                        "no status"                                 },
        {"HTTP/1.1 101 Switch\r\n\r\n",                                 "changes the protocol"                      },
        {"HTTP/1.1 200 OK\n",                                           "without a carriage return"                 },
        {OK "no colon\r\n\r\n",                                         "no name"                                   },
        {OK "a b: c\r\n\r\n",                                           "no name"                                   },
        {OK " folded\r\n\r\n",                                          "no name"                                   },
        {OK "a: b\rc\r\n\r\n",                                          "control characters"                        },
        {OK "Content-Length: -1\r\n\r\n",                               "no number"                                 },
        {OK "Content-Length: 5x\r\n\r\n",                               "no number"                                 },
        {OK "Content-Length: 99999999999999999999\r\n\r\n",             "no number"                                 },
        {OK "Content-Length: 1001\r\n\r\n",                             "larger than 1000 bytes"                    },
        {OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",           "two different lengths"                     },
        {OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",  "both"                                      },
        {OK "Transfer-Encoding: gzip\r\n\r\n",                          "not 'chunked'"                             },
        {OK "Transfer-Encoding: chunked\r\n\r\nx\r\n",                  "no size"                                   },
        {OK "Transfer-Encoding: chunked\r\n\r\n1 1\r\n",                "no size"                                   },
        {OK "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", "no size"                                   },
        {OK "Transfer-Encoding: chunked\r\n\r\n3e9\r\n",                "larger than 1000 bytes"                    },
        {OK "Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n",            "longer than its size"                      },
    };
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++)
        for (size_t step = 1; step < 200; step = step * 3 + 1) {
            NB_AUTO(nb_error) err = NB_ERROR_INIT;
            nb_answer answer;
            nb_answer_init(&answer, 1000);
            print_message("case %zu in steps of %zu\n", i, step);
            assert_int_not_equal(feed(&answer, cases[i].text, step, &err), NB_OK);
            assert_non_null(strstr(nb_error_message(&err, 0), cases[i].message));
            nb_answer_release(&answer);
        }
}

static void heads_and_bodies_have_limits(void **state)
{
    static const char start[] = OK;
    char filler[1000];
    (void)state;
    for (int lines = 0; lines < 2; lines++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        nb_answer answer;
        size_t used, fed = 0;
        nb_code code;
        nb_answer_init(&answer, 1000);
        memset(filler, 'a', sizeof filler);
        for (size_t i = 0; lines && i < 4; i++)
            filler[sizeof filler - 4 + i] = ":b\r\n"[i];
        code = nb_answer_feed(&answer, NB_STR(OK), &used, &err);
        for (; code == NB_OK && fed < 100 * sizeof filler; fed += sizeof filler)
            code = nb_answer_feed(&answer, (nb_str){filler, sizeof filler}, &used, &err);
        assert_int_equal(code, NB_ERR_REMOTE);
        assert_true(answer.head.len <= NB_ANSWER_HEAD && sizeof start > 0);
        nb_answer_release(&answer);
    }
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_answer answer;
    size_t used;
    nb_answer_init(&answer, 1000); /* a body without a length */
    assert_ok(nb_answer_feed(&answer, NB_STR(OK "\r\n"), &used, &err), &err);
    assert_ok(nb_answer_feed(&answer, (nb_str){filler, 1000}, &used, &err), &err);
    assert_int_equal(nb_answer_feed(&answer, NB_STR("x"), &used, &err), NB_ERR_REMOTE);
    nb_answer_release(&answer);
}

static void finds_headers(void **state)
{
    (void)state;
    const nb_str headers = NB_STR("A: 1\nRetry-After:  2 \nretry-after: 3\nEmpty:\n");
    assert_str(nb_answer_header(headers, "retry-after"), "2");
    assert_str(nb_answer_header(headers, "Empty"), "");
    assert_non_null(nb_answer_header(headers, "Empty").at);
    assert_null(nb_answer_header(headers, "Retry").at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_answers),
        cmocka_unit_test(refuses_what_is_no_answer),
        cmocka_unit_test(heads_and_bodies_have_limits),
        cmocka_unit_test(finds_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
