#include "nb_test.h"

#include "text/diff.h"

static const struct {
    const char *old, *new_, *diff;
} cases[] = {
    {"a\nb\n",                         "a\nb\n",                               ""                                                                 },
    {"",                               "a\n",                                  "--- x\n+++ y\n@@ -0,0 +1 @@\n+a\n"                                },
    {"a\n",                            "",                                     "--- x\n+++ y\n@@ -1 +0,0 @@\n-a\n"                                },
    {"a\nb\nc\n",                      "a\nB\nc\n",                            "--- x\n+++ y\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"                  },
    {"1\n2\n3\n4\n5\n6\n7\n8\n9\n",    "1\n2\n3\n4\n5\n6\n7\n8\nnine\n",
     "--- x\n+++ y\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+nine\n"                                                                                     },
    {"0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", "zero\n1\n2\n3\n4\n5\n6\n7\n8\nnine\n",
     "--- x\n+++ y\n@@ -1,4 +1,4 @@\n-0\n+zero\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-9\n+nine\n"                                             },
    {"a\n",                            "a",                                    "--- x\n+++ y\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n"},
};

static void says_what_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_diff_unified(&out, NB_STR("x"), nb_str_from(cases[i].old), NB_STR("y"),
                        nb_str_from(cases[i].new_));
        assert_str(nb_buf_view(&out), cases[i].diff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_changed)};
    return cmocka_run_group_tests_name("text/diff", tests, NULL, NULL);
}
