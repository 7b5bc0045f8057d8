/* fs.h - files, read whole or mapped, replaced atomically; folders.
 *
 * Paths are NUL-terminated. Errors name the path and, where it helps, say what it is instead (a directory, a
 * dangling link). Nothing here follows a path outside a root unless the caller asks: see nb_path_inside.
 */
#ifndef NB_FS_H
#define NB_FS_H

#include "base/buf.h"
#include "base/error.h"

/* The whole file in the arena, NUL-terminated. NB_ERR_IO when it is larger than `limit` bytes. */
nb_code nb_file_read(nb_arena *arena, const char *path, size_t limit, nb_str *out, nb_error *err);

/* All that a descriptor gives, to its end, likewise; `name` is for messages. */
nb_code nb_fd_read(nb_arena *arena, int fd, const char *name, size_t limit, nb_str *out,
                   nb_error *err);

/* A file mapped for reading; pages that nobody touches cost nothing. A small file is copied instead, so that nothing happens when
 * its owner truncates it meanwhile; a large one then ends the program (SIGBUS), as with every mapping. */
typedef struct nb_mapped {
    nb_str bytes;
    void *base;
    size_t size;
    size_t forgotten; /* bytes at the start whose pages were given back */
} nb_mapped;
nb_code nb_file_map(const char *path, nb_mapped *out, nb_error *err);
/* Gives back the pages before byte `upto` of `mapped` (an nb_mapped); they are read again when somebody touches them. Fits
 * nb_json_reader.passed. */
void nb_mapped_forget(void *mapped, size_t upto);
void nb_mapped_release(nb_mapped *mapped);
static inline void nb_mapped_auto(nb_mapped *mapped)
{
    nb_mapped_release(mapped);
}

/* Writes the file whole or not at all: temporary file beside it, fsync, rename. A failure leaves the old file
 * and no temporary one. An existing file keeps its mode; a new one gets `mode` & ~umask. */
nb_code nb_file_replace(const char *path, nb_str text, unsigned mode, nb_error *err);
/* The same for one of several files in a folder, the last of which is written with nb_file_replace(): that call makes all their
 * names durable at once. */
nb_code nb_file_replace_one_of(const char *path, nb_str text, unsigned mode, nb_error *err);
/* The same for a file that is written a piece at a time. */
typedef struct nb_replacing nb_replacing;
nb_code nb_replacing_open(const char *path, unsigned mode, nb_replacing **out, nb_error *err);
nb_code nb_replacing_write(nb_replacing *replacing, nb_str text, nb_error *err);
/* The file is there now, or the old one still is; either way `replacing` is gone. */
nb_code nb_replacing_finish(nb_replacing *replacing, nb_error *err);
/* The old file stays. NULL is fine. */
void nb_replacing_drop(nb_replacing *replacing);

/* Makes the folder and its missing parents (0777 & ~umask). */
nb_code nb_dir_make(const char *path, nb_error *err);
/* A new folder; NB_ERR_EXISTS when the name is taken by anything. */
nb_code nb_dir_make_new(const char *path, nb_error *err);
bool nb_path_exists(const char *path);
bool nb_is_link(const char *path); /* wherever it leads, also to nothing */
bool nb_is_dir(const char *path);
bool nb_is_file(const char *path);
/* Names in the folder, sorted by bytes, without "." and "..". */
nb_code nb_dir_list(nb_arena *arena, const char *path, nb_str **names, size_t *count,
                    nb_error *err);

typedef enum nb_entry_kind { NB_ENTRY_FILE, NB_ENTRY_FOLDER, NB_ENTRY_OTHER } nb_entry_kind;
typedef struct nb_entry {
    nb_str name;
    nb_entry_kind kind; /* of the entry itself: links, wherever they lead, are NB_ENTRY_OTHER */
} nb_entry;
/* What is in the folder, in no order, without "." and "..". */
nb_code nb_dir_read(nb_arena *arena, const char *path, nb_entry **entries, size_t *count,
                    nb_error *err);

#endif
