/* yaml_message.h - libfyaml's complaints in our words. Only yaml_events.c uses it. */
#ifndef NB_YAML_MESSAGE_H
#define NB_YAML_MESSAGE_H

#include "base/str.h"

typedef enum nb_yaml_spot {
    NB_YAML_SPOT_HERE,  /* where libfyaml says */
    NB_YAML_SPOT_QUOTE, /* at the quote, which libfyaml has passed */
    NB_YAML_SPOT_OPEN   /* at the innermost open bracket */
} nb_yaml_spot;

typedef struct nb_yaml_message {
    const char *theirs; /* how libfyaml's text begins */
    const char *ours;
    const char *hint; /* NULL: none */
    nb_yaml_spot spot;
} nb_yaml_message;

/* NULL when the text is none of those we know: then it is shown as it is. */
const nb_yaml_message *nb_yaml_message_find(const char *theirs);

#endif
