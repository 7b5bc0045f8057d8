/* retag_parts.h - how an object of a JSON text is laid out, and what a member more looks like there. Only retag*.c include it.
 *
 * All positions are byte offsets in the whole text.
 */
#ifndef NB_RETAG_PARTS_H
#define NB_RETAG_PARTS_H

#include "base/buf.h"
#include "base/vec.h"
#include "text/json.h"

typedef struct nb_retag_member {
    nb_str key;
    size_t key_at, key_end; /* with its quotes */
    size_t at, end;         /* of the value */
    nb_json_kind kind;      /* of the value */
} nb_retag_member;

typedef struct nb_retag_object {
    size_t open, close; /* of its braces */
    NB_VEC(nb_retag_member) members;
} nb_retag_object;

/* How members are written in an object. */
typedef struct nb_retag_layout {
    bool lines;     /* each on a line of its own */
    nb_str newline; /* these three only when `lines` */
    nb_str indent;  /* of the members */
    nb_str unit;    /* what one level more is indented by */
    nb_str colon;   /* with the blanks around it */
    nb_str comma;   /* between two on one line */
    nb_str between; /* between two here */
} nb_retag_layout;

/* One place where the text changes. */
typedef struct nb_retag_edit {
    size_t start, end;
    nb_str text;
} nb_retag_edit;

/* The object at text.at[at], which is known to parse. */
nb_retag_object nb_retag_object_at(nb_arena *arena, nb_str text, size_t at);
/* The last member of that name, which is the one that counts; NULL when there is none. */
const nb_retag_member *nb_retag_find(const nb_retag_object *object, const char *key);
/* `outer` is the layout around it, for what an object without members does not show; NULL: that of a minified text. */
nb_retag_layout nb_retag_layout_of(nb_arena *arena, nb_str text, const nb_retag_object *object,
                                   const nb_retag_layout *outer);
/* The layout of an object that is a member of one laid out so and is not written yet. */
nb_retag_layout nb_retag_inner(nb_arena *arena, const nb_retag_layout *layout);

/* A new member with a value that is JSON already: where the keys are in order, in its place, else as the last. */
nb_retag_edit nb_retag_insert(nb_arena *arena, const nb_retag_object *object,
                              const nb_retag_layout *layout, const char *key, nb_str value);
/* The value of a member of an object that is laid out so: a list of texts, or an object with one member. */
nb_str nb_retag_list(nb_arena *arena, const nb_retag_layout *layout, const nb_str *texts,
                     size_t count);
nb_str nb_retag_wrap(nb_arena *arena, const nb_retag_layout *layout, const char *key, nb_str value);
/* Other texts in a list that is there; those that stay are written as they were. `at` is where its bracket opens. */
nb_str nb_retag_relist(nb_arena *arena, const nb_retag_layout *layout, nb_str text, size_t at,
                       const nb_str *texts, size_t count);

#endif
