#include "config/experiments.h"

#include "base/map.h"
#include "config/settings.h"
#include "text/schema.h"

typedef struct field {
    const char *key;
    size_t value, place; /* offsets of an nb_str and an nb_place */
} field;

#define NO_PLACE SIZE_MAX

#define FIELD(name)                                    \
    {                                                  \
#name, offsetof(nb_experiment, name), NO_PLACE \
    }
#define PLACED_FIELD(name)                                                          \
    {                                                                               \
#name, offsetof(nb_experiment, name), offsetof(nb_experiment, name##_place) \
    }

static const field fields[] = {
    FIELD(name),
    PLACED_FIELD(notebook),
    PLACED_FIELD(data_path),
    FIELD(description),
    FIELD(mlflow_experiment),
    FIELD(instance_type),
    PLACED_FIELD(entrypoint),
    PLACED_FIELD(model_variable),
    FIELD(framework),
    FIELD(python),
    FIELD(workdir),
};

static void *at_offset(nb_experiment *experiment, size_t offset)
{
    return (char *)experiment + offset;
}

/* The value of a key, NULL when it is missing, empty or of a kind that was refused. */
static const nb_yaml *member(const nb_yaml *map, const char *key, nb_yaml_kind least,
                             nb_yaml_kind most)
{
    const nb_yaml *value = nb_yaml_get(map, key);
    return value && value->kind >= least && value->kind <= most ? value : NULL;
}

static void read_fields(const nb_yaml *map, nb_str path, nb_experiment *out)
{
    for (size_t i = 0; i < NB_LEN(fields); i++) {
        const nb_yaml *value = member(map, fields[i].key, NB_YAML_BOOL, NB_YAML_STR);
        if (!value)
            continue;
        *(nb_str *)at_offset(out, fields[i].value) = value->text;
        if (fields[i].place != NO_PLACE)
            *(nb_place *)at_offset(out, fields[i].place) = nb_yaml_place(value, path);
    }
}

static const nb_str *read_texts(nb_arena *arena, const nb_yaml *list, size_t *count)
{
    if (!list)
        return NULL;
    nb_str *texts = NB_NEW_ARRAY(arena, nb_str, list->count);
    for (const nb_yaml *each = list->child; each; each = each->next)
        if (each->kind < NB_YAML_LIST)
            texts[(*count)++] = each->text;
    return texts;
}

static const nb_place *read_places(nb_arena *arena, const nb_yaml *list, nb_str path)
{
    if (!list)
        return NULL;
    nb_place *places = NB_NEW_ARRAY(arena, nb_place, list->count);
    size_t count = 0;
    for (const nb_yaml *each = list->child; each; each = each->next)
        if (each->kind < NB_YAML_LIST)
            places[count++] = nb_yaml_place(each, path);
    return places;
}

static int64_t read_count(nb_arena *arena, const nb_yaml *value)
{
    int64_t count = 1;
    if (value)
        (void)nb_str_to_int(nb_yaml_number(arena, NB_YAML_INT, value->text), &count);
    return count;
}

/* --- hyperparameters --- */

static nb_str same_for_python(nb_arena *arena, nb_str name)
{
    nb_str copy = nb_str_lower(arena, name);
    char *text = nb_arena_z(arena, copy);
    for (size_t i = 0; i < copy.len; i++)
        if (text[i] == '-')
            text[i] = '_';
    return (nb_str){text, copy.len};
}

static void read_hyperparameters(const nb_yaml *map, nb_problems *problems, nb_experiment *out)
{
    nb_arena *arena = problems->arena;
    nb_map seen = NB_MAP_INIT;
    if (!map)
        return;
    nb_hyperparameter *list = NB_NEW_ARRAY(arena, nb_hyperparameter, map->count);
    for (nb_yaml *each = map->child; each; each = each->next) {
        nb_str folded = same_for_python(arena, each->key);
        const nb_yaml *first = nb_map_get(&seen, folded);
        list[out->hyperparameter_count++] = (nb_hyperparameter){
            each->key, nb_scalar_of(arena, each), nb_yaml_key_place(each, problems->path)};
        nb_map_put(arena, &seen, folded, each);
        if (!first)
            continue;
        nb_problem *problem = nb_problem_add(
            problems, NB_D_DUPLICATE_NAME, nb_yaml_key_place(each, problems->path),
            "hyperparameters '" NB_STR_FMT "' (line %u) and '" NB_STR_FMT "' are one in Python",
            NB_STR_ARG(first->key), first->key_line, NB_STR_ARG(each->key));
        nb_problem_hint(problems, problem, "remove one of the two");
    }
    out->hyperparameters = list;
}

/* --- metrics --- */

static void read_metrics(const nb_yaml *value, nb_problems *problems, nb_experiment *out)
{
    const nb_schema_member *members;
    if (!value)
        return;
    size_t count = nb_schema_members(problems->arena, value, &members);
    nb_metric *list = NB_NEW_ARRAY(problems->arena, nb_metric, count);
    for (size_t i = 0; i < count; i++)
        list[i] = (nb_metric){members[i].name, members[i].value->text,
                              nb_yaml_key_place(members[i].at, problems->path)};
    out->metrics = list;
    out->metric_count = count;
}

