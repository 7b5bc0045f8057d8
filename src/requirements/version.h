/* requirements_version.h - versions and specifiers, compared as PEP 440 says. Pure functions on text. */
#ifndef NB_REQUIREMENTS_VERSION_H
#define NB_REQUIREMENTS_VERSION_H

#include "base/str.h"

/* It is a version: "1.0", "2!1.0rc1.post2.dev3+cu118"; numbers of more than 18 digits are none. */
bool nb_version_is(nb_str text);
/* Below, equal to or above 0 as `a` is older than, the same as or newer than `b`; text that is no version is older than any that is. */
int nb_version_cmp(nb_str a, nb_str b);
/* Does the specifier (">=1,<2", "==1.4.*", "~=2.1", empty for any) allow the version? A clause that cannot be read allows everything. Pre-releases
 * are not refused for being such: whoever names one wants it. */
bool nb_specifier_allows(nb_str specifier, nb_str version);
/* The version that the specifier leaves no choice about: "==1.2" or "===1.2", alone, without '*'; else empty. */
nb_str nb_specifier_exact(nb_str specifier);

#endif
