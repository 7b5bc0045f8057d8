#include "text/json.h"

#include "text/utf8.h"

/* --- errors are recorded once, and everything after them is "end" ----------------------------- */

static bool fail(nb_json_reader *r, size_t at, const char *what)
{
    if (!r->bad) {
        r->bad = true;
        r->bad_at = at;
        r->bad_what = what;
    }
    return false;
}

void nb_json_open(nb_json_reader *r, nb_str text, nb_str path, unsigned dialect)
{
    bool bom = (dialect & NB_JSON_BOM) && nb_str_starts(text, NB_STR("\xEF\xBB\xBF"));
    *r = (nb_json_reader){.text = text, .path = path, .dialect = dialect, .at = bom ? 3 : 0};
}

/* --- single bytes ----------------------------------------------------------------------------- */

/* The byte at r->at; 0 past the end (a NUL in the text is no valid byte anywhere outside strings either). */
static char here(const nb_json_reader *r)
{
    if (r->at >= r->text.len)
        return '\0';
    return r->text.at[r->at];
}

/* The next byte that is no white space. */
static char next_byte(nb_json_reader *r)
{
    while (r->at < r->text.len) {
        char c = r->text.at[r->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return c;
        r->at++;
    }
    return '\0';
}

static bool at_end(const nb_json_reader *r)
{
    return r->at >= r->text.len;
}

/* Tells the caller how far we are, at most once a window. */
static void report_passed(nb_json_reader *r, size_t upto)
{
    if (r->passed && upto - r->reported >= NB_JSON_WINDOW) {
        r->passed(r->ctx, upto);
        r->reported = upto;
    }
}

/* --- containers ------------------------------------------------------------------------------- */

static bool in_object(const nb_json_reader *r)
{
    unsigned level = r->depth - 1;
    return r->stack[level / 64] >> (level % 64) & 1;
}

static bool push(nb_json_reader *r, nb_json_kind kind)
{
    if (r->depth == NB_JSON_MAX_DEPTH)
        return fail(r, r->at, "arrays and objects are nested too deep");
    uint64_t bit = UINT64_C(1) << (r->depth % 64);
    uint64_t *word = &r->stack[r->depth / 64];
    *word = kind == NB_JSON_OBJECT ? *word | bit : *word & ~bit;
    r->depth++;
    r->first = true;
    r->at++;
    return true;
}

static void pop(nb_json_reader *r)
{
    r->depth--;
    r->first = false; /* the container just left is an element of its parent */
    r->at++;
}

nb_json_kind nb_json_peek(nb_json_reader *r)
{
    if (r->bad)
        return NB_JSON_END;
    char c = next_byte(r);
    switch (c) {
    case '"': return NB_JSON_STRING;
    case '{': return NB_JSON_OBJECT;
    case '[': return NB_JSON_ARRAY;
    case 't': return NB_JSON_TRUE;
    case 'f': return NB_JSON_FALSE;
    case 'n': return NB_JSON_NULL;
    case 'N':
    case 'I': return r->dialect & NB_JSON_NAN ? NB_JSON_NUMBER : NB_JSON_END;
    default: return c == '-' || nb_is_digit(c) ? NB_JSON_NUMBER : NB_JSON_END;
    }
}

static const char *const expected[] = {
    [NB_JSON_NULL] = "expected null",        [NB_JSON_TRUE] = "expected true",
    [NB_JSON_FALSE] = "expected false",      [NB_JSON_NUMBER] = "expected a number",
    [NB_JSON_STRING] = "expected a string",  [NB_JSON_ARRAY] = "expected an array",
    [NB_JSON_OBJECT] = "expected an object", [NB_JSON_END] = "expected a value",
};

/* True when the next value has this kind; an error otherwise. */
static bool want(nb_json_reader *r, nb_json_kind kind)
{
    nb_json_kind got = nb_json_peek(r);
    if (got == kind)
        return true;
    return fail(r, r->at, expected[got == NB_JSON_END ? NB_JSON_END : kind]);
}

bool nb_json_enter(nb_json_reader *r, nb_json_kind kind)
{
    return want(r, kind) && push(r, kind);
}

/* Before an element or member: passes the comma; at the closing bracket leaves the container and returns false. */
static bool next_element(nb_json_reader *r)
{
    if (r->bad || r->depth == 0)
        return false;
    char close = in_object(r) ? '}' : ']';
    char c = next_byte(r);
    report_passed(r, r->at);
    if (c == close) {
        pop(r);
        return false;
    }
    if (r->first) {
        r->first = false;
        return !at_end(r) || fail(r, r->at, "the text ends inside an array or object");
    }
    if (c != ',')
        return fail(r, r->at, close == '}' ? "expected ',' or '}'" : "expected ',' or ']'");
    size_t comma = r->at++;
    if (next_byte(r) == close)
        return fail(r, comma, "a comma follows the last element");
    return true;
}

bool nb_json_next(nb_json_reader *r)
{
    return next_element(r);
}

/* --- strings ---------------------------------------------------------------------------------- */

/* The quote at or after `from`, window by window; NULL when there is none. */
static const char *find_quote(nb_json_reader *r, size_t from)
{
    while (from < r->text.len) {
        size_t len = r->text.len - from < NB_JSON_WINDOW ? r->text.len - from : NB_JSON_WINDOW;
        const char *quote = memchr(r->text.at + from, '"', len);
        if (quote)
            return quote;
        from += len;
        report_passed(r, from);
    }
    return NULL;
}

/* True when the backslashes before `quote` come in pairs. Looks no further back than the quote before it, so
 * the work is linear. */
static bool is_closing(const char *start, const char *quote)
{
    const char *at = quote;
    while (at > start && at[-1] == '\\')
        at--;
    return (quote - at) % 2 == 0;
}

/* Passes the string whose opening quote is next; *raw is what stands between the quotes. Nothing is looked at but
 * quotes: this is what makes pictures cheap. */
static bool pass_string(nb_json_reader *r, nb_str *raw)
{
    size_t open = r->at;
    const char *start = r->text.at + open + 1;
    const char *quote = find_quote(r, open + 1);
    while (quote && !is_closing(start, quote))
        quote = find_quote(r, (size_t)(quote - r->text.at) + 1);
    if (!quote)
        return fail(r, open, "a string is never closed");
    *raw = (nb_str){start, (size_t)(quote - start)};
    r->at = (size_t)(quote - r->text.at) + 1;
    return true;
}

/* Refuses control characters and bytes that are not UTF-8; *escaped tells whether there are backslashes. */
static bool check_string(nb_json_reader *r, nb_str raw, bool *escaped)
{
    size_t start = (size_t)(raw.at - r->text.at);
    unsigned char high = 0;
    *escaped = false;
    for (size_t i = 0; i < raw.len; i++) {
        unsigned char c = (unsigned char)raw.at[i];
        if (c < 0x20)
            return fail(r, start + i, "a control character stands in a string");
        *escaped |= c == '\\';
        high |= c;
    }
    size_t valid = high & 0x80 ? nb_utf8_valid(raw) : raw.len;
    return valid == raw.len || fail(r, start + valid, "a byte is not UTF-8");
}

/* The value of the four hexadecimal digits at text.at[at], or -1. */
static int32_t hex4(nb_str text, size_t at)
{
    int32_t value = 0;
    if (text.len < 4 || at > text.len - 4)
        return -1;
    for (size_t i = at; i < at + 4; i++) {
        char c = text.at[i];
        if (nb_is_digit(c))
            value = value * 16 + (c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            value = value * 16 + ((c | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return value;
}

/* The code point of the \uXXXX whose backslash is at raw.at[*at]; *at moves past it (and past the second half of a pair). */
static bool unicode_escape(nb_json_reader *r, nb_str raw, size_t *at, uint32_t *code)
{
    size_t start = (size_t)(raw.at - r->text.at) + *at;
    int32_t first = hex4(raw, *at + 2);
    if (first < 0)
        return fail(r, start, "expected four hexadecimal digits after \\u");
    *at += 6;
    *code = (uint32_t)first;
    if (first < 0xD800 || first > 0xDFFF)
        return true;
    bool more = first < 0xDC00 && nb_str_starts(nb_str_from_at(raw, *at), NB_STR("\\u"));
    int32_t second = more ? hex4(raw, *at + 2) : -1;
    if (second >= 0xDC00 && second <= 0xDFFF) {
        *at += 6;
        *code = 0x10000 + (((uint32_t)first & 0x3FF) << 10 | ((uint32_t)second & 0x3FF));
        return true;
    }
    if (!(r->dialect & NB_JSON_SURROGATES))
        return fail(r, start, "half of a surrogate pair stands alone");
    r->lone_surrogate = true;
    return true; /* nb_utf8_put writes it as U+FFFD */
}

static char plain_escape(char letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/': return letter;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
    }
}

/* Decodes a checked string's escapes into `out`. */
static bool decode(nb_json_reader *r, nb_str raw, nb_buf *out)
{
    for (size_t at = 0; at < raw.len;) {
        ptrdiff_t hit = nb_str_find_char(nb_str_from_at(raw, at), '\\');
        size_t slash = hit < 0 ? raw.len : at + (size_t)hit;
        nb_buf_put(out, nb_str_slice(raw, at, slash));
        at = slash;
        if (at == raw.len)
            break;
        char letter = raw.at[at + 1]; /* there: an odd number of backslashes never ends a string */
        uint32_t code = 0;
        if (plain_escape(letter)) {
            nb_buf_putc(out, plain_escape(letter));
            at += 2;
        } else if (letter != 'u') {
            return fail(r, (size_t)(raw.at - r->text.at) + at, "an escape that JSON does not have");
        } else if (unicode_escape(r, raw, &at, &code)) {
            nb_utf8_put(out, code);
        } else {
            return false;
        }
    }
    return true;
}

static nb_str string_value(nb_json_reader *r, nb_arena *arena)
{
    nb_str raw = NB_STR("");
    bool escaped = false;
    if (!pass_string(r, &raw) || !check_string(r, raw, &escaped))
        return NB_STR("");
    if (!escaped)
        return raw;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(SIZE_MAX);
    if (!decode(r, raw, &out))
        return NB_STR("");
    return nb_arena_str(arena, nb_buf_view(&out));
}

nb_str nb_json_string(nb_json_reader *r, nb_arena *arena)
{
    return want(r, NB_JSON_STRING) ? string_value(r, arena) : NB_STR("");
}

void nb_json_string_to(nb_json_reader *r, nb_buf *out)
{
    nb_str raw = NB_STR("");
    bool escaped = false;
    if (!want(r, NB_JSON_STRING) || !pass_string(r, &raw) || !check_string(r, raw, &escaped))
        return;
    if (escaped)
        (void)decode(r, raw, out);
    else
        nb_buf_put(out, raw);
}

/* Passes a string nobody wants. */
static bool skip_string(nb_json_reader *r)
{
    nb_str raw = NB_STR("");
    bool escaped = false;
    if (!pass_string(r, &raw))
        return false;
    if (!(r->dialect & NB_JSON_STRICT_SKIP))
        return true;
    NB_AUTO(nb_buf) ignored = NB_BUF_INIT(1);
    return check_string(r, raw, &escaped) && (!escaped || decode(r, raw, &ignored));
}

/* Before a member: passes the comma, checks for the key's quote. */
static bool next_member(nb_json_reader *r)
{
    if (!next_element(r))
        return false;
    return next_byte(r) == '"' || fail(r, r->at, "expected a key in double quotes");
}

static bool pass_colon(nb_json_reader *r)
{
    if (next_byte(r) != ':')
        return fail(r, r->at, "expected ':'");
    r->at++;
    return true;
}

bool nb_json_next_key(nb_json_reader *r, nb_arena *arena, nb_str *key)
{
    if (!next_member(r))
        return false;
    nb_str name = string_value(r, arena);
    if (r->bad || !pass_colon(r))
        return false;
    *key = name;
    return true;
}

/* --- numbers and words ------------------------------------------------------------------------ */

static bool pass_word(nb_json_reader *r, nb_str word)
{
    if (!nb_str_starts(nb_str_from_at(r->text, r->at), word))
        return fail(r, r->at, "expected a value");
    r->at += word.len;
    return true;
}

static bool pass_digits(nb_json_reader *r)
{
    if (!nb_is_digit(here(r)))
        return fail(r, r->at, "expected a digit");
    while (nb_is_digit(here(r)))
        r->at++;
    return true;
}

static bool pass_not_finite(nb_json_reader *r)
{
    if (!(r->dialect & NB_JSON_NAN))
        return fail(r, r->at, "expected a digit");
    r->not_finite = true;
    bool negative = r->at > 0 && r->text.at[r->at - 1] == '-';
    return pass_word(r, here(r) == 'N' && !negative ? NB_STR("NaN") : NB_STR("Infinity"));
}

static bool pass_number(nb_json_reader *r)
{
    if (here(r) == '-')
        r->at++;
    if (here(r) == 'N' || here(r) == 'I')
        return pass_not_finite(r);
    if (here(r) == '0') {
        r->at++;
        if (nb_is_digit(here(r)))
            return fail(r, r->at - 1, "a number starts with 0");
    } else if (!pass_digits(r)) {
        return false;
    }
    if (here(r) == '.') {
        r->at++;
        if (!pass_digits(r))
            return false;
    }
    if (here(r) != 'e' && here(r) != 'E')
        return true;
    r->at++;
    if (here(r) == '+' || here(r) == '-')
        r->at++;
    return pass_digits(r);
}

nb_str nb_json_number(nb_json_reader *r)
{
    if (!want(r, NB_JSON_NUMBER))
        return NB_STR("");
    size_t start = r->at;
    return pass_number(r) ? nb_str_slice(r->text, start, r->at) : NB_STR("");
}

int64_t nb_json_int(nb_json_reader *r)
{
    int64_t value = 0;
    (void)nb_json_peek(r); /* past white space, so that the place is the number's */
    size_t start = r->at;
    nb_str text = nb_json_number(r);
    if (!r->bad && !nb_str_to_int(text, &value))
        fail(r, start, "expected an integer of at most 64 bits");
    return value;
}

static bool pass_scalar(nb_json_reader *r, nb_json_kind kind)
{
    switch (kind) {
    case NB_JSON_NULL: return pass_word(r, NB_STR("null"));
    case NB_JSON_TRUE: return pass_word(r, NB_STR("true"));
    case NB_JSON_FALSE: return pass_word(r, NB_STR("false"));
    case NB_JSON_NUMBER: return pass_number(r);
    case NB_JSON_STRING: return skip_string(r);
    case NB_JSON_ARRAY:
    case NB_JSON_OBJECT:
    case NB_JSON_END: break;
    }
    return fail(r, r->at, expected[NB_JSON_END]);
}

bool nb_json_bool(nb_json_reader *r)
{
    nb_json_kind kind = nb_json_peek(r);
    if (kind != NB_JSON_TRUE && kind != NB_JSON_FALSE)
        return fail(r, r->at, "expected true or false");
    return pass_scalar(r, kind) && kind == NB_JSON_TRUE;
}

/* --- skipping --------------------------------------------------------------------------------- */

/* The same as next() and next_key(), for whoever wants neither. */
static bool next_unread(nb_json_reader *r)
{
    if (!in_object(r))
        return next_element(r);
    return next_member(r) && skip_string(r) && pass_colon(r);
}

/* Passes the next value, or only the opening bracket of a container. */
static void pass_or_enter(nb_json_reader *r)
{
    nb_json_kind kind = nb_json_peek(r);
    if (kind == NB_JSON_ARRAY || kind == NB_JSON_OBJECT)
        (void)push(r, kind);
    else
        (void)pass_scalar(r, kind);
}

void nb_json_skip(nb_json_reader *r, nb_str *raw)
{
    unsigned depth = r->depth;
    (void)nb_json_peek(r); /* past white space */
    size_t start = r->at;
    for (bool more = true; more;) {
        pass_or_enter(r);
        more = false;
        while (!r->bad && !more && r->depth > depth)
            more = next_unread(r);
    }
    if (raw)
        *raw = r->bad ? NB_STR("") : nb_str_slice(r->text, start, r->at);
}

void nb_json_refuse(nb_json_reader *r, const char *what)
{
    (void)nb_json_peek(r);
    fail(r, r->at, what);
}
