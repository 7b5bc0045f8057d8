#include "cli/term.h"

#include "text/utf8.h"

#include <sys/ioctl.h>

enum { TAB_WIDTH = 4 };

/* Blocks of characters that do not take one column, in order. */
static const struct {
    uint32_t first, last;
    unsigned width;
} widths[] = {
    {0x0300,  0x036F,  0}, /* combining marks */
    {0x1100,  0x115F,  2}, /* Hangul */
    {0x200B,  0x200F,  0}, /* zero-width space, joiners, marks of direction */
    {0x20D0,  0x20FF,  0}, /* combining marks for symbols */
    {0x2E80,  0xA4CF,  2}, /* CJK */
    {0xAC00,  0xD7A3,  2}, /* Hangul syllables */
    {0xF900,  0xFAFF,  2}, /* CJK */
    {0xFE00,  0xFE0F,  0}, /* variation selectors */
    {0xFE30,  0xFE6F,  2}, /* CJK forms */
    {0xFF00,  0xFF60,  2}, /* full-width forms */
    {0xFFE0,  0xFFE6,  2}, /* full-width signs */
    {0x1F300, 0x1F64F, 2}, /* pictures */
    {0x1F680, 0x1F6FF, 2}, /* pictures */
    {0x1F900, 0x1F9FF, 2}, /* pictures */
    {0x20000, 0x3FFFD, 2}, /* CJK */
};

static unsigned width_of(uint32_t code)
{
    if (code == '\t')
        return TAB_WIDTH;
    for (size_t i = 0; i < NB_LEN(widths) && widths[i].first <= code; i++)
        if (code <= widths[i].last)
            return widths[i].width;
    return 1;
}

/* Control characters, C1 and the marks that reorder a line included. */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

void nb_term_put(nb_str text, FILE *to)
{
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        uint32_t code = nb_utf8_next(text, &at);
        if (code == '\t')
            fprintf(to, "%*s", TAB_WIDTH, "");
        else if (is_control(code) || code == 0xFFFD)
            fputs("\uFFFD", to);
        else
            fwrite(text.at + start, 1, at - start, to);
    }
}

size_t nb_term_width(nb_str text)
{
    size_t width = 0;
    for (size_t at = 0; at < text.len;)
        width += width_of(nb_utf8_next(text, &at));
    return width;
}

size_t nb_term_bytes(nb_str text, size_t characters)
{
    size_t at = 0;
    while (at < text.len && characters-- > 0)
        (void)nb_utf8_next(text, &at);
    return at;
}

const char *nb_term_style(bool colour, nb_style style)
{
    static const char *const escapes[] = {
        [NB_STYLE_NONE] = "\033[0m",     [NB_STYLE_BOLD] = "\033[1m",
        [NB_STYLE_ERROR] = "\033[1;31m", [NB_STYLE_WARNING] = "\033[1;33m",
        [NB_STYLE_NOTE] = "\033[1;36m",  [NB_STYLE_HINT] = "\033[1;32m",
        [NB_STYLE_DIM] = "\033[2m",
    };
    return colour ? escapes[style] : "";
}

bool nb_term_colour(nb_switch asked, bool terminal, const nb_env *env)
{
    if (asked != NB_UNSET)
        return asked == NB_ON;
    if (nb_env_str(env, "NO_COLOR").len > 0)
        return false;
    nb_str force = nb_env_str(env, "CLICOLOR_FORCE");
    if (force.len > 0 && !nb_str_eqz(force, "0"))
        return true;
    return terminal && !nb_str_eqz(nb_env_str(env, "TERM"), "dumb");
}

size_t nb_term_columns(FILE *stream, size_t otherwise)
{
    struct winsize size = {0};
    if (!stream || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return otherwise;
    return size.ws_col;
}
