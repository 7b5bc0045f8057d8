/* traffic.h - which version answers a call: a sticky key, or weights spread evenly; who gets a copy; when to go back. Arithmetic only.
 *
 * Weights are whole numbers of which only the ratio counts; a share of weight 0 is of a version that is up for those who ask for it by name. Without a
 * key a smooth weighted round robin gives exactly 90 and 10 of each 100 calls; with one, the same key always gives the same version as long as
 * weights do not change, and when they do, only as many keys move as must.
 */
#ifndef NB_SERVE_TRAFFIC_H
#define NB_SERVE_TRAFFIC_H

#include "base/str.h"

enum { NB_TRAFFIC_MOST = 16 }; /* versions of an endpoint that are up at once */

typedef struct nb_traffic_share {
    unsigned version; /* from 1 */
    unsigned weight;
    bool shadow;  /* gets copies, never answers */
    int64_t owed; /* the round robin's own; of a shadow: hundredths of a copy */
} nb_traffic_share;

typedef struct nb_traffic {
    nb_traffic_share shares[NB_TRAFFIC_MOST];
    size_t count;
} nb_traffic;

/* The version for the next call; 0 when no share has weight. */
unsigned nb_traffic_next(nb_traffic *traffic);
unsigned nb_traffic_for_key(const nb_traffic *traffic, nb_str key);
const nb_traffic_share *nb_traffic_find(const nb_traffic *traffic, unsigned version);
/* The value of a cookie in a Cookie field ("a=1; b=2"); empty when it is not there. */
nb_str nb_traffic_cookie(nb_str field, nb_str name);
/* Whether the next call is copied to this shadow, whose weight is per cent: exactly so many of each 100. */
bool nb_traffic_casts(nb_traffic_share *shadow);
/* Puts a share where it belongs: by version, so that keys keep their places. False: there is no room, or it is there. */
bool nb_traffic_add(nb_traffic *traffic, nb_traffic_share share);
/* Its part of the calls became larger. */
bool nb_traffic_grew(const nb_traffic *before, const nb_traffic *after, unsigned version);

enum { NB_ROLLBACK_REQUESTS = 50 };

typedef struct nb_failures {
    uint64_t requests, failures;
} nb_failures;

double nb_failure_rate(nb_failures of); /* 0 … 1 */
/* The rule of automatic rollback: of at least NB_ROLLBACK_REQUESTS more than 2 % failed, and more than three times as many as of the others'. */
bool nb_traffic_fails(nb_failures now, double others);

#endif
