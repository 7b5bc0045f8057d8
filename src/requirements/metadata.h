/* requirements_metadata.h - the texts that installers leave beside a package. Pure functions on text from outside. */
#ifndef NB_REQUIREMENTS_METADATA_H
#define NB_REQUIREMENTS_METADATA_H

#include "base/str.h"

/* Of a METADATA or PKG-INFO file: the value of a header ("Version"), the first one; empty when it is missing. The description that follows the
 * headers is not looked at. */
nb_str nb_metadata_header(nb_str text, const char *header);
/* Does a RECORD list this file? A row is path,hash,size; a path may be quoted. */
bool nb_record_lists(nb_str record, nb_str file);
/* Is it a whole line of the text (top_level.txt, installed-files.txt)? */
bool nb_text_has_line(nb_str text, nb_str line);
/* The version as an index can be asked for it: without local label; empty for what no index has (0.0.0, development builds). */
nb_str nb_version_published(nb_str version);
/* Of a direct_url.json: what stands behind '@' in a requirement ("git+https://host/x.git@1a2b"); empty when the file says nothing usable. A login in
 * the address is left out. *local: the address is a folder or file of this machine. */
nb_str nb_direct_address(nb_arena *arena, nb_str json, bool *local);

#endif
