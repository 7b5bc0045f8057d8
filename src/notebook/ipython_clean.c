/* Lines as IPython's tokenizer gets to see them: line ends, dedent, prompts. */
#include "notebook/ipython_parts.h"

static bool is_blank_line(nb_str line)
{
    return nb_ipy_skip(line).len == 0;
}

nb_str nb_ipy_skip(nb_str text)
{
    while (text.len > 0 && nb_ipy_blank(text.at[0]))
        text = nb_str_from_at(text, 1);
    return text;
}

nb_str nb_ipy_word(nb_str *rest)
{
    nb_str text = nb_ipy_skip(*rest);
    size_t len = 0;
    while (len < text.len && !nb_ipy_blank(text.at[len]))
        len++;
    *rest = nb_ipy_skip(nb_str_from_at(text, len));
    return nb_str_slice(text, 0, len);
}

size_t nb_ipy_characters(nb_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return count;
}

nb_ipy_lines nb_ipy_split(nb_arena *arena, nb_str cell)
{
    static const nb_str mark = NB_STR_ROW("\xEF\xBB\xBF");
    nb_ipy_lines lines = {0};
    uint32_t number = 0, removed = nb_str_starts(cell, mark);
    size_t start = removed ? mark.len : 0;
    for (size_t i = start; i <= cell.len; i++) {
        if (i < cell.len && cell.at[i] != '\n' && cell.at[i] != '\r')
            continue;
        nb_vec_push(arena, &lines.list,
                    ((nb_ipy_line){nb_str_slice(cell, start, i), ++number, removed, 0}));
        removed = 0;
        if (i + 1 < cell.len && cell.at[i] == '\r' && cell.at[i + 1] == '\n')
            i++;
        start = i + 1;
    }
    return lines;
}

/* --- dedent ----------------------------------------------------------------------------------- */

static void cut(nb_ipy_line *line, size_t len)
{
    line->dedent += (uint32_t)nb_ipy_characters(nb_str_slice(line->text, 0, len));
    line->text = nb_str_from_at(line->text, len);
}

static nb_str indentation(nb_str line)
{
    size_t len = 0;
    while (len < line.len && (line.at[len] == ' ' || line.at[len] == '\t'))
        len++;
    return nb_str_slice(line, 0, len);
}

static nb_str common(nb_str a, nb_str b)
{
    size_t len = 0;
    while (len < a.len && len < b.len && a.at[len] == b.at[len])
        len++;
    return nb_str_slice(a, 0, len);
}

/* As textwrap.dedent: lines of blanks and tabs alone become empty and do not count. */
static nb_str margin(nb_ipy_lines *lines)
{
    nb_str found = {0};
    for (size_t i = 0; i < lines->list.count; i++) {
        nb_ipy_line *line = &lines->list.at[i];
        nb_str own = indentation(line->text);
        if (own.len == line->text.len)
            cut(line, own.len);
        else
            found = found.at ? common(found, own) : own;
    }
    return found;
}

/* IPython up to 8 removed the first line's indentation wherever it stood, and notebooks rely on it. */
static nb_str first_indentation(const nb_ipy_lines *lines)
{
    nb_str line = lines->list.at[0].text, own = indentation(line);
    return own.len < line.len && line.at[own.len] != '#' ? own : NB_STR("");
}

static void dedent(nb_ipy_lines *lines)
{
    nb_str remove = margin(lines);
    if (remove.len == 0)
        remove = first_indentation(lines);
    for (size_t i = 0; remove.len > 0 && i < lines->list.count; i++)
        if (nb_str_starts(lines->list.at[i].text, remove))
            cut(&lines->list.at[i], remove.len);
}

/* --- prompts ---------------------------------------------------------------------------------- */

static size_t classic_prompt(nb_str line)
{
    static const nb_str prompts[] = {NB_STR_ROW(">>> "), NB_STR_ROW(">>>"), NB_STR_ROW("... "),
                                     NB_STR_ROW("...")};
    for (size_t i = 0; i < NB_LEN(prompts); i++)
        if (nb_str_starts(line, prompts[i]))
            return prompts[i].len;
    return 0;
}

static bool eat(nb_str *text, const char *z)
{
    nb_str with = nb_str_from(z);
    if (!nb_str_starts(*text, with))
        return false;
    *text = nb_str_from_at(*text, with.len);
    return true;
}

/* "In [12]: " with an editing mode before it. */
static size_t in_prompt(nb_str line)
{
    nb_str rest = line;
    bool mode = eat(&rest, "[nav]") || eat(&rest, "[ins]");
    if (!eat(&rest, " ") && mode)
        return 0;
    if (!eat(&rest, "In ["))
        return 0;
    size_t digits = 0;
    while (digits < rest.len && nb_is_digit(rest.at[digits]))
        digits++;
    rest = nb_str_from_at(rest, digits);
    return digits > 0 && eat(&rest, "]: ") ? line.len - rest.len : 0;
}

/* "   ...: " */
static size_t more_prompt(nb_str line)
{
    nb_str rest = nb_ipy_skip(line);
    size_t dots = 0;
    while (dots < rest.len && rest.at[dots] == '.')
        dots++;
    rest = nb_str_from_at(rest, dots);
    if (dots < 3 || !eat(&rest, ":"))
        return 0;
    (void)eat(&rest, " ");
    return line.len - rest.len;
}

static size_t ipython_prompt(nb_str line)
{
    size_t len = in_prompt(line);
    return len ? len : more_prompt(line);
}

static void strip(nb_ipy_lines *lines, size_t (*prompt)(nb_str line))
{
    for (size_t i = 0; i < lines->list.count; i++)
        cut(&lines->list.at[i], prompt(lines->list.at[i].text));
}

static void strip_prompts(nb_ipy_lines *lines)
{
    nb_str first = lines->list.at[0].text;
    if (nb_str_eqz(first, ">>>") || nb_str_starts(first, NB_STR(">>> ")))
        strip(lines, classic_prompt);
    nb_str second = lines->list.count > 1 ? lines->list.at[1].text : NB_STR("");
    if (ipython_prompt(lines->list.at[0].text) || ipython_prompt(second))
        strip(lines, ipython_prompt);
}

void nb_ipy_clean(nb_ipy_lines *lines)
{
    while (lines->list.count > 0 && is_blank_line(lines->list.at[0].text)) {
        lines->list.at++;
        lines->list.count--;
        lines->list.cap--;
    }
    if (lines->list.count == 0)
        return;
    dedent(lines);
    strip_prompts(lines);
}

/* --- joined ----------------------------------------------------------------------------------- */

nb_ipy_source nb_ipy_join(nb_arena *arena, const nb_ipy_line *lines, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += lines[i].text.len + 1;
    char *text = nb_arena_alloc(arena, size + 1);
    uint32_t *starts = NB_NEW_ARRAY(arena, uint32_t, count + 1);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        starts[i] = (uint32_t)at;
        if (lines[i].text.len > 0)
            memcpy(text + at, lines[i].text.at, lines[i].text.len);
        at += lines[i].text.len;
        text[at++] = '\n';
    }
    starts[count] = (uint32_t)at;
    return (nb_ipy_source){
        {text, at > 0 ? at - 1 : 0},
        lines, starts, count
    };
}

size_t nb_ipy_line_of(const nb_ipy_source *source, size_t offset)
{
    size_t low = 0, high = source->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (source->starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t nb_ipy_physical_end(nb_str text, size_t offset)
{
    for (size_t i = offset; i < text.len; i++)
        if (text.at[i] == '\n' && (i == offset || text.at[i - 1] != '\\'))
            return i;
    return text.len;
}
