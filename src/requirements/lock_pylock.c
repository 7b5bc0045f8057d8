#include "requirements/lock_parts.h"

/* pylock.toml (PEP 751): [[packages]] with name, version, marker, index, and one of vcs, directory, archive, or sdist and wheels. */

static void add_package(nb_lock_reader *r, const nb_toml *package)
{
    const nb_toml *vcs = nb_toml_get(package, "vcs"), *archive = nb_toml_get(package, "archive");
    const nb_toml *source = vcs ? vcs : archive;
    nb_source from = {.vcs = nb_toml_get_str(vcs, "type"),
                      .url = nb_toml_get_str(source, "url"),
                      .commit = nb_toml_get_str(vcs, "commit-id"),
                      .folder = nb_toml_get_str(source, "subdirectory")};
    nb_locked row = {.name = nb_toml_get_str(package, "name"),
                     .marker = nb_toml_get_str(package, "marker"),
                     .index = nb_lock_index(nb_toml_get_str(package, "index")),
                     .spot.line = package->line,
                     .local = nb_toml_get(package, "directory") || (source && !from.url.at)};
    row.specifier = source ? nb_lock_address(r->arena, &from)
                           : nb_lock_exact(r->arena, nb_toml_get_str(package, "version"));
    nb_lock_add(r, row);
}

nb_code nb_lock_read_pylock(nb_lock_reader *r, nb_error *err)
{
    const nb_toml *root;
    if (nb_toml_parse(r->arena, r->text, r->spot.path, &root, err) != NB_OK)
        return err->code;
    const nb_toml *packages = nb_toml_get(root, "packages");
    for (const nb_toml *n = packages ? packages->child : NULL; n; n = n->next)
        add_package(r, n);
    return NB_OK;
}
