/* tag_store.h - a notebook file gets other bytes, when nobody else wrote it meanwhile. */
#ifndef NB_CLI_TAG_STORE_H
#define NB_CLI_TAG_STORE_H

#include "base/error.h"

enum { NB_TAG_LARGEST = 1024 * 1024 * 1024 }; /* bytes of a notebook that is tagged */

/* Replaces the file at once and keeps its mode. NB_ERR_NOTEBOOK when it does not hold `before` any more: another program saved it. A link in
 * the project's folder `root` is followed as long as it stays there; one that leads out of it is refused: nobody named that file. */
nb_code nb_tag_store(const char *path, nb_str root, nb_str before, nb_str after, nb_error *err);

#endif
