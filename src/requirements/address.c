#include "requirements/address.h"

/* The part between "://" and the first '/'; *start is where it begins. */
static nb_str authority(nb_str url, size_t *start)
{
    ptrdiff_t scheme = nb_str_find(url, NB_STR("://"));
    if (scheme < 0)
        return NB_STR("");
    *start = (size_t)scheme + 3;
    nb_str rest = nb_str_from_at(url, *start);
    ptrdiff_t slash = nb_str_find_char(rest, '/');
    return nb_str_slice(rest, 0, slash < 0 ? rest.len : (size_t)slash);
}

nb_str nb_address_without_login(nb_arena *arena, nb_str url)
{
    size_t start = 0;
    nb_str host = authority(url, &start);
    ptrdiff_t at = nb_str_rfind_char(host, '@');
    nb_str login = nb_str_slice(host, 0, at < 0 ? 0 : (size_t)at);
    if (at < 0 || nb_str_eqz(login, "git") || nb_str_starts(login, NB_STR("${")))
        return url;
    return nb_str_concat(arena, nb_str_slice(url, 0, start),
                         nb_str_from_at(url, start + login.len + 1));
}

bool nb_address_is_plain(nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] <= ' ' || text.at[i] == 0x7f || text.at[i] == '#')
            return false;
    return text.len > 0;
}

nb_str nb_address_host(nb_str url)
{
    size_t start = 0;
    nb_str host = authority(url, &start);
    ptrdiff_t at = nb_str_rfind_char(host, '@');
    host = nb_str_from_at(host, at < 0 ? 0 : (size_t)at + 1);
    ptrdiff_t colon = nb_str_rfind_char(host, ':');
    return nb_str_slice(host, 0, colon < 0 ? host.len : (size_t)colon);
}

nb_str nb_address_of(nb_arena *arena, const nb_source *source)
{
    nb_str url = nb_address_without_login(arena, source->url), out = url;
    bool odd_commit = source->commit.len > 0 && !nb_address_is_plain(source->commit);
    bool odd_folder = source->folder.len > 0 && !nb_address_is_plain(source->folder);
    bool odd_vcs = source->vcs.len > 0 && !nb_address_is_plain(source->vcs);
    if (!nb_address_is_plain(url) || odd_commit || odd_folder || odd_vcs)
        return NB_STR("");
    if (source->vcs.len > 0)
        out = nb_arena_printf(arena, NB_STR_FMT "+" NB_STR_FMT "%s" NB_STR_FMT,
                              NB_STR_ARG(source->vcs), NB_STR_ARG(url),
                              source->commit.len > 0 ? "@" : "", NB_STR_ARG(source->commit));
    if (source->folder.len > 0)
        out = nb_arena_printf(arena, NB_STR_FMT "#subdirectory=" NB_STR_FMT, NB_STR_ARG(out),
                              NB_STR_ARG(source->folder));
    return out;
}
