#include "serve/contract/media.h"

bool nb_media_is(nb_str content_type, const char *type)
{
    nb_str name = content_type, rest = content_type;
    (void)nb_str_split(&rest, ';', &name);
    return nb_str_eq_nocase(nb_str_trim(name), nb_str_from(type));
}

static nb_str unquoted(nb_str text)
{
    bool quoted = text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"';
    return quoted ? nb_str_slice(text, 1, text.len - 1) : text;
}

bool nb_media_parameter(nb_str *rest, nb_str *name, nb_str *value)
{
    ptrdiff_t semicolon;
    while ((semicolon = nb_str_find_char(*rest, ';')) >= 0) {
        *rest = nb_str_from_at(*rest, (size_t)semicolon + 1);
        ptrdiff_t end = nb_str_find_char(*rest, ';');
        nb_str pair = nb_str_trim(nb_str_slice(*rest, 0, end < 0 ? rest->len : (size_t)end));
        if (pair.len == 0)
            continue;
        ptrdiff_t equals = nb_str_find_char(pair, '=');
        *name = equals < 0 ? pair : nb_str_trim(nb_str_slice(pair, 0, (size_t)equals));
        *value = equals < 0 ? NB_STR("")
                            : unquoted(nb_str_trim(nb_str_from_at(pair, (size_t)equals + 1)));
        return true;
    }
    return false;
}
