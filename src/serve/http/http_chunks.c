#include "serve/http/http_chunks.h"

#include "endpoint/http_words.h"

enum { MOST_DIGITS = 15, MOST_AROUND = 16 * 1024 };

static bool is_text(char c)
{
    unsigned char u = (unsigned char)c;
    return (u >= ' ' || u == '\t') && u != 0x7f;
}

/* One character of a chunk's size; false: it may not stand here. */
static bool take_size(nb_http_chunks *chunks, char c)
{
    int digit = nb_http_hex(c);
    if (digit >= 0) {
        chunks->left = chunks->left * 16 + (size_t)digit;
        return ++chunks->digits <= MOST_DIGITS;
    }
    if (chunks->digits == 0)
        return false;
    chunks->digits = 0;
    if (c == '\r')
        chunks->step = NB_HTTP_CHUNK_SIZE_LF;
    else
        chunks->step = NB_HTTP_CHUNK_EXTENSION;
    return c == '\r' || c == ';';
}

/* A character of a line that is skipped up to its CR, which leads to `next`. */
static bool take_text(nb_http_chunks *chunks, char c, nb_http_chunks_step next)
{
    chunks->around++;
    if (c == '\r')
        chunks->step = next;
    return c == '\r' || is_text(c);
}

static bool take_exactly(nb_http_chunks *chunks, char c, char wanted, nb_http_chunks_step next)
{
    chunks->step = next;
    return c == wanted;
}

static bool take_trailer(nb_http_chunks *chunks, char c)
{
    chunks->around++;
    chunks->step = c == '\r' ? NB_HTTP_CHUNK_END_LF : NB_HTTP_CHUNK_TRAILER_NAME;
    return c == '\r' || nb_http_is_token_char(c);
}

static bool take_trailer_name(nb_http_chunks *chunks, char c)
{
    chunks->around++;
    if (c == ':')
        chunks->step = NB_HTTP_CHUNK_TRAILER_VALUE;
    return c == ':' || nb_http_is_token_char(c);
}

/* One character of what is around the data. */
static bool take(nb_http_chunks *chunks, char c)
{
    switch (chunks->step) {
    case NB_HTTP_CHUNK_SIZE: return take_size(chunks, c);
    case NB_HTTP_CHUNK_EXTENSION: return take_text(chunks, c, NB_HTTP_CHUNK_SIZE_LF);
    case NB_HTTP_CHUNK_SIZE_LF:
        return take_exactly(chunks, c, '\n',
                            chunks->left > 0 ? NB_HTTP_CHUNK_DATA : NB_HTTP_CHUNK_TRAILER);
    case NB_HTTP_CHUNK_DATA_CR: return take_exactly(chunks, c, '\r', NB_HTTP_CHUNK_DATA_LF);
    case NB_HTTP_CHUNK_DATA_LF: return take_exactly(chunks, c, '\n', NB_HTTP_CHUNK_SIZE);
    case NB_HTTP_CHUNK_TRAILER: return take_trailer(chunks, c);
    case NB_HTTP_CHUNK_TRAILER_NAME: return take_trailer_name(chunks, c);
    case NB_HTTP_CHUNK_TRAILER_VALUE: return take_text(chunks, c, NB_HTTP_CHUNK_TRAILER_LF);
    case NB_HTTP_CHUNK_TRAILER_LF: return take_exactly(chunks, c, '\n', NB_HTTP_CHUNK_TRAILER);
    case NB_HTTP_CHUNK_END_LF: return take_exactly(chunks, c, '\n', NB_HTTP_CHUNK_END);
    case NB_HTTP_CHUNK_DATA:
    case NB_HTTP_CHUNK_END: break;
    }
    return false;
}

static size_t take_data(nb_http_chunks *chunks, nb_str bytes, nb_buf *body)
{
    nb_str data = nb_str_slice(bytes, 0, chunks->left);
    nb_buf_put(body, data);
    chunks->left -= data.len;
    if (chunks->left == 0)
        chunks->step = NB_HTTP_CHUNK_DATA_CR;
    return data.len;
}

nb_http_chunked nb_http_chunks_feed(nb_http_chunks *chunks, nb_str bytes, size_t most, nb_buf *body,
                                    size_t *taken)
{
    size_t at = 0;
    while (at < bytes.len && chunks->step != NB_HTTP_CHUNK_END) {
        if (chunks->step == NB_HTTP_CHUNK_DATA)
            at += take_data(chunks, nb_str_from_at(bytes, at), body);
        else if (!take(chunks, bytes.at[at++]))
            return NB_HTTP_CHUNKED_WRONG;
        if (chunks->left > most - body->len || chunks->around > MOST_AROUND)
            return NB_HTTP_CHUNKED_TOO_LARGE;
    }
    *taken = at;
    return chunks->step == NB_HTTP_CHUNK_END ? NB_HTTP_CHUNKED_WHOLE : NB_HTTP_CHUNKED_MORE;
}
