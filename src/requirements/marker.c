#include "requirements/marker.h"

#include "requirements/version.h"

enum { MAX_DEPTH = 64 };

/* A marker that is being read; `bad` when it is none. */
typedef struct reader {
    nb_str rest;
    unsigned minor, depth;
    bool bad;
} reader;

/* One side of a comparison. */
typedef struct operand {
    nb_str text;
    bool known;
    bool full; /* 3.11 of python_full_version stands for all of 3.11.x */
} operand;

static void skip_blanks(reader *r)
{
    while (r->rest.len > 0 && (r->rest.at[0] == ' ' || r->rest.at[0] == '\t'))
        r->rest = nb_str_from_at(r->rest, 1);
}

static bool take(reader *r, const char *text)
{
    skip_blanks(r);
    if (!nb_str_starts(r->rest, nb_str_from(text)))
        return false;
    r->rest = nb_str_from_at(r->rest, strlen(text));
    return true;
}

static bool take_word(reader *r, const char *word)
{
    reader before = *r;
    if (take(r, word) && (r->rest.len == 0 || !nb_is_name(r->rest.at[0])))
        return true;
    *r = before;
    return false;
}

/* --- operands ---------------------------------------------------------------------------------- */

static operand variable(const reader *r, nb_str name)
{
    static const struct {
        const char *name, *value;
    } fixed[] = {
        {"os_name",                        "posix"  },
        {"sys_platform",                   "linux"  },
        {"platform_system",                "Linux"  },
        {"implementation_name",            "cpython"},
        {"platform_python_implementation", "CPython"},
    };
    static const char *const versions[] = {"3.0",  "3.1",  "3.2",  "3.3",  "3.4",  "3.5",
                                           "3.6",  "3.7",  "3.8",  "3.9",  "3.10", "3.11",
                                           "3.12", "3.13", "3.14", "3.15", "3.16", "3.17"};
    bool in_table = r->minor < NB_LEN(versions);
    bool full = nb_str_eqz(name, "python_full_version");
    if (full || nb_str_eqz(name, "python_version"))
        return (operand){in_table ? nb_str_from(versions[r->minor]) : NB_STR(""), in_table, full};
    for (size_t i = 0; i < NB_LEN(fixed); i++)
        if (nb_str_eqz(name, fixed[i].name))
            return (operand){.text = nb_str_from(fixed[i].value), .known = true};
    return (operand){.text = name};
}

static operand read_operand(reader *r)
{
    skip_blanks(r);
    char quote = r->rest.len > 0 ? r->rest.at[0] : '\0';
    size_t len = 0;
    if (quote == '"' || quote == '\'') {
        ptrdiff_t end = nb_str_find_char(nb_str_from_at(r->rest, 1), quote);
        nb_str text = nb_str_slice(r->rest, 1, end < 0 ? 1 : (size_t)end + 1);
        r->bad = r->bad || end < 0;
        r->rest = nb_str_from_at(r->rest, text.len + 2);
        return (operand){.text = text, .known = true};
    }
    while (len < r->rest.len && (nb_is_name(r->rest.at[len]) || r->rest.at[len] == '.'))
        len++;
    nb_str name = nb_str_slice(r->rest, 0, len);
    r->bad = r->bad || len == 0;
    r->rest = nb_str_from_at(r->rest, len);
    return variable(r, name);
}

/* --- comparisons ------------------------------------------------------------------------------- */

typedef enum comparison {
    IDENTICAL,
    EQUAL,
    UNEQUAL,
    COMPATIBLE,
    AT_MOST,
    AT_LEAST,
    BELOW,
    ABOVE,
    IN,
    NOT_IN,
    COMPARISONS
} comparison;

static const char *const signs[] = {"===", "==", "!=", "~=", "<=", ">=", "<", ">"};

static comparison read_comparison(reader *r)
{
    for (size_t i = 0; i < NB_LEN(signs); i++)
        if (take(r, signs[i]))
            return (comparison)i;
    if (take_word(r, "in"))
        return IN;
    if (take_word(r, "not") && take_word(r, "in"))
        return NOT_IN;
    r->bad = true;
    return COMPARISONS;
}

enum { LONGEST_VERSION = 64 };

static bool compare_versions(nb_str a, comparison how, nb_str b)
{
    char clause[LONGEST_VERSION + 4] = {0};
    size_t sign = strlen(signs[how]);
    memcpy(clause, signs[how], sign);
    memcpy(clause + sign, b.at, b.len);
    return nb_specifier_allows(nb_str_from(clause), a);
}

static bool compare_texts(nb_str a, comparison how, nb_str b)
{
    int by = nb_str_cmp(a, b);
    switch (how) {
    case IDENTICAL:
    case EQUAL: return by == 0;
    case UNEQUAL: return by != 0;
    case AT_MOST: return by <= 0;
    case AT_LEAST: return by >= 0;
    case BELOW: return by < 0;
    case ABOVE: return by > 0;
    case IN: return nb_str_contains(b, a);
    case NOT_IN: return !nb_str_contains(b, a);
    case COMPATIBLE:
    case COMPARISONS: break;
    }
    return true;
}

/* "python_full_version < '3.11.4'" cannot be told for 3.11. */
static bool is_within(operand python, operand asked)
{
    nb_str rest = nb_str_from_at(asked.text, python.text.len + 1);
    return python.full && nb_str_starts(asked.text, python.text) && rest.len > 0 &&
           asked.text.at[python.text.len] == '.' && !nb_str_eqz(rest, "0") &&
           !nb_str_eqz(rest, "*");
}

static bool read_test(reader *r)
{
    operand left = read_operand(r);
    comparison how = read_comparison(r);
    operand right = read_operand(r);
    if (r->bad || !left.known || !right.known || is_within(left, right) || is_within(right, left))
        return true;
    nb_str wild = right.text; /* "3.11.*" is compared as a version, too */
    if (nb_str_ends(wild, NB_STR(".*")))
        wild.len -= 2;
    bool versions =
        how < IN && right.text.len < 64 && nb_version_is(left.text) && nb_version_is(wild);
    return versions ? compare_versions(left.text, how, right.text)
                    : compare_texts(left.text, how, right.text);
}

static bool read_or(reader *r);

static bool read_atom(reader *r)
{
    if (!take(r, "("))
        return read_test(r);
    r->bad = r->bad || ++r->depth > MAX_DEPTH;
    bool holds = r->bad || read_or(r);
    r->bad = r->bad || !take(r, ")");
    return holds;
}

static bool read_and(reader *r)
{
    bool holds = read_atom(r);
    while (!r->bad && take_word(r, "and"))
        holds = read_atom(r) && holds;
    return holds;
}

static bool read_or(reader *r)
{
    bool holds = read_and(r);
    while (!r->bad && take_word(r, "or"))
        holds = read_and(r) || holds;
    return holds;
}

bool nb_marker_holds(nb_str marker, unsigned minor)
{
    reader r = {.rest = nb_str_trim(marker), .minor = minor};
    if (r.rest.len == 0)
        return true;
    bool holds = read_or(&r);
    skip_blanks(&r);
    return r.bad || r.rest.len > 0 || holds;
}
