/* path_kinds.h - paths that one machine or one platform has: which they are, and what to do instead. */
#ifndef NB_CHECK_PATH_KINDS_H
#define NB_CHECK_PATH_KINDS_H

#include "base/str.h"

typedef enum nb_path_kind {
    NB_PATH_RELATIVE, /* to the notebook; also URLs and what is no path */
    NB_PATH_SYSTEM,   /* every machine has it: /tmp, /dev/null, / */
    NB_PATH_ABSOLUTE, /* "/data/x.csv", "D:\\data" */
    NB_PATH_HOME,     /* of somebody: "~/x.csv" */
    NB_PATH_PLATFORM, /* "/content/drive/…", "/kaggle/input/…" */
} nb_path_kind;

typedef struct nb_path_told {
    nb_path_kind kind;
    nb_str root;     /* the beginning that the machine gives: "/data", "/kaggle/input" */
    nb_str platform; /* "Google Colab" */
    nb_str advice;   /* starts with a verb */
} nb_path_told;

nb_path_told nb_path_tell(nb_str path);
/* An address with a scheme ("https://…", "s3://…"), no file of this machine. */
bool nb_path_is_address(nb_str path);
/* Home folders and platforms' folders are told by their beginning wherever they stand; other absolute paths look like routes ("/predict"). */
static inline bool nb_path_is_plain(nb_path_kind kind)
{
    return kind == NB_PATH_HOME || kind == NB_PATH_PLATFORM;
}

#endif
