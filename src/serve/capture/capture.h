/* capture.h - keeps a share of the requests that the model answered, with their answers, for whoever wants to know later what was asked.
 *
 * Lines of JSON as SageMaker's data capture writes them, so that monitors made for those read them: docs/serving-capture.md. The loop only copies the
 * bodies into a bounded queue; a thread of its own redacts and writes. When that is behind, or the disk takes nothing, events are dropped and counted: no call
 * ever waits for it, and memory does not grow.
 */
#ifndef NB_SERVE_CAPTURE_H
#define NB_SERVE_CAPTURE_H

#include "serve/loop.h"

typedef struct nb_capture nb_capture;

typedef struct nb_capture_options {
    nb_str folder; /* made when the first event comes */
    double share;
    nb_str redact;      /* names of columns */
    uint64_t keep;      /* bytes of all files together; the oldest go; 0: no limit */
    size_t file_bytes;  /* a file is ended at this size, */
    int64_t file_ms;    /* or this age */
    size_t queue_bytes; /* of events that wait */
    size_t event_bytes; /* the longest bodies of an event */
    /* What a person should know; on the loop's thread. */
    void (*log)(void *ctx, nb_str line);
    /* For tests: on the writer's thread before each event. */
    void (*before_write)(void *ctx);
    void *ctx;
} nb_capture_options;

#define NB_CAPTURE_OPTIONS                                   \
    ((nb_capture_options){.keep = UINT64_C(1) << 30,         \
                          .file_bytes = 16 << 20,            \
                          .file_ms = INT64_C(5) * 60 * 1000, \
                          .queue_bytes = 16 << 20,           \
                          .event_bytes = 1 << 20})

typedef struct nb_capture_event {
    unsigned version;
    nb_str id;
    int64_t at_ms; /* since 1970 */
    nb_str about;  /* the READY frame of its version: names of columns */
    nb_str input_type, input, output_type, output;
} nb_capture_event;

typedef enum nb_capture_fate {
    NB_CAPTURE_WRITTEN,
    NB_CAPTURE_DROPPED, /* the writer was behind */
    NB_CAPTURE_FAILED,  /* the disk took it not */
    NB_CAPTURE_UNSURE,  /* columns could not be redacted with certainty */
    NB_CAPTURE_LARGE,   /* more bytes than an event may have */
    NB_CAPTURE_FATES
} nb_capture_fate;

const char *nb_capture_fate_name(nb_capture_fate fate); /* "written", ... */

typedef struct nb_capture_figures {
    uint64_t events[NB_CAPTURE_FATES];
    uint64_t bytes;  /* written */
    uint64_t pruned; /* files that went to make room */
    size_t queued;   /* bytes that wait */
    bool is_failing; /* since the last event */
} nb_capture_figures;

nb_code nb_capture_open(nb_loop *loop, const nb_capture_options *options, nb_capture **out,
                        nb_error *err);
/* Belongs this call to the share? Its event is then given to nb_capture_take(), when it was answered well. NULL takes none. */
bool nb_capture_wants(const nb_capture *capture, uint64_t call);
void nb_capture_take(nb_capture *capture, const nb_capture_event *event);
nb_capture_figures nb_capture_look(nb_capture *capture);
/* What waits is written, for two seconds at most. NULL is fine. */
void nb_capture_close(nb_capture *capture);

#endif
