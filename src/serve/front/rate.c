#include "serve/front/rate.h"

#include "base/heap.h"

#include <sys/random.h>

enum { SETS = NB_RATE_KEYS / NB_RATE_WAYS };
static const int64_t hour_ns = INT64_C(3600) * 1000000000;

/* `full_ns` is when the bucket will be full again: all that has to be known of it. */
typedef struct bucket {
    uint64_t key; /* 0: none */
    int64_t full_ns;
} bucket;

struct nb_rate {
    int64_t token_ns, size_ns; /* the time that makes a token, and all that a bucket holds */
    uint64_t seed;             /* nobody outside knows which keys share a set */
    bucket buckets[SETS][NB_RATE_WAYS];
};

nb_rate *nb_rate_new(int64_t per_hour)
{
    nb_rate *rate = NB_HEAP_NEW(nb_rate);
    int64_t burst = per_hour / 3600 > 1 ? per_hour / 3600 : 1;
    rate->token_ns = hour_ns / per_hour;
    rate->size_ns = rate->token_ns * burst;
    if (getrandom(&rate->seed, sizeof rate->seed, GRND_NONBLOCK) < 0)
        rate->seed = (uint64_t)(uintptr_t)rate;
    return rate;
}

void nb_rate_free(nb_rate *rate)
{
    free(rate);
}

static uint64_t hash_of(const nb_rate *rate, nb_str key)
{
    uint64_t h = rate->seed ^ UINT64_C(14695981039346656037);
    for (size_t i = 0; i < key.len; i++) {
        h = (h ^ (unsigned char)key.at[i]) * UINT64_C(1099511628211);
        h ^= h >> 29;
    }
    h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    return h > 0 ? h : 1;
}

static bucket *bucket_of(nb_rate *rate, nb_str key)
{
    uint64_t hash = hash_of(rate, key);
    bucket *set = rate->buckets[hash % SETS], *fullest = &set[0];
    for (size_t i = 0; i < NB_RATE_WAYS; i++) {
        if (set[i].key == hash)
            return &set[i];
        if (set[i].full_ns < fullest->full_ns)
            fullest = &set[i];
    }
    *fullest = (bucket){.key = hash};
    return fullest;
}

unsigned nb_rate_take(nb_rate *rate, nb_str key, int64_t now_us)
{
    const int64_t second_ns = 1000000000;
    int64_t now = now_us * 1000;
    bucket *b = bucket_of(rate, key);
    int64_t full = b->full_ns > now ? b->full_ns : now;
    int64_t over = full + rate->token_ns - now - rate->size_ns;
    if (over > 0)
        return (unsigned)((over + second_ns - 1) / second_ns);
    b->full_ns = full + rate->token_ns;
    return 0;
}
