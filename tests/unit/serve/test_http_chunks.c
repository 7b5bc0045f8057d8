/* Chunked bodies, fed in pieces of every size: the same body, the same end, the same refusals. */
#include "nb_test.h"

#include "serve/http/http_chunks.h"

static const struct {
    const char *text, *body;
    nb_http_chunked result;
    size_t rest; /* bytes that are not this message's */
} cases[] = {
    {"0\r\n\r\n",                                   "",                     NB_HTTP_CHUNKED_WHOLE,     0},
    {"0\r\n\r\nGET /",                              "",                     NB_HTTP_CHUNKED_WHOLE,     5},
    {"3\r\nabc\r\n2;x=\"y\"\r\nde\r\n000\r\n\r\nx", "abcde",                NB_HTTP_CHUNKED_WHOLE,     1},
    {"a\r\n0123456789\r\n0\r\nA: b\r\nC:\r\n\r\n",  "0123456789",           NB_HTTP_CHUNKED_WHOLE,     0},
    {"14\r\n01234567890123456789\r\n0\r\n\r\n",     "01234567890123456789", NB_HTTP_CHUNKED_WHOLE,     0},
    {"3\r\nab",                                     "ab",                   NB_HTTP_CHUNKED_MORE,      0},
    {"15\r\n",                                      "",                     NB_HTTP_CHUNKED_TOO_LARGE, 0},
    {"14\r\n01234567890123456789\r\n1\r\n",         "",                     NB_HTTP_CHUNKED_TOO_LARGE, 0},
    {"fffffffffffffff\r\n",                         "",                     NB_HTTP_CHUNKED_TOO_LARGE, 0},
    {"3\nabc\r\n",                                  "",                     NB_HTTP_CHUNKED_WRONG,     0},
    {"3\r\nabc\n0\r\n\r\n",                         "",                     NB_HTTP_CHUNKED_WRONG,     0},
    {"3\r\nabcd\r\n",                               "",                     NB_HTTP_CHUNKED_WRONG,     0},
    {"\r\n",                                        "",                     NB_HTTP_CHUNKED_WRONG,     0},
    {";x\r\n",                                      "",                     NB_HTTP_CHUNKED_WRONG,     0},
    {"3 \r\n",                                      "",                     NB_HTTP_CHUNKED_WRONG,     0},
    {"0000000000000000\r\n",                        "",                     NB_HTTP_CHUNKED_WRONG,     0},
    {"0\r\n\n",                                     "",                     NB_HTTP_CHUNKED_WRONG,     0},
    {"0\r\nA: b\n\r\n",                             "",                     NB_HTTP_CHUNKED_WRONG,     0},
    {"0\r\n A: b\r\n\r\n",                          "",                     NB_HTTP_CHUNKED_WRONG,     0},
    {"0\r\nA\r\n\r\n",                              "",                     NB_HTTP_CHUNKED_WRONG,     0},
};

static void chunks_are_decoded(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        nb_str text = nb_str_from(cases[i].text);
        for (size_t piece = 1; piece <= text.len; piece++) {
            NB_AUTO(nb_buf) body = NB_BUF_INIT(22);
            nb_http_chunks chunks = {0};
            nb_http_chunked result = NB_HTTP_CHUNKED_MORE;
            size_t at = 0;
            while (at < text.len && result == NB_HTTP_CHUNKED_MORE) {
                size_t taken = 0;
                result = nb_http_chunks_feed(&chunks, nb_str_slice(text, at, at + piece), 20, &body,
                                             &taken);
                at += taken;
            }
            print_message("case %zu in pieces of %zu\n", i, piece);
            assert_int_equal(result, cases[i].result);
            if (result == NB_HTTP_CHUNKED_WHOLE || result == NB_HTTP_CHUNKED_MORE) {
                assert_str(nb_buf_view(&body), cases[i].body);
                assert_int_equal(text.len - at, cases[i].rest);
            }
        }
    }
}

static void extensions_and_trailers_have_an_end(void **unused)
{
    (void)unused;
    static const char *const starts[] = {"1;", "0\r\nA:", "0\r\nA"};
    for (size_t i = 0; i < NB_LEN(starts); i++) {
        NB_AUTO(nb_buf) text = NB_BUF_INIT(1 << 20);
        NB_AUTO(nb_buf) body = NB_BUF_INIT(22);
        size_t taken = 0;
        nb_buf_putz(&text, starts[i]);
        nb_buf_repeat(&text, 'x', 20000);
        assert_int_equal(
            nb_http_chunks_feed(&(nb_http_chunks){0}, nb_buf_view(&text), 20, &body, &taken),
            NB_HTTP_CHUNKED_TOO_LARGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_are_decoded),
        cmocka_unit_test(extensions_and_trailers_have_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
