/* schema_value.c - one value against its row, and how problems are put. */
#include "base/map.h"
#include "text/schema_parts.h"
#include "text/secret.h"

enum { LONGEST_SHOWN = 60 };

static size_t choices_of(const nb_schema_row *row, nb_str choices[NB_SCHEMA_MOST_WORDS])
{
    size_t count = 0;
    nb_str rest = nb_str_from(row->choices);
    while (count < NB_SCHEMA_MOST_WORDS && nb_str_split(&rest, '|', &choices[count]))
        count++;
    return count;
}

nb_str nb_schema_listed(nb_arena *arena, const nb_str *words, size_t count)
{
    nb_str list = {0};
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            list = nb_str_concat(arena, list, NB_STR(", "));
        list = nb_str_concat(arena, list, words[i]);
    }
    return list;
}

/* --- problems --- */

nb_problem *nb_schema_problem(nb_problems *problems, nb_diag_code code, const nb_yaml *value,
                              nb_str message)
{
    return nb_problem_add(problems, code, nb_yaml_place(value, problems->path), NB_STR_FMT,
                          NB_STR_ARG(message));
}

nb_str nb_schema_shown(nb_arena *arena, const nb_schema_row *row, nb_str key, nb_str text)
{
    bool secret = row && (row->flags & NB_SCHEMA_SECRET);
    if (secret || nb_secret_value(key, text))
        return NB_STR("***");
    if (text.len <= LONGEST_SHOWN && nb_str_find_char(text, '\n') < 0)
        return text;
    size_t len = 0;
    while (len < text.len && len < LONGEST_SHOWN - 4 && text.at[len] != '\n')
        len++;
    while (len > 0 && ((unsigned char)text.at[len] & 0xC0) == 0x80) /* not within a character */
        len--;
    return nb_str_concat(arena, nb_str_slice(text, 0, len), NB_STR("..."));
}

static const char *wanted_kind(nb_schema_kind kind)
{
    switch (kind) {
    case NB_SCHEMA_MAP:
    case NB_SCHEMA_VALUES:
    case NB_SCHEMA_CHOICES: return "a mapping";
    case NB_SCHEMA_LIST: return "a list of mappings";
    case NB_SCHEMA_TEXT: return "text";
    case NB_SCHEMA_INT: return "a whole number";
    case NB_SCHEMA_BOOL: return "true or false";
    case NB_SCHEMA_TEXTS: return "a list of texts";
    case NB_SCHEMA_NAMED: return "a list of names or a mapping";
    }
    return "something else";
}

static void hint_type(const nb_schema_row *row, nb_str key, const nb_yaml *value,
                      nb_problems *problems, nb_problem *problem)
{
    bool scalar = value->kind < NB_YAML_LIST;
    if (value->kind == NB_YAML_NULL)
        nb_problem_hint(problems, problem, "write a value, or remove the key");
    else if ((row->kind == NB_SCHEMA_TEXT || row->kind == NB_SCHEMA_TEXTS) && scalar &&
             value->kind != NB_YAML_STR)
        nb_problem_hint(problems, problem, "put it in quotes: \"" NB_STR_FMT "\"",
                        NB_STR_ARG(nb_schema_shown(problems->arena, row, key, value->text)));
    else if (row->kind == NB_SCHEMA_LIST && value->kind == NB_YAML_MAP)
        nb_problem_hint(problems, problem, "begin each entry with '- '");
    else if (row->kind == NB_SCHEMA_BOOL)
        nb_problem_hint(problems, problem, "write true or false");
    else if (row->example)
        nb_problem_hint(problems, problem, "write it as in %s", row->example);
}

void nb_schema_wrong_type(const nb_schema_row *row, nb_str key, const char *wanted,
                          const nb_yaml *value, nb_problems *problems)
{
    nb_str message = nb_arena_printf(problems->arena, "'" NB_STR_FMT "' must be %s, this is %s",
                                     NB_STR_ARG(key), wanted, nb_yaml_kind_name(value->kind));
    hint_type(row, key, value, problems,
              nb_schema_problem(problems, NB_D_WRONG_TYPE, value, message));
}

/* --- values --- */

