/* auto_tag.h - cells without a tag are read as part of the section that is proposed for them; the notebook stays as it is. */
#ifndef NB_GEN_AUTO_TAG_H
#define NB_GEN_AUTO_TAG_H

#include "graph/propose.h"

/* The proposed sections, for nb_source_options.proposed, from a reading of the notebook without them. What is proposed is told once (NB109). */
const unsigned *nb_auto_tag(const nb_notebook *notebook, const nb_source_options *options,
                            nb_diags *diags);

#endif
