/* json_error.c - what a person is told when a document is not JSON: the place, what is there, and the likely cause. */
#include "text/json.h"

#include "text/utf8.h"

enum { LONGEST_LINE = 120, LONGEST_EXCERPT = 24 };

/* The line that holds byte `at`, without its line end. */
static nb_str line_around(nb_str text, size_t at)
{
    ptrdiff_t before = nb_str_rfind_char(nb_str_slice(text, 0, at), '\n');
    size_t start = before < 0 ? 0 : (size_t)before + 1;
    ptrdiff_t after = nb_str_find_char(nb_str_from_at(text, start), '\n');
    nb_str line = nb_str_slice(text, start, after < 0 ? text.len : start + (size_t)after);
    return nb_str_ends(line, NB_STR("\r")) ? nb_str_slice(line, 0, line.len - 1) : line;
}

void nb_json_place(const nb_json_reader *r, size_t at, unsigned *line, unsigned *column)
{
    nb_str before = nb_str_slice(r->text, 0, at);
    *line = 1;
    for (ptrdiff_t end; (end = nb_str_find_char(before, '\n')) >= 0; ++*line)
        before = nb_str_from_at(before, (size_t)end + 1);
    if (*line == 1 && nb_str_starts(before, NB_STR("\xEF\xBB\xBF")))
        before = nb_str_from_at(before, 3); /* editors do not show the byte-order mark */
    *column = (unsigned)nb_utf8_count(before) + 1;
}

static bool is_printable(nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 0x20 && text.at[i] != '\t')
            return false;
    return nb_utf8_valid(text) == text.len;
}

/* What stands at the error, for people: "'foo'", cut short. */
static nb_str excerpt(nb_arena *arena, nb_str text, size_t at)
{
    if (at >= text.len)
        return NB_STR("the end of the file");
    unsigned char c = (unsigned char)text.at[at];
    if (c < 0x20 || c >= 0x80)
        return nb_arena_printf(arena, "a byte 0x%02x", c);
    size_t end = at + 1;
    bool word = nb_is_alpha((char)c);
    while (word && end < text.len && end < at + LONGEST_EXCERPT && nb_is_alpha(text.at[end]))
        end++;
    return nb_arena_printf(arena, c == '\'' ? "\"" NB_STR_FMT "\"" : "'" NB_STR_FMT "'",
                           NB_STR_ARG(nb_str_slice(text, at, end)));
}

static bool is_conflict_marker(nb_str line)
{
    return nb_str_starts(line, NB_STR("<<<<<<<")) || nb_str_starts(line, NB_STR("=======")) ||
           nb_str_starts(line, NB_STR(">>>>>>>")) || nb_str_starts(line, NB_STR("|||||||"));
}

/* Causes that can be told from what the reader complained about. */
static const struct {
    const char *what, *hint;
} hints_by_complaint[] = {
    {"a comma follows the last element",               "remove this comma"                                      },
    {"a control character stands in a string",
     "close the string on its own line, or write the character as an escape such as \\n or \\t"                 },
    {"a string is never closed",                       "close the string, or restore the file if it was cut off"},
    {"a byte is not UTF-8",                            "save the file as UTF-8"                                 },
    {"a number starts with 0",                         "write the number without leading zeros"                 },
    {"expected nothing after the end of the document", "remove everything from here on"                         },
    {"an escape that JSON does not have",              "write a backslash as \\\\"                              },
    {"half of a surrogate pair stands alone",          "write both halves of the pair, or remove this one"      },
    {"arrays and objects are nested too deep",         "check that the file was not made by mistake"            },
};

/* Causes that can be told from what stands there. */
static const struct {
    nb_str text;
    const char *hint;
} hints_by_text[] = {
    {NB_STR_ROW("'"),            "write strings and keys in double quotes"            },
    {NB_STR_ROW("//"),           "remove the comment: JSON has none"                  },
    {NB_STR_ROW("/*"),           "remove the comment: JSON has none"                  },
    {NB_STR_ROW("#"),            "remove the comment: JSON has none"                  },
    {NB_STR_ROW("True"),         "write true: this is Python, not JSON"               },
    {NB_STR_ROW("False"),        "write false: this is Python, not JSON"              },
    {NB_STR_ROW("None"),         "write null: this is Python, not JSON"               },
    {NB_STR_ROW("NaN"),          "write null: this document allows no NaN"            },
    {NB_STR_ROW("Inf"),          "write null: this document allows no infinite number"},
    {NB_STR_ROW("\xEF\xBB\xBF"), "save the file without a byte-order mark"            },
};

static const char *hint_for(const nb_json_reader *r)
{
    nb_str rest = nb_str_from_at(r->text, r->bad_at);
    for (size_t i = 0; i < NB_LEN(hints_by_complaint); i++)
        if (strcmp(r->bad_what, hints_by_complaint[i].what) == 0)
            return hints_by_complaint[i].hint;
    if (rest.len == 0)
        return "restore the file: it was cut off";
    for (size_t i = 0; i < NB_LEN(hints_by_text); i++)
        if (nb_str_starts(rest, hints_by_text[i].text))
            return hints_by_text[i].hint;
    bool wants_comma = strncmp(r->bad_what, "expected ','", 12) == 0;
    if (wants_comma && nb_str_find_char(NB_STR("\"{[-0123456789tfn"), rest.at[0]) >= 0)
        return "add a comma before it";
    bool wants_value = strcmp(r->bad_what, "expected a value") == 0;
    if (wants_value && rest.at[0] == ',')
        return "remove this comma, or add a value before it";
    if (wants_value && nb_str_find_char(NB_STR("]}"), rest.at[0]) < 0)
        return "write text in double quotes";
    return NULL;
}

/* The complaint itself, with what was found instead. */
static nb_str complaint(nb_arena *arena, const nb_json_reader *r)
{
    nb_str found = excerpt(arena, r->text, r->bad_at);
    if (strncmp(r->bad_what, "expected ", 9) == 0)
        return nb_arena_printf(arena, "%s, found " NB_STR_FMT, r->bad_what, NB_STR_ARG(found));
    if (strstr(r->bad_what, "UTF-8"))
        return nb_arena_printf(arena, "%s (0x%02x at offset %zu)", r->bad_what,
                               (unsigned char)r->text.at[r->bad_at], r->bad_at);
    return nb_str_from(r->bad_what);
}

static nb_code report(const nb_json_reader *r, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str line = line_around(r->text, r->bad_at);
    bool conflict = is_conflict_marker(line);
    nb_str what = conflict ? NB_STR("it holds git conflict markers") : complaint(&arena, r);
    nb_fail(err, NB_ERR_NOTEBOOK, "cannot read '" NB_STR_FMT "': " NB_STR_FMT, NB_STR_ARG(r->path),
            NB_STR_ARG(what));
    nb_place place = {.path = r->path};
    nb_json_place(r, r->bad_at, &place.line, &place.column);
    if (line.len <= LONGEST_LINE && is_printable(line))
        place.source = line;
    nb_error_at(err, place);
    const char *hint = conflict ? "resolve the conflict with git and try again" : hint_for(r);
    if (hint)
        nb_error_hint(err, "%s", hint);
    return err->code;
}

nb_code nb_json_close(nb_json_reader *r, nb_error *err)
{
    if (!r->bad) {
        (void)nb_json_peek(r); /* past white space */
        if (r->at < r->text.len)
            nb_json_refuse(r, "expected nothing after the end of the document");
    }
    return r->bad ? report(r, err) : NB_OK;
}
