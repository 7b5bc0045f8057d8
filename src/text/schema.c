#include "text/schema.h"

#include "text/schema_parts.h"
#include "text/secret.h"

/* --- rows --- */

nb_str nb_schema_member_name(const nb_schema_row *row, nb_str parent)
{
    nb_str name = nb_str_from(row->key);
    if (parent.len > 0) {
        if (!nb_str_starts(name, parent) || name.len <= parent.len || name.at[parent.len] != '.')
            return NB_STR("");
        name = nb_str_from_at(name, parent.len + 1);
    }
    bool deeper = nb_str_find_char(name, '.') >= 0 || nb_str_find_char(name, '[') >= 0;
    return deeper ? NB_STR("") : name;
}

bool nb_schema_word(nb_str *rest, nb_str *word)
{
    return rest->len > 0 && nb_str_split(rest, ' ', word);
}

static const nb_schema_row *find_row(const nb_schema *schema, nb_str parent, nb_str name)
{
    for (size_t i = 0; i < schema->count; i++)
        if (name.len > 0 && nb_str_eq(nb_schema_member_name(&schema->rows[i], parent), name))
            return &schema->rows[i];
    return NULL;
}

static size_t member_names(const nb_schema *schema, nb_str parent,
                           nb_str names[NB_SCHEMA_MOST_WORDS])
{
    size_t count = 0;
    for (size_t i = 0; i < schema->count && count < NB_SCHEMA_MOST_WORDS; i++) {
        nb_str name = nb_schema_member_name(&schema->rows[i], parent);
        if (name.len > 0)
            names[count++] = name;
    }
    return count;
}

/* --- the tree --- */

typedef struct walk {
    const nb_schema *schema;
    nb_problems *problems;
} walk;

static void check_map(const walk *walker, nb_str pattern, nb_str key, const nb_yaml *map);

/* The section that has a key of this name, when it is exactly one. */
static nb_str other_home(const nb_schema *schema, nb_str name)
{
    nb_str home = {0};
    for (size_t i = 0; i < schema->count; i++) {
        nb_str key = nb_str_from(schema->rows[i].key);
        ptrdiff_t dot = nb_str_rfind_char(key, '.');
        if (dot < 0 || !nb_str_eq(nb_str_from_at(key, (size_t)dot + 1), name))
            continue;
        if (home.len > 0)
            return NB_STR("");
        home = nb_str_slice(key, 0, (size_t)dot);
    }
    return home;
}

static bool is_glued(const nb_yaml *member) /* {a:b}, which is one key to YAML */
{
    return member->kind == NB_YAML_NULL && nb_str_find_char(member->key, ':') > 0;
}

/* What an unknown key was probably meant to be; empty when nothing is near. */
static nb_str meant(const nb_schema *schema, nb_str pattern, const nb_yaml *member)
{
    nb_str names[NB_SCHEMA_MOST_WORDS];
    if (is_glued(member))
        return NB_STR("");
    return nb_str_nearest(member->key, names, member_names(schema, pattern, names));
}

static void hint_unknown(const walk *walker, nb_str pattern, const nb_yaml *member,
                         nb_problem *problem)
{
    nb_str names[NB_SCHEMA_MOST_WORDS];
    nb_problems *problems = walker->problems;
    nb_str nearest = meant(walker->schema, pattern, member);
    nb_str home = other_home(walker->schema, member->key);
    if (nearest.len > 0)
        nb_problem_hint(problems, problem, "write '" NB_STR_FMT "'", NB_STR_ARG(nearest));
    else if (home.len > 0)
        nb_problem_hint(problems, problem, "move it below '" NB_STR_FMT "'", NB_STR_ARG(home));
    else if (is_glued(member))
        nb_problem_hint(problems, problem, "write a blank after ':'");
    else if (nb_secret_name(member->key))
        nb_problem_hint(problems, problem,
                        "remove it: credentials come from the environment, never from this file");
    else
        nb_problem_hint(problems, problem, "remove it, or use one of " NB_STR_FMT,
                        NB_STR_ARG(nb_schema_listed(problems->arena, names,
                                                    member_names(walker->schema, pattern, names))));
}

