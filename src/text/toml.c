#include "text/toml_parts.h"

#include "text/utf8.h"

enum { FEW_MEMBERS = 12, LONGEST_SHOWN = 160 };

/* --- errors and places ------------------------------------------------------------------------- */

bool nb_toml_refuse(nb_toml_reader *r, size_t at, const char *hint, const char *fmt, ...)
{
    va_list args;
    if (r->bad)
        return false;
    va_start(args, fmt);
    r->bad_what = nb_arena_vprintf(r->arena, fmt, args);
    va_end(args);
    r->bad = true;
    r->bad_at = at;
    r->bad_hint = hint;
    return false;
}

/* Line of a byte at or after the one that was asked for last. */
static unsigned line_of(nb_toml_reader *r, size_t at)
{
    while (r->counted < at) {
        const char *end = memchr(r->text.at + r->counted, '\n', at - r->counted);
        if (!end)
            break;
        r->line++;
        r->counted = (size_t)(end - r->text.at) + 1;
    }
    return r->line;
}

static nb_code report(nb_toml_reader *r, nb_str path, nb_error *err)
{
    nb_str before = nb_str_slice(r->text, 0, r->bad_at);
    unsigned line = 1;
    for (size_t i = 0; i < before.len; i++)
        line += before.at[i] == '\n';
    ptrdiff_t start = nb_str_rfind_char(before, '\n');
    nb_str source = nb_str_from_at(r->text, (size_t)(start + 1)), shown;
    (void)nb_str_line(&source, &shown);
    shown = nb_str_rtrim(shown);
    bool show = shown.len <= LONGEST_SHOWN && nb_utf8_valid(shown) == shown.len;
    nb_str in_line = nb_str_from_at(before, (size_t)(start + 1));
    (void)nb_fail(err, NB_ERR_CONFIG, NB_STR_FMT, NB_STR_ARG(r->bad_what));
    nb_error_at(err, (nb_place){path, line, (unsigned)nb_utf8_count(in_line) + 1,
                                show ? shown : NB_STR("")});
    if (r->bad_hint)
        nb_error_hint(err, "%s", r->bad_hint);
    return NB_ERR_CONFIG;
}

/* --- blanks, comments, line ends --------------------------------------------------------------- */

size_t nb_toml_newline(const nb_toml_reader *r)
{
    if (nb_toml_peek(r, 0) == '\n')
        return 1;
    return nb_toml_peek(r, 0) == '\r' && nb_toml_peek(r, 1) == '\n' ? 2 : 0;
}

void nb_toml_skip_blanks(nb_toml_reader *r)
{
    while (nb_toml_peek(r, 0) == ' ' || nb_toml_peek(r, 0) == '\t')
        r->at++;
}

static bool skip_comment(nb_toml_reader *r)
{
    if (nb_toml_peek(r, 0) != '#')
        return true;
    for (; r->at < r->text.len && nb_toml_newline(r) == 0; r->at++)
        if (nb_toml_is_control(r->text.at[r->at]))
            return nb_toml_refuse(r, r->at, NULL, "a control character in a comment");
    return true;
}

bool nb_toml_skip_lines(nb_toml_reader *r)
{
    for (;;) {
        nb_toml_skip_blanks(r);
        if (!skip_comment(r))
            return false;
        size_t newline = nb_toml_newline(r);
        if (newline == 0)
            return true;
        r->at += newline;
    }
}

/* After a header or a value nothing but a comment may follow. */
static bool end_line(nb_toml_reader *r)
{
    nb_toml_skip_blanks(r);
    if (!skip_comment(r))
        return false;
    size_t newline = nb_toml_newline(r);
    if (newline == 0 && r->at < r->text.len)
        return nb_toml_refuse(r, r->at, NULL, "the line is to end here");
    r->at += newline;
    return true;
}

/* --- the tree ---------------------------------------------------------------------------------- */

nb_toml *nb_toml_add(nb_toml_reader *r, nb_toml *parent, nb_toml_kind kind, nb_toml_made made)
{
    if (r->nodes++ >= NB_TOML_MAX_NODES) {
        (void)nb_toml_refuse(r, r->at, NULL, "more than %d values", NB_TOML_MAX_NODES);
        return NULL;
    }
    nb_toml *node = NB_NEW(r->arena, nb_toml);
    *node = (nb_toml){.kind = kind, .line = line_of(r, r->at)};
    if (kind == NB_TOML_ARRAY || kind == NB_TOML_TABLE) {
        node->making = NB_NEW(r->arena, struct nb_toml_making);
        node->making->made = made;
    }
    if (!parent)
        return node;
    if (parent->making->last)
        parent->making->last->next = node;
    else
        parent->child = node;
    parent->making->last = node;
    parent->count++;
    return node;
}

