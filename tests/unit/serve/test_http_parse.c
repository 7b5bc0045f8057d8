/* Heads of requests: what they say, in one piece or byte by byte, and why they are refused. The long list of refusals is in
 * tests/serve/test_http_refusals.py, over a socket. */
#include "nb_test.h"

#include "serve/http/http_parse.h"

#define HEAD(text_) "GET /a?b HTTP/1.1\r\nHost: h\r\n" text_ "\r\n"

static nb_http_pair fields[NB_HTTP_MOST_FIELDS];

static const struct {
    const char *text;
    unsigned status; /* 0: it is fine */
    size_t length;
    bool chunked, keep_alive, awaits;
} heads[] = {
    {HEAD(""),                                                                    0,   0,  false, true,  false},
    {HEAD("Content-Length: 007\r\n"),                                             0,   7,  false, true,  false},
    {HEAD("content-LENGTH:12\r\nConnection: a, close ,b\r\n"),                    0,   12, false, false, false},
    {HEAD("Transfer-Encoding: Chunked\r\nExpect: 100-continue\r\n"),              0,   0,  true,  true,  true },
    {"POST / HTTP/1.0\r\n\r\n",                                                   0,   0,  false, false, false},
    {"POST / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n", 0,   0,  false, true,
     false                                                                                                    },
    {"GET http://h/x HTTP/1.1\r\nHost: H\r\n\r\n",                                0,   0,  false, true,  false},
    {HEAD("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),                 400, 0,  false, false, false},
    {HEAD("Content-Length: 1\r\nContent-Length: 1\r\n"),                          400, 0,  false, false, false},
    {HEAD("Content-Length: 1111111111111111111\r\n"),                             400, 0,  false, false, false},
    {HEAD("Transfer-Encoding: chunked, br\r\n"),                                  400, 0,  false, false, false},
    {HEAD("Transfer-Encoding: br, chunked\r\n"),                                  501, 0,  false, false, false},
    {HEAD("Host: h\r\n"),                                                         400, 0,  false, false, false},
    {HEAD(" folded: x\r\n"),                                                      400, 0,  false, false, false},
    {HEAD("a : x\r\n"),                                                           400, 0,  false, false, false},
    {HEAD("a: \rb\r\n"),                                                          400, 0,  false, false, false},
    {HEAD("Expect: all\r\n"),                                                     417, 0,  false, false, false},
    {"GET /a HTTP/2.0\r\nHost: h\r\n\r\n",                                        505, 0,  false, false, false},
    {"GET /a\r\n\r\n",                                                            400, 0,  false, false, false},
    {"GET http:// HTTP/1.1\r\nHost: h\r\n\r\n",                                   400, 0,  false, false, false},
    {"GET http://h HTTP/1.1\r\nHost: h\r\n\r\n",                                  400, 0,  false, false, false},
};

static void heads_are_read(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < NB_LEN(heads); i++) {
        nb_str text = nb_str_from(heads[i].text);
        nb_http_scan scan = {0};
        nb_http_head head = {.fields = fields};
        nb_http_wrong wrong = {0};
        print_message("case %zu\n", i);
        assert_int_equal(nb_http_scan_head(text, &scan), NB_HTTP_WHOLE);
        assert_int_equal(scan.at, text.len);
        assert_int_equal(nb_http_parse_head(text, &head, &wrong), heads[i].status == 0);
        assert_int_equal(wrong.status, heads[i].status);
        if (heads[i].status != 0)
            continue;
        assert_int_equal(head.length, heads[i].length);
        assert_int_equal(head.chunked, heads[i].chunked);
        assert_int_equal(head.keep_alive, heads[i].keep_alive);
        assert_int_equal(head.awaits, heads[i].awaits);
    }
}

static void the_end_is_found_however_the_bytes_come(void **unused)
{
    nb_str text = NB_STR(HEAD("A: b\r\n") "body\n\n");
    (void)unused;
    for (size_t piece = 1; piece < text.len; piece++) {
        nb_http_scan scan = {0};
        nb_http_found found = NB_HTTP_PARTIAL;
        for (size_t len = piece; found == NB_HTTP_PARTIAL; len += piece)
            found = nb_http_scan_head(nb_str_slice(text, 0, len), &scan);
        assert_int_equal(found, NB_HTTP_WHOLE);
        assert_int_equal(scan.at, text.len - 6);
        assert_int_equal(scan.lines, 4);
    }
}

static void what_cannot_become_http_is_known_early(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"\x16\x03\x01", "GET / HTTP/1.1\n", "\n", " GET",
                                        "GET / HTTP/1.1\r\nA: b\n"};
    for (size_t i = 0; i < NB_LEN(texts); i++)
        assert_int_equal(nb_http_scan_head(nb_str_from(texts[i]), &(nb_http_scan){0}),
                         NB_HTTP_NONE);
}

static void parts_of_the_target_are_views(void **unused)
{
    (void)unused;
    nb_http_head head = {.fields = fields};
    nb_http_wrong wrong = {0};
    assert_true(nb_http_parse_head(
        NB_STR("PUT http://h:1/a/%20b?c=d?e HTTP/1.1\r\nX:\t y \r\nHost: h:1\r\n\r\n"), &head,
        &wrong));
    assert_str(head.method, "PUT");
    assert_str(head.path, "/a/%20b");
    assert_str(head.query, "c=d?e");
    assert_int_equal(head.field_count, 2);
    assert_str(head.fields[0].name, "X");
    assert_str(head.fields[0].value, "y");
}

static void escapes_are_decoded_or_left(void **unused)
{
    (void)unused;
    static const struct {
        const char *text, *decoded; /* NULL: wrong */
        bool plus;
    } cases[] = {
        {"",       "",    false},
        {"a%20b",  "a b", false},
        {"a+b",    "a+b", false},
        {"a+b",    "a b", true },
        {"%C3%a4", "ä",  false},
        {"%2525",  "%25", false},
        {"%",      NULL,  false},
        {"a%4",    NULL,  false},
        {"%g0",    NULL,  false},
        {"%00",    NULL,  false},
        {"%2",     NULL,  true },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        char text[16];
        size_t len = strlen(cases[i].text);
        memcpy(text, cases[i].text, len + 1);
        assert_int_equal(nb_http_decode(text, &len, cases[i].plus), cases[i].decoded != NULL);
        assert_str(((nb_str){text, len}), cases[i].decoded ? cases[i].decoded : cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_read),
        cmocka_unit_test(the_end_is_found_however_the_bytes_come),
        cmocka_unit_test(what_cannot_become_http_is_known_early),
        cmocka_unit_test(parts_of_the_target_are_views),
        cmocka_unit_test(escapes_are_decoded_or_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
