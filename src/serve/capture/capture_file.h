/* capture_file.h - the files of captured events: FOLDER/VERSION/yyyy/mm/dd/hh/mm-ss-ID.jsonl, in UTC, for their owner only.
 *
 * A file holds whole lines, whatever happens: what a full disk took only in part is cut off again. Folders that were removed are made anew.
 */
#ifndef NB_SERVE_CAPTURE_FILE_H
#define NB_SERVE_CAPTURE_FILE_H

#include "base/str.h"

enum { NB_CAPTURE_FILES = 16 }; /* versions with an open file */

typedef struct nb_capture_file {
    unsigned version; /* 0: none */
    int fd;
    size_t size;
    int64_t opened_ms;
} nb_capture_file;

typedef struct nb_capture_files {
    const char *folder;
    uint64_t keep;
    size_t file_bytes;
    int64_t file_ms;
    uint64_t run;    /* makes names differ from those of other runs */
    uint64_t serial; /* and from each other */
    uint64_t total;  /* bytes of all files, once counted */
    uint64_t pruned;
    bool is_counted;
    nb_capture_file open[NB_CAPTURE_FILES];
} nb_capture_files;

/* Appends the line (with its '\n'); false with errno. */
bool nb_capture_files_write(nb_capture_files *files, unsigned version, int64_t now_ms, nb_str line);
/* Ends files that are old enough. */
void nb_capture_files_age(nb_capture_files *files, int64_t now_ms);
void nb_capture_files_close(nb_capture_files *files);

#endif
