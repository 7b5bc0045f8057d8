/* rate.h - how often each client may ask: a bucket of tokens for each key, in bounded memory. Arithmetic only: no clock.
 *
 * A client may ask one second's worth at once, at least one, and then as the rate says. Of keys beyond NB_RATE_KEYS those whose bucket is fullest are
 * forgotten first, which costs nothing: a bucket that is full again is as good as a new one.
 */
#ifndef NB_SERVE_RATE_H
#define NB_SERVE_RATE_H

#include "base/str.h"

enum { NB_RATE_WAYS = 4, NB_RATE_KEYS = 1024 * NB_RATE_WAYS };

typedef struct nb_rate nb_rate;

nb_rate *nb_rate_new(int64_t per_hour); /* above 0 */
void nb_rate_free(nb_rate *rate);       /* NULL is fine */
/* 0: go on; else the seconds, rounded up, after which this key may ask again. */
unsigned nb_rate_take(nb_rate *rate, nb_str key, int64_t now_us);

#endif
