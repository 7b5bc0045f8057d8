/* log_file.h - a log that is moved aside when it has grown: NAME, NAME.1 (the last one), … NAME.4; older ones go.
 *
 * Writing never fails anybody: what a full disk does not take is lost, and the line after it begins on a line of its own.
 */
#ifndef NB_SERVE_LOG_FILE_H
#define NB_SERVE_LOG_FILE_H

#include "base/error.h"

enum { NB_LOG_KEPT = 4 };

typedef struct nb_log_file {
    const char *path; /* stays the caller's */
    int fd;           /* -1: not open */
    size_t size, most;
    bool is_torn;
} nb_log_file;

#define NB_LOG_FILE_NONE ((nb_log_file){.fd = -1})

/* Appends to what is there. `most`: bytes of a file; 0: no limit. */
nb_code nb_log_file_open(nb_log_file *file, const char *path, size_t most, nb_error *err);
/* Whole lines. */
void nb_log_file_write(nb_log_file *file, nb_str lines);
void nb_log_file_close(nb_log_file *file);

#endif
