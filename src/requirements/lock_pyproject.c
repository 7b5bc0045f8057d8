#include "requirements/lock_parts.h"

/* pyproject.toml: [project], [dependency-groups], and what poetry, pdm and uv keep below [tool]. */

/* A list of PEP 508 lines; tables in it include other groups, which are read on their own. */
static void add_lines(nb_lock_reader *r, const nb_toml *list)
{
    if (!list || list->kind != NB_TOML_ARRAY)
        return;
    for (const nb_toml *n = list->child; n; n = n->next)
        if (n->kind == NB_TOML_STRING)
            nb_lock_add_line(r, n->text, n->line);
}

/* A table of such lists. */
static void add_groups(nb_lock_reader *r, const nb_toml *groups)
{
    if (!groups || groups->kind != NB_TOML_TABLE)
        return;
    for (const nb_toml *n = groups->child; n; n = n->next)
        add_lines(r, n);
}

static void add_poetry(nb_lock_reader *r, const nb_toml *poetry)
{
    nb_lock_add_constraints(r, nb_toml_get(poetry, "dependencies"));
    nb_lock_add_constraints(r, nb_toml_get(poetry, "dev-dependencies"));
    const nb_toml *groups = nb_toml_get(poetry, "group");
    for (const nb_toml *n = groups && groups->kind == NB_TOML_TABLE ? groups->child : NULL; n;
         n = n->next)
        nb_lock_add_constraints(r, nb_toml_get(n, "dependencies"));
}

nb_code nb_lock_read_pyproject(nb_lock_reader *r, nb_error *err)
{
    const nb_toml *root;
    if (nb_toml_parse(r->arena, r->text, r->spot.path, &root, err) != NB_OK)
        return err->code;
    const nb_toml *project = nb_toml_get(root, "project"), *tool = nb_toml_get(root, "tool");
    nb_str name = nb_toml_get_str(project, "name");
    if (name.len > 0) /* the project itself: no index has it */
        nb_lock_add(r, (nb_locked){.name = name,
                                   .spot.line = nb_toml_get(project, "name")->line,
                                   .local = true});
    add_lines(r, nb_toml_get(project, "dependencies"));
    add_groups(r, nb_toml_get(project, "optional-dependencies"));
    add_groups(r, nb_toml_get(root, "dependency-groups"));
    add_poetry(r, nb_toml_get(tool, "poetry"));
    add_lines(r, nb_toml_get(nb_toml_get(tool, "uv"), "dev-dependencies"));
    add_groups(r, nb_toml_get(nb_toml_get(tool, "pdm"), "dev-dependencies"));
    return NB_OK;
}
