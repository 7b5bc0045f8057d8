/* shares.h - how requests are to be shared, as a command line has it: "v3=90,v4=10", "v3=90,new=10". */
#ifndef NB_CLI_SHARES_H
#define NB_CLI_SHARES_H

#include "base/vec.h"
#include "provider/service.h"

typedef NB_VEC(nb_share) nb_share_list;

bool nb_shares_have(const nb_share_list *list, nb_str version);

/* NB_ERR_USAGE says what is wrong. Whether there are such versions is the provider's matter. */
nb_code nb_shares_parse(nb_arena *arena, nb_str text, nb_share **out, size_t *count, nb_error *err);

#endif
