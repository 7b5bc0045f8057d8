/* Hosts, tokens, and addresses that need one. The functions of http.h here take the place of http.c. */
#include "nb_test.h"

#include "serve/contract/rows.h"
#include "serve/front/auth.h"

#include <sys/stat.h>
#include <unistd.h>

struct nb_http_request {
    bool is_unix;
    const char *host, *authorization, *key;
};

bool nb_http_is_unix(const nb_http_request *request)
{
    return request->is_unix;
}

nb_str nb_http_field(const nb_http_request *request, const char *name)
{
    return nb_str_from(strcmp(name, "Host") == 0            ? request->host
                       : strcmp(name, "Authorization") == 0 ? request->authorization
                                                            : request->key);
}

static nb_auth *open_with(const char *host, const char *file)
{
    nb_endpoint_settings settings = {.host = nb_str_from(host),
                                     .token_file = nb_str_from(file),
                                     .allowed_hosts = NB_STR("iris.example  other")};
    nb_error err = NB_ERROR_INIT;
    nb_auth *auth = NULL;
    assert_ok(nb_auth_open(&settings, &auth, &err), &err);
    return auth;
}

static void names_that_are_not_ours_are_refused(void **unused)
{
    static const struct {
        const char *host;
        bool known;
    } cases[] = {
        {"localhost",      true },
        {"LocalHost:8080", true },
        {"127.0.0.1:8080", true },
        {"[::1]:8080",     true },
        {"192.168.1.7",    true },
        {"iris.example:1", true },
        {"other",          true },
        {"box",            true },
        {"evil.example",   false},
        {"localhost.evil", false},
        {"[::1",           false},
        {"",               false},
        {"1.2.3.4.evil",   false},
    };
    nb_auth *auth;
    nb_endpoint_settings settings = {.host = NB_STR("box"), .no_auth = true};
    nb_error err = NB_ERROR_INIT;
    (void)unused;
    settings.allowed_hosts = NB_STR("iris.example  other");
    assert_ok(nb_auth_open(&settings, &auth, &err), &err);
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        print_message("case %zu: %s\n", i, cases[i].host);
        assert_int_equal(nb_auth_knows_host(auth, nb_str_from(cases[i].host)), cases[i].known);
    }
    nb_auth_free(auth);
}

static void write_file(char *path, const char *text, unsigned mode)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void either_of_two_tokens_opens(void **unused)
{
    char path[] = "/tmp/nb_tokenXXXXXX";
    (void)unused;
    write_file(path, "first-token-0123456789\n\nsecond-token-0123456789\n", 0600);
    nb_auth *auth = open_with("127.0.0.1", path);
    unlink(path);
    static const struct {
        struct nb_http_request request;
        bool health;
        nb_auth_verdict verdict;
    } cases[] = {
        {{false, "localhost", "Bearer first-token-0123456789", NULL},  false, NB_AUTH_FINE },
        {{false, "localhost", "bearer second-token-0123456789", NULL}, false, NB_AUTH_FINE },
        {{false, "localhost", NULL, "second-token-0123456789"},        false, NB_AUTH_FINE },
        {{false, "localhost", NULL, "second-token-012345678"},         false, NB_AUTH_TOKEN},
        {{false, "localhost", NULL, "second-token-01234567890"},       false, NB_AUTH_TOKEN},
        {{false, "localhost", "Basic first-token-0123456789", NULL},   false, NB_AUTH_TOKEN},
        {{false, "localhost", NULL, NULL},                             false, NB_AUTH_TOKEN},
        {{false, "localhost", NULL, NULL},                             true,  NB_AUTH_FINE },
        {{false, "evil.example", NULL, "second-token-0123456789"},     false, NB_AUTH_HOST },
        {{true, "evil.example", NULL, NULL},                           false, NB_AUTH_FINE },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        print_message("case %zu\n", i);
        assert_int_equal(nb_auth_check(auth, &cases[i].request, cases[i].health), cases[i].verdict);
    }
    nb_auth_free(auth);
}

