#include "endpoint/answer.h"

#include "endpoint/http_words.h"

enum { LONGEST_SIZE_LINE = 1024, MOST_DIGITS = 15 };

static nb_code refuse(nb_error *err, const char *what)
{
    return nb_fail(err, NB_ERR_REMOTE, "the answer is no valid HTTP: %s", what);
}

void nb_answer_init(nb_answer *answer, size_t body_limit)
{
    *answer = (nb_answer){.head = NB_BUF_INIT(NB_ANSWER_HEAD),
                          .body = NB_BUF_INIT(body_limit + 1),
                          .limit = body_limit,
                          .line = NB_BUF_INIT(NB_ANSWER_HEAD)};
}

void nb_answer_reset(nb_answer *answer)
{
    nb_buf_clear(&answer->head);
    nb_buf_clear(&answer->body);
    nb_buf_clear(&answer->line);
    answer->state = NB_ANSWER_IN_HEAD;
    answer->status = 0;
    answer->keep = answer->begun = answer->without_body = false;
    answer->left = answer->trailer = 0;
}

void nb_answer_release(nb_answer *answer)
{
    nb_buf_release(&answer->head);
    nb_buf_release(&answer->body);
    nb_buf_release(&answer->line);
}

/* --- headers -------------------------------------------------------------------------------------- */

static bool header_line(nb_str line, const char *name, nb_str *value)
{
    ptrdiff_t colon = nb_str_find_char(line, ':');
    if (colon < 0 || !nb_str_eq_nocase(nb_str_slice(line, 0, (size_t)colon), nb_str_from(name)))
        return false;
    *value = nb_str_trim(nb_str_from_at(line, (size_t)colon + 1));
    return true;
}

nb_str nb_answer_header(nb_str headers, const char *name)
{
    nb_str line, value;
    while (nb_str_line(&headers, &line))
        if (header_line(line, name, &value))
            return value;
    return (nb_str){0};
}

/* A comma-separated list holds the word. */
static bool lists(nb_str list, const char *word)
{
    nb_str piece;
    while (nb_str_split(&list, ',', &piece))
        if (nb_str_eq_nocase(nb_str_trim(piece), nb_str_from(word)))
            return true;
    return false;
}

static bool is_digits(nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!nb_is_digit(text.at[i]))
            return false;
    return text.len > 0 && text.len <= MOST_DIGITS;
}

/* All Content-Length headers must say the same. */
static nb_code content_length(nb_str headers, bool *given, uint64_t *out, nb_error *err)
{
    nb_str line, value;
    *given = false;
    while (nb_str_line(&headers, &line)) {
        int64_t number = 0;
        if (!header_line(line, "Content-Length", &value))
            continue;
        if (!is_digits(value) || !nb_str_to_int(value, &number))
            return refuse(err, "its Content-Length is no number");
        if (*given && *out != (uint64_t)number)
            return refuse(err, "it has two different lengths");
        *given = true;
        *out = (uint64_t)number;
    }
    return NB_OK;
}

static nb_code choose_framing(nb_answer *answer, nb_error *err)
{
    nb_str headers = nb_buf_view(&answer->head);
    nb_str coding = nb_answer_header(headers, "Transfer-Encoding");
    bool given;
    if (content_length(headers, &given, &answer->left, err) != NB_OK)
        return err->code;
    if (answer->without_body || answer->status == 204 || answer->status == 304) {
        answer->state = NB_ANSWER_DONE;
    } else if (coding.at) {
        if (given)
            return refuse(err, "it has both Content-Length and Transfer-Encoding");
        if (!nb_str_eq_nocase(coding, NB_STR("chunked")))
            return refuse(err, "its Transfer-Encoding is not 'chunked'");
        answer->state = NB_ANSWER_IN_SIZE;
    } else if (given) {
        if (answer->left > answer->limit)
            return nb_fail(err, NB_ERR_REMOTE, "the answer is larger than %zu bytes",
                           answer->limit);
        answer->state = answer->left > 0 ? NB_ANSWER_IN_BODY : NB_ANSWER_DONE;
    } else {
        answer->keep = false;
        answer->state = NB_ANSWER_TO_END;
    }
    return NB_OK;
}

/* "HTTP/1.1 200 OK" */
static nb_code read_status(nb_answer *answer, nb_str line, nb_error *err)
{
    bool newer = nb_str_starts(line, NB_STR("HTTP/1.1 "));
    if ((!newer && !nb_str_starts(line, NB_STR("HTTP/1.0 "))) || line.len < 12)
        return refuse(err, "it does not begin with HTTP/1.1");
    nb_str code = nb_str_slice(line, 9, 12);
    if (!is_digits(code) || code.at[0] < '1' || code.at[0] > '5' ||
        (line.len > 12 && line.at[12] != ' '))
        return refuse(err, "it has no status");
    answer->status =
        (unsigned)(100 * (code.at[0] - '0') + 10 * (code.at[1] - '0') + (code.at[2] - '0'));
    answer->keep = newer;
    answer->begun = true;
    return NB_OK;
}

static nb_code keep_header(nb_answer *answer, nb_str line, nb_error *err)
{
    size_t name = 0;
    while (name < line.len && nb_http_is_token_char(line.at[name]))
        name++;
    if (name == 0 || name == line.len || line.at[name] != ':')
        return refuse(err, "a header has no name");
    if (memchr(line.at, '\0', line.len) || memchr(line.at, '\r', line.len))
        return refuse(err, "a header holds control characters");
    nb_buf_put(&answer->head, line);
    nb_buf_putc(&answer->head, '\n');
    return answer->head.full ? refuse(err, "its head is too large") : NB_OK;
}

