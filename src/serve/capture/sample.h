/* sample.h - which calls belong to a share: decided by a call's number, evenly spread, and independent of what comes round every few calls. */
#ifndef NB_SERVE_SAMPLE_H
#define NB_SERVE_SAMPLE_H

#include "base/base.h"

/* `use` gives different uses different calls. */
static inline bool nb_sampled(uint64_t id, uint64_t use, double share)
{
    uint64_t x = id + (use + 1) * UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return share >= 1 || (double)(x >> 11) < share * 0x1p53;
}

enum { NB_SAMPLE_CAPTURE, NB_SAMPLE_LOG };

#endif
