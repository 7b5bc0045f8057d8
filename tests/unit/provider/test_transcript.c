#include "nb_test.h"

#include "provider/transcript.h"

static const nb_origin_range ranges[] = {
    {20, 5, 6, 3},
};
static const nb_origin_file files[] = {
    {.name = NB_STR_ROW("train.py"), .ranges = ranges, .count = NB_LEN(ranges)},
};
static const nb_origin_map map = {NB_STR_ROW("/p/generated/iris"), NB_STR_ROW("nb/iris.ipynb"),
                                  files, 1};
static const nb_origins origins = {&map, 1, false};

#define F "/p/generated/iris/train.py"

static const struct {
    const char *name;
    struct {
        char stream; /* 'o', 'e' */
        const char *text;
        bool ended;
    } in[6];
    const char *want;
} mixes[] = {
    {"lines in turn",                                     {{'o', "a", true}, {'e', "b", true}, {'o', "c", true}}, "a\nb\nc\n"},
    {"a line in pieces",                                  {{'o', "a", false}, {'o', "b", true}},                  "ab\n"     },
    {"an unfinished line is ended for the other stream",
     {{'e', "\r10%", false}, {'o', "epoch", true}, {'e', "\r20%", false}, {'e', "", true}},
     "\r10%\nepoch\n\r20%\n"                                                                                                 },
    {"its own end is not written twice",
     {{'e', "10%", false}, {'o', "epoch", true}, {'e', "", true}, {'o', "x", true}},
     "10%\nepoch\nx\n"                                                                                                       },
    {"an empty line stays",                               {{'o', "", true}, {'e', "", true}, {'o', "x", true}},   "\n\nx\n"  },
    {"both unfinished",
     {{'o', "a", false}, {'e', "b", false}, {'o', "c", true}, {'e', "d", true}},
     "a\nb\nc\nd\n"                                                                                                          },
    {"a frame held back does not split the other stream",
     {{'e', "  File \"", false}, {'o', "out", true}, {'e', F "\", line 20", true}},
     "out\n  File \"nb/iris.ipynb\", cell 6, line 3 (train.py:20)\n"                                                         },
};

static void streams_do_not_mix_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(mixes); i++) {
        NB_AUTO(nb_buf) seen = NB_BUF_INIT(NB_BUF_TEXT);
        nb_transcript t;
        nb_transcript_init(&t, &origins);
        for (size_t j = 0; j < NB_LEN(mixes[i].in) && mixes[i].in[j].stream; j++) {
            nb_output piece = {mixes[i].in[j].stream == 'o' ? NB_STDOUT : NB_STDERR,
                               nb_str_from(mixes[i].in[j].text), mixes[i].in[j].ended};
            nb_buf_put(&seen, nb_transcript_add(&t, &piece));
        }
        nb_transcript_release(&t);
        print_message("case %zu: %s\n", i, mixes[i].name);
        assert_str(nb_buf_view(&seen), mixes[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_do_not_mix_lines),
    };
    return cmocka_run_group_tests_name("provider/transcript", tests, NULL, NULL);
}
