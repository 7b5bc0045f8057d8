#include "provider/local/transcript.h"

void nb_transcript_init(nb_transcript *t, const nb_line_map *map)
{
    *t = (nb_transcript){.text = NB_BUF_INIT(NB_BUF_TEXT)};
    nb_translator_init(&t->streams[NB_STDOUT], map);
    nb_translator_init(&t->streams[NB_STDERR], map);
}

nb_str nb_transcript_add(nb_transcript *t, const nb_output *output)
{
    nb_output shown;
    nb_buf_clear(&t->text);
    if (!nb_translate(&t->streams[output->stream], output, &shown))
        return NB_STR("");
    bool nothing_left = t->cut[shown.stream] && shown.ended && shown.text.len == 0;
    t->cut[shown.stream] = false;
    if (nothing_left)
        return NB_STR("");
    if (t->open && t->opener != shown.stream) {
        nb_buf_putc(&t->text, '\n');
        t->cut[t->opener] = true;
    }
    nb_buf_put(&t->text, shown.text);
    if (shown.ended)
        nb_buf_putc(&t->text, '\n');
    t->open = !shown.ended;
    t->opener = shown.stream;
    return nb_buf_view(&t->text);
}

void nb_transcript_release(nb_transcript *t)
{
    nb_translator_release(&t->streams[NB_STDOUT]);
    nb_translator_release(&t->streams[NB_STDERR]);
    nb_buf_release(&t->text);
}
