/* requirements_marker.h - environment markers (PEP 508) seen from a target: CPython 3.x on Linux. */
#ifndef NB_REQUIREMENTS_MARKER_H
#define NB_REQUIREMENTS_MARKER_H

#include "base/str.h"

/* Does the requirement behind "; marker" count for Python 3.`minor` on Linux? What is not known counts as true: extras and groups that somebody may
 * have asked for, the kind of processor, names from the future, text that is no marker. An empty marker holds. */
bool nb_marker_holds(nb_str marker, unsigned minor);

#endif
