#include "provider/local/traceback.h"

#include "base/path.h"

enum { HELD_LIMIT = 8 * 1024, EXCEPTION_LIMIT = 500 };

void nb_translator_init(nb_translator *t, const nb_line_map *map)
{
    *t = (nb_translator){.map = map};
    t->held = NB_BUF_INIT(NB_BUF_TEXT);
    t->line = NB_BUF_INIT(NB_BUF_TEXT);
    t->exception = NB_BUF_INIT(NB_BUF_TEXT);
}

void nb_translator_release(nb_translator *t)
{
    nb_buf_release(&t->held);
    nb_buf_release(&t->line);
    nb_buf_release(&t->exception);
}

/* --- one line ---------------------------------------------------------------------------------- */

/* Without the escape sequences of a coloured traceback (Python 3.13). */
static nb_str plain(nb_arena *arena, nb_str text)
{
    if (nb_str_find_char(text, '\x1b') < 0)
        return text;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '\x1b') {
            nb_buf_putc(&out, text.at[i]);
            continue;
        }
        while (i < text.len && text.at[i] != 'm')
            i++;
    }
    return nb_arena_str(arena, nb_buf_view(&out));
}

/* Blanks, and the rails that exception groups draw at the left. */
static size_t margin_of(nb_str line)
{
    size_t at = 0;
    while (at < line.len && nb_str_find_char(NB_STR(" |+-"), line.at[at]) >= 0)
        at++;
    return at;
}

/* Digits at the front of *rest; false when there are none. */
static bool take_number(nb_str *rest, int64_t *out)
{
    size_t len = 0;
    while (len < rest->len && nb_is_digit(rest->at[len]))
        len++;
    if (!nb_str_to_int(nb_str_slice(*rest, 0, len), out))
        return false;
    *rest = nb_str_from_at(*rest, len);
    return true;
}

typedef struct frame {
    nb_str margin, path, rest; /* rest: ", in main" */
    int64_t line;
} frame;

/*   File "/srv/proj/generated/iris/train.py", line 88, in main   */
static bool read_frame(nb_str line, frame *out)
{
    static const nb_str start = NB_STR_ROW("File \""), middle = NB_STR_ROW("\", line ");
    size_t margin = margin_of(line);
    nb_str rest = nb_str_from_at(line, margin);
    if (margin == 0 || !nb_str_starts(rest, start))
        return false;
    rest = nb_str_from_at(rest, start.len);
    ptrdiff_t end = nb_str_find(rest, middle);
    if (end < 0)
        return false;
    *out = (frame){.margin = nb_str_slice(line, 0, margin),
                   .path = nb_str_slice(rest, 0, (size_t)end)};
    out->rest = nb_str_from_at(rest, (size_t)end + middle.len);
    return take_number(&out->rest, &out->line);
}

/* /srv/proj/generated/iris/train.py:88: UserWarning: ...   */
static bool read_warning(const nb_line_map *map, nb_str line, frame *out)
{
    if (map->folder.len == 0 || !nb_str_starts(line, map->folder))
        return false;
    ptrdiff_t colon = nb_str_find(line, NB_STR(".py:"));
    if (colon < 0)
        return false;
    *out = (frame){.path = nb_str_slice(line, 0, (size_t)colon + 3)};
    out->rest = nb_str_from_at(line, (size_t)colon + 4);
    return take_number(&out->rest, &out->line) && nb_str_starts(out->rest, NB_STR(":"));
}

/* Remembers what a traceback is about: its innermost cell, and the line that follows its frames. */
static void note(nb_translator *t, nb_str line)
{
    if (nb_str_starts(line, NB_STR("Traceback (most recent call last):"))) {
        t->inside = true;
        t->place = (nb_cell_place){0};
    } else if (t->inside && line.len > 0 && margin_of(line) == 0) {
        t->inside = false;
        t->last_place = t->place;
        nb_buf_clear(&t->exception);
        nb_buf_put(&t->exception, nb_str_slice(line, 0, EXCEPTION_LIMIT));
    }
}

/* The line as it is to be shown: itself unless it names a line of the notebook. */
static nb_str translate_line(nb_translator *t, nb_str line)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str text = plain(&scratch, line);
    frame f;
    nb_cell_place place;
    bool is_frame = read_frame(text, &f);
    if (!is_frame)
        note(t, text);
    if ((!is_frame && !read_warning(t->map, text, &f)) ||
        !nb_line_map_find(t->map, f.path, f.line, &place))
        return line;
    nb_str name = nb_path_base(f.path);
    nb_buf_clear(&t->line);
    if (is_frame) {
        t->place = place;
        nb_buf_printf(&t->line,
                      NB_STR_FMT "File \"" NB_STR_FMT "\", cell %lld, line %lld" NB_STR_FMT,
                      NB_STR_ARG(f.margin), NB_STR_ARG(t->map->notebook), (long long)place.cell,
                      (long long)place.line, NB_STR_ARG(f.rest));
        nb_buf_printf(&t->line, " (" NB_STR_FMT ":%lld)", NB_STR_ARG(name), (long long)f.line);
    } else {
        nb_buf_printf(&t->line,
                      NB_STR_FMT ": cell %lld, line %lld (" NB_STR_FMT ":%lld)" NB_STR_FMT,
                      NB_STR_ARG(t->map->notebook), (long long)place.cell, (long long)place.line,
                      NB_STR_ARG(name), (long long)f.line, NB_STR_ARG(f.rest));
    }
    return nb_buf_view(&t->line);
}

/* --- pieces -------------------------------------------------------------------------------------- */

/* Whether a line that begins like this may become one that is translated. */
static bool may_matter(const nb_translator *t, nb_str start)
{
    static const nb_str file = NB_STR_ROW("File \"");
    size_t margin = margin_of(start);
    nb_str rest = nb_str_from_at(start, margin);
    if (margin > 0 && (nb_str_starts(rest, file) || nb_str_starts(file, rest)))
        return true;
    nb_str folder = t->map->folder;
    return folder.len > 0 && (nb_str_starts(start, folder) || nb_str_starts(folder, start));
}

bool nb_translate(nb_translator *t, const nb_output *in, nb_output *out)
{
    *out = *in;
    if (t->midline) {
        t->midline = !in->ended;
        return true;
    }
    if (t->given) /* the result of the last call lay there */
        nb_buf_clear(&t->held);
    nb_buf_put(&t->held, in->text);
    nb_str line = nb_buf_view(&t->held);
    t->given = in->ended || line.len >= HELD_LIMIT || !may_matter(t, line);
    if (!t->given)
        return false;
    t->midline = !in->ended;
    out->text = in->ended ? translate_line(t, line) : line;
    return true;
}