static void check_choice(const nb_schema_row *row, nb_str key, const nb_yaml *value,
                         nb_problems *problems)
{
    nb_str choices[NB_SCHEMA_MOST_WORDS];
    size_t count = choices_of(row, choices);
    for (size_t i = 0; i < count; i++)
        if (nb_str_eq(value->text, choices[i]))
            return;
    nb_str list = nb_schema_listed(problems->arena, choices, count);
    nb_str message = nb_arena_printf(
        problems->arena, "'" NB_STR_FMT "' cannot be '" NB_STR_FMT "'", NB_STR_ARG(key),
        NB_STR_ARG(nb_schema_shown(problems->arena, row, key, value->text)));
    nb_problem *problem = nb_schema_problem(problems, NB_D_BAD_VALUE, value, message);
    nb_str nearest = nb_str_nearest(value->text, choices, count);
    if (nearest.len > 0)
        nb_problem_hint(problems, problem, "write '" NB_STR_FMT "'; the choices are " NB_STR_FMT,
                        NB_STR_ARG(nearest), NB_STR_ARG(list));
    else
        nb_problem_hint(problems, problem, "write one of " NB_STR_FMT, NB_STR_ARG(list));
}

static void check_form(const nb_schema_row *row, nb_str key, nb_str text, const nb_yaml *value,
                       nb_problems *problems)
{
    if (!row->form || row->form->fits(text))
        return;
    nb_str message = nb_arena_printf(
        problems->arena, "'" NB_STR_FMT "' cannot be '" NB_STR_FMT "'; it must be %s",
        NB_STR_ARG(key), NB_STR_ARG(nb_schema_shown(problems->arena, row, key, text)),
        row->form->phrase);
    nb_problem *problem = nb_schema_problem(problems, NB_D_BAD_VALUE, value, message);
    if (row->example)
        nb_problem_hint(problems, problem, "write it as in %s", row->example);
}

static void check_int(const nb_schema_row *row, nb_str key, const nb_yaml *value,
                      nb_problems *problems)
{
    int64_t number;
    nb_str text = nb_yaml_number(problems->arena, NB_YAML_INT, value->text);
    bool fits = nb_str_to_int(text, &number);
    if (fits && (row->min == row->max || (number >= row->min && number <= row->max)))
        return;
    nb_str message =
        nb_arena_printf(problems->arena, "'" NB_STR_FMT "' cannot be " NB_STR_FMT, NB_STR_ARG(key),
                        NB_STR_ARG(nb_schema_shown(problems->arena, row, key, value->text)));
    nb_problem *problem = nb_schema_problem(problems, NB_D_BAD_VALUE, value, message);
    if (row->min != row->max)
        nb_problem_hint(problems, problem, "write a number from %lld to %lld", (long long)row->min,
                        (long long)row->max);
    else
        nb_problem_hint(problems, problem, "write a number of at most 18 digits");
}

static bool is_text(const nb_schema_row *row, const nb_yaml *value)
{
    bool number = value->kind == NB_YAML_INT || value->kind == NB_YAML_FLOAT;
    return value->kind == NB_YAML_STR || (number && (row->flags & NB_SCHEMA_NUMBERS));
}

static void check_texts(const nb_schema_row *row, nb_str key, const nb_yaml *list,
                        nb_problems *problems)
{
    size_t i = 0;
    for (const nb_yaml *each = list->child; each; each = each->next, i++) {
        nb_str name = nb_arena_printf(problems->arena, NB_STR_FMT "[%zu]", NB_STR_ARG(key), i);
        if (is_text(row, each))
            check_form(row, name, each->text, each, problems);
        else
            nb_schema_wrong_type(row, name, "text", each, problems);
    }
}

static nb_yaml key_as_value(const nb_yaml *member) /* so that its place is the key's */
{
    return (nb_yaml){.kind = NB_YAML_STR,
                     .text = member->key,
                     .line = member->key_line,
                     .column = member->key_column,
                     .source = member->key_source};
}

static void check_members(const nb_schema_row *row, nb_str key, const nb_yaml *map,
                          nb_problems *problems)
{
    for (const nb_yaml *each = map->child; each; each = each->next) {
        nb_str name = nb_arena_printf(problems->arena, NB_STR_FMT "." NB_STR_FMT, NB_STR_ARG(key),
                                      NB_STR_ARG(each->key));
        nb_yaml at = key_as_value(each);
        check_form(row, key, each->key, &at, problems);
        if (row->kind == NB_SCHEMA_VALUES)
            continue;
        if (each->kind != NB_YAML_STR)
            nb_schema_wrong_type(row, name, "text", each, problems);
        else if (row->choices)
            check_choice(row, name, each, problems);
    }
}

