/* http_chunks.h - the chunked transfer coding, decoded strictly as bytes come.
 *
 * A size is 1 to 15 hexadecimal digits; extensions are skipped, trailers are checked and dropped. Lines end in CRLF and nothing else: readers that take a
 * bare LF here disagree with those that do not about where the next request begins.
 */
#ifndef NB_SERVE_HTTP_CHUNKS_H
#define NB_SERVE_HTTP_CHUNKS_H

#include "base/buf.h"

typedef enum nb_http_chunks_step {
    NB_HTTP_CHUNK_SIZE, /* also the start */
    NB_HTTP_CHUNK_EXTENSION,
    NB_HTTP_CHUNK_SIZE_LF,
    NB_HTTP_CHUNK_DATA,
    NB_HTTP_CHUNK_DATA_CR,
    NB_HTTP_CHUNK_DATA_LF,
    NB_HTTP_CHUNK_TRAILER, /* the first character of a line */
    NB_HTTP_CHUNK_TRAILER_NAME,
    NB_HTTP_CHUNK_TRAILER_VALUE,
    NB_HTTP_CHUNK_TRAILER_LF,
    NB_HTTP_CHUNK_END_LF,
    NB_HTTP_CHUNK_END
} nb_http_chunks_step;

typedef struct nb_http_chunks { /* zero before the first byte */
    nb_http_chunks_step step;
    size_t left; /* of the chunk */
    unsigned digits;
    size_t around; /* bytes of extensions and trailers so far */
} nb_http_chunks;

typedef enum nb_http_chunked {
    NB_HTTP_CHUNKED_MORE,
    NB_HTTP_CHUNKED_WHOLE,
    NB_HTTP_CHUNKED_WRONG,
    NB_HTTP_CHUNKED_TOO_LARGE /* the body would have more than `most` bytes, or there are too many extensions and trailers */
} nb_http_chunked;

/* Decodes `bytes` to the end of `body`. *taken: how many belong to this message. */
nb_http_chunked nb_http_chunks_feed(nb_http_chunks *chunks, nb_str bytes, size_t most, nb_buf *body,
                                    size_t *taken);

#endif
