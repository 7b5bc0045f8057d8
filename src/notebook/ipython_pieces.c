/* From pieces to text: suites that became empty, the line map, findings and what the cell needs. */
#include "notebook/ipython_parts.h"

enum { MOST_FINDINGS = 1000, SHOWN = 60 };

unsigned nb_ipy_width(nb_str indent)
{
    unsigned width = 0;
    for (size_t i = 0; i < indent.len; i++) {
        if (indent.at[i] == '\t')
            width = (width / 8 + 1) * 8;
        else
            width = indent.at[i] == '\f' ? 0 : width + 1;
    }
    return width;
}

/* --- suites ----------------------------------------------------------------------------------- */

/* A header whose next statement is not deeper, with something removed in between that was: `pass` takes its place. */
static void fill_suites(nb_ipy *ipy)
{
    bool open = false;
    unsigned header = 0; /* width of the header's indentation */
    nb_ipy_piece *removed = NULL;
    for (size_t i = 0; i < ipy->pieces.count; i++) {
        nb_ipy_piece *piece = &ipy->pieces.at[i];
        unsigned width = nb_ipy_width(piece->indent);
        if (piece->kind == NB_IPY_PYTHON) {
            if (removed && width <= header)
                removed->pass = true;
            open = piece->opens;
            header = width;
            removed = NULL;
        } else if (piece->kind == NB_IPY_REMOVED && open && width > header) {
            removed = piece;
        }
    }
    if (removed)
        removed->pass = true;
}

/* --- text ------------------------------------------------------------------------------------- */

typedef struct writer {
    nb_arena *arena;
    nb_buf text;
    NB_VEC(uint32_t) line;
    NB_VEC(uint32_t) dedent;
} writer;

static void put_line(writer *w, nb_str text, uint32_t number, uint32_t dedent)
{
    if (w->line.count > 0)
        nb_buf_putc(&w->text, '\n');
    nb_buf_put(&w->text, text);
    nb_vec_push(w->arena, &w->line, number);
    nb_vec_push(w->arena, &w->dedent, dedent);
}

static void put_piece(writer *w, const nb_ipy_piece *piece)
{
    nb_str rest = piece->text, line;
    for (size_t i = 0; !piece->no_text && nb_str_split(&rest, '\n', &line); i++) {
        const nb_ipy_line *from = &piece->lines[i < piece->line_count ? i : 0];
        put_line(w, line, from->number, from->dedent + (i == 0 ? piece->cut : 0));
    }
    if (piece->pass)
        put_line(w, nb_arena_printf(w->arena, NB_STR_FMT "pass", NB_STR_ARG(piece->indent)),
                 piece->lines[0].number, piece->lines[0].dedent);
}

static bool shows(const nb_ipy_piece *piece)
{
    return (piece->kind != NB_IPY_BLANK && !piece->no_text) || piece->pass;
}

/* A literal that nothing closes may end in empty lines: they are the cell's trailing ones. */
static void trim_end(writer *w)
{
    while (w->text.len > 0 && w->text.at[w->text.len - 1] == '\n') {
        w->text.len--;
        w->line.count--;
        w->dedent.count--;
    }
}

void nb_ipy_finish(nb_ipy *ipy)
{
    fill_suites(ipy);
    size_t first = 0, end = ipy->pieces.count;
    while (first < end && !shows(&ipy->pieces.at[first]))
        first++;
    while (end > first && !shows(&ipy->pieces.at[end - 1]))
        end--;
    writer w = {.arena = ipy->arena, .text = NB_BUF_INIT(SIZE_MAX)};
    for (size_t i = first; i < end; i++)
        put_piece(&w, &ipy->pieces.at[i]);
    trim_end(&w);
    ipy->out->text = nb_arena_str(ipy->arena, nb_buf_view(&w.text));
    ipy->out->line = w.line.at;
    ipy->out->dedent = w.dedent.at;
    ipy->out->line_count = w.text.len > 0 ? w.line.count : 0;
    nb_buf_release(&w.text);
}

