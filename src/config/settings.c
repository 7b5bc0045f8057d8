#include "config/settings.h"

#include "config/keys.h"
#include "text/secret.h"
#include "text/utf8.h"

typedef struct collector {
    nb_arena *arena;
    const nb_env *env;
    nb_problems *problems;
    NB_VEC(nb_setting) list;
} collector;

nb_scalar nb_scalar_of(nb_arena *arena, const nb_yaml *value)
{
    static const nb_scalar_kind kinds[] = {
        [NB_YAML_NULL] = NB_SCALAR_NULL, [NB_YAML_BOOL] = NB_SCALAR_BOOL,
        [NB_YAML_INT] = NB_SCALAR_INT,   [NB_YAML_FLOAT] = NB_SCALAR_FLOAT,
        [NB_YAML_STR] = NB_SCALAR_STR,   [NB_YAML_LIST] = NB_SCALAR_JSON,
        [NB_YAML_MAP] = NB_SCALAR_JSON,
    };
    if (value->kind < NB_YAML_LIST)
        return (nb_scalar){kinds[value->kind], value->text};
    NB_AUTO(nb_buf) json = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&json, 0);
    nb_yaml_write_json(arena, &w, value);
    return (nb_scalar){NB_SCALAR_JSON, nb_arena_str(arena, nb_buf_view(&json))};
}

static void add(collector *c, const nb_schema_row *row, nb_str key, nb_scalar value, nb_str origin)
{
    bool secret = (row->flags & NB_SCHEMA_SECRET) || nb_secret_value(key, value.text);
    nb_vec_push(c->arena, &c->list, (nb_setting){key, value, origin, secret});
}

static nb_str origin_of(const collector *c, const nb_yaml *value)
{
    return nb_arena_printf(c->arena, NB_STR_FMT ":%u:%u", NB_STR_ARG(c->problems->path),
                           value->line, value->column);
}

/* --- values of the file --- */

/* One setting a member, so that each tells its own place. */
static void add_members(collector *c, const nb_schema_row *row, nb_str key, const nb_yaml *value)
{
    const nb_schema_member *members;
    size_t count = nb_schema_members(c->arena, value, &members);
    for (size_t i = 0; i < count; i++)
        add(c, row,
            nb_arena_printf(c->arena, NB_STR_FMT "." NB_STR_FMT, NB_STR_ARG(key),
                            NB_STR_ARG(members[i].name)),
            nb_scalar_of(c->arena, members[i].value), origin_of(c, members[i].value));
}

static nb_scalar typed(collector *c, const nb_schema_row *row, const nb_yaml *value)
{
    nb_scalar scalar = nb_scalar_of(c->arena, value);
    if (row->kind == NB_SCHEMA_TEXT) /* 3.11 where text is meant */
        scalar.kind = NB_SCALAR_STR;
    return scalar;
}

static void add_value(collector *c, const nb_schema_row *row, nb_str key, const nb_yaml *value,
                      nb_str origin)
{
    bool members = row->kind == NB_SCHEMA_VALUES || row->kind == NB_SCHEMA_CHOICES ||
                   row->kind == NB_SCHEMA_NAMED;
    if (members)
        add_members(c, row, key, value);
    else
        add(c, row, key, typed(c, row, value), origin);
}

/* --- values from elsewhere --- */

/* A node for text that stands in no file: lists are separated by commas. */
static nb_yaml *node_of_text(nb_arena *arena, const nb_schema_row *row, nb_str text)
{
    nb_yaml *node = NB_NEW(arena, nb_yaml);
    node->text = text;
    node->kind = row->kind == NB_SCHEMA_TEXT ? NB_YAML_STR : nb_yaml_resolve(text);
    if (row->kind != NB_SCHEMA_TEXTS)
        return node;
    node->kind = NB_YAML_LIST;
    nb_yaml **end = &node->child;
    nb_str piece;
    while (nb_str_split(&text, ',', &piece)) {
        *end = NB_NEW(arena, nb_yaml);
        (*end)->kind = NB_YAML_STR;
        (*end)->text = nb_str_trim(piece);
        end = &(*end)->next;
        node->count++;
    }
    return node;
}

/* The first of the variables that is set and not empty. */
static nb_str first_set(const collector *c, const char *variables, nb_str *value)
{
    nb_str rest = nb_str_from(variables), name;
    while (nb_schema_word(&rest, &name)) {
        *value = nb_env_str(c->env, nb_arena_z(c->arena, name));
        if (value->len > 0)
            return name;
    }
    return NB_STR("");
}

static bool add_variable(collector *c, const nb_schema_row *row, nb_str key, const char *variables)
{
    nb_str text;
    nb_str name = first_set(c, variables, &text);
    if (name.len == 0)
        return false;
    nb_str label = nb_arena_printf(c->arena, "environment " NB_STR_FMT, NB_STR_ARG(name));
    nb_problems unplaced = {.arena = c->arena};
    if (nb_utf8_valid(text) < text.len) {
        nb_problem_add(c->problems, NB_D_BAD_VALUE, (nb_place){0}, NB_STR_FMT " is not UTF-8",
                       NB_STR_ARG(label));
        return true;
    }
    text = nb_arena_str(c->arena, text);
    const nb_yaml *node = node_of_text(c->arena, row, text);
    nb_schema_check_value(row, key, node, &unplaced);
    for (size_t i = 0; i < unplaced.list.count; i++) {
        const nb_problem *found = &unplaced.list.at[i];
        nb_problem *told =
            nb_problem_add(c->problems, found->code, (nb_place){0}, NB_STR_FMT ": " NB_STR_FMT,
                           NB_STR_ARG(label), NB_STR_ARG(found->message));
        told->hint = found->hint;
    }
    add(c, row, key, typed(c, row, node), label);
    return true;
}

static void collect_row(void *ctx, const nb_schema_row *row, nb_str key, const nb_yaml *value)
{
    collector *c = ctx;
    if (add_variable(c, row, key, row->env))
        return;
    if (value) {
        add_value(c, row, key, value, origin_of(c, value));
        return;
    }
    if (add_variable(c, row, key, row->ambient))
        return;
    if (row->fallback)
        add(c, row, key, typed(c, row, node_of_text(c->arena, row, nb_str_from(row->fallback))),
            NB_STR("default"));
}

nb_settings nb_settings_collect(const nb_yaml *root, const nb_env *env, nb_problems *problems)
{
    collector c = {.arena = problems->arena, .env = env, .problems = problems};
    nb_schema_each(c.arena, &nb_config_schema, root, collect_row, &c);
    return (nb_settings){c.list.at, c.list.count};
}
