/* capture_line.h - a captured event as a line of JSON, in the form of SageMaker's data capture: bodies of JSON and CSV as text, all others in base64. */
#ifndef NB_SERVE_CAPTURE_LINE_H
#define NB_SERVE_CAPTURE_LINE_H

#include "base/buf.h"

typedef struct nb_capture_side {
    nb_str type, body;
} nb_capture_side;

typedef struct nb_capture_line {
    nb_str id;
    int64_t at_ms; /* since 1970 */
    nb_capture_side input, output;
} nb_capture_line;

/* With its '\n'. */
void nb_capture_put_line(nb_buf *out, const nb_capture_line *line);

#endif
