#include "requirements/lock_parts.h"

/* uv.lock: [[package]] with name, version, source and, where a project stands several times, resolution-markers. */

/* "https://host/x?subdirectory=y&rev=main#1a2b" */
static nb_source git_source(nb_str text)
{
    nb_source source = {.vcs = NB_STR("git")};
    ptrdiff_t hash = nb_str_rfind_char(text, '#');
    source.commit = nb_str_from_at(text, hash < 0 ? text.len : (size_t)hash + 1);
    text = nb_str_slice(text, 0, hash < 0 ? text.len : (size_t)hash);
    nb_str rest = text, part;
    (void)nb_str_split(&rest, '?', &source.url);
    while (nb_str_split(&rest, '&', &part))
        if (nb_str_starts(part, NB_STR("subdirectory=")))
            source.folder = nb_str_from_at(part, strlen("subdirectory="));
    return source;
}

static bool is_local(const nb_toml *source)
{
    static const char *const kinds[] = {"path", "directory", "editable", "virtual"};
    for (size_t i = 0; i < NB_LEN(kinds); i++)
        if (nb_toml_get(source, kinds[i]))
            return true;
    return false;
}

/* The row counts when one of the markers holds. */
static nb_str any_of(nb_arena *arena, const nb_toml *markers)
{
    nb_str out = NB_STR("");
    for (const nb_toml *n = markers ? markers->child : NULL; n; n = n->next)
        if (n->kind == NB_TOML_STRING)
            out = nb_arena_printf(arena, NB_STR_FMT "%s(" NB_STR_FMT ")", NB_STR_ARG(out),
                                  out.len > 0 ? " or " : "", NB_STR_ARG(n->text));
    return out;
}

static void add_package(nb_lock_reader *r, const nb_toml *package)
{
    const nb_toml *source = nb_toml_get(package, "source");
    nb_str git = nb_toml_get_str(source, "git"), url = nb_toml_get_str(source, "url");
    nb_locked row = {.name = nb_toml_get_str(package, "name"),
                     .marker = any_of(r->arena, nb_toml_get(package, "resolution-markers")),
                     .index = nb_lock_index(nb_toml_get_str(source, "registry")),
                     .spot.line = package->line,
                     .local = is_local(source)};
    nb_source from = git.at ? git_source(git) : (nb_source){.url = url};
    row.specifier = git.at || url.at ? nb_lock_address(r->arena, &from)
                                     : nb_lock_exact(r->arena, nb_toml_get_str(package, "version"));
    nb_lock_add(r, row);
}

nb_code nb_lock_read_uv(nb_lock_reader *r, nb_error *err)
{
    const nb_toml *root;
    if (nb_toml_parse(r->arena, r->text, r->spot.path, &root, err) != NB_OK)
        return err->code;
    const nb_toml *packages = nb_toml_get(root, "package");
    for (const nb_toml *n = packages ? packages->child : NULL; n; n = n->next)
        add_package(r, n);
    return NB_OK;
}