static nb_code end_head(nb_answer *answer, nb_error *err)
{
    nb_str connection = nb_answer_header(nb_buf_view(&answer->head), "Connection");
    if (answer->status < 200) { /* 100 Continue and its like: the answer follows */
        bool without_body = answer->without_body;
        if (answer->status == 101)
            return refuse(err, "it changes the protocol");
        nb_answer_reset(answer);
        answer->without_body = without_body;
        return NB_OK;
    }
    if (lists(connection, "close"))
        answer->keep = false;
    else if (lists(connection, "keep-alive"))
        answer->keep = true;
    return choose_framing(answer, err);
}

/* --- lines ---------------------------------------------------------------------------------------- */

/* "1a3;extension" */
static nb_code read_size(nb_answer *answer, nb_str line, nb_error *err)
{
    size_t digits = 0;
    uint64_t size = 0;
    while (digits < line.len && nb_http_hex(line.at[digits]) >= 0)
        size = (size << 4) | (uint64_t)nb_http_hex(line.at[digits++]);
    nb_str rest = nb_str_trim(nb_str_from_at(line, digits));
    if (digits == 0 || digits > MOST_DIGITS || line.len > LONGEST_SIZE_LINE ||
        (rest.len > 0 && rest.at[0] != ';'))
        return refuse(err, "a chunk has no size");
    if (size > answer->limit - answer->body.len)
        return nb_fail(err, NB_ERR_REMOTE, "the answer is larger than %zu bytes", answer->limit);
    answer->left = size;
    answer->state = size > 0 ? NB_ANSWER_IN_CHUNK : NB_ANSWER_IN_TRAILER;
    return NB_OK;
}

static nb_code on_trailer(nb_answer *answer, nb_str line, nb_error *err)
{
    answer->trailer += line.len;
    if (line.len == 0)
        answer->state = NB_ANSWER_DONE;
    return answer->trailer > NB_ANSWER_HEAD ? refuse(err, "its trailer is too large") : NB_OK;
}

static nb_code on_line(nb_answer *answer, nb_str line, nb_error *err)
{
    switch (answer->state) {
    case NB_ANSWER_IN_HEAD:
        if (!answer->begun)
            return read_status(answer, line, err);
        return line.len > 0 ? keep_header(answer, line, err) : end_head(answer, err);
    case NB_ANSWER_IN_SIZE: return read_size(answer, line, err);
    case NB_ANSWER_AFTER_CHUNK:
        answer->state = NB_ANSWER_IN_SIZE;
        return line.len == 0 ? NB_OK : refuse(err, "a chunk is longer than its size");
    case NB_ANSWER_IN_TRAILER: return on_trailer(answer, line, err);
    case NB_ANSWER_IN_BODY:
    case NB_ANSWER_IN_CHUNK:
    case NB_ANSWER_TO_END:
    case NB_ANSWER_DONE: break;
    }
    return NB_OK;
}

/* The bytes up to a line's end; a whole line is handed on without its CRLF. */
static nb_code feed_line(nb_answer *answer, nb_str bytes, size_t *used, nb_error *err)
{
    ptrdiff_t end = nb_str_find_char(bytes, '\n');
    *used = end < 0 ? bytes.len : (size_t)end + 1;
    nb_buf_put(&answer->line, nb_str_slice(bytes, 0, *used));
    if (answer->line.full)
        return refuse(err, "a line is too long");
    if (end < 0)
        return NB_OK;
    nb_str line = nb_buf_view(&answer->line);
    if (line.len < 2 || line.at[line.len - 2] != '\r')
        return refuse(err, "a line ends without a carriage return");
    nb_code code = on_line(answer, nb_str_slice(line, 0, line.len - 2), err);
    nb_buf_clear(&answer->line);
    return code;
}

/* --- bodies --------------------------------------------------------------------------------------- */

static nb_code feed_body(nb_answer *answer, nb_str bytes, size_t *used, nb_error *err)
{
    bool bounded = answer->state != NB_ANSWER_TO_END;
    size_t count = bounded && answer->left < bytes.len ? (size_t)answer->left : bytes.len;
    if (count > answer->limit - answer->body.len)
        return nb_fail(err, NB_ERR_REMOTE, "the answer is larger than %zu bytes", answer->limit);
    nb_buf_put(&answer->body, nb_str_slice(bytes, 0, count));
    *used = count;
    if (!bounded)
        return NB_OK;
    answer->left -= count;
    if (answer->left == 0)
        answer->state = answer->state == NB_ANSWER_IN_BODY ? NB_ANSWER_DONE : NB_ANSWER_AFTER_CHUNK;
    return NB_OK;
}

nb_code nb_answer_feed(nb_answer *answer, nb_str bytes, size_t *used, nb_error *err)
{
    size_t at = 0;
    while (at < bytes.len && answer->state != NB_ANSWER_DONE) {
        nb_str rest = nb_str_from_at(bytes, at);
        size_t taken = 0;
        bool data = answer->state == NB_ANSWER_IN_BODY || answer->state == NB_ANSWER_IN_CHUNK ||
                    answer->state == NB_ANSWER_TO_END;
        nb_code code =
            data ? feed_body(answer, rest, &taken, err) : feed_line(answer, rest, &taken, err);
        if (code != NB_OK)
            return code;
        at += taken;
    }
    *used = at;
    return NB_OK;
}

nb_code nb_answer_end(nb_answer *answer, nb_error *err)
{
    if (answer->state == NB_ANSWER_TO_END)
        answer->state = NB_ANSWER_DONE;
    if (answer->state == NB_ANSWER_DONE)
        return NB_OK;
    return nb_fail(err, NB_ERR_NET, "the connection ended %s",
                   answer->begun ? "within the answer" : "before an answer came");
}
