/* trace.h - what the program does and how long it takes, for its developers and for bug reports.
 *
 * NOTEBOOKED_DEBUG=1 switches all components on; NOTEBOOKED_TRACE=parse,gen,proc[:FILE] selects, and with
 * a file writes JSON lines to it instead of text to stderr. Off, a call costs one test of a bit.
 * Values that may be secret never go into a trace: callers pass names and sizes.
 */
#ifndef NB_TRACE_H
#define NB_TRACE_H

#include "base/env.h"
#include "base/error.h"

typedef enum nb_component {
    NB_TRACE_PARSE = 1 << 0, /* notebooks, configuration, Python */
    NB_TRACE_GEN = 1 << 1,   /* decisions of the generator */
    NB_TRACE_PROC = 1 << 2,  /* child processes */
    NB_TRACE_STORE = 1 << 3  /* the project's database */
} nb_component;

/* Bits that are on. Written by nb_trace_open() only. */
extern unsigned nb_trace_on;

/* Reads the two variables; NB_ERR_USAGE on an unknown component (names the valid ones), NB_ERR_IO when the file cannot be
 * opened. Call once, at start. */
nb_code nb_trace_open(const nb_env *env, nb_error *err);
void nb_trace_close(void);

#define nb_trace(component, ...)                       \
    do {                                               \
        if (nb_trace_on & (component))                 \
            nb_trace_write_((component), __VA_ARGS__); \
    } while (0)
void nb_trace_write_(nb_component component, const char *fmt, ...) NB_PRINTF(2, 3);

/* A region with a duration: int64_t start = nb_trace_begin(); ... nb_trace_end(NB_TRACE_GEN, start, "render"); */
int64_t nb_trace_begin(void);
void nb_trace_end(nb_component component, int64_t start, const char *what);

#endif
