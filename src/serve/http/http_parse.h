/* http_parse.h - the head of an HTTP/1.1 request, read strictly: whatever two readers could understand differently is refused.
 *
 * Pure functions on bytes, no sockets. A head is looked for as bytes come (scan), then parsed once as a whole.
 *
 * Refused with 400: bare CR or LF, other control characters, a folded field (obs-fold), anything but a token before a field's colon, a line without one,
 * more than one blank between the parts of the request line, bytes outside visible ASCII or a '#' in the target, an escape that is none or hides a NUL, no
 * Host or several in HTTP/1.1, an absolute target for another host than Host's, several Content-Length fields (even equal ones), a length that is not digits
 * only, Content-Length with Transfer-Encoding, Transfer-Encoding in HTTP/1.0 or several of them, chunked twice or not last.
 * 501: another transfer coding. 505: another version. 417: an expectation other than 100-continue. 431: more than NB_HTTP_MOST_FIELDS fields.
 */
#ifndef NB_SERVE_HTTP_PARSE_H
#define NB_SERVE_HTTP_PARSE_H

#include "base/str.h"

enum { NB_HTTP_MOST_FIELDS = 100 };

typedef struct nb_http_scan { /* zero before the first byte */
    size_t at;   /* bytes looked at; with WHOLE: the length of the head with its empty line */
    size_t line; /* where the line begins that is not complete yet */
    size_t lines;
} nb_http_scan;

typedef enum nb_http_found { NB_HTTP_PARTIAL, NB_HTTP_WHOLE, NB_HTTP_NONE } nb_http_found;

/* Looks for the end of the head in `bytes`, which may have grown since the last call. NONE: this cannot become HTTP. */
nb_http_found nb_http_scan_head(nb_str bytes, nb_http_scan *scan);

typedef struct nb_http_pair {
    nb_str name, value;
} nb_http_pair;

/* All views are into the bytes that were parsed. */
typedef struct nb_http_head {
    nb_str method, path, query; /* as sent; the query without its '?' */
    unsigned minor;             /* of HTTP/1.x: 0 or 1 */
    nb_http_pair *fields;
    size_t field_count;
    bool chunked;
    size_t length;   /* of Content-Length; 0 without one */
    bool keep_alive; /* the client wants to send more */
    bool awaits;     /* Expect: 100-continue */
} nb_http_head;

/* Why a request is refused. */
typedef struct nb_http_wrong {
    unsigned status;
    const char *why;
} nb_http_wrong;

/* `bytes`: a head as the scan found it; `out->fields`: room for scan.lines of them, given by the caller. False: *wrong says why. */
bool nb_http_parse_head(nb_str bytes, nb_http_head *out, nb_http_wrong *wrong);

/* Decodes %XX (and '+' with `plus`) in place. False, and nothing decoded, when an escape is wrong or gives a NUL. */
bool nb_http_decode(char *at, size_t *len, bool plus);

#endif
