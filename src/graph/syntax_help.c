#include "graph/syntax_help.h"

static nb_str line_around(nb_str text, uint32_t at)
{
    size_t start = (size_t)(nb_str_rfind_char(nb_str_slice(text, 0, at), '\n') + 1);
    nb_str rest = nb_str_from_at(text, start), line = NB_STR("");
    (void)nb_str_line(&rest, &line);
    return line;
}

/* A value begins here: after `=`, `(`, `,`, `[`, `:` or at the start of the line. */
static bool begins_value(nb_str line, size_t at)
{
    nb_str before = nb_str_rtrim(nb_str_slice(line, 0, at));
    char last = before.len > 0 ? before.at[before.len - 1] : '=';
    return last == '=' || last == '(' || last == ',' || last == '[' || last == ':';
}

static bool is_word(char c)
{
    return nb_is_name(c) || c == ' ' || c == '-' || c == '.' || c == '\'' || c == '/';
}

/* <YOUR-KEY>, [PROJECT ID], …: words in brackets where a value is to stand. */
static nb_str find_placeholder(nb_str line)
{
    for (size_t i = 0; i < line.len; i++) {
        char close = line.at[i] == '<' ? '>' : line.at[i] == '[' ? ']' : '\0';
        if (close == '\0' || !begins_value(line, i))
            continue;
        size_t end = i + 1;
        while (end < line.len && is_word(line.at[end]))
            end++;
        nb_str inner = nb_str_slice(line, i + 1, end);
        bool words = close == '>' || nb_str_find_char(nb_str_trim(inner), ' ') > 0;
        if (end < line.len && line.at[end] == close && words && nb_str_trim(inner).len > 1 &&
            nb_is_name_start(nb_str_trim(inner).at[0]))
            return nb_str_slice(line, i, end + 1);
    }
    return NB_STR("");
}

/* `x =` and nothing: an exercise, or something that was taken out before the notebook was shared. */
static bool is_left_open(nb_str line)
{
    ptrdiff_t comment = nb_str_find_char(line, '#');
    nb_str code = nb_str_trim(comment >= 0 ? nb_str_slice(line, 0, (size_t)comment) : line);
    return code.len > 1 && code.at[code.len - 1] == '=' && nb_is_name_start(code.at[0]);
}

nb_str nb_syntax_help(nb_arena *arena, nb_str text, const nb_py_error *error)
{
    nb_str line = line_around(text, error->start);
    nb_str placeholder = find_placeholder(line);
    if (placeholder.len > 0)
        return nb_arena_printf(arena, "replace the placeholder '" NB_STR_FMT "' by a value",
                               NB_STR_ARG(placeholder));
    if (nb_str_contains(line, NB_STR("\xE2\x80\xA6")) || nb_str_eqz(nb_str_trim(line), "[...]"))
        return NB_STR("write the code that the dots stand for");
    if (is_left_open(line))
        return NB_STR("write the value that is left open here, or leave the cell untagged");
    nb_str code = nb_str_trim(line);
    if (nb_str_starts(code, NB_STR("print ")) || nb_str_starts(code, NB_STR("print\"")))
        return NB_STR("write print(…): this is Python 2, and 2to3 translates whole notebooks");
    return NB_STR("");
}
