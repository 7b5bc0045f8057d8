#include "requirements/lock_parts.h"
#include "requirements/version.h"
#include "text/yaml.h"

/* environment.yml: `dependencies` holds conda's own specifications, and a list for pip. A conda package has the version of the PyPI project of its
 * name, but for a few names that mean something else there. */

static bool means_something_else(nb_str name)
{
    static const char *const names[] = {
        "boost",  "cmake",  "ffmpeg",  "git",  "graphviz", "jq",      "make",
        "mysql",  "nodejs", "openssl", "pip",  "python",   "pytorch", "redis",
        "snappy", "sqlite", "tk",      "zstd", "opencv",   "r-base",  "cudatoolkit"};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eqz(name, names[i]))
            return true;
    return false;
}

static size_t dots_in(nb_str text)
{
    size_t dots = 0;
    for (size_t i = 0; i < text.len; i++)
        dots += text.at[i] == '.';
    return dots;
}

/* conda: "=1.26" is any 1.26.x; "=1.26.4" is as exact as pip's "==1.26.4", and so is a version with a build. */
static nb_str from_single(nb_arena *arena, nb_str version, bool build)
{
    if (nb_str_ends(version, NB_STR(".*")))
        return nb_arena_printf(arena, "==" NB_STR_FMT, NB_STR_ARG(version));
    if (nb_str_ends(version, NB_STR("*")) || !nb_version_is(version))
        return NB_STR("");
    bool exact = build || dots_in(version) >= 2;
    return nb_arena_printf(arena, "==" NB_STR_FMT "%s", NB_STR_ARG(version), exact ? "" : ".*");
}

static nb_str specifier_of(nb_arena *arena, nb_str text)
{
    text = nb_str_trim(text);
    if (text.len == 0 || nb_str_find_char(text, '|') >= 0)
        return NB_STR("");
    if (nb_str_starts(text, NB_STR("==")) || (text.at[0] != '=' && !nb_is_digit(text.at[0]))) {
        nb_str exact = nb_specifier_exact(text);
        bool known = exact.len > 0 || strchr("<>!~", text.at[0]);
        return known ? text : NB_STR("");
    }
    if (text.at[0] == '=')
        text = nb_str_from_at(text, 1);
    nb_str version, rest = text;
    (void)nb_str_split(&rest, '=', &version);
    if (nb_str_find_char(version, ',') >= 0)
        return NB_STR("");
    return from_single(arena, nb_str_trim(version), rest.at != NULL && rest.len > 0);
}

/* "channel::name=1.2=build", "name >=1.2", "name" */
static void add_conda(nb_lock_reader *r, nb_str text, unsigned line)
{
    ptrdiff_t channel = nb_str_find(text, NB_STR("::"));
    text = nb_str_trim(nb_str_from_at(text, channel < 0 ? 0 : (size_t)channel + 2));
    size_t len = 0;
    while (len < text.len &&
           (nb_is_name(text.at[len]) || text.at[len] == '-' || text.at[len] == '.'))
        len++;
    nb_str name = nb_str_slice(text, 0, len);
    if (!means_something_else(name))
        nb_lock_add(r, (nb_locked){.name = name,
                                   .specifier = specifier_of(r->arena, nb_str_from_at(text, len)),
                                   .spot.line = line});
}

nb_code nb_lock_read_conda(nb_lock_reader *r, nb_error *err)
{
    const nb_yaml *root;
    if (nb_yaml_parse(r->arena, r->text, r->spot.path, &root, err) != NB_OK)
        return err->code;
    const nb_yaml *list = nb_yaml_get(root, "dependencies");
    if (!list || list->kind != NB_YAML_LIST)
        return NB_OK;
    for (const nb_yaml *n = list->child; n; n = n->next) {
        if (n->kind == NB_YAML_STR)
            add_conda(r, n->text, n->line);
        const nb_yaml *pip = n->kind == NB_YAML_MAP ? nb_yaml_get(n, "pip") : NULL;
        if (pip && pip->kind == NB_YAML_LIST)
            for (const nb_yaml *line = pip->child; line; line = line->next)
                if (line->kind == NB_YAML_STR)
                    nb_lock_add_line(r, line->text, line->line);
    }
    return NB_OK;
}
