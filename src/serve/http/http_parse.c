#include "serve/http/http_parse.h"

#include "endpoint/http_words.h"

static bool is_token(nb_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!nb_http_is_token_char(text.at[i]))
            return false;
    }
    return text.len > 0;
}

/* Visible ASCII. */
static bool is_visible(char c)
{
    return c > ' ' && c < 0x7f;
}

/* What a field's value may hold: visible characters, blanks, tabs, and bytes beyond ASCII. */
static bool is_value(nb_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static nb_str trim_blanks(nb_str text)
{
    while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t'))
        text = nb_str_from_at(text, 1);
    while (text.len > 0 && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

static bool refuse(nb_http_wrong *wrong, unsigned status, const char *why)
{
    *wrong = (nb_http_wrong){status, why};
    return false;
}

/* --- the end of the head ------------------------------------------------------------------------------------------- */

nb_http_found nb_http_scan_head(nb_str bytes, nb_http_scan *scan)
{
    if (bytes.len > 0 && !nb_http_is_token_char(bytes.at[0])) /* TLS, or another protocol */
        return NB_HTTP_NONE;
    while (scan->at < bytes.len) {
        const char *lf = memchr(bytes.at + scan->at, '\n', bytes.len - scan->at);
        if (!lf) {
            scan->at = bytes.len;
            return NB_HTTP_PARTIAL;
        }
        size_t end = (size_t)(lf - bytes.at);
        if (end == scan->line || bytes.at[end - 1] != '\r') /* a bare LF */
            return NB_HTTP_NONE;
        bool is_empty = end == scan->line + 1;
        scan->at = scan->line = end + 1;
        scan->lines++;
        if (is_empty)
            return NB_HTTP_WHOLE;
    }
    return NB_HTTP_PARTIAL;
}

/* The scan has made sure that every line ends in CRLF. */
static nb_str take_line(nb_str *rest)
{
    nb_str line = {0};
    (void)nb_str_line(rest, &line);
    line.len -= line.len > 0;
    return line;
}

/* --- the request line ---------------------------------------------------------------------------------------------- */

static bool read_version(nb_str text, nb_http_head *out, nb_http_wrong *wrong)
{
    bool is_http = text.len == 8 && nb_str_starts(text, NB_STR("HTTP/")) &&
                   nb_is_digit(text.at[5]) && text.at[6] == '.' && nb_is_digit(text.at[7]);
    if (!is_http)
        return refuse(wrong, 400, "the request line is not 'METHOD TARGET HTTP/1.1'");
    if (text.at[5] != '1' || text.at[7] > '1')
        return refuse(wrong, 505, "this server speaks HTTP/1.0 and HTTP/1.1");
    out->minor = (unsigned)(text.at[7] - '0');
    return true;
}

/* "http://host/path?query" as proxies get it; *host is empty for "/path?query". */
static bool read_target(nb_str target, nb_str *host, nb_http_head *out, nb_http_wrong *wrong)
{
    for (size_t i = 0; i < target.len; i++) {
        if (!is_visible(target.at[i]) || target.at[i] == '#')
            return refuse(wrong, 400, "the request target holds characters that must be escaped");
    }
    if (target.len > 7 && nb_str_eq_nocase(nb_str_slice(target, 0, 7), NB_STR("http://"))) {
        nb_str rest = nb_str_from_at(target, 7);
        size_t end = 0;
        while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?')
            end++;
        *host = nb_str_slice(rest, 0, end);
        target = nb_str_from_at(rest, end);
    }
    if (target.len == 0 || target.at[0] != '/')
        return refuse(wrong, 400, "the request target is no path");
    ptrdiff_t mark = nb_str_find_char(target, '?');
    out->path = target;
    if (mark >= 0) {
        out->path = nb_str_slice(target, 0, (size_t)mark);
        out->query = nb_str_from_at(target, (size_t)mark + 1);
    }
    return true;
}

static bool read_request_line(nb_str line, nb_str *host, nb_http_head *out, nb_http_wrong *wrong)
{
    nb_str target = {0};
    if (!nb_str_split(&line, ' ', &out->method) || !is_token(out->method) ||
        !nb_str_split(&line, ' ', &target) || !line.at)
        return refuse(wrong, 400, "the request line is not 'METHOD TARGET HTTP/1.1'");
    return read_version(line, out, wrong) && read_target(target, host, out, wrong);
}

/* --- fields -------------------------------------------------------------------------------------------------------- */

static bool read_field(nb_str line, nb_http_pair *out, nb_http_wrong *wrong)
{
    ptrdiff_t colon = nb_str_find_char(line, ':');
    if (line.at[0] == ' ' || line.at[0] == '\t')
        return refuse(wrong, 400, "a header field is folded over two lines");
    if (colon < 0)
        return refuse(wrong, 400, "a header line holds no ':'");
    out->name = nb_str_slice(line, 0, (size_t)colon);
    out->value = trim_blanks(nb_str_from_at(line, (size_t)colon + 1));
    if (!is_token(out->name))
        return refuse(wrong, 400, "a header field's name holds blanks or other characters");
    if (!is_value(out->value))
        return refuse(wrong, 400, "a header field holds control characters");
    return true;
}

/* What the fields say about the message itself. */
typedef struct meaning {
    nb_str host, length, coding;
    unsigned hosts, lengths, codings;
    bool close, keep_alive;
    nb_str expect;
} meaning;

static bool is_named(nb_str name, const char *what)
{
    return nb_str_eq_nocase(name, nb_str_from(what));
}

static void note_connection(nb_str value, meaning *m)
{
    for (nb_str word; nb_str_split(&value, ',', &word);) {
        word = trim_blanks(word);
        m->close |= is_named(word, "close");
        m->keep_alive |= is_named(word, "keep-alive");
    }
}

/* Most fields are none of these: the length of the name decides before letters are compared. */
static void note_field(const nb_http_pair *field, meaning *m)
{
    nb_str name = field->name;
    switch (name.len) {
    case 4:
        if (is_named(name, "host")) {
            m->host = field->value;
            m->hosts++;
        }
        break;
    case 6:
        if (is_named(name, "expect"))
            m->expect = field->value;
        break;
    case 10:
        if (is_named(name, "connection"))
            note_connection(field->value, m);
        break;
    case 14:
        if (is_named(name, "content-length")) {
            m->length = field->value;
            m->lengths++;
        }
        break;
    case 17:
        if (is_named(name, "transfer-encoding")) {
            m->coding = field->value;
            m->codings++;
        }
        break;
    default: break;
    }
}

static bool check_host(const meaning *m, nb_str of_target, unsigned minor, nb_http_wrong *wrong)
{
    if (m->hosts > 1)
        return refuse(wrong, 400, "there are several Host fields");
    if (m->hosts == 0 && minor > 0)
        return refuse(wrong, 400, "HTTP/1.1 needs a Host field");
    for (size_t i = 0; i < m->host.len; i++) {
        if (!is_visible(m->host.at[i]) || strchr("/\\@,?#", m->host.at[i]))
            return refuse(wrong, 400, "the Host field is no host");
    }
    if (of_target.len > 0 && !nb_str_eq_nocase(of_target, m->host))
        return refuse(wrong, 400, "the request target names another host than the Host field");
    return true;
}

/* "chunked" alone is what this server decodes. Codings before it would have to be decoded, too; after it, nobody knows where the body ends. */
static bool read_coding(const meaning *m, nb_http_head *out, nb_http_wrong *wrong)
{
    if (m->lengths > 0)
        return refuse(wrong, 400, "there are Content-Length and Transfer-Encoding");
    if (m->codings > 1)
        return refuse(wrong, 400, "there are several Transfer-Encoding fields");
    if (out->minor == 0)
        return refuse(wrong, 400, "HTTP/1.0 knows no Transfer-Encoding");
    size_t count = 0, chunked = 0;
    bool is_last = false;
    nb_str rest = m->coding;
    for (nb_str word; nb_str_split(&rest, ',', &word); count++) {
        is_last = is_named(trim_blanks(word), "chunked");
        chunked += is_last;
    }
    if (chunked > 1 || (chunked == 1 && !is_last))
        return refuse(wrong, 400, "chunked is not the last transfer coding");
    if (count > 1 || chunked == 0)
        return refuse(wrong, 501, "chunked is the only transfer coding here");
    out->chunked = true;
    return true;
}

static bool read_length(const meaning *m, nb_http_head *out, nb_http_wrong *wrong)
{
    if (m->lengths > 1)
        return refuse(wrong, 400, "there are several Content-Length fields");
    size_t length = 0;
    for (size_t i = 0; i < m->length.len; i++) {
        if (!nb_is_digit(m->length.at[i]))
            return refuse(wrong, 400, "the Content-Length holds more than digits");
        length = length * 10 + (size_t)(m->length.at[i] - '0');
    }
    if (m->lengths > 0 && m->length.len == 0)
        return refuse(wrong, 400, "the Content-Length is empty");
    if (m->length.len > 18)
        return refuse(wrong, 400, "the Content-Length has more than 18 digits");
    out->length = length;
    return true;
}

static bool read_meaning(const meaning *m, nb_http_head *out, nb_http_wrong *wrong)
{
    out->keep_alive = !m->close && (out->minor > 0 || m->keep_alive);
    if (m->expect.len > 0 && out->minor > 0) {
        if (!is_named(m->expect, "100-continue"))
            return refuse(wrong, 417, "100-continue is the only expectation here");
        out->awaits = true;
    }
    return m->codings > 0 ? read_coding(m, out, wrong) : read_length(m, out, wrong);
}

bool nb_http_parse_head(nb_str bytes, nb_http_head *out, nb_http_wrong *wrong)
{
    *out = (nb_http_head){.fields = out->fields};
    nb_str host = {0};
    if (!read_request_line(take_line(&bytes), &host, out, wrong))
        return false;
    meaning m = {0};
    for (nb_str line = take_line(&bytes); line.len > 0; line = take_line(&bytes)) {
        if (out->field_count == NB_HTTP_MOST_FIELDS)
            return refuse(wrong, 431, "there are more than 100 header fields");
        nb_http_pair *field = &out->fields[out->field_count++];
        if (!read_field(line, field, wrong))
            return false;
        note_field(field, &m);
    }
    return check_host(&m, host, out->minor, wrong) && read_meaning(&m, out, wrong);
}

/* --- escapes ------------------------------------------------------------------------------------------------------- */

static int escape(nb_str text, size_t at)
{
    if (text.len - at < 3)
        return -1;
    int high = nb_http_hex(text.at[at + 1]), low = nb_http_hex(text.at[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool nb_http_decode(char *at, size_t *len, bool plus)
{
    nb_str text = {at, *len};
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '%' && escape(text, i) <= 0)
            return false;
    }
    size_t out = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '%') {
            c = (char)escape(text, i);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        at[out++] = c;
    }
    *len = out;
    return true;
}
