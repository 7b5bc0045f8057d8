#include "requirements/version.h"

enum { MAX_RELEASE = 16, MAX_DIGITS = 18 };

/* Numbers are kept signed; ABSENT sorts where the part's absence sorts. */
static const int64_t BEFORE_ALL = INT64_MIN, AFTER_ALL = INT64_MAX;

typedef struct pep440 {
    int64_t epoch;
    int64_t release[MAX_RELEASE];
    size_t parts;
    int64_t stage; /* a, b, rc: 0, 1, 2; where a version without one sorts otherwise */
    int64_t pre, post, dev;
    bool is_pre, is_post, is_dev;
    nb_str local;
} pep440;

/* --- reading ----------------------------------------------------------------------------------- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool take(nb_str *rest, const char *word)
{
    size_t len = strlen(word);
    if (rest->len < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (lower(rest->at[i]) != word[i])
            return false;
    *rest = nb_str_from_at(*rest, len);
    return true;
}

static bool take_number(nb_str *rest, int64_t *out)
{
    size_t len = 0;
    while (len < rest->len && nb_is_digit(rest->at[len]))
        len++;
    if (len == 0 || len > MAX_DIGITS)
        return false;
    (void)nb_str_to_int(nb_str_slice(*rest, 0, len), out);
    *rest = nb_str_from_at(*rest, len);
    return true;
}

static void take_separator(nb_str *rest)
{
    if (rest->len > 0 && (rest->at[0] == '.' || rest->at[0] == '-' || rest->at[0] == '_'))
        *rest = nb_str_from_at(*rest, 1);
}

/* "rc1", ".rc.1", "-rc": the word of the part, and its number, 0 when there is none. */
static bool take_part(nb_str *rest, const char *const *words, size_t count, size_t *which,
                      int64_t *number)
{
    nb_str left = *rest;
    take_separator(&left);
    for (size_t i = 0; i < count; i++) {
        if (!take(&left, words[i]))
            continue;
        nb_str after = left;
        take_separator(&after);
        *number = 0;
        *rest = take_number(&after, number) ? after : left;
        *which = i;
        return true;
    }
    return false;
}

static bool take_release(nb_str *rest, pep440 *v)
{
    do {
        if (v->parts == MAX_RELEASE || !take_number(rest, &v->release[v->parts]))
            return false;
        v->parts++;
        if (rest->len > 1 && rest->at[0] == '.' && nb_is_digit(rest->at[1]))
            *rest = nb_str_from_at(*rest, 1);
        else
            return true;
    } while (true);
}

static void take_stages(nb_str *rest, pep440 *v)
{
    static const char *const pres[] = {"alpha", "beta", "preview", "pre", "rc", "a", "b", "c"};
    static const int64_t stages[] = {0, 1, 2, 2, 2, 0, 1, 2};
    static const char *const posts[] = {"post", "rev", "r"}, *const devs[] = {"dev"};
    size_t which = 0;
    v->is_pre = take_part(rest, pres, NB_LEN(pres), &which, &v->pre);
    v->stage = v->is_pre ? stages[which] : 0;
    v->is_post = take_part(rest, posts, NB_LEN(posts), &which, &v->post);
    nb_str left = *rest; /* "1.0-1" is a post-release as well */
    if (!v->is_post && take(&left, "-") && take_number(&left, &v->post)) {
        v->is_post = true;
        *rest = left;
    }
    v->is_dev = take_part(rest, devs, NB_LEN(devs), &which, &v->dev);
}

/* Letters and digits in pieces with single separators between. */
static bool is_local(nb_str text)
{
    bool piece = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool separator = c == '.' || c == '-' || c == '_';
        if (!separator && !nb_is_alpha(c) && !nb_is_digit(c))
            return false;
        if (separator && !piece)
            return false;
        piece = !separator;
    }
    return piece;
}

/* What is absent has a place in the order, too: 1.0.dev1 < 1.0a1 < 1.0 < 1.0.post1. */
static void place_absent(pep440 *v)
{
    if (!v->is_pre)
        v->stage = !v->is_post && v->is_dev ? BEFORE_ALL : AFTER_ALL;
    if (!v->is_post)
        v->post = BEFORE_ALL;
    if (!v->is_dev)
        v->dev = AFTER_ALL;
}

static bool read_version(nb_str text, pep440 *v)
{
    *v = (pep440){.local = NB_STR("")};
    nb_str rest = nb_str_trim(text), left;
    (void)take(&rest, "v");
    left = rest;
    if (take_number(&left, &v->epoch) && take(&left, "!"))
        rest = left;
    else
        v->epoch = 0;
    if (!take_release(&rest, v))
        return false;
    take_stages(&rest, v);
    place_absent(v);
    if (!take(&rest, "+"))
        return rest.len == 0;
    v->local = rest;
    return is_local(rest);
}

bool nb_version_is(nb_str text)
{
    pep440 v;
    return read_version(text, &v);
}

/* --- order ------------------------------------------------------------------------------------- */

