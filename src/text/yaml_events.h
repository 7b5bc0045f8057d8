/* yaml_events.h - libfyaml behind a small face: one event after the other, with our places and our errors. Only yaml.c uses it.
 *
 * Nothing of libfyaml leaves this module and it prints nothing. Texts are copies in the arena.
 */
#ifndef NB_YAML_EVENTS_H
#define NB_YAML_EVENTS_H

#include "base/error.h"

typedef enum nb_yaml_event_kind {
    NB_YAML_EVENT_END, /* of the text */
    NB_YAML_EVENT_DOCUMENT,
    NB_YAML_EVENT_SCALAR,
    NB_YAML_EVENT_ALIAS,
    NB_YAML_EVENT_LIST,
    NB_YAML_EVENT_MAP,
    NB_YAML_EVENT_CLOSE /* of a list or map */
} nb_yaml_event_kind;

typedef struct nb_yaml_event {
    nb_yaml_event_kind kind;
    nb_str text;        /* of a scalar; name of an alias */
    nb_str anchor, tag; /* empty when there is none */
    bool plain;
    bool
        implied; /* a value that is not written: `key:`; its place is just after what was written last */
    unsigned line, column; /* from 1 */
    nb_str source;         /* the line, as nb_yaml.source */
} nb_yaml_event;

typedef struct nb_yaml_events nb_yaml_events;

/* Checks size, encoding and characters. `path` is for messages. */
nb_code nb_yaml_events_open(nb_arena *arena, nb_str text, nb_str path, nb_yaml_events **out,
                            nb_error *err);
nb_code nb_yaml_events_next(nb_yaml_events *events, nb_yaml_event *out, nb_error *err);
void nb_yaml_events_close(nb_yaml_events *events);
/* Fails at the event's place. */
nb_code nb_yaml_events_fail(nb_yaml_events *events, const nb_yaml_event *at, nb_error *err,
                            const char *fmt, ...) NB_PRINTF(4, 5);

typedef nb_yaml_events *nb_yaml_events_ptr;
static inline void nb_yaml_events_ptr_auto(nb_yaml_events_ptr *events)
{
    if (*events)
        nb_yaml_events_close(*events);
}

#endif
