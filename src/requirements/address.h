/* requirements_address.h - addresses as they stand behind '@' in a requirement. Pure functions on text from outside. */
#ifndef NB_REQUIREMENTS_ADDRESS_H
#define NB_REQUIREMENTS_ADDRESS_H

#include "base/str.h"

/* "https://user:word@host/x" gives "https://host/x"; ssh's "git@" and ${VARIABLES} stay. */
nb_str nb_address_without_login(nb_arena *arena, nb_str url);
/* One word of printable text without '#' in it, so that it can stand in a requirement. */
bool nb_address_is_plain(nb_str text);
/* The host of an address, without login and port; empty when it has none. */
nb_str nb_address_host(nb_str url);

/* A repository, or a file on a server. */
typedef struct nb_source {
    nb_str vcs;    /* "git"; empty: `url` is a file */
    nb_str url;    /* a login in it is left out */
    nb_str commit; /* or tag or branch; empty: the repository as it is now */
    nb_str folder; /* in it; may be empty */
} nb_source;

/* "git+https://host/x.git@1a2b#subdirectory=y"; empty when one of the parts cannot stand in a requirement. */
nb_str nb_address_of(nb_arena *arena, const nb_source *source);

#endif
