/* path.h - paths as text, and the check that one stays below a root. */
#ifndef NB_PATH_H
#define NB_PATH_H

#include "base/error.h"

/* base/name with one slash between; `name` alone when it is absolute or base is empty. NUL-terminated. */
nb_str nb_path_join(nb_arena *arena, nb_str base, nb_str name);
/* The part before the last slash: "a/b.py" gives "a", "b.py" gives ".", "/x" gives "/". */
nb_str nb_path_dir(nb_str path);
/* The part after the last slash. */
nb_str nb_path_base(nb_str path);
/* The base name without its last extension: "a/b.tar.gz" gives "b.tar", ".bashrc" stays. */
nb_str nb_path_stem(nb_str path);
/* Lexically: no empty parts, no ".", ".." resolved where possible. "" gives ".". */
nb_str nb_path_clean(nb_arena *arena, nb_str path);
static inline bool nb_path_is_absolute(nb_str path)
{
    return path.len > 0 && path.at[0] == '/';
}
/* `path` as seen from the folder `base`; both absolute and clean. "/a/b/c" from "/a/d" is "../b/c". */
nb_str nb_path_relative(nb_arena *arena, nb_str base, nb_str path);
/* The absolute form, symbolic links unresolved (current directory + path, cleaned). */
nb_code nb_path_absolute(nb_arena *arena, nb_str path, nb_str *out, nb_error *err);
/* NB_ERR_CONFIG unless `path`, joined to the folder `root`, stays below it: lexically (no absolute path, no ".." that
 * climbs out) and on disk (no symbolic link on the way leads out). Parts that do not exist yet are allowed. */
nb_code nb_path_inside(nb_arena *arena, nb_str root, nb_str path, nb_str *out, nb_error *err);

#endif
