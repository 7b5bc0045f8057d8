/* Any text through the translator. Without lines that the maps know it comes out unchanged; with them, it does not depend on how the text was cut, and what
 * is taken back from the result is the text; nothing is held back at the end.
 *
 * Input: a control byte (bit 0: foreign paths, bit 1: source lines are checked; the rest: size of the pieces), then the text. */
#include "origin/translate.h"

static const nb_origin_range ranges[] = {
    {1, 50, 3, 1}
};
static const nb_origin_file files[] = {
    {.name = NB_STR_ROW("train.py"),
     .ranges = ranges,
     .count = NB_LEN(ranges),
     .text = NB_STR_ROW("a\n    x = 1\nb\n")},
    { .name = NB_STR_ROW("h/p.py"),
     .source = NB_STR_ROW("p.py"),
     .ranges = ranges,
     .count = 1,
     .state = NB_ORIGIN_MISSING},
};
static const nb_origin_map maps[] = {
    {NB_STR_ROW("/p"), NB_STR_ROW("a.ipynb"), files, 2},
    {NB_STR_ROW("/q"), NB_STR_ROW("b.ipynb"), files, 1},
};

static void run(const nb_origins *origins, bool check, nb_str text, size_t size, nb_buf *out)
{
    nb_translator t;
    nb_translator_init(&t, origins);
    t.check_source = check;
    for (size_t at = 0; at < text.len; at += size) {
        nb_translate_bytes(&t, nb_str_slice(text, at, at + size), out);
        if (t.held.len > NB_HELD_LIMIT + size || t.waiting.len > NB_HELD_LIMIT + 1)
            abort();
    }
    nb_buf_put(out, nb_translate_end(&t));
    nb_translator_release(&t);
}

static void check_same(nb_str a, nb_str b)
{
    if (!nb_str_eq(a, b))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    NB_AUTO(nb_buf) whole = NB_BUF_INIT(NB_BUF_TEXT), cut = NB_BUF_INIT(NB_BUF_TEXT),
                    plain = NB_BUF_INIT(NB_BUF_TEXT);
    const nb_origins known = {maps, 2, (data[0] & 1) != 0}, unknown = {NULL, 0, (data[0] & 1) != 0};
    bool check = (data[0] & 2) != 0;
    nb_str text = {(const char *)data + 1, size - 1};
    run(&known, check, text, SIZE_MAX / 2, &whole);
    run(&known, check, text, (size_t)(data[0] >> 2) + 1, &cut);
    run(&unknown, check, text, (size_t)(data[0] >> 2) + 1, &plain);
    check_same(nb_buf_view(&whole), nb_buf_view(&cut));
    check_same(nb_buf_view(&plain), text);
    return 0;
}
