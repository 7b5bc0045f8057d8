/* agree.h - whether two models said the same: the answers of a version and of its shadow.
 *
 * Both texts are read side by side, element by element, without building anything: numbers agree when they differ by at most a millionth of the larger one
 * (or by 1e-9, near zero: what another order of additions makes), NaN agrees with NaN, 1 with 1.0; strings and names agree byte for byte, white space between elements
 * does not count. Members of objects in another order do not agree: one script writes both. It holds for JSON and for CSV; any other bytes must be equal.
 */
#ifndef NB_SERVE_AGREE_H
#define NB_SERVE_AGREE_H

#include "base/str.h"

bool nb_agrees(nb_str a, nb_str b);

#endif
