/* hash.h - SHA-256 (FIPS 180-4), by nettle. */
#ifndef NB_HASH_H
#define NB_HASH_H

#include "base/arena.h"

enum { NB_SHA256_HEX = 64 };

/* The digest of `bytes` as 64 lower-case hexadecimal digits in the arena. */
nb_str nb_sha256_hex(nb_arena *arena, nb_str bytes);

/* The same over pieces. */
typedef struct nb_sha256 nb_sha256;
nb_sha256 *nb_sha256_new(nb_arena *arena);
void nb_sha256_add(nb_sha256 *hash, nb_str bytes);
nb_str nb_sha256_end(nb_sha256 *hash, nb_arena *arena);

#endif
