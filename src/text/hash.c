#include "text/hash.h"

#include <nettle/sha2.h>

struct nb_sha256 {
    struct sha256_ctx ctx;
};

nb_sha256 *nb_sha256_new(nb_arena *arena)
{
    nb_sha256 *hash = NB_NEW(arena, nb_sha256);
    sha256_init(&hash->ctx);
    return hash;
}

void nb_sha256_add(nb_sha256 *hash, nb_str bytes)
{
    if (bytes.len > 0)
        sha256_update(&hash->ctx, bytes.len, (const uint8_t *)bytes.at);
}

nb_str nb_sha256_end(nb_sha256 *hash, nb_arena *arena)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    char *hex = nb_arena_alloc(arena, NB_SHA256_HEX + 1);
    sha256_digest(&hash->ctx, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    return (nb_str){hex, NB_SHA256_HEX};
}

nb_str nb_sha256_hex(nb_arena *arena, nb_str bytes)
{
    nb_sha256 *hash = nb_sha256_new(arena);
    nb_sha256_add(hash, bytes);
    return nb_sha256_end(hash, arena);
}
