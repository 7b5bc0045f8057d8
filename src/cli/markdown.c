#include "cli/markdown.h"

#include "base/buf.h"
#include "cli/term.h"

enum { CODE_INDENT = 4, LARGEST_WORD = 4096 };

typedef struct writer {
    size_t columns;
    bool colour;
    FILE *to;
    bool begun; /* something stands above: the next block is set off by an empty line */

    /* the paragraph that is being written */
    size_t column, indent;
    bool bold, code;
    nb_buf word;  /* as it is shown, with escape sequences */
    size_t width; /* columns that the word takes */
} writer;

/* ---- Text. */

static void end_word(writer *w)
{
    if (w->width == 0)
        return;
    if (w->column > w->indent && w->column + 1 + w->width > w->columns) {
        fprintf(w->to, "\n%*s", (int)w->indent, "");
        w->column = w->indent;
    } else if (w->column > w->indent) {
        fputc(' ', w->to);
        w->column++;
    }
    fwrite(w->word.at, 1, w->word.len, w->to);
    w->column += w->width;
    w->width = 0;
    nb_buf_clear(&w->word);
}

static void set_style(writer *w, bool *style)
{
    *style = !*style;
    if (!*style)
        nb_buf_putz(&w->word, nb_term_style(w->colour, NB_STYLE_NONE));
    if (w->bold)
        nb_buf_putz(&w->word, nb_term_style(w->colour, NB_STYLE_BOLD));
    if (w->code)
        nb_buf_putz(&w->word, nb_term_style(w->colour, NB_STYLE_NOTE));
}

static size_t put_character(writer *w, nb_str text)
{
    nb_str character = nb_str_slice(text, 0, nb_term_bytes(text, 1));
    nb_buf_put(&w->word, character);
    w->width += nb_term_width(character);
    return character.len;
}

/* The mark at the start of the text, if there is one: changes the style and returns its bytes, else 0. */
static size_t take_mark(writer *w, nb_str text)
{
    if (text.at[0] == '`') {
        set_style(w, &w->code);
        if (!w->colour)
            (void)put_character(w, text);
        return 1;
    }
    if (w->code)
        return 0;
    if (nb_str_starts(text, NB_STR("**"))) {
        set_style(w, &w->bold);
        return 2;
    }
    if (text.at[0] == '\\' && text.len > 1)
        return 1 + put_character(w, nb_str_from_at(text, 1));
    if (nb_str_starts(text, NB_STR("]("))) {
        ptrdiff_t end = nb_str_find_char(text, ')');
        return end < 0 ? text.len : (size_t)end + 1;
    }
    return text.at[0] == '[';
}

/* Code is not broken at its blanks. */
static void put_text(writer *w, nb_str text)
{
    for (size_t at = 0; at < text.len;) {
        nb_str rest = nb_str_from_at(text, at);
        size_t mark = take_mark(w, rest);
        at += mark;
        if (mark > 0)
            continue;
        if (text.at[at] != ' ' && text.at[at] != '\n') {
            at += put_character(w, rest);
            continue;
        }
        if (w->code)
            (void)put_character(w, NB_STR(" "));
        else
            end_word(w);
        at++;
    }
}

/* ---- Blocks. */

static void set_off(writer *w)
{
    if (w->begun)
        fputc('\n', w->to);
    w->begun = true;
}

static void put_paragraph(writer *w, nb_str text, size_t indent)
{
    w->column = w->indent = indent;
    put_text(w, text);
    end_word(w);
    fwrite(w->word.at ? w->word.at : "", 1, w->word.len, w->to); /* an escape sequence at the end */
    nb_buf_clear(&w->word);
    fputc('\n', w->to);
}

static void put_heading(writer *w, nb_str line)
{
    while (nb_str_starts(line, NB_STR("#")))
        line = nb_str_from_at(line, 1);
    set_off(w);
    fprintf(w->to, "%s" NB_STR_FMT "%s\n", nb_term_style(w->colour, NB_STYLE_BOLD),
            NB_STR_ARG(nb_str_trim(line)), nb_term_style(w->colour, NB_STYLE_NONE));
}

static void put_code(writer *w, nb_str *page)
{
    nb_str line;
    set_off(w);
    while (nb_str_line(page, &line) && !nb_str_starts(line, NB_STR("```"))) {
        if (line.len > 0)
            fprintf(w->to, "%*s" NB_STR_FMT, CODE_INDENT, "", NB_STR_ARG(line));
        fputc('\n', w->to);
    }
}

static bool begins_block(nb_str line)
{
    return line.len == 0 || nb_str_starts(line, NB_STR("#")) ||
           nb_str_starts(line, NB_STR("```")) || nb_str_starts(line, NB_STR("- "));
}

/* The paragraph or entry of a list that `line` begins, with its further lines. */
static void put_lines(writer *w, nb_str line, nb_str *page, bool after_entry)
{
    bool entry = nb_str_starts(line, NB_STR("- "));
    nb_str text = line, rest = *page, next;
    while (nb_str_line(&rest, &next) && !begins_block(next)) {
        text.len = (size_t)(next.at + next.len - text.at);
        *page = rest;
    }
    if (!(entry && after_entry))
        set_off(w);
    if (entry) {
        fputs("- ", w->to);
        text = nb_str_from_at(text, 2);
    }
    put_paragraph(w, text, entry ? 2 : 0);
}

void nb_markdown_print(nb_str page, size_t columns, bool colour, FILE *to)
{
    writer w = {.columns = columns, .colour = colour, .to = to, .word = NB_BUF_INIT(LARGEST_WORD)};
    nb_str line;
    bool after_entry = false;
    while (nb_str_line(&page, &line)) {
        if (line.len == 0)
            continue;
        if (nb_str_starts(line, NB_STR("```")))
            put_code(&w, &page);
        else if (line.at[0] == '#')
            put_heading(&w, line);
        else
            put_lines(&w, line, &page, after_entry);
        after_entry = nb_str_starts(line, NB_STR("- "));
    }
    nb_buf_release(&w.word);
}
