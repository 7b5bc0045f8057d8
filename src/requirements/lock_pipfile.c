#include "requirements/lock_parts.h"
#include "text/json.h"

/* Pipfile.lock: JSON; "default" and "develop" hold one member a project. Pipfile: TOML; [packages] and [dev-packages]. */

/* The line of a member: its key is a view of the text, unless it had escapes. */
static unsigned line_of(const nb_lock_reader *r, nb_str key)
{
    if (!key.at || key.at < r->text.at || key.at >= r->text.at + r->text.len)
        return 1;
    unsigned line = 1;
    for (const char *c = r->text.at; c < key.at; c++)
        line += *c == '\n';
    return line;
}

static nb_str index_url(const nb_json *root, nb_str name)
{
    const nb_json *sources = nb_json_get(nb_json_get(root, "_meta"), "sources");
    for (const nb_json *n = sources ? sources->child : NULL; n; n = n->next)
        if (nb_str_eq(nb_json_get_str(n, "name"), name))
            return nb_json_get_str(n, "url");
    return NB_STR("");
}

static nb_str joined(nb_arena *arena, const nb_json *names)
{
    nb_str out = NB_STR("");
    for (const nb_json *n = names ? names->child : NULL; n; n = n->next)
        if (n->kind == NB_JSON_STRING)
            out = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(out),
                                  out.len > 0 ? "," : "", NB_STR_ARG(n->text));
    return out;
}

static void add_member(nb_lock_reader *r, const nb_json *root, const nb_json *member)
{
    nb_str git = nb_json_get_str(member, "git"), file = nb_json_get_str(member, "file");
    nb_str version = nb_json_get_str(member, "version");
    nb_source from = {.vcs = git.at ? NB_STR("git") : NB_STR(""),
                      .url = git.at ? git : file,
                      .commit = nb_json_get_str(member, "ref"),
                      .folder = nb_json_get_str(member, "subdirectory")};
    bool server = git.at || nb_str_contains(file, NB_STR("://"));
    nb_locked row = {.name = member->key,
                     .extras = joined(r->arena, nb_json_get(member, "extras")),
                     .marker = nb_json_get_str(member, "markers"),
                     .index = nb_lock_index(index_url(root, nb_json_get_str(member, "index"))),
                     .spot.line = line_of(r, member->key),
                     .local = nb_json_get(member, "path") || (file.at && !server)};
    if (nb_str_starts(version, NB_STR("==")))
        version = nb_str_from_at(version, 2);
    row.specifier = server ? nb_lock_address(r->arena, &from) : nb_lock_exact(r->arena, version);
    nb_lock_add(r, row);
}

nb_code nb_lock_read_pipfile(nb_lock_reader *r, nb_error *err)
{
    static const char *const sections[] = {"default", "develop"};
    const nb_json *root;
    if (nb_json_parse(r->arena, r->text, r->spot.path, NB_JSON_BOM, &root, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < NB_LEN(sections); i++) {
        const nb_json *section = nb_json_get(root, sections[i]);
        if (section && section->kind == NB_JSON_OBJECT)
            for (const nb_json *n = section->child; n; n = n->next)
                add_member(r, root, n);
    }
    return NB_OK;
}

nb_code nb_lock_read_pipfile_toml(nb_lock_reader *r, nb_error *err)
{
    const nb_toml *root;
    if (nb_toml_parse(r->arena, r->text, r->spot.path, &root, err) != NB_OK)
        return err->code;
    nb_lock_add_constraints(r, nb_toml_get(root, "packages"));
    nb_lock_add_constraints(r, nb_toml_get(root, "dev-packages"));
    return NB_OK;
}
