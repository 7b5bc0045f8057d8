#include "nb_test.h"

#include "text/hash.h"

/* Digests of the examples that FIPS 180-4 publishes, and of what sha256sum prints for the others. */
static const struct {
    const char *text, *hex;
} cases[] = {
    {"",                                                         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc",                                                      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"                                                            },
};

static void known_texts_have_known_digests(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    for (size_t i = 0; i < NB_LEN(cases); i++)
        assert_str(nb_sha256_hex(&arena, nb_str_from(cases[i].text)), cases[i].hex);
}

static void pieces_give_the_digest_of_the_whole(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str whole = nb_str_from(cases[2].text);
    for (size_t cut = 0; cut <= whole.len; cut++) {
        nb_sha256 *hash = nb_sha256_new(&arena);
        nb_sha256_add(hash, nb_str_slice(whole, 0, cut));
        nb_sha256_add(hash, (nb_str){0});
        nb_sha256_add(hash, nb_str_from_at(whole, cut));
        assert_str(nb_sha256_end(hash, &arena), cases[2].hex);
    }
}

static void a_million_letters(void **state)
{
    (void)state;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_sha256 *hash = nb_sha256_new(&arena);
    for (int i = 0; i < 100000; i++)
        nb_sha256_add(hash, NB_STR("aaaaaaaaaa"));
    assert_str(nb_sha256_end(hash, &arena),
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_have_known_digests),
        cmocka_unit_test(pieces_give_the_digest_of_the_whole),
        cmocka_unit_test(a_million_letters),
    };
    return cmocka_run_group_tests_name("text/hash", tests, NULL, NULL);
}
