#include "check/rules.h"

#include "check/rule.h"

void nb_rules_ask(const nb_analysis *a)
{
    static nb_rule *const all[] = {
#define NB_RULE(name) nb_rule_##name,
#include "check/rules.def"
#undef NB_RULE
    };
    for (size_t i = 0; i < NB_LEN(all); i++)
        all[i](a);
    nb_diags_report_unused(a->diags, a->notebook->path);
    nb_selection_sweep(&a->config->selection, a->diags);
}
