/* rule.h - a rule looks at an understood notebook and reports what would surprise later: at training, on another machine, in a year.
 *
 * One rule a file, src/check/rule_NAME.c, that defines nb_rule_NAME(); src/check/rules.def lists them. Rules read the analysis, change
 * nothing, and touch the disk only to ask whether a file is there. They speak of exported code unless their code's explanation says otherwise.
 */
#ifndef NB_CHECK_RULE_H
#define NB_CHECK_RULE_H

#include "gen/analysis.h"

/* `a->graph`, `a->sites` and `a->found` are always there; `a->inference` is NULL and what follows it empty when the notebook cannot be converted.
 * Findings go to a->diags. */
typedef void nb_rule(const nb_analysis *a);

#define NB_RULE(name) nb_rule nb_rule_##name;
#include "check/rules.def"
#undef NB_RULE

#endif
