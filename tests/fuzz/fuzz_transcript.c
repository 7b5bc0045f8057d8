/* A training's output on its way to the terminal and the log. Whatever it is and however the pipes cut it: each stream's words come out in
 * order, none lost and none added while the map knows no line; and the text ends with a whole line, whatever the map knows.
 *
 * Input: pieces; each begins with a control byte (bit 0: stream, bit 1: the line ends, other bits: length). */
#include "provider/transcript.h"

static const nb_origin_range ranges[] = {
    {1, 50, 3, 1}
};
static const nb_origin_file files[] = {
    {.name = NB_STR_ROW("train.py"), .ranges = ranges, .count = NB_LEN(ranges)}
};
static const nb_origin_map map = {NB_STR_ROW("/p"), NB_STR_ROW("a.ipynb"), files, 1};
static const nb_origins known = {&map, 1, false};
static const nb_origins unknown = {0};

static bool next_piece(nb_str *rest, nb_output *piece)
{
    if (rest->len == 0)
        return false;
    unsigned control = (unsigned char)rest->at[0];
    size_t len = control >> 2;
    *piece = (nb_output){control & 1 ? NB_STDERR : NB_STDOUT, nb_str_slice(*rest, 1, 1 + len),
                         (control & 2) != 0};
    *rest = nb_str_from_at(*rest, 1 + piece->text.len);
    return true;
}

/* Ends unfinished lines, as the runner does. */
static void finish(nb_transcript *t, const bool open[2], nb_buf *out)
{
    for (nb_stream s = NB_STDOUT; s <= NB_STDERR; s++)
        if (open[s])
            nb_buf_put(out, nb_transcript_add(t, &(nb_output){s, {0}, true}));
}

/* Without any line end: what no cut of lines may change. */
static void put_words(nb_buf *words, nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != '\n')
            nb_buf_putc(words, text.at[i]);
}

/* All pieces of one stream only, through a map that knows nothing: the words come back as they went in. */
static void check_one_stream(nb_str data, nb_stream stream)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT), in_words = NB_BUF_INIT(NB_BUF_TEXT),
                    out_words = NB_BUF_INIT(NB_BUF_TEXT);
    nb_transcript t;
    nb_output piece;
    bool open[2] = {false, false};
    nb_transcript_init(&t, &unknown);
    while (next_piece(&data, &piece)) {
        if (piece.stream != stream)
            continue;
        put_words(&in_words, piece.text);
        open[stream] = !piece.ended;
        nb_buf_put(&out, nb_transcript_add(&t, &piece));
    }
    finish(&t, open, &out);
    nb_transcript_release(&t);
    put_words(&out_words, nb_buf_view(&out));
    if (!nb_str_eq(nb_buf_view(&in_words), nb_buf_view(&out_words)))
        abort();
}

/* Both streams through a map that knows lines: nothing but no crash, and complete lines at the end. */
static void check_both(nb_str data)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_transcript t;
    nb_output piece;
    bool open[2] = {false, false};
    nb_transcript_init(&t, &known);
    while (next_piece(&data, &piece)) {
        open[piece.stream] = !piece.ended;
        nb_buf_put(&out, nb_transcript_add(&t, &piece));
    }
    finish(&t, open, &out);
    nb_transcript_release(&t);
    if (out.len > 0 && out.at[out.len - 1] != '\n')
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nb_str text = {(const char *)data, size};
    check_one_stream(text, NB_STDOUT);
    check_one_stream(text, NB_STDERR);
    check_both(text);
    return 0;
}