/* An entry of a NAMED list that is a mapping: {name: b, value: x}, or one pair {b: x}. */
static void check_named_map(const nb_schema_row *row, nb_str key, const nb_yaml *entry,
                            nb_problems *problems)
{
    const nb_yaml *name = nb_yaml_get(entry, "name"), *value = nb_yaml_get(entry, "value");
    bool pair = entry->count == 1 && !name && entry->child->kind == NB_YAML_STR;
    bool full = name && name->kind == NB_YAML_STR && entry->count == (value ? 2 : 1) &&
                (!value || value->kind == NB_YAML_STR);
    if (pair) {
        nb_yaml at = key_as_value(entry->child);
        check_form(row, key, at.text, &at, problems);
    } else if (full) {
        check_form(row, key, name->text, name, problems);
    } else {
        nb_str message = nb_arena_printf(problems->arena,
                                         "'" NB_STR_FMT "' must have a name and a value, both text",
                                         NB_STR_ARG(key));
        nb_problem *problem = nb_schema_problem(problems, NB_D_WRONG_TYPE, entry, message);
        nb_problem_hint(problems, problem, "write it as in {name: NAME, value: \"EXPRESSION\"}");
    }
}

static void check_named(const nb_schema_row *row, nb_str key, const nb_yaml *list,
                        nb_problems *problems)
{
    size_t i = 0;
    for (const nb_yaml *each = list->child; each; each = each->next, i++) {
        nb_str name = nb_arena_printf(problems->arena, NB_STR_FMT "[%zu]", NB_STR_ARG(key), i);
        if (each->kind == NB_YAML_MAP)
            check_named_map(row, name, each, problems);
        else if (each->kind == NB_YAML_STR)
            check_form(row, name, each->text, each, problems);
        else
            nb_schema_wrong_type(row, name, "a name", each, problems);
    }
}

/* Names that two entries share; a mapping has none. */
static void check_repeated(nb_str key, const nb_yaml *list, nb_problems *problems)
{
    const nb_schema_member *members;
    nb_map seen = NB_MAP_INIT;
    size_t count = nb_schema_members(problems->arena, list, &members);
    for (size_t i = 0; i < count; i++) {
        if (nb_set_add(problems->arena, &seen, members[i].name))
            continue;
        nb_problem *problem = nb_problem_add(problems, NB_D_DUPLICATE_NAME,
                                             nb_yaml_key_place(members[i].at, problems->path),
                                             "'" NB_STR_FMT "' has '" NB_STR_FMT "' twice",
                                             NB_STR_ARG(key), NB_STR_ARG(members[i].name));
        nb_problem_hint(problems, problem, "remove one of the two");
    }
}

void nb_schema_check_value(const nb_schema_row *row, nb_str key, const nb_yaml *value,
                           nb_problems *problems)
{
    bool list = value->kind == NB_YAML_LIST, map = value->kind == NB_YAML_MAP;
    if (value->refused)
        return;
    switch (row->kind) {
    case NB_SCHEMA_TEXT:
        if (!is_text(row, value))
            break;
        if (row->choices)
            check_choice(row, key, value, problems);
        check_form(row, key, value->text, value, problems);
        return;
    case NB_SCHEMA_INT:
        if (value->kind != NB_YAML_INT)
            break;
        check_int(row, key, value, problems);
        return;
    case NB_SCHEMA_BOOL:
        if (value->kind != NB_YAML_BOOL)
            break;
        return;
    case NB_SCHEMA_TEXTS:
        if (!list)
            break;
        check_texts(row, key, value, problems);
        return;
    case NB_SCHEMA_VALUES:
    case NB_SCHEMA_CHOICES:
        if (!map)
            break;
        check_members(row, key, value, problems);
        return;
    case NB_SCHEMA_NAMED:
        if (!list && !map)
            break;
        if (list)
            check_named(row, key, value, problems);
        else
            check_members(row, key, value, problems);
        check_repeated(key, value, problems);
        return;
    case NB_SCHEMA_MAP:
    case NB_SCHEMA_LIST: break;
    }
    nb_schema_wrong_type(row, key, wanted_kind(row->kind), value, problems);
}
