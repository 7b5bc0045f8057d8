#include "check/gitignore.h"

#include "base/str.h"

enum { NONE = -1 };

/* --- one character ------------------------------------------------------------------------------------------------ */

/* Whether the class has the character; *known is cleared when there is no such class. */
static bool is_in_class(nb_str name, unsigned char c, bool *known)
{
    static const struct {
        nb_str name;
        const char *ranges; /* pairs of first and last */
    } classes[] = {
        {NB_STR_ROW("alnum"),  "09AZaz"          },
        {NB_STR_ROW("alpha"),  "AZaz"            },
        {NB_STR_ROW("blank"),  "\t\t  "          },
        {NB_STR_ROW("cntrl"),  "\x01\x1f\x7f\x7f"},
        {NB_STR_ROW("digit"),  "09"              },
        {NB_STR_ROW("graph"),  "!~"              },
        {NB_STR_ROW("lower"),  "az"              },
        {NB_STR_ROW("print"),  " ~"              },
        {NB_STR_ROW("punct"),  "!/:@[`{~"        },
        {NB_STR_ROW("space"),  "\t\r  "          },
        {NB_STR_ROW("upper"),  "AZ"              },
        {NB_STR_ROW("xdigit"), "09AFaf"          },
    };
    size_t i = 0;
    while (i < NB_LEN(classes) && !nb_str_eq(classes[i].name, name))
        i++;
    *known = i < NB_LEN(classes);
    for (const char *r = *known ? classes[i].ranges : ""; *r; r += 2)
        if (c >= (unsigned char)r[0] && c <= (unsigned char)r[1])
            return true;
    return false;
}

/* What is between '[' and ']', read from the left. */
typedef struct set_reader {
    nb_str pattern;
    size_t at;
    unsigned char wanted;
    bool found, bad;
} set_reader;

/* The next character; a backslash makes it plain. */
static unsigned char set_character(set_reader *r)
{
    if (r->at < r->pattern.len && r->pattern.at[r->at] == '\\')
        r->at++;
    if (r->at >= r->pattern.len) {
        r->bad = true;
        return 0;
    }
    return (unsigned char)r->pattern.at[r->at++];
}

/* [:alpha:], when that is what stands here. */
static bool set_class(set_reader *r)
{
    nb_str rest = nb_str_from_at(r->pattern, r->at);
    if (!nb_str_starts(rest, NB_STR("[:")))
        return false;
    ptrdiff_t end = nb_str_find_char(nb_str_from_at(rest, 2), ']');
    if (end < 1 || rest.at[1 + end] != ':')
        return false;
    bool known;
    r->found |= is_in_class(nb_str_slice(rest, 2, (size_t)end + 1), r->wanted, &known);
    r->bad |= !known;
    r->at += (size_t)end + 3;
    return true;
}

/* c, or c-d. */
static void set_range(set_reader *r)
{
    unsigned char first = set_character(r), last = first;
    nb_str rest = nb_str_from_at(r->pattern, r->at);
    if (rest.len > 1 && rest.at[0] == '-' && rest.at[1] != ']') {
        r->at++;
        last = set_character(r);
    }
    r->found |= r->wanted == first || (r->wanted > first && r->wanted <= last); /* b-a is b */
}

/* Whether the set at pattern[*at], a '[', has the character; *at is moved behind the set. */
static bool match_set(nb_str pattern, size_t *at, char c)
{
    set_reader r = {.pattern = pattern, .at = *at + 1, .wanted = (unsigned char)c};
    bool negated = r.at < pattern.len && (pattern.at[r.at] == '!' || pattern.at[r.at] == '^');
    r.at += negated;
    for (bool first = true; first || r.at >= pattern.len || pattern.at[r.at] != ']';
         first = false) {
        if (r.at >= pattern.len || r.bad)
            return false; /* it is never closed */
        if (!set_class(&r))
            set_range(&r);
    }
    *at = r.at + 1;
    return !r.bad && r.found != negated;
}

/* Whether what stands at pattern[*at], no star, matches the character; *at is moved on. */
static bool match_one(nb_str pattern, size_t *at, char c, bool path)
{
    char p = pattern.at[*at];
    if (p == '[')
        return match_set(pattern, at, c) && !(path && c == '/');
    if (p == '?') {
        ++*at;
        return !(path && c == '/');
    }
    if (p == '\\') {
        ++*at;
        if (*at >= pattern.len)
            return false;
        p = pattern.at[*at];
    }
    ++*at;
    return p == c;
}

/* --- a pattern ------------------------------------------------------------------------------------------------------ */

/* Where to go on when the rest does not match: a star takes one character more, a double star one folder more. Only the last one of each
 * kind need be tried again: what came before it has matched as early as it can, which leaves the most for the rest. */
typedef struct retry {
    ptrdiff_t pattern; /* behind the star; NONE: there was none yet */
    size_t text;       /* how far the star reaches */
} retry;

typedef struct matcher {
    nb_str pattern, text;
    size_t p, t;
    bool path; /* stars stop at slashes, but for double ones */
    retry star, deep;
} matcher;

