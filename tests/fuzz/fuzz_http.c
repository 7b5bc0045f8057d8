/* A stream of requests is cut the same way in one piece and byte by byte; what is read of a head can be told again and means the same; every view lies in
 * the bytes. The stream is framed as src/serve/http/http_connection.c does it. */
#include "serve/http/http_chunks.h"
#include "serve/http/http_parse.h"

enum { MOST_BODY = 512 };

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_inside(nb_str part, nb_str whole)
{
    check(part.len == 0 || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len));
}

/* What came of one request: where it ends, and a sum of its body. */
typedef struct cut {
    size_t end;
    unsigned status;
    nb_http_chunked chunked;
    size_t body;
} cut;

static size_t head_of(nb_str bytes, size_t step, nb_http_scan *scan)
{
    nb_http_found found = NB_HTTP_PARTIAL;
    for (size_t len = step; found == NB_HTTP_PARTIAL; len += step) {
        found = nb_http_scan_head(nb_str_slice(bytes, 0, len), scan);
        if (len >= bytes.len)
            break;
    }
    return found == NB_HTTP_WHOLE ? scan->at : 0;
}

static cut chunks_of(nb_str bytes, size_t step)
{
    NB_AUTO(nb_buf) body = NB_BUF_INIT(MOST_BODY + 2);
    nb_http_chunks chunks = {0};
    cut out = {.chunked = NB_HTTP_CHUNKED_MORE};
    while (out.end < bytes.len && out.chunked == NB_HTTP_CHUNKED_MORE) {
        size_t taken = 0;
        out.chunked = nb_http_chunks_feed(&chunks, nb_str_slice(bytes, out.end, out.end + step),
                                          MOST_BODY, &body, &taken);
        out.end += taken;
    }
    check(body.len <= MOST_BODY && !body.full);
    out.body = out.chunked <= NB_HTTP_CHUNKED_WHOLE ? body.len : 0;
    if (out.chunked > NB_HTTP_CHUNKED_WHOLE)
        out.end = 0;
    return out;
}

static cut cut_one(nb_str bytes, size_t step, nb_http_pair *fields, nb_http_head *head)
{
    nb_http_scan scan = {0};
    nb_http_wrong wrong = {0};
    size_t end = head_of(bytes, step, &scan);
    *head = (nb_http_head){.fields = fields};
    if (end == 0)
        return (cut){0};
    if (!nb_http_parse_head(nb_str_slice(bytes, 0, end), head, &wrong)) {
        check(wrong.status >= 400 && wrong.why);
        return (cut){.status = wrong.status};
    }
    if (!head->chunked)
        return (cut){.end = head->length <= bytes.len - end ? end + head->length : 0,
                     .body = head->length};
    cut out = chunks_of(nb_str_from_at(bytes, end), step);
    out.end = out.chunked == NB_HTTP_CHUNKED_WHOLE ? out.end + end : 0;
    return out;
}

static void check_views(const nb_http_head *head, nb_str bytes)
{
    check(head->field_count <= NB_HTTP_MOST_FIELDS && (!head->chunked || head->length == 0));
    check_inside(head->method, bytes);
    check_inside(head->path, bytes);
    check_inside(head->query, bytes);
    check(head->path.len > 0 && head->path.at[0] == '/');
    for (size_t i = 0; i < head->field_count; i++) {
        check_inside(head->fields[i].name, bytes);
        check_inside(head->fields[i].value, bytes);
        check(nb_str_find_char(head->fields[i].value, '\n') < 0 &&
              nb_str_find_char(head->fields[i].value, '\r') < 0);
    }
}

/* Written anew, the plainest way, the head means the same. */
static void check_again(const nb_http_head *head)
{
    static nb_http_pair fields[NB_HTTP_MOST_FIELDS];
    NB_AUTO(nb_buf) text = NB_BUF_INIT(1 << 20);
    nb_http_head again = {.fields = fields};
    nb_http_wrong wrong = {0};
    nb_http_scan scan = {0};
    nb_buf_printf(&text, "%.*s %.*s?%.*s HTTP/1.%u\r\n", NB_STR_ARG(head->method),
                  NB_STR_ARG(head->path), NB_STR_ARG(head->query), head->minor);
    for (size_t i = 0; i < head->field_count; i++)
        nb_buf_printf(&text, "%.*s: %.*s\r\n", NB_STR_ARG(head->fields[i].name),
                      NB_STR_ARG(head->fields[i].value));
    nb_buf_putz(&text, "\r\n");
    check(nb_http_scan_head(nb_buf_view(&text), &scan) == NB_HTTP_WHOLE && scan.at == text.len);
    check(nb_http_parse_head(nb_buf_view(&text), &again, &wrong));
    check(again.length == head->length && again.chunked == head->chunked);
    check(again.keep_alive == head->keep_alive && again.awaits == head->awaits);
    check(again.field_count == head->field_count && nb_str_eq(again.path, head->path));
}

static void check_decoding(nb_str bytes)
{
    char copy[64];
    size_t len = bytes.len < sizeof copy ? bytes.len : sizeof copy;
    size_t was = len;
    if (len > 0)
        memcpy(copy, bytes.at, len);
    bool decoded = nb_http_decode(copy, &len, false);
    check(decoded ? len <= was : len == was && memcmp(copy, bytes.at, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static nb_http_pair fields[2][NB_HTTP_MOST_FIELDS];
    nb_str rest = {(const char *)data, size};
    check_decoding(rest);
    for (bool more = true; more && rest.len > 0;) {
        nb_http_head head, slow;
        cut whole = cut_one(rest, rest.len, fields[0], &head);
        cut slowly = cut_one(rest, 1, fields[1], &slow);
        check(whole.end == slowly.end && whole.status == slowly.status);
        check(whole.chunked == slowly.chunked && whole.body == slowly.body);
        more = whole.end > 0;
        if (more) {
            check_views(&head, rest);
            check_again(&head);
            rest = nb_str_from_at(rest, whole.end);
        }
    }
    return 0;
}
