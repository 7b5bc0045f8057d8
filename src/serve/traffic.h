/* traffic.h - which version answers a call: an explicit choice, a sticky key, or weights spread evenly. Arithmetic only.
 *
 * Weights are whole numbers. Without a key a smooth weighted round robin gives exactly 90 and 10 of each 100 calls; with one, the same key always
 * gives the same version as long as weights do not change.
 */
#ifndef NB_SERVE_TRAFFIC_H
#define NB_SERVE_TRAFFIC_H

#include "base/str.h"

enum { NB_TRAFFIC_MOST = 16 }; /* versions of an endpoint that are up at once */

typedef struct nb_traffic_share {
    unsigned version; /* from 1 */
    unsigned weight;
    bool shadow;  /* gets copies, never answers */
    int64_t owed; /* the round robin's own */
} nb_traffic_share;

typedef struct nb_traffic {
    nb_traffic_share shares[NB_TRAFFIC_MOST];
    size_t count;
} nb_traffic;

/* The version for the next call; 0 when no share has weight. */
unsigned nb_traffic_next(nb_traffic *traffic);
unsigned nb_traffic_for_key(const nb_traffic *traffic, nb_str key);
const nb_traffic_share *nb_traffic_find(const nb_traffic *traffic, unsigned version);

#endif
