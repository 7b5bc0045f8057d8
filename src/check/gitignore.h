/* gitignore.h - what .gitignore files leave out, as git reads them (gitignore(5)). */
#ifndef NB_CHECK_GITIGNORE_H
#define NB_CHECK_GITIGNORE_H

#include "base/vec.h"

typedef struct nb_gitignore_rule {
    nb_str pattern; /* without '!' and the slashes at its ends */
    size_t literal; /* how many bytes come before the first special character */
    bool negated;   /* takes back what rules before it left out */
    bool folders_only;
    bool
        anchored; /* seen from the folder of its file; else the last part of a path is compared, anywhere below */
} nb_gitignore_rule;

/* The rules of one file; those of folders above it count where it says nothing. */
typedef struct nb_gitignore nb_gitignore;
struct nb_gitignore {
    const nb_gitignore *above; /* NULL at the top */
    nb_str folder;             /* of the file, seen from the top: "" or "a/b" */
    NB_VEC(nb_gitignore_rule) rules;
};

/* Reads the text of a file. The result points into `text` and `folder`, lives in the arena, and is `above` itself when there are no rules. */
const nb_gitignore *nb_gitignore_read(nb_arena *arena, nb_str text, nb_str folder,
                                      const nb_gitignore *above);
/* Whether `path`, seen from the top and below the rules' folder, is left out. Of the folders on the way nothing is asked: who walks
 * does not enter those that are left out. `rules` may be NULL. */
bool nb_gitignore_has(const nb_gitignore *rules, nb_str path, bool is_folder);

#endif
