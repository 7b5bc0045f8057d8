#include "requirements/provided.h"

#include "requirements/lock_parts.h"
#include "requirements/version.h"
#include "text/json.h"

struct nb_provided {
    nb_arena *arena;
    nb_locks *locks;
    nb_diags ignored; /* that a list disagrees with another one is nobody's business */
};

/* --- reading ----------------------------------------------------------------------------------- */

/* [{"name": "numpy", "version": "1.26.4"}], or {"numpy": "1.26.4"} */
static void add_member(nb_lock_reader *r, const nb_json *member)
{
    bool object = member->kind == NB_JSON_OBJECT;
    nb_str name = object ? nb_json_get_str(member, "name") : member->key;
    nb_str version = object ? nb_json_get_str(member, "version") : member->text;
    nb_lock_add(r, (nb_locked){.name = name, .specifier = nb_lock_exact(r->arena, version)});
}

static bool read_json(nb_lock_reader *r)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* it is lines then */
    const nb_json *root;
    nb_str start = nb_str_trim(r->text);
    bool json = nb_str_starts(start, NB_STR("[")) || nb_str_starts(start, NB_STR("{"));
    if (!json ||
        nb_json_parse(r->arena, r->text, NB_STR("list"), NB_JSON_BOM, &root, &ignored) != NB_OK)
        return false;
    for (const nb_json *n = root->child; n; n = n->next)
        add_member(r, n);
    return true;
}

nb_provided *nb_provided_open(nb_arena *arena, const nb_provided_list *lists, size_t count,
                              unsigned minor)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* what is no text names nothing */
    nb_provided *provided = NB_NEW(arena, nb_provided);
    nb_locks_input input = {.minor = minor};
    *provided = (nb_provided){.arena = arena, .ignored = {.arena = arena}};
    provided->locks = nb_locks_open(arena, &input, &provided->ignored);
    for (size_t i = 0; i < count; i++) {
        nb_lock_reader r = {
            .arena = arena, .locks = provided->locks, .folder = NB_STR(""), .text = lists[i].text};
        r.spot.path = lists[i].name;
        if (!read_json(&r))
            (void)nb_lock_read_lines(&r, &ignored);
    }
    return provided;
}

/* --- marking ----------------------------------------------------------------------------------- */

static void tell_kept(nb_wanted_list *list, const nb_wanted *row, const nb_locked *there)
{
    nb_diag *diag =
        nb_diag_add(list->diags, NB_D_VERSIONS_DISAGREE, row->spot,
                    "'" NB_STR_FMT "' is kept: " NB_STR_FMT " has '" NB_STR_FMT NB_STR_FMT "'",
                    NB_STR_ARG(row->line), NB_STR_ARG(there->spot.path), NB_STR_ARG(there->name),
                    NB_STR_ARG(there->specifier));
    nb_diag_help(list->diags, diag, "ask for the version that is provided, if it will do");
}

/* Does the version that is there do? */
static bool will_do(const nb_provided *provided, const nb_wanted *row, const nb_locked *there)
{
    nb_asked_parts asked = nb_asked_parse(provided->arena, row->line);
    nb_str version = nb_specifier_exact(there->specifier);
    if (nb_str_starts(asked.specifier, NB_STR("@")) || row->alone)
        return nb_str_eq(asked.specifier, there->specifier);
    return version.len == 0 || nb_specifier_allows(asked.specifier, version);
}

static bool has_extras(const nb_provided *provided, const nb_wanted *row)
{
    return nb_asked_parse(provided->arena, row->line).extras.len > 0;
}

/* "'numpy', 'pandas' and 'torch'" */
static nb_str add_name(nb_arena *arena, nb_str names, nb_str name)
{
    return nb_arena_printf(arena, NB_STR_FMT "%s'" NB_STR_FMT "'", NB_STR_ARG(names),
                           names.len > 0 ? ", " : "", NB_STR_ARG(name));
}

void nb_provided_mark(const nb_provided *provided, nb_wanted_list *list)
{
    nb_str names = NB_STR("");
    for (size_t i = 0; i < list->rows.count; i++) {
        nb_wanted *row = &list->rows.at[i];
        nb_locked there;
        if (row->normal.len == 0 || has_extras(provided, row) ||
            !nb_locks_project(provided->locks, row->normal, &there))
            continue;
        if (!will_do(provided, row, &there)) {
            tell_kept(list, row, &there);
            continue;
        }
        row->provided_by = there.spot.path;
        names = add_name(provided->arena, names, row->normal);
    }
    if (names.len > 0)
        (void)nb_diag_add(list->diags, NB_D_PROVIDED, (nb_spot){0},
                          "left out, because they are provided: " NB_STR_FMT, NB_STR_ARG(names));
}
