/* scene.h - what names mean while a notebook is read from top to bottom: modules, the notebook's own functions and classes, things that were assigned.
 *
 * Private to purpose*.c.
 */
#ifndef NB_GRAPH_SCENE_H
#define NB_GRAPH_SCENE_H

#include "graph/purpose.h"

enum {
    NB_THING_DATA = 1 << 0,
    NB_THING_TRANSFORMER = 1 << 1, /* a scaler, an encoder: its fit() prepares data */
    NB_THING_MODEL = 1 << 2,
    NB_THING_RESULT = 1 << 3, /* predictions, a history of training */
    NB_THING_METRIC = 1 << 4,
    NB_THING_FIGURE = 1 << 5,
    NB_THING_WRITTEN = 1 << 6 /* its value is written out in the code */
};

typedef struct nb_names {
    NB_VEC(nb_str) list;
} nb_names;

/* What a name holds. */
typedef struct nb_thing {
    unsigned kinds;
    bool trained;           /* training made it, or changed it */
    const nb_py_tree *tree; /* of `made` */
    const nb_py_node *made; /* the call that made it; NULL when it was none */
    nb_names holds;         /* names of things that it gives access to: data = [train, test] */
} nb_thing;

/* A function or class of the notebook. */
typedef struct nb_own {
    const nb_statement *statement;
    nb_str name;
    unsigned jobs; /* of its body and of what it calls */
    nb_purpose purpose;
    uint64_t changed; /* bits of the parameters that it changes in place, by position */
    nb_names changes; /* names of the module that it changes in place or binds */
    NB_VEC(struct nb_own *) calls;
} nb_own;

typedef struct nb_scene {
    const nb_source *source;
    nb_arena *arena;
    nb_map modules; /* nb_str: the dotted name that a name was imported as */
    nb_map owns;    /* nb_own */
    nb_map things;  /* nb_thing */
    nb_map *locals; /* things of the function that is looked at; NULL outside */
} nb_scene;

/* The scene before the first statement: modules and own definitions are known, whatever cell has them. */
void nb_scene_open(nb_scene *scene, const nb_source *source);
nb_thing *nb_scene_thing(const nb_scene *scene, nb_str name); /* NULL when nothing is known of it */
/* What a call does. */
nb_job nb_scene_job(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call);
/* What an expression gives: bits of NB_THING. */
unsigned nb_scene_kinds(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *value);
/* An assignment (also of a tuple of names). `weak`: it may not happen, so that the names may hold what they held. */
void nb_scene_assign(nb_scene *scene, const nb_py_tree *tree, const nb_py_node *target,
                     const nb_py_node *value, bool weak);
/* for TARGET in ITER: the target gives access to what the names of ITER hold. */
void nb_scene_iterate(nb_scene *scene, const nb_py_tree *tree, const nb_py_node *loop);
/* Names that `node`, one node of a walk, changes in place: x[0] = 1, x.append(1), shuffle(x). (scene_changes.c) */
void nb_scene_changes(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *node,
                      nb_names *out);
/* The name at the start of x.a[0].b; NULL when there is none. */
const nb_py_node *nb_base_name(const nb_py_node *node);
/* "StandardScaler" of preprocessing.StandardScaler(…); empty for f()(). */
nb_str nb_last_name(nb_str dotted);

/* Reads the bodies of the notebook's functions and classes: their jobs, purposes and changes (purpose_defs.c). */
void nb_scene_read_definitions(nb_scene *scene);

#endif
