#include "cli/shares.h"

enum { MOST_WEIGHT = 1000000 };

bool nb_shares_have(const nb_share_list *list, nb_str version)
{
    for (size_t i = 0; i < list->count; i++)
        if (nb_str_eq(list->at[i].version, version))
            return true;
    return false;
}

static nb_code fail(nb_str part, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_USAGE, "'" NB_STR_FMT "' is no share", NB_STR_ARG(part));
    nb_error_hint(err, "write versions with whole numbers, such as 'v3=90,new=10'");
    return err->code;
}

nb_code nb_shares_parse(nb_arena *arena, nb_str text, nb_share **out, size_t *count, nb_error *err)
{
    nb_share_list list = {0};
    int64_t total = 0, weight = 0;
    nb_str part;
    while (nb_str_split(&text, ',', &part)) {
        nb_str rest = nb_str_trim(part), name;
        if (!nb_str_split(&rest, '=', &name) || name.len == 0 || !nb_str_to_int(rest, &weight) ||
            weight < 0 || weight > MOST_WEIGHT)
            return fail(part, err);
        if (nb_shares_have(&list, name))
            return nb_fail(err, NB_ERR_USAGE, "version '" NB_STR_FMT "' stands there twice",
                           NB_STR_ARG(name));
        total += weight;
        nb_vec_push(arena, &list, (nb_share){.version = name, .weight = (unsigned)weight});
    }
    if (total == 0)
        return nb_fail(err, NB_ERR_USAGE, "no version would get any requests");
    *out = list.at;
    *count = list.count;
    return NB_OK;
}
