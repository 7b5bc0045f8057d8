#include "serve/front/traffic.h"

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

static uint64_t total_of(const nb_traffic *traffic)
{
    uint64_t total = 0;
    for (size_t i = 0; i < traffic->count; i++)
        total += traffic->shares[i].shadow ? 0 : traffic->shares[i].weight;
    return total;
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

/* The key's place on a line that the versions share: a place, not a remainder, so that 90:10 and 9:1 are the same, and only keys at the borders move. */
unsigned nb_traffic_for_key(const nb_traffic *traffic, nb_str key)
{
    uint64_t total = total_of(traffic);
    uint64_t at = ((hash(key) >> 32) * total) >> 32;
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

nb_str nb_traffic_cookie(nb_str field, nb_str name)
{
    nb_str one;
    while (nb_str_split(&field, ';', &one)) {
        ptrdiff_t sign = nb_str_find_char(one, '=');
        if (sign >= 0 && nb_str_eq(nb_str_trim(nb_str_slice(one, 0, (size_t)sign)), name))
            return nb_str_trim(nb_str_from_at(one, (size_t)sign + 1));
    }
    return NB_STR("");
}

bool nb_traffic_casts(nb_traffic_share *shadow)
{
    shadow->owed += shadow->weight;
    if (shadow->owed < 100)
        return false;
    shadow->owed -= 100;
    return true;
}

bool nb_traffic_add(nb_traffic *traffic, nb_traffic_share share)
{
    size_t at = traffic->count;
    if (traffic->count == NB_TRAFFIC_MOST || nb_traffic_find(traffic, share.version))
        return false;
    for (; at > 0 && traffic->shares[at - 1].version > share.version; at--)
        traffic->shares[at] = traffic->shares[at - 1];
    traffic->shares[at] = share;
    traffic->count++;
    return true;
}

static uint64_t weight_of(const nb_traffic *traffic, unsigned version)
{
    const nb_traffic_share *share = nb_traffic_find(traffic, version);
    return share && !share->shadow ? share->weight : 0;
}

bool nb_traffic_grew(const nb_traffic *before, const nb_traffic *after, unsigned version)
{
    uint64_t was = weight_of(before, version), is = weight_of(after, version);
    uint64_t total = total_of(before);
    return total > 0 ? is * total > was * total_of(after) : is > 0;
}

double nb_failure_rate(nb_failures of)
{
    return of.requests > 0 ? (double)of.failures / (double)of.requests : 0;
}

bool nb_traffic_fails(nb_failures now, double others)
{
    double rate = nb_failure_rate(now);
    return now.requests >= NB_ROLLBACK_REQUESTS && rate > 0.02 && rate > 3 * others;
}
