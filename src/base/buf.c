#include "base/buf.h"

enum { SMALLEST = 256 };

bool nb_buf_reserve(nb_buf *buf, size_t more)
{
    if (buf->full || more >= buf->limit || buf->len > buf->limit - more) {
        buf->full = true;
        return false;
    }
    size_t need = buf->len + more + 1;
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap < SMALLEST ? SMALLEST : buf->cap;
    while (cap < need)
        cap *= 2;
    char *grown = realloc(buf->at, cap);
    if (!grown)
        abort();
    buf->at = grown;
    buf->cap = cap;
    return true;
}

void nb_buf_put(nb_buf *buf, nb_str text)
{
    if (!nb_buf_reserve(buf, text.len))
        return;
    if (text.len > 0)
        memcpy(buf->at + buf->len, text.at, text.len);
    buf->len += text.len;
    buf->at[buf->len] = '\0';
}

void nb_buf_putz(nb_buf *buf, const char *z)
{
    nb_buf_put(buf, nb_str_from(z));
}

void nb_buf_putc(nb_buf *buf, char c)
{
    nb_buf_put(buf, (nb_str){&c, 1});
}

void nb_buf_repeat(nb_buf *buf, char c, size_t times)
{
    if (!nb_buf_reserve(buf, times))
        return;
    memset(buf->at + buf->len, c, times);
    buf->len += times;
    buf->at[buf->len] = '\0';
}

void nb_buf_printf(nb_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    nb_buf_vprintf(buf, fmt, args);
    va_end(args);
}

void nb_buf_vprintf(nb_buf *buf, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    if (len < 0)
        abort();
    if (nb_buf_reserve(buf, (size_t)len)) {
        (void)vsnprintf(buf->at + buf->len, (size_t)len + 1, fmt, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void nb_buf_clear(nb_buf *buf)
{
    buf->len = 0;
    buf->full = false;
    if (buf->at)
        buf->at[0] = '\0';
}

void nb_buf_release(nb_buf *buf)
{
    free(buf->at);
    *buf = (nb_buf){.limit = buf->limit};
}
