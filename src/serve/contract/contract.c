#include "serve/contract/contract.h"

const nb_contract *const nb_contracts[] = {
#define NB_CONTRACT(name, owner, paths) &nb_contract_##name,
#include "serve/contract/contracts.def"
#undef NB_CONTRACT
    NULL,
};
