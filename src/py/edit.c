#include "py/edit.h"

bool nb_edit_add(nb_arena *arena, nb_edits *edits, uint32_t start, uint32_t end, nb_str text)
{
    size_t at = edits->list.count;
    while (at > 0 && edits->list.at[at - 1].start >= end &&
           !(edits->list.at[at - 1].start == start && edits->list.at[at - 1].end <= end))
        at--;
    if (start > end || (at > 0 && edits->list.at[at - 1].end > start))
        return false;
    nb_vec_push(arena, &edits->list, (nb_edit){0});
    memmove(edits->list.at + at + 1, edits->list.at + at,
            (edits->list.count - 1 - at) * sizeof(nb_edit));
    edits->list.at[at] = (nb_edit){start, end, text};
    return true;
}

nb_str nb_edit_apply(nb_arena *arena, const nb_edits *edits, nb_str text, uint32_t start,
                     uint32_t end)
{
    size_t size = end - start;
    for (size_t i = 0; i < edits->list.count; i++)
        size += edits->list.at[i].text.len;
    char *out = nb_arena_alloc(arena, size + 1);
    size_t len = 0;
    uint32_t at = start;
    for (size_t i = 0; i < edits->list.count; i++) {
        const nb_edit *edit = &edits->list.at[i];
        if (edit->start < at || edit->end > end)
            continue;
        memcpy(out + len, text.at + at, edit->start - at);
        len += edit->start - at;
        if (edit->text.len > 0)
            memcpy(out + len, edit->text.at, edit->text.len);
        len += edit->text.len;
        at = edit->end;
    }
    memcpy(out + len, text.at + at, end - at);
    return (nb_str){out, len + end - at};
}

/* ---- literals ------------------------------------------------------------------------------------------------------ */

static size_t count_of(nb_str text, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == c;
    return count;
}

static void put_quoted(nb_buf *out, char c, char quote)
{
    switch (c) {
    case '\n': nb_buf_putz(out, "\\n"); break;
    case '\r': nb_buf_putz(out, "\\r"); break;
    case '\t': nb_buf_putz(out, "\\t"); break;
    case '\\': nb_buf_putz(out, "\\\\"); break;
    default:
        if (c == quote)
            nb_buf_putc(out, '\\');
        if ((unsigned char)c < ' ' || c == 0x7f)
            nb_buf_printf(out, "\\x%02x", (unsigned)(unsigned char)c);
        else
            nb_buf_putc(out, c);
    }
}

nb_str nb_py_quote(nb_arena *arena, nb_str text)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    char quote = count_of(text, '"') > count_of(text, '\'') ? '\'' : '"';
    nb_buf_putc(&out, quote);
    for (size_t i = 0; i < text.len; i++)
        put_quoted(&out, text.at[i], quote);
    nb_buf_putc(&out, quote);
    return nb_arena_str(arena, nb_buf_view(&out));
}