/* --- serving --- */

static nb_str joined(nb_arena *arena, const nb_yaml *list)
{
    nb_str text = NB_STR("");
    for (const nb_yaml *each = list->child; each; each = each->next) {
        if (text.len > 0)
            text = nb_str_concat(arena, text, NB_STR(" "));
        text = nb_str_concat(arena, text, each->text);
    }
    return text;
}

static void read_serving(const nb_yaml *map, nb_problems *problems, nb_experiment *out)
{
    if (!map)
        return;
    nb_serving_value *values = NB_NEW_ARRAY(problems->arena, nb_serving_value, map->count);
    for (nb_yaml *each = map->child; each; each = each->next) {
        bool list = each->kind == NB_YAML_LIST;
        if (each->kind == NB_YAML_NULL || each->kind > NB_YAML_LIST)
            continue;
        values[out->serving_count++] =
            (nb_serving_value){each->key, list ? joined(problems->arena, each) : each->text,
                               nb_yaml_place(each, problems->path)};
    }
    out->serving = values;
}

/* --- policies --- */

void nb_policies_read(const nb_yaml *map, nb_policies *policies)
{
    if (!map || map->kind != NB_YAML_MAP)
        return;
    for (const nb_yaml *each = map->child; each; each = each->next) {
        const nb_policy_row *row = nb_policy_find(each->key);
        if (row && each->kind < NB_YAML_LIST)
            (void)nb_policy_set(policies, row, each->text);
    }
}

static const nb_policies *own_policies(nb_arena *arena, const nb_yaml *map,
                                       const nb_policies *project)
{
    nb_policies *own = NB_NEW(arena, nb_policies);
    *own = *project;
    nb_policies_read(map, own);
    return own;
}

/* --- experiments --- */

static void read_experiment(const nb_yaml *map, nb_problems *problems, nb_experiment *out)
{
    nb_arena *arena = problems->arena;
    out->place = nb_yaml_place(map, problems->path);
    out->name = out->notebook = NB_STR("");
    read_fields(map, problems->path, out);
    out->instance_count =
        read_count(arena, member(map, "instance_count", NB_YAML_INT, NB_YAML_INT));
    out->include =
        read_texts(arena, member(map, "include", NB_YAML_LIST, NB_YAML_LIST), &out->include_count);
    out->include_places =
        read_places(arena, member(map, "include", NB_YAML_LIST, NB_YAML_LIST), problems->path);
    out->requirements = read_texts(arena, member(map, "requirements", NB_YAML_LIST, NB_YAML_LIST),
                                   &out->requirement_count);
    out->requirement_places =
        read_places(arena, member(map, "requirements", NB_YAML_LIST, NB_YAML_LIST), problems->path);
    out->provided = read_texts(arena, member(map, "provided", NB_YAML_LIST, NB_YAML_LIST),
                               &out->provided_count);
    out->provided_places =
        read_places(arena, member(map, "provided", NB_YAML_LIST, NB_YAML_LIST), problems->path);
    read_hyperparameters(member(map, "hyperparameters", NB_YAML_MAP, NB_YAML_MAP), problems, out);
    read_metrics(member(map, "metrics", NB_YAML_LIST, NB_YAML_MAP), problems, out);
    read_serving(member(map, "serving", NB_YAML_MAP, NB_YAML_MAP), problems, out);
}

static void check_names(const nb_yaml *list, nb_problems *problems)
{
    nb_map seen = NB_MAP_INIT; /* name -> experiment */
    for (nb_yaml *each = list->child; each; each = each->next) {
        const nb_yaml *name = nb_yaml_get(each, "name");
        if (!name || name->text.len == 0)
            continue;
        const nb_yaml *first = nb_yaml_get(nb_map_get(&seen, name->text), "name");
        if (!first) {
            nb_map_put(problems->arena, &seen, name->text, each);
            continue;
        }
        nb_problem *problem = nb_problem_add(
            problems, NB_D_DUPLICATE_NAME, nb_yaml_place(name, problems->path),
            "two experiments are named '" NB_STR_FMT "', the first at " NB_STR_FMT ":%u:%u",
            NB_STR_ARG(name->text), NB_STR_ARG(problems->path), first->line, first->column);
        nb_problem_hint(problems, problem, "give one of them another name");
    }
}

void nb_experiments_read(const nb_yaml *root, const nb_policies *policies, nb_problems *problems,
                         const nb_experiment **out, size_t *count)
{
    const nb_yaml *list = nb_yaml_get(root, "experiments");
    *out = NULL;
    *count = 0;
    if (!list || list->kind != NB_YAML_LIST)
        return;
    nb_experiment *experiments = NB_NEW_ARRAY(problems->arena, nb_experiment, list->count);
    for (const nb_yaml *each = list->child; each; each = each->next)
        if (each->kind == NB_YAML_MAP) {
            nb_experiment *experiment = &experiments[(*count)++];
            read_experiment(each, problems, experiment);
            experiment->policies =
                own_policies(problems->arena, nb_yaml_get(each, "ipython"), policies);
        }
    check_names(list, problems);
    *out = experiments;
}