static void tokens_are_exchanged_without_a_restart(void **unused)
{
    static const struct {
        const char *text;
        unsigned mode;
        int64_t at_us;
        bool fails, changes, knows_old, knows_new;
    } steps[] = {
        {NULL,                                           0600, 2000000, false, false, true,  false},
        {"old-token-0123456789\nnew-token-0123456789\n", 0600, 2500000, false, false, true,
         false                                                                                    }, /* too soon to look */
        {NULL,                                           0600, 3100000, false, true,  true,  true },
        {"new-token-0123456789\n",                       0600, 4200000, false, true,  false, true },
        {"",                                             0600, 5300000, true,  false, false, true },
        {NULL,                                           0600, 6400000, false, false, false, true }, /* told once */
        {"third-token-0123456789\n",                     0644, 7500000, true,  false, false, true },
        {"third-token-0123456789\n",                     0600, 8600000, false, true,  false, false},
    };
    char path[] = "/tmp/nb_tokenXXXXXX";
    (void)unused;
    write_file(path, "old-token-0123456789\n", 0600);
    nb_auth *auth = open_with("127.0.0.1", path);
    for (size_t i = 0; i < NB_LEN(steps); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        bool changed = true;
        print_message("step %zu\n", i);
        if (steps[i].text) {
            FILE *file = fopen(path, "w");
            (void)fputs(steps[i].text, file);
            (void)fclose(file);
            assert_int_equal(chmod(path, steps[i].mode), 0);
        }
        nb_code code = nb_auth_refresh(auth, steps[i].at_us, &changed, &err);
        assert_int_equal(code != NB_OK, steps[i].fails);
        assert_int_equal(changed, steps[i].changes);
        assert_int_equal(nb_auth_knows_token(auth, NB_STR("old-token-0123456789")),
                         steps[i].knows_old);
        assert_int_equal(nb_auth_knows_token(auth, NB_STR("new-token-0123456789")),
                         steps[i].knows_new);
    }
    unlink(path);
    nb_auth_free(auth);
}

static void what_is_unsafe_is_refused_at_the_start(void **unused)
{
    static const struct {
        const char *host, *tokens;
        unsigned mode;
        const char *message;
    } cases[] = {
        {"0.0.0.0",         NULL,                       0,    "cannot serve on '0.0.0.0' without a token"        },
        {"127.example.org", NULL,                       0,    "cannot serve on '127.example.org' without a token"},
        {"127.0.0.1",       "short\n",                  0600, "has 5 characters"                                 },
        {"127.0.0.1",       "long-enough-0123456789\n", 0644, "others may read the token file"                   },
        {"127.0.0.1",       "\n",                       0600, "holds no token"                                   },
    };
    (void)unused;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        char path[] = "/tmp/nb_tokenXXXXXX";
        nb_endpoint_settings settings = {.host = nb_str_from(cases[i].host)};
        nb_auth *auth = NULL;
        print_message("case %zu\n", i);
        if (cases[i].tokens) {
            write_file(path, cases[i].tokens, cases[i].mode);
            settings.token_file = nb_str_from(path);
        }
        assert_int_not_equal(nb_auth_open(&settings, &auth, &err), NB_OK);
        assert_non_null(strstr(nb_error_message(&err, 0), cases[i].message));
        unlink(path);
    }
}

static void rows_are_counted_where_they_can_be_seen(void **unused)
{
    static const struct {
        const char *type, *body;
        unsigned rows;
    } cases[] = {
        {"application/json",                "[[1, 2], [3, 4]]",                              2},
        {"application/json",                "[1, 2, 3]",                                     1},
        {"application/json; charset=utf-8", "{\"instances\": [[1], [2], [3]], \"p\": {}}",   3},
        {"application/json",                "{\"inputs\": [{\"a\": 1}]}",                    1},
        {"application/json",                "{\"dataframe_split\": {\"data\": [[1], [2]]}}", 2},
        {"application/json",                "{\"dataframe_records\": [{}, {}]}",             2},
        {"application/json",                "{\"other\": 1}",                                0},
        {"application/json",                "[[1], [2]",                                     0},
        {"application/json",                "",                                              0},
        {"text/csv",                        "1,2\n3,4\n\n",                                  2},
        {"application/x-npy",               "[[1]]",                                         0},
    };
    (void)unused;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        print_message("case %zu: %s\n", i, cases[i].body);
        assert_int_equal(nb_rows_count(nb_str_from(cases[i].type), nb_str_from(cases[i].body)),
                         cases[i].rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_not_ours_are_refused),
        cmocka_unit_test(either_of_two_tokens_opens),
        cmocka_unit_test(tokens_are_exchanged_without_a_restart),
        cmocka_unit_test(what_is_unsafe_is_refused_at_the_start),
        cmocka_unit_test(rows_are_counted_where_they_can_be_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
