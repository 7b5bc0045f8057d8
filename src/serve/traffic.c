#include "serve/traffic.h"

unsigned nb_traffic_next(nb_traffic *traffic)
{
    nb_traffic_share *best = NULL;
    int64_t total = 0;
    for (size_t i = 0; i < traffic->count; i++) {
        nb_traffic_share *share = &traffic->shares[i];
        if (share->shadow || share->weight == 0)
            continue;
        share->owed += share->weight;
        total += share->weight;
        if (!best || share->owed > best->owed)
            best = share;
    }
    if (!best)
        return 0;
    best->owed -= total;
    return best->version;
}

/* FNV-1a, then mixed: keys that differ in their last character must not land side by side. */
static uint64_t hash(nb_str key)
{
    uint64_t h = 14695981039346656037U;
    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char)key.at[i]) * 1099511628211U;
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdU;
    return h ^ (h >> 33);
}

unsigned nb_traffic_for_key(const nb_traffic *traffic, nb_str key)
{
    uint64_t total = 0;
    for (size_t i = 0; i < traffic->count; i++)
        total += traffic->shares[i].shadow ? 0 : traffic->shares[i].weight;
    if (total == 0)
        return 0;
    uint64_t at = hash(key) % total;
    for (size_t i = 0; i < traffic->count; i++) {
        const nb_traffic_share *share = &traffic->shares[i];
        if (share->shadow)
            continue;
        if (at < share->weight)
            return share->version;
        at -= share->weight;
    }
    return 0;
}

const nb_traffic_share *nb_traffic_find(const nb_traffic *traffic, unsigned version)
{
    for (size_t i = 0; i < traffic->count; i++)
        if (traffic->shares[i].version == version)
            return &traffic->shares[i];
    return NULL;
}
