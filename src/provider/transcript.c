#include "provider/transcript.h"

void nb_transcript_init(nb_transcript *t, const nb_origins *origins)
{
    *t = (nb_transcript){.text = NB_BUF_INIT(NB_BUF_TEXT)};
    nb_translator_init(&t->streams[NB_STDOUT], origins);
    nb_translator_init(&t->streams[NB_STDERR], origins);
}

nb_str nb_transcript_add(nb_transcript *t, const nb_output *output)
{
    nb_stream stream = output->stream;
    nb_str shown = nb_translate(&t->streams[stream], output->text, output->ended);
    nb_buf_clear(&t->text);
    if (shown.len == 0)
        return NB_STR("");
    bool nothing_left = t->cut[stream] && nb_str_eqz(shown, "\n");
    t->cut[stream] = false;
    if (nothing_left)
        return NB_STR("");
    if (t->open && t->opener != stream) {
        nb_buf_putc(&t->text, '\n');
        t->cut[t->opener] = true;
    }
    nb_buf_put(&t->text, shown);
    t->open = !output->ended;
    t->opener = stream;
    return nb_buf_view(&t->text);
}

void nb_transcript_release(nb_transcript *t)
{
    nb_translator_release(&t->streams[NB_STDOUT]);
    nb_translator_release(&t->streams[NB_STDERR]);
    nb_buf_release(&t->text);
}
