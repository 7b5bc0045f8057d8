#include "requirements/metadata.h"

#include "requirements/address.h"
#include "text/json.h"

nb_str nb_metadata_header(nb_str text, const char *header)
{
    nb_str name = nb_str_from(header), line;
    while (nb_str_line(&text, &line)) {
        line = nb_str_rtrim(line);
        if (line.len == 0) /* the description follows */
            break;
        if (line.len > name.len && line.at[name.len] == ':' &&
            nb_str_eq_nocase(nb_str_slice(line, 0, name.len), name))
            return nb_str_trim(nb_str_from_at(line, name.len + 1));
    }
    return NB_STR("");
}

bool nb_record_lists(nb_str record, nb_str file)
{
    size_t from = 0;
    for (;;) {
        ptrdiff_t hit = nb_str_find(nb_str_from_at(record, from), file);
        if (file.len == 0 || hit < 0)
            return false;
        size_t start = from + (size_t)hit, end = start + file.len;
        bool quoted = start > 0 && record.at[start - 1] == '"';
        size_t row = start - (quoted ? 1 : 0);
        char next = end < record.len ? record.at[end] : '\n';
        if ((row == 0 || record.at[row - 1] == '\n') &&
            (next == ',' || next == '\n' || next == '\r' || (quoted && next == '"')))
            return true;
        from = start + 1;
    }
}

bool nb_text_has_line(nb_str text, nb_str line)
{
    nb_str piece;
    while (nb_str_line(&text, &piece))
        if (nb_str_eq(nb_str_trim(piece), line))
            return true;
    return false;
}

/* --- versions ---------------------------------------------------------------------------------- */

static bool is_release(nb_str version)
{
    for (size_t i = 0; i < version.len; i++)
        if (!nb_is_digit(version.at[i]) && version.at[i] != '.')
            return false;
    return true;
}

/* "0.0.0" is what build tools write when they do not know. */
static bool is_zero(nb_str version)
{
    for (size_t i = 0; i < version.len; i++)
        if (version.at[i] != '0' && version.at[i] != '.')
            return false;
    return true;
}

nb_str nb_version_published(nb_str version)
{
    ptrdiff_t plus = nb_str_find_char(version, '+');
    nb_str public = nb_str_slice(version, 0, plus < 0 ? version.len : (size_t)plus);
    for (size_t i = 0; i < public.len; i++) {
        char c = public.at[i];
        if (!nb_is_alpha(c) && !nb_is_digit(c) && c != '.' && c != '!' && c != '-' && c != '_')
            return NB_STR("");
    }
    /* A local label on an unfinished release is somebody's own build: 2.1.0a0+b5021ba. */
    if (is_zero(public) || (plus >= 0 && !is_release(public)) ||
        nb_str_contains(public, NB_STR("dev")))
        return NB_STR("");
    return public;
}

/* --- direct_url.json (PEP 610) ----------------------------------------------------------------- */

nb_str nb_direct_address(nb_arena *arena, nb_str json, bool *local)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a broken file tells nothing */
    const nb_json *root = NULL;
    *local = false;
    if (nb_json_parse(arena, json, NB_STR("direct_url.json"), NB_JSON_STRICT, &root, &ignored) !=
        NB_OK)
        return NB_STR("");
    const nb_json *vcs_info = nb_json_get(root, "vcs_info");
    nb_source source = {.vcs = nb_json_get_str(vcs_info, "vcs"),
                        .url = nb_json_get_str(root, "url"),
                        .commit = nb_json_get_str(vcs_info, "commit_id"),
                        .folder = nb_json_get_str(root, "subdirectory")};
    *local = nb_str_starts(source.url, NB_STR("file:"));
    if (vcs_info && (source.vcs.len == 0 || source.commit.len == 0))
        return NB_STR("");
    return nb_address_of(arena, &source);
}
