#include "requirements/lock_parts.h"
#include "requirements/version.h"

/* poetry's constraints: "^1.2" is >=1.2,<2; "~1.2" is >=1.2,<1.3; "1.2" is ==1.2; "*" is any. */

enum { MAX_PARTS = 4 };

/* The release numbers of a version; 0 when it is none or has more than we count. */
static size_t release_of(nb_str version, int64_t parts[MAX_PARTS])
{
    nb_str piece;
    size_t count = 0;
    while (nb_str_split(&version, '.', &piece)) {
        size_t digits = 0;
        while (digits < piece.len && nb_is_digit(piece.at[digits]))
            digits++;
        if (count == MAX_PARTS || digits > 9 ||
            !nb_str_to_int(nb_str_slice(piece, 0, digits), &parts[count]))
            return count;
        count++;
        if (digits < piece.len) /* 1.2rc1 */
            break;
    }
    return count;
}

/* ">=1.2.3,<1.3": the part number `bumped` goes up by one, those after it go. */
static nb_str up_to(nb_arena *arena, nb_str version, const int64_t *parts, size_t bumped)
{
    nb_str out = nb_arena_printf(arena, ">=" NB_STR_FMT ",<", NB_STR_ARG(version));
    for (size_t i = 0; i <= bumped; i++)
        out = nb_arena_printf(arena, NB_STR_FMT "%s%lld", NB_STR_ARG(out), i > 0 ? "." : "",
                              (long long)parts[i] + (i == bumped));
    return out;
}

static nb_str from_caret(nb_arena *arena, nb_str version)
{
    int64_t parts[MAX_PARTS] = {0};
    size_t count = release_of(version, parts), bumped = 0;
    while (bumped + 1 < count && parts[bumped] == 0) /* ^0.2.3 stays below 0.3 */
        bumped++;
    return count == 0 ? NB_STR("") : up_to(arena, version, parts, bumped);
}

static nb_str from_tilde(nb_arena *arena, nb_str version)
{
    int64_t parts[MAX_PARTS] = {0};
    size_t count = release_of(version, parts);
    return count == 0 ? NB_STR("") : up_to(arena, version, parts, count > 1 ? 1 : 0);
}

/* One clause; *known becomes false when it is none that we can say in pip's terms. */
static nb_str clause(nb_arena *arena, nb_str text, bool *known)
{
    nb_str out;
    if (text.len == 0 || nb_str_eqz(text, "*"))
        return NB_STR("");
    if (text.at[0] == '^')
        out = from_caret(arena, nb_str_trim(nb_str_from_at(text, 1)));
    else if (text.at[0] == '~' && !nb_str_starts(text, NB_STR("~=")))
        out = from_tilde(arena, nb_str_trim(nb_str_from_at(text, 1)));
    else if (nb_is_digit(text.at[0]))
        out = nb_str_concat(arena, NB_STR("=="), text);
    else
        out = text;
    *known = *known && out.len > 0;
    return out;
}

static nb_str specifier_of(nb_arena *arena, nb_str constraint)
{
    nb_str out = NB_STR(""), piece;
    bool known = nb_str_find_char(constraint, '|') < 0;
    while (nb_str_split(&constraint, ',', &piece)) {
        nb_str one = clause(arena, nb_str_trim(piece), &known);
        if (one.len > 0)
            out = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(out),
                                  out.len > 0 ? "," : "", NB_STR_ARG(one));
    }
    return known ? out : NB_STR("");
}

/* --- tables ------------------------------------------------------------------------------------ */

static nb_str first_string(const nb_toml *table, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nb_toml_get_str(table, keys[i]).at)
            return nb_toml_get_str(table, keys[i]);
    return (nb_str){0};
}

static nb_str joined(nb_arena *arena, const nb_toml *names)
{
    nb_str out = NB_STR("");
    for (const nb_toml *n = names ? names->child : NULL; n; n = n->next)
        if (n->kind == NB_TOML_STRING)
            out = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(out),
                                  out.len > 0 ? "," : "", NB_STR_ARG(n->text));
    return out;
}

static void add_table(nb_lock_reader *r, const nb_toml *table, nb_str name)
{
    static const char *const revisions[] = {"rev", "tag", "branch", "ref"};
    static const char *const files[] = {"url", "file"};
    nb_str git = nb_toml_get_str(table, "git"), python = nb_toml_get_str(table, "python");
    nb_str url = first_string(table, files, NB_LEN(files));
    nb_source from = {.vcs = git.at ? NB_STR("git") : NB_STR(""),
                      .url = git.at ? git : url,
                      .folder = nb_toml_get_str(table, "subdirectory")};
    if (git.at)
        from.commit = first_string(table, revisions, NB_LEN(revisions));
    nb_locked row = {.name = name,
                     .extras = joined(r->arena, nb_toml_get(table, "extras")),
                     .marker = nb_toml_get_str(table, "markers"),
                     .spot.line = table->line,
                     .local = nb_toml_get(table, "path") != NULL};
    row.specifier = git.at || url.at ? nb_lock_address(r->arena, &from)
                                     : specifier_of(r->arena, nb_toml_get_str(table, "version"));
    nb_str bound = nb_specifier_exact(python);
    if (bound.len == 0 && python.len > 1 && (python.at[0] == '<' || python.at[0] == '>') &&
        nb_str_find_char(python, ',') < 0) {
        size_t sign = python.at[1] == '=' ? 2 : 1;
        row.marker = nb_arena_printf(r->arena, "python_version " NB_STR_FMT " '" NB_STR_FMT "'",
                                     NB_STR_ARG(nb_str_slice(python, 0, sign)),
                                     NB_STR_ARG(nb_str_trim(nb_str_from_at(python, sign))));
    }
    nb_lock_add(r, row);
}

static void add_one(nb_lock_reader *r, const nb_toml *value, nb_str name)
{
    if (value->kind == NB_TOML_STRING)
        nb_lock_add(r, (nb_locked){.name = name,
                                   .specifier = specifier_of(r->arena, value->text),
                                   .spot.line = value->line});
    if (value->kind == NB_TOML_TABLE)
        add_table(r, value, name);
}

void nb_lock_add_constraints(nb_lock_reader *r, const nb_toml *table)
{
    if (!table || table->kind != NB_TOML_TABLE)
        return;
    for (const nb_toml *n = table->child; n; n = n->next) {
        if (nb_str_eqz(n->key, "python"))
            continue;
        if (n->kind != NB_TOML_ARRAY)
            add_one(r, n, n->key);
        else /* one constraint a Python version */
            for (const nb_toml *one = n->child; one; one = one->next)
                add_one(r, one, n->key);
    }
}