static int order(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int64_t part(const pep440 *v, size_t i)
{
    return i < v->parts ? v->release[i] : 0;
}

static int cmp_release(const pep440 *a, const pep440 *b, size_t parts)
{
    int by = order(a->epoch, b->epoch);
    for (size_t i = 0; i < parts && by == 0; i++)
        by = order(part(a, i), part(b, i));
    return by;
}

static nb_str next_piece(nb_str *local)
{
    size_t len = 0;
    while (len < local->len && local->at[len] != '.' && local->at[len] != '-' &&
           local->at[len] != '_')
        len++;
    nb_str piece = nb_str_slice(*local, 0, len);
    *local = nb_str_from_at(*local, len + 1);
    return piece;
}

/* Numbers are newer than words; a longer label is newer than its beginning. */
static int cmp_piece(nb_str a, nb_str b)
{
    int64_t x = 0, y = 0;
    bool a_number = nb_str_to_int(a, &x), b_number = nb_str_to_int(b, &y);
    if (a_number != b_number)
        return a_number ? 1 : -1;
    if (a_number)
        return order(x, y);
    for (size_t i = 0; i < a.len && i < b.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return lower(a.at[i]) < lower(b.at[i]) ? -1 : 1;
    return order((int64_t)a.len, (int64_t)b.len);
}

static int cmp_local(nb_str a, nb_str b)
{
    while (a.len > 0 && b.len > 0) {
        int by = cmp_piece(next_piece(&a), next_piece(&b));
        if (by != 0)
            return by;
    }
    return order(a.len > 0, b.len > 0);
}

/* Without local labels. */
static int cmp_public(const pep440 *a, const pep440 *b)
{
    int by = cmp_release(a, b, MAX_RELEASE);
    by = by ? by : order(a->stage, b->stage);
    by = by ? by : order(a->pre, b->pre);
    by = by ? by : order(a->post, b->post);
    return by ? by : order(a->dev, b->dev);
}

static int cmp(const pep440 *a, const pep440 *b)
{
    int by = cmp_public(a, b);
    return by ? by : cmp_local(a->local, b->local);
}

int nb_version_cmp(nb_str a, nb_str b)
{
    pep440 x, y;
    bool is_a = read_version(a, &x), is_b = read_version(b, &y);
    return is_a && is_b ? cmp(&x, &y) : order(is_a, is_b);
}

/* --- specifiers -------------------------------------------------------------------------------- */

static bool is_same(const pep440 *asked, const pep440 *v)
{
    return cmp_public(asked, v) == 0 &&
           (asked->local.len == 0 || cmp_local(asked->local, v->local) == 0);
}

/* "==1.4.*": `text` is what stands before ".*". */
static bool is_below(nb_str text, const pep440 *v)
{
    pep440 asked;
    return !read_version(text, &asked) || cmp_release(&asked, v, asked.parts) == 0;
}

/* "~=2.1": from 2.1 on, below 3. */
static bool is_compatible(const pep440 *asked, const pep440 *v)
{
    size_t fixed = asked->parts > 1 ? asked->parts - 1 : 1;
    return cmp_public(v, asked) >= 0 && cmp_release(asked, v, fixed) == 0;
}

/* "<2" leaves out 2.0rc1, unless a pre-release was named. */
static bool is_before(const pep440 *asked, const pep440 *v)
{
    pep440 bound = *asked;
    if (!asked->is_pre && !asked->is_dev) {
        bound.dev = 0;
        bound.is_dev = true;
        bound.stage = asked->is_post ? AFTER_ALL : BEFORE_ALL;
    }
    return cmp_public(v, &bound) < 0;
}

/* ">1" leaves out 1.post1, unless such a one was named. */
static bool is_after(const pep440 *asked, const pep440 *v)
{
    bool named = asked->is_post || asked->is_dev;
    bool only_later = v->is_post && cmp_release(asked, v, MAX_RELEASE) == 0 &&
                      asked->stage == v->stage && asked->pre == v->pre;
    return cmp_public(v, asked) > 0 && (named || !only_later);
}

static bool clause_allows(nb_str clause, nb_str text, const pep440 *v)
{
    nb_str rest = clause;
    pep440 asked;
    if (take(&rest, "==="))
        return nb_str_eq_nocase(nb_str_trim(rest), text);
    static const char *const operators[] = {"==", "!=", "~=", "<=", ">=", "<", ">"};
    size_t op = 0;
    while (op < NB_LEN(operators) && !take(&rest, operators[op]))
        op++;
    rest = nb_str_trim(rest);
    if (op < 2 && nb_str_ends(rest, NB_STR(".*")))
        return is_below(nb_str_slice(rest, 0, rest.len - 2), v) == (op == 0);
    if (op == NB_LEN(operators) || !read_version(rest, &asked))
        return true;
    switch (operators[op][0]) {
    case '=': return is_same(&asked, v);
    case '!': return !is_same(&asked, v);
    case '~': return is_compatible(&asked, v);
    case '<': return op == 3 ? cmp_public(v, &asked) <= 0 : is_before(&asked, v);
    default: return op == 4 ? cmp_public(v, &asked) >= 0 : is_after(&asked, v);
    }
}

static nb_str without_parentheses(nb_str specifier)
{
    specifier = nb_str_trim(specifier);
    bool in = specifier.len > 1 && specifier.at[0] == '(' && nb_str_ends(specifier, NB_STR(")"));
    return in ? nb_str_trim(nb_str_slice(specifier, 1, specifier.len - 1)) : specifier;
}

bool nb_specifier_allows(nb_str specifier, nb_str version)
{
    pep440 v;
    nb_str rest = without_parentheses(specifier), clause;
    version = nb_str_trim(version);
    if (!read_version(version, &v))
        return true;
    while (nb_str_split(&rest, ',', &clause))
        if (!clause_allows(nb_str_trim(clause), version, &v))
            return false;
    return true;
}

nb_str nb_specifier_exact(nb_str specifier)
{
    nb_str rest = without_parentheses(specifier);
    if (!take(&rest, "==="))
        if (!take(&rest, "=="))
            return NB_STR("");
    rest = nb_str_trim(rest);
    bool open = nb_str_find_char(rest, ',') >= 0 || nb_str_find_char(rest, '*') >= 0;
    return open || !nb_version_is(rest) ? NB_STR("") : rest;
}
