#include "requirements/lock_parts.h"

/* poetry.lock: [[package]] with name, version, markers and [package.source]; pdm.lock is of the same family. */

/* One marker for all groups, or one a group: then that of the main group. */
static nb_str marker_of(const nb_toml *package)
{
    const nb_toml *markers = nb_toml_get(package, "markers");
    return markers && markers->kind == NB_TOML_STRING ? markers->text
                                                      : nb_toml_get_str(markers, "main");
}

static void add_poetry(nb_lock_reader *r, const nb_toml *package)
{
    const nb_toml *source = nb_toml_get(package, "source");
    nb_str type = nb_toml_get_str(source, "type"), url = nb_toml_get_str(source, "url");
    bool git = nb_str_eqz(type, "git");
    nb_source from = {.vcs = git ? type : NB_STR(""),
                      .url = url,
                      .commit = git ? nb_toml_get_str(source, "resolved_reference") : NB_STR(""),
                      .folder = nb_toml_get_str(source, "subdirectory")};
    nb_locked row = {.name = nb_toml_get_str(package, "name"),
                     .marker = marker_of(package),
                     .spot.line = package->line,
                     .index = nb_str_eqz(type, "legacy") ? nb_lock_index(url) : NB_STR(""),
                     .local = nb_str_eqz(type, "directory") || nb_str_eqz(type, "file")};
    row.specifier = git || nb_str_eqz(type, "url")
                        ? nb_lock_address(r->arena, &from)
                        : nb_lock_exact(r->arena, nb_toml_get_str(package, "version"));
    nb_lock_add(r, row);
}

static void add_pdm(nb_lock_reader *r, const nb_toml *package)
{
    nb_str git = nb_toml_get_str(package, "git"), url = nb_toml_get_str(package, "url");
    nb_source from = {.vcs = git.at ? NB_STR("git") : NB_STR(""),
                      .url = git.at ? git : url,
                      .commit = nb_toml_get_str(package, "revision"),
                      .folder = nb_toml_get_str(package, "subdirectory")};
    nb_locked row = {.name = nb_toml_get_str(package, "name"),
                     .marker = nb_toml_get_str(package, "marker"),
                     .spot.line = package->line,
                     .local = nb_toml_get(package, "path") != NULL};
    row.specifier = git.at || url.at ? nb_lock_address(r->arena, &from)
                                     : nb_lock_exact(r->arena, nb_toml_get_str(package, "version"));
    nb_lock_add(r, row);
}

static nb_code read_packages(nb_lock_reader *r, void (*add)(nb_lock_reader *, const nb_toml *),
                             nb_error *err)
{
    const nb_toml *root;
    if (nb_toml_parse(r->arena, r->text, r->spot.path, &root, err) != NB_OK)
        return err->code;
    const nb_toml *packages = nb_toml_get(root, "package");
    for (const nb_toml *n = packages ? packages->child : NULL; n; n = n->next)
        add(r, n);
    return NB_OK;
}

nb_code nb_lock_read_poetry(nb_lock_reader *r, nb_error *err)
{
    return read_packages(r, add_poetry, err);
}

nb_code nb_lock_read_pdm(nb_lock_reader *r, nb_error *err)
{
    return read_packages(r, add_pdm, err);
}