static void unknown_key(const walk *walker, nb_str pattern, const nb_yaml *member)
{
    nb_problems *problems = walker->problems;
    nb_str nearest = meant(walker->schema, pattern, member);
    nb_str key = nb_schema_shown(problems->arena, NULL, NB_STR(""), member->key);
    nb_str message =
        nb_arena_printf(problems->arena, "unknown key '" NB_STR_FMT "'", NB_STR_ARG(key));
    if (nearest.len > 0)
        message = nb_arena_printf(problems->arena, NB_STR_FMT ", did you mean '" NB_STR_FMT "'?",
                                  NB_STR_ARG(message), NB_STR_ARG(nearest));
    hint_unknown(walker, pattern, member,
                 nb_problem_add(problems, NB_D_UNKNOWN_KEY,
                                nb_yaml_key_place(member, problems->path), NB_STR_FMT,
                                NB_STR_ARG(message)));
}

static void check_list(const walk *walker, const nb_schema_row *row, nb_str key,
                       const nb_yaml *list)
{
    nb_arena *arena = walker->problems->arena;
    nb_str pattern = nb_arena_printf(arena, "%s[]", row->key);
    size_t i = 0;
    for (const nb_yaml *each = list->child; each; each = each->next, i++) {
        nb_str name = nb_arena_printf(arena, NB_STR_FMT "[%zu]", NB_STR_ARG(key), i);
        if (each->kind == NB_YAML_MAP)
            check_map(walker, pattern, name, each);
        else
            nb_schema_wrong_type(row, name, "a mapping", each, walker->problems);
    }
}

static void check_row(const walk *walker, const nb_schema_row *row, nb_str key,
                      const nb_yaml *value)
{
    unsigned not_null = NB_SCHEMA_REQUIRED | NB_SCHEMA_NOT_EMPTY;
    if (value->kind == NB_YAML_NULL && !(row->flags & not_null))
        return; /* `key:` says nothing */
    if (row->kind == NB_SCHEMA_MAP && value->kind == NB_YAML_MAP)
        check_map(walker, nb_str_from(row->key), key, value);
    else if (row->kind == NB_SCHEMA_LIST && value->kind == NB_YAML_LIST)
        check_list(walker, row, key, value);
    else
        nb_schema_check_value(row, key, value, walker->problems);
}

static nb_str joined_key(nb_arena *arena, nb_str key, nb_str name)
{
    if (key.len == 0)
        return name;
    return nb_arena_printf(arena, NB_STR_FMT "." NB_STR_FMT, NB_STR_ARG(key), NB_STR_ARG(name));
}

/* Some unknown key of the map is this one with a slip: one problem, not two. */
static bool is_misspelt(const nb_schema *schema, nb_str pattern, nb_str name, const nb_yaml *map)
{
    for (const nb_yaml *member = map->child; member; member = member->next)
        if (!find_row(schema, pattern, member->key) &&
            nb_str_eq(meant(schema, pattern, member), name))
            return true;
    return false;
}

static void check_required(const walk *walker, nb_str pattern, nb_str key, const nb_yaml *map)
{
    nb_problems *problems = walker->problems;
    for (size_t i = 0; i < walker->schema->count; i++) {
        const nb_schema_row *row = &walker->schema->rows[i];
        nb_str name = nb_schema_member_name(row, pattern);
        if (name.len == 0 || !(row->flags & NB_SCHEMA_REQUIRED) || nb_yaml_get(map, name.at) ||
            is_misspelt(walker->schema, pattern, name, map))
            continue;
        nb_str message = nb_arena_printf(problems->arena, "'" NB_STR_FMT "' is missing",
                                         NB_STR_ARG(joined_key(problems->arena, key, name)));
        nb_problem *problem = nb_schema_problem(problems, NB_D_MISSING_KEY, map, message);
        nb_problem_hint(problems, problem, "write '" NB_STR_FMT ": %s'", NB_STR_ARG(name),
                        row->example ? row->example : "VALUE");
    }
}

