/* buf.h - growable bytes with a limit.
 *
 * Always NUL-terminated once something was written. Appending never fails in a way that needs a check at
 * each call: when the limit would be passed, the buffer stops growing and `full` becomes true; whoever made
 * the buffer asks once at the end (nb_buf_check in text that comes from outside).
 */
#ifndef NB_BUF_H
#define NB_BUF_H

#include "base/str.h"

#include <stdarg.h>

typedef struct nb_buf {
    char *at;
    size_t len, cap, limit;
    bool full; /* something did not fit below the limit and was left out */
} nb_buf;

enum { NB_BUF_TEXT = 64 * 1024 * 1024 }; /* the usual limit for text we make ourselves */

#define NB_BUF_INIT(limit_) ((nb_buf){.limit = (limit_)})

void nb_buf_put(nb_buf *buf, nb_str text);
void nb_buf_putz(nb_buf *buf, const char *z);
void nb_buf_putc(nb_buf *buf, char c);
void nb_buf_repeat(nb_buf *buf, char c, size_t times);
void nb_buf_printf(nb_buf *buf, const char *fmt, ...) NB_PRINTF(2, 3);
void nb_buf_vprintf(nb_buf *buf, const char *fmt, va_list args) NB_PRINTF(2, 0);
/* Room for `more` bytes at buf->at + buf->len; false when the limit forbids it (then `full` is set). */
bool nb_buf_reserve(nb_buf *buf, size_t more);
/* What is in it; valid until the next append. */
static inline nb_str nb_buf_view(const nb_buf *buf)
{
    return (nb_str){buf->at, buf->len};
}
/* Empty again, memory kept. */
void nb_buf_clear(nb_buf *buf);
void nb_buf_release(nb_buf *buf);
static inline void nb_buf_auto(nb_buf *buf)
{
    nb_buf_release(buf);
}

#endif