/* Reads the stars at the pattern's position; true when the whole rest matches whatever it is. */
static bool take_stars(matcher *m)
{
    size_t end = m->p;
    while (end < m->pattern.len && m->pattern.at[end] == '*')
        end++;
    bool whole =
        m->p == 0 || m->pattern.at[m->p - 1] == '/'; /* the stars are a path's part of their own */
    bool twice = m->path && end - m->p >= 2 && whole;
    if (twice && end == m->pattern.len)
        return true;
    if (twice && m->pattern.at[end] == '/') {
        m->p = end + 1;
        m->deep = (retry){(ptrdiff_t)m->p, m->t};
        m->star.pattern = NONE;
        return false;
    }
    m->p = end;
    m->star = (retry){(ptrdiff_t)end, m->t};
    return false;
}

/* Goes back to the last star that can take more; false when none can. */
static bool try_again(matcher *m)
{
    bool more = m->star.pattern != NONE && m->star.text < m->text.len;
    if (more && !(m->path && m->text.at[m->star.text] == '/')) {
        m->t = ++m->star.text;
        m->p = (size_t)m->star.pattern;
        return true;
    }
    if (m->deep.pattern == NONE)
        return false;
    ptrdiff_t slash = nb_str_find_char(nb_str_from_at(m->text, m->deep.text), '/');
    if (slash < 0)
        return false;
    m->t = m->deep.text += (size_t)slash + 1;
    m->p = (size_t)m->deep.pattern;
    m->star.pattern = NONE;
    return true;
}

static bool matches(nb_str pattern, nb_str text, bool path)
{
    matcher m = {
        .pattern = pattern, .text = text, .path = path, .star = {NONE, 0},
                   .deep = {NONE, 0}
    };
    for (;;) {
        if (m.p < pattern.len && pattern.at[m.p] == '*') {
            if (take_stars(&m))
                return true;
            continue;
        }
        if (m.p == pattern.len && m.t == text.len)
            return true;
        if (m.p < pattern.len && m.t < text.len && match_one(pattern, &m.p, text.at[m.t], path))
            m.t++;
        else if (!try_again(&m))
            return false;
    }
}

/* Like git, an anchored pattern is compared from its first special character on: "a**" at the end reaches below a folder. */
static bool rule_matches(const nb_gitignore_rule *rule, nb_str path)
{
    if (!rule->anchored) {
        ptrdiff_t slash = nb_str_rfind_char(path, '/');
        return matches(rule->pattern, nb_str_from_at(path, (size_t)(slash + 1)), false);
    }
    nb_str literal = nb_str_slice(rule->pattern, 0, rule->literal);
    return nb_str_starts(path, literal) && matches(nb_str_from_at(rule->pattern, rule->literal),
                                                   nb_str_from_at(path, rule->literal), true);
}

/* --- files ------------------------------------------------------------------------------------------------------------ */

/* Blanks at the end do not count unless a backslash is before them. */
static nb_str without_blanks(nb_str line)
{
    size_t end = 0;
    for (size_t i = 0; i < line.len; i++) {
        if (line.at[i] == '\\' && i + 1 < line.len)
            i++;
        else if (line.at[i] == ' ')
            continue;
        end = i + 1;
    }
    return nb_str_slice(line, 0, end);
}

static bool read_rule(nb_str line, nb_gitignore_rule *rule)
{
    if (nb_str_ends(line, NB_STR("\r")))
        line.len--;
    if (line.len == 0 || line.at[0] == '#')
        return false;
    line = without_blanks(line);
    *rule = (nb_gitignore_rule){.negated = nb_str_starts(line, NB_STR("!"))};
    line = nb_str_from_at(line, rule->negated);
    rule->folders_only = nb_str_ends(line, NB_STR("/"));
    line.len -= rule->folders_only;
    rule->anchored = nb_str_find_char(line, '/') >= 0;
    rule->pattern = nb_str_from_at(line, nb_str_starts(line, NB_STR("/")));
    while (rule->literal < rule->pattern.len && !strchr("*?[\\", rule->pattern.at[rule->literal]))
        rule->literal++;
    return rule->pattern.len > 0;
}

const nb_gitignore *nb_gitignore_read(nb_arena *arena, nb_str text, nb_str folder,
                                      const nb_gitignore *above)
{
    nb_str line;
    nb_gitignore *rules = NB_NEW(arena, nb_gitignore);
    *rules = (nb_gitignore){.above = above, .folder = folder};
    text = nb_str_from_at(text, nb_str_starts(text, NB_STR("\xEF\xBB\xBF")) ? 3 : 0);
    while (nb_str_line(&text, &line)) {
        nb_gitignore_rule rule;
        if (read_rule(line, &rule))
            nb_vec_push(arena, &rules->rules, rule);
    }
    return rules->rules.count > 0 ? rules : above;
}

bool nb_gitignore_has(const nb_gitignore *rules, nb_str path, bool is_folder)
{
    for (; rules; rules = rules->above) {
        nb_str seen = nb_str_from_at(path, rules->folder.len > 0 ? rules->folder.len + 1 : 0);
        for (size_t i = rules->rules.count; i > 0; i--) { /* the last one that matches counts */
            const nb_gitignore_rule *rule = &rules->rules.at[i - 1];
            if ((is_folder || !rule->folders_only) && rule_matches(rule, seen))
                return !rule->negated;
        }
    }
    return false;
}
