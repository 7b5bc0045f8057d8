/* syntax_unicode.h - which code points past ASCII may stand in a Python name. */
#ifndef NB_PY_SYNTAX_UNICODE_H
#define NB_PY_SYNTAX_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

bool nb_py_xid_start(uint32_t code);    /* at its start */
bool nb_py_xid_continue(uint32_t code); /* after that */

#endif