/* --- what the cell needs ---------------------------------------------------------------------- */

bool nb_ipy_bound(nb_ipy *ipy, nb_str name)
{
    if (ipy->scanning)
        return false;
    if (ipy->options->bound && nb_map_has(ipy->options->bound, name))
        return true;
    if (!ipy->own_known)
        nb_ipython_bound_names(ipy->arena, ipy->cell, &ipy->own);
    ipy->own_known = true;
    return nb_map_has(&ipy->own, name);
}

void nb_ipy_require(nb_ipy *ipy, nb_str text, unsigned line)
{
    nb_str own = nb_arena_str(ipy->arena, text);
    if (nb_set_add(ipy->arena, &ipy->required, own))
        nb_vec_push(ipy->arena, &ipy->out->requirements, ((nb_requirement_line){own, line}));
}

void nb_ipy_import(nb_ipy *ipy, const char *statement)
{
    nb_str text = nb_str_from(statement);
    if (nb_set_add(ipy->arena, &ipy->imported, text))
        nb_vec_push(ipy->arena, &ipy->out->imports, text);
}

/* --- findings --------------------------------------------------------------------------------- */

/* Characters of the line from `start` on to `offset`; goes on from the last count, so that many findings on a long line
 * cost no more than one. */
static unsigned characters_before(nb_ipy *ipy, nb_str text, size_t start, size_t offset)
{
    const char *line = text.at + start;
    if (ipy->counted.line != line || ipy->counted.offset > offset) {
        ipy->counted.line = line;
        ipy->counted.offset = start;
        ipy->counted.characters = 0;
    }
    nb_str more = nb_str_slice(text, ipy->counted.offset, offset);
    ipy->counted.characters += (unsigned)nb_ipy_characters(more);
    ipy->counted.offset = offset;
    return ipy->counted.characters;
}

static void place(nb_ipy *ipy, nb_ipython_finding *finding, const nb_ipy_source *source,
                  size_t start, size_t end)
{
    size_t index = nb_ipy_line_of(source, start), line_start = source->starts[index];
    const nb_ipy_line *line = &source->lines[index];
    size_t line_end = line_start + line->text.len;
    finding->line = line->number;
    finding->column = line->column;
    if (line->column)
        return;
    nb_str marked = nb_str_slice(source->text, start, end < line_end ? end : line_end);
    finding->column = line->dedent + characters_before(ipy, source->text, line_start, start) + 1;
    finding->length = (unsigned)nb_ipy_characters(nb_str_rtrim(marked));
}

nb_ipython_finding *nb_ipy_find(nb_ipy *ipy, const nb_ipy_source *source, size_t start, size_t end,
                                nb_diag_code code, const char *fmt, ...)
{
    if (ipy->out->findings.count >= MOST_FINDINGS)
        return &ipy->spare;
    nb_ipython_finding finding = {.code = code, .severity = nb_diag_row_of(code)->severity};
    va_list args;
    va_start(args, fmt);
    finding.message = nb_arena_vprintf(ipy->arena, fmt, args);
    va_end(args);
    place(ipy, &finding, source, start, end);
    nb_vec_push(ipy->arena, &ipy->out->findings, finding);
    return &ipy->out->findings.at[ipy->out->findings.count - 1];
}

nb_str nb_ipy_show(nb_ipy *ipy, nb_str text)
{
    text = nb_ipy_redact(ipy, text, NULL);
    if (nb_ipy_characters(text) <= SHOWN)
        return text;
    size_t len = 0;
    for (size_t count = 0; len < text.len; len++)
        if (((unsigned char)text.at[len] & 0xC0) != 0x80 && count++ == SHOWN - 3)
            break;
    return nb_arena_printf(ipy->arena, NB_STR_FMT "...", NB_STR_ARG(nb_str_slice(text, 0, len)));
}
