#include "nb_test.h"

#include "cli/markdown.h"

#include <stdlib.h>

static char *printed(const char *page, size_t columns, bool colour)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    assert_non_null(to);
    nb_markdown_print(nb_str_from(page), columns, colour, to);
    (void)fclose(to);
    return text;
}

static void check(const char *page, size_t columns, bool colour, const char *want)
{
    char *got = printed(page, columns, colour);
    assert_string_equal(got, want);
    free(got);
}

static void pages_become_plain_text(void **state)
{
    (void)state;
    static const struct {
        const char *page, *want;
    } cases[] = {
        {"",                                                  ""                                       },
        {"# Title\n\ntext\n",                                 "Title\n\ntext\n"                        },
        {"## A title that is longer than a line is\n",        "A title that is longer than a line is\n"},
        {"one two\nthree\n\n\nfour\n",                        "one two three\n\nfour\n"                },
        {"aaaa bbbb cccc dddd eeee\n",                        "aaaa bbbb cccc dddd\neeee\n"            },
        {"a `code that is not broken` b\n",                   "a\n`code that is not broken`\nb\n"      },
        {"**bold words** here\n",                             "bold words here\n"                      },
        {"see [the page](../x.md), b\n",                      "see the page, b\n"                      },
        {"a \\<b\\> \\*c\\* \\_d\\_\n",                       "a <b> *c* _d_\n"                        },
        {"`a\\b` and `x[1](2)` `**`\n",                       "`a\\b` and `x[1](2)`\n`**`\n"           },
        {"text\n\n```python\nx = 1\n\ny = [2](3)\n```\n",     "text\n\n    x = 1\n\n    y = [2](3)\n"  },
        {"```\nnever closed",                                 "    never closed\n"                     },
        {"- one\n- two words that wrap\n  and more\n\nend\n",
         "- one\n- two words that\n  wrap and more\n\nend\n"                                           },
        {"text\n- entry\n",                                   "text\n\n- entry\n"                      },
        {"never `closed\n",                                   "never `closed\n"                        },
        {"[a](b\n",                                           "a\n"                                    },
        {"\\",                                                "\\\n"                                   },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++)
        check(cases[i].page, 20, false, cases[i].want);
}

static void wide_characters_count_twice(void **state)
{
    (void)state;
    check("\u6f22\u5b57\u6f22 \u6f22\u5b57\n", 10, false, "\u6f22\u5b57\u6f22\n\u6f22\u5b57\n");
}

static void colour_marks_titles_code_and_bold(void **state)
{
    (void)state;
    check(
        "# T\n\na `b` **c `d` e** f\n", 40, true,
        "\033[1mT\033[0m\n\na \033[1;36mb\033[0m \033[1mc \033[1m\033[1;36md\033[0m\033[1m e\033[0m f\n");
    check("- **x**\n", 40, true, "- \033[1mx\033[0m\n");
}

static void colour_takes_no_columns(void **state)
{
    (void)state;
    check("`aaaa` **bbbb** `cc`\n", 12, true,
          "\033[1;36maaaa\033[0m \033[1mbbbb\033[0m \033[1;36mcc\033[0m\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_become_plain_text),
        cmocka_unit_test(wide_characters_count_twice),
        cmocka_unit_test(colour_marks_titles_code_and_bold),
        cmocka_unit_test(colour_takes_no_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
