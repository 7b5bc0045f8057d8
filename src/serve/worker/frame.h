/* frame.h - what the front and a Python worker say to each other: frames over a stream socket (descriptor 3 of the worker).
 *
 *     u32 length of what follows the header · u16 type · u16 flags · u64 id            little-endian, 16 bytes
 *
 *     HELLO   worker → front   JSON {"pid", "protocol": 1, "python": "3.11.2"}
 *     READY   worker → front   JSON {"load_ms", "rss", "handlers": [names], "batch": bool, "schema": {…} or null, "framework",
 *                            "sample": {"instances", "answer"} or null}
 *     FAIL    worker → front   JSON {"phase": "import"|"load"|"warm-up", "error": last line, "traceback"}
 *     BATCH   front → worker   u32 count, then count requests; flag TOGETHER: predict them with one call if that can be done
 *     RESULT  worker → front   u32 count, then count results; a batch may be answered in several, each request once
 *     STOP    front → worker   finish and end
 *
 *     request: u64 id · u32 ms until its deadline · text16 content type · text16 accept · body
 *     result:  u64 id · u16 status · u16 flags (ALONE: it was not predicted together) · u32 µs in the model · text16 content type · body
 *     text16:  u16 length, bytes.   body: u32 length, u64 offset; offset ~0: the bytes follow, else they lie there in the shared file
 *
 * Bodies of NB_FRAME_SHARED bytes and more lie in a shared file (memfd): requests in descriptor 4, results in descriptor 5, each as large as
 * NB_FRAME_SHARED_SIZE. A worker holds one batch at most, so offsets begin at 0 with every batch. What does not fit there follows in the frame.
 * The worker's side is src/serve/worker.py. Text that comes from the other side is checked as any foreign bytes.
 */
#ifndef NB_SERVE_FRAME_H
#define NB_SERVE_FRAME_H

#include "base/buf.h"
#include "base/error.h"

enum {
    NB_FRAME_HEADER = 16,
    NB_FRAME_PROTOCOL = 1,
    NB_FRAME_SHARED = 256 * 1024,
    NB_FRAME_SHARED_SIZE = 128 * 1024 * 1024, /* address space, not memory */
    NB_FRAME_LARGEST = 80 * 1024 * 1024,
    NB_FRAME_MOST_ITEMS = 4096
};

typedef enum nb_frame_type {
    NB_FRAME_HELLO = 1,
    NB_FRAME_READY,
    NB_FRAME_FAIL,
    NB_FRAME_BATCH,
    NB_FRAME_RESULT,
    NB_FRAME_STOP
} nb_frame_type;

enum { NB_FRAME_TOGETHER = 1 }; /* flag of a BATCH */
enum { NB_RESULT_ALONE = 1 };   /* flag of a result */

typedef struct nb_frame {
    nb_frame_type type;
    unsigned flags;
    uint64_t id;
    nb_str payload; /* a view into the bytes it was read from */
} nb_frame;

typedef struct nb_frame_request {
    uint64_t id;
    uint32_t deadline_ms;
    nb_str content_type, accept, body;
} nb_frame_request;

typedef struct nb_frame_result {
    uint64_t id;
    unsigned status; /* HTTP */
    unsigned flags;
    uint32_t model_us;
    nb_str content_type, body; /* the body may be a view into the shared file */
} nb_frame_result;

/* A shared file as this side sees it. */
typedef struct nb_frame_shared {
    char *at; /* NULL: there is none */
    size_t size, used;
} nb_frame_shared;

typedef enum nb_frame_state { NB_FRAME_WHOLE, NB_FRAME_PARTIAL, NB_FRAME_WRONG } nb_frame_state;

/* Looks for a frame at the start of `bytes`; WHOLE: *out and *taken (bytes it occupies) are set. WRONG: no peer of ours says that. */
nb_frame_state nb_frame_read(nb_str bytes, nb_frame *out, size_t *taken);
void nb_frame_write(nb_buf *out, nb_frame_type type, unsigned flags, uint64_t id, nb_str payload);

/* A BATCH with these requests; `shared` starts at 0. */
void nb_frame_write_batch(nb_buf *out, uint64_t id, unsigned flags,
                          const nb_frame_request *requests, size_t count, nb_frame_shared *shared);
/* How many results a RESULT frame says that it has. */
size_t nb_frame_result_count(nb_str payload);
/* The results of a RESULT frame one after another: *at starts at 0; false at the end, and with *wrong when the bytes are none. */
bool nb_frame_next_result(nb_str payload, const nb_frame_shared *shared, size_t *at,
                          nb_frame_result *out, bool *wrong);

#endif