nb_toml *nb_toml_member(const nb_toml *table, nb_str key)
{
    if (table->making->index.count > 0)
        return nb_map_get(&table->making->index, key);
    for (nb_toml *node = table->child; node; node = node->next)
        if (nb_str_eq(node->key, key))
            return node;
    return NULL;
}

nb_toml *nb_toml_add_member(nb_toml_reader *r, nb_toml *table, nb_str key, nb_toml_kind kind,
                            nb_toml_made made)
{
    nb_toml *node = nb_toml_add(r, table, kind, made);
    nb_map *index = &table->making->index;
    if (!node)
        return NULL;
    node->key = key;
    if (index->count > 0)
        nb_map_put(r->arena, index, key, node);
    else if (table->count > FEW_MEMBERS)
        for (nb_toml *member = table->child; member; member = member->next)
            nb_map_put(r->arena, index, member->key, member);
    return node;
}

/* --- keys -------------------------------------------------------------------------------------- */

static bool is_bare(char c)
{
    return nb_is_alpha(c) || nb_is_digit(c) || c == '_' || c == '-';
}

/* One part of a key, and the blanks and the dot after it: *more says whether there was a dot. */
static bool read_key(nb_toml_reader *r, nb_str *key, bool *more)
{
    size_t start = r->at;
    char c = nb_toml_peek(r, 0);
    if (c == '"' || c == '\'') {
        if (!nb_toml_read_string(r, true, key))
            return false;
    } else {
        while (is_bare(nb_toml_peek(r, 0)))
            r->at++;
        *key = nb_str_slice(r->text, start, r->at);
        if (key->len == 0)
            return nb_toml_refuse(r, start, NULL, "a key is expected here");
    }
    nb_toml_skip_blanks(r);
    *more = nb_toml_peek(r, 0) == '.';
    r->at += *more;
    nb_toml_skip_blanks(r);
    return true;
}

static bool too_deep(nb_toml_reader *r, unsigned depth)
{
    if (depth <= NB_TOML_MAX_DEPTH)
        return false;
    return !nb_toml_refuse(r, r->at, NULL, "deeper than %d levels", NB_TOML_MAX_DEPTH);
}

static bool twice(nb_toml_reader *r, size_t at, nb_str key, const nb_toml *there)
{
    return nb_toml_refuse(r, at, "keep one of the two",
                          "'" NB_STR_FMT "' is given twice, in line %u already", NB_STR_ARG(key),
                          there->line);
}

static bool complete(nb_toml_reader *r, size_t at, nb_str key, const nb_toml *there)
{
    return nb_toml_refuse(r, at, NULL,
                          "nothing can be added to '" NB_STR_FMT "' of line %u: it is complete",
                          NB_STR_ARG(key), there->line);
}

/* --- key = value ------------------------------------------------------------------------------- */

/* The table that `key.` leads to from within the same section. */
static nb_toml *step_by_dot(nb_toml_reader *r, nb_toml *table, nb_str key, size_t at)
{
    nb_toml *there = nb_toml_member(table, key);
    if (!there)
        return nb_toml_add_member(r, table, key, NB_TOML_TABLE, NB_TOML_MADE_BY_DOT);
    bool open = there->making && (there->making->made == NB_TOML_MADE_BY_DOT ||
                                  there->making->made == NB_TOML_MADE_IN_PASSING);
    if (!open) {
        (void)complete(r, at, key, there);
        return NULL;
    }
    there->making->made = NB_TOML_MADE_BY_DOT;
    return there;
}

bool nb_toml_read_pair(nb_toml_reader *r, nb_toml *table)
{
    nb_str key = NB_STR("");
    bool more = false;
    unsigned depth = r->depth;
    size_t at = r->at;
    while (read_key(r, &key, &more) && more) {
        table = step_by_dot(r, table, key, at);
        if (!table || too_deep(r, ++r->depth))
            return false;
        at = r->at;
    }
    if (r->bad)
        return false;
    if (nb_toml_peek(r, 0) != '=')
        return nb_toml_refuse(r, r->at, NULL, "'=' is expected after the key");
    r->at++;
    nb_toml_skip_blanks(r);
    const nb_toml *there = nb_toml_member(table, key);
    if (there)
        return twice(r, at, key, there);
    nb_toml *node = nb_toml_add_member(r, table, key, NB_TOML_STRING, NB_TOML_MADE_WHOLE);
    bool read = node && nb_toml_read_value(r, node);
    r->depth = depth;
    return read;
}

/* --- [headers] --------------------------------------------------------------------------------- */

