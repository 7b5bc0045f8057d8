#include "serve/contract.h"

const nb_contract *const nb_contracts[] = {
#define NB_CONTRACT(name, owner, paths) &nb_contract_##name,
#include "serve/contracts.def"
#undef NB_CONTRACT
    NULL,
};
