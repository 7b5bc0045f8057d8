/* rules.h - all rules over one analysis. */
#ifndef NB_CHECK_RULES_H
#define NB_CHECK_RULES_H

#include "gen/analysis.h"

/* Asks every rule of rules.def, and tells which ignores of the cells silenced nothing; findings go to a->diags. What the
 * configuration does not want to hear of is taken out, of all findings so far; errors that stop a conversion whoever looks away stay. Nothing is written, no code of the notebook is run. */
void nb_rules_ask(const nb_analysis *a);

#endif