static void check_map(const walk *walker, nb_str pattern, nb_str key, const nb_yaml *map)
{
    for (const nb_yaml *member = map->child; member; member = member->next) {
        const nb_schema_row *row = find_row(walker->schema, pattern, member->key);
        if (row)
            check_row(walker, row, joined_key(walker->problems->arena, key, member->key), member);
        else
            unknown_key(walker, pattern, member);
    }
    check_required(walker, pattern, key, map);
}

void nb_schema_check(const nb_schema *schema, const nb_yaml *root, nb_problems *problems)
{
    const walk walker = {schema, problems};
    if (root->kind == NB_YAML_MAP) {
        check_map(&walker, NB_STR(""), NB_STR(""), root);
    } else if (root->kind != NB_YAML_NULL) {
        nb_str message =
            nb_arena_printf(problems->arena, "the file must hold a mapping, this is %s",
                            nb_yaml_kind_name(root->kind));
        nb_problem *problem = nb_schema_problem(problems, NB_D_WRONG_TYPE, root, message);
        nb_problem_hint(problems, problem, "write 'KEY: VALUE' lines");
    }
}

/* --- visiting --- */

static const nb_yaml *given(const nb_yaml *value)
{
    return value && value->kind != NB_YAML_NULL ? value : NULL;
}

static const nb_yaml *value_at(const nb_yaml *root, nb_str key)
{
    nb_str part;
    while (root && nb_str_split(&key, '.', &part)) {
        const nb_yaml *member = root->kind == NB_YAML_MAP ? root->child : NULL;
        while (member && !nb_str_eq(member->key, part))
            member = member->next;
        root = member;
    }
    return given(root);
}

static void visit_elements(nb_arena *arena, const nb_schema *schema, const nb_schema_row *row,
                           const nb_yaml *list, nb_schema_visit visit, void *ctx)
{
    nb_str pattern = nb_arena_printf(arena, "%s[].", row->key);
    size_t i = 0;
    for (const nb_yaml *each = list->child; each; each = each->next, i++)
        for (size_t k = 0; k < schema->count; k++) {
            nb_str key = nb_str_from(schema->rows[k].key);
            if (!nb_str_starts(key, pattern) || schema->rows[k].kind == NB_SCHEMA_MAP)
                continue;
            nb_str rest = nb_str_from_at(key, pattern.len);
            visit(ctx, &schema->rows[k],
                  nb_arena_printf(arena, "%s[%zu]." NB_STR_FMT, row->key, i, NB_STR_ARG(rest)),
                  value_at(each, rest));
        }
}

void nb_schema_each(nb_arena *arena, const nb_schema *schema, const nb_yaml *root,
                    nb_schema_visit visit, void *ctx)
{
    for (size_t i = 0; i < schema->count; i++) {
        const nb_schema_row *row = &schema->rows[i];
        nb_str key = nb_str_from(row->key);
        if (row->kind == NB_SCHEMA_MAP || nb_str_find_char(key, '[') >= 0)
            continue;
        const nb_yaml *value = value_at(root, key);
        if (row->kind != NB_SCHEMA_LIST)
            visit(ctx, row, key, value);
        else if (value && value->kind == NB_YAML_LIST)
            visit_elements(arena, schema, row, value, visit, ctx);
    }
}

static nb_schema_member member_of_list(const nb_yaml *entry)
{
    if (entry->kind != NB_YAML_MAP)
        return (nb_schema_member){entry->text, entry, entry};
    const nb_yaml *name = nb_yaml_get(entry, "name"), *value = nb_yaml_get(entry, "value");
    if (name)
        return (nb_schema_member){name->text, value ? value : name, name};
    if (entry->child)
        return (nb_schema_member){entry->child->key, entry->child, entry->child};
    return (nb_schema_member){NB_STR(""), entry, entry};
}

size_t nb_schema_members(nb_arena *arena, const nb_yaml *value, const nb_schema_member **out)
{
    nb_schema_member *members = NB_NEW_ARRAY(arena, nb_schema_member, value->count);
    size_t count = 0;
    for (const nb_yaml *each = value->child; each; each = each->next)
        members[count++] = value->kind == NB_YAML_MAP ? (nb_schema_member){each->key, each, each}
                                                      : member_of_list(each);
    *out = members;
    return count;
}