/* The table that `key.` leads to in a header; of an array of tables the last one. */
static nb_toml *step_by_header(nb_toml_reader *r, nb_toml *table, nb_str key, size_t at)
{
    nb_toml *there = nb_toml_member(table, key);
    if (!there)
        return nb_toml_add_member(r, table, key, NB_TOML_TABLE, NB_TOML_MADE_IN_PASSING);
    if (there->making && there->making->made == NB_TOML_MADE_LIST)
        return there->making->last;
    if (there->making && there->making->made != NB_TOML_MADE_WHOLE)
        return there;
    (void)complete(r, at, key, there);
    return NULL;
}

static nb_toml *enter_table(nb_toml_reader *r, nb_toml *table, nb_str key, size_t at)
{
    nb_toml *there = nb_toml_member(table, key);
    if (!there)
        return nb_toml_add_member(r, table, key, NB_TOML_TABLE, NB_TOML_MADE_BY_HEADER);
    if (!there->making || there->making->made != NB_TOML_MADE_IN_PASSING) {
        (void)twice(r, at, key, there);
        return NULL;
    }
    there->making->made = NB_TOML_MADE_BY_HEADER;
    there->line = line_of(r, at);
    return there;
}

static nb_toml *enter_list(nb_toml_reader *r, nb_toml *table, nb_str key, size_t at)
{
    nb_toml *there = nb_toml_member(table, key);
    if (!there)
        there = nb_toml_add_member(r, table, key, NB_TOML_ARRAY, NB_TOML_MADE_LIST);
    if (!there)
        return NULL;
    if (!there->making || there->making->made != NB_TOML_MADE_LIST) {
        (void)twice(r, at, key, there);
        return NULL;
    }
    return nb_toml_add(r, there, NB_TOML_TABLE, NB_TOML_MADE_BY_HEADER);
}

static nb_toml *read_header(nb_toml_reader *r, nb_toml *table)
{
    nb_str key = NB_STR("");
    bool more = false;
    bool list = nb_toml_starts(r, "[[");
    r->at += list ? 2 : 1;
    nb_toml_skip_blanks(r);
    size_t at = r->at;
    r->depth = 1;
    while (read_key(r, &key, &more) && more) {
        table = step_by_header(r, table, key, at);
        if (!table || too_deep(r, ++r->depth))
            return NULL;
        at = r->at;
    }
    if (r->bad)
        return NULL;
    if (!nb_toml_starts(r, list ? "]]" : "]")) {
        (void)nb_toml_refuse(r, r->at, NULL, "'%s' is expected here", list ? "]]" : "]");
        return NULL;
    }
    r->at += list ? 2 : 1;
    table = list ? enter_list(r, table, key, at) : enter_table(r, table, key, at);
    return table && end_line(r) ? table : NULL;
}

/* --- documents --------------------------------------------------------------------------------- */

static bool read_document(nb_toml_reader *r, nb_toml *root)
{
    nb_toml *table = root;
    while (nb_toml_skip_lines(r) && r->at < r->text.len) {
        if (nb_toml_peek(r, 0) == '[') {
            table = read_header(r, root);
            if (!table)
                return false;
        } else if (!nb_toml_read_pair(r, table) || !end_line(r)) {
            return false;
        }
    }
    return !r->bad;
}

nb_code nb_toml_parse(nb_arena *arena, nb_str text, nb_str path, const nb_toml **out, nb_error *err)
{
    nb_toml_reader r = {.arena = arena, .text = text, .line = 1};
    if (nb_str_starts(text, NB_STR("\xEF\xBB\xBF")))
        r.at = 3;
    size_t valid = nb_utf8_valid(text);
    nb_toml *root = nb_toml_add(&r, NULL, NB_TOML_TABLE, NB_TOML_MADE_BY_HEADER);
    if (text.len > NB_TOML_MAX_BYTES)
        (void)nb_toml_refuse(&r, 0, NULL, "larger than %d bytes", NB_TOML_MAX_BYTES);
    else if (valid < text.len)
        (void)nb_toml_refuse(&r, valid, "save the file as UTF-8", "a byte that is not UTF-8");
    if (r.bad || !read_document(&r, root))
        return report(&r, path, err);
    *out = root;
    return NB_OK;
}

const nb_toml *nb_toml_get(const nb_toml *table, const char *key)
{
    if (!table || table->kind != NB_TOML_TABLE)
        return NULL;
    return nb_toml_member(table, nb_str_from(key));
}

nb_str nb_toml_get_str(const nb_toml *table, const char *key)
{
    const nb_toml *member = nb_toml_get(table, key);
    return member && member->kind == NB_TOML_STRING ? member->text : (nb_str){0};
}
