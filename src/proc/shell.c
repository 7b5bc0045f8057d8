#include "proc/shell.h"

#include <string.h>

void nb_shell_put(nb_buf *out, nb_str word)
{
    bool plain = true;
    for (size_t i = 0; i < word.len; i++)
        plain &= nb_is_alpha(word.at[i]) || nb_is_digit(word.at[i]) ||
                 strchr("/._-+=:,@%", word.at[i]) != NULL;
    if (plain) {
        nb_buf_put(out, word);
        return;
    }
    nb_buf_putc(out, '"');
    for (size_t i = 0; i < word.len; i++) {
        if (strchr("\"\\$`", word.at[i]))
            nb_buf_putc(out, '\\');
        nb_buf_putc(out, word.at[i]);
    }
    nb_buf_putc(out, '"');
}
