#include "graph/scene.h"
#include "py/facts.h"

enum { MOST_HELD = 64 };

/* The name, and what is reached through it. */
static void add_change(const nb_scene *scene, nb_str name, nb_names *out, unsigned depth)
{
    for (size_t i = 0; i < out->list.count; i++)
        if (nb_str_eq(out->list.at[i], name))
            return;
    nb_vec_push(scene->arena, &out->list, name);
    const nb_thing *thing = nb_scene_thing(scene, name);
    for (size_t i = 0; thing && depth < 4 && i < thing->holds.list.count && i < MOST_HELD; i++)
        add_change(scene, thing->holds.list.at[i], out, depth + 1);
}

static void add_base(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *node,
                     nb_names *out)
{
    const nb_py_node *base = node ? nb_base_name(node) : NULL;
    if (!base)
        return;
    nb_str name = nb_py_text(tree, base);
    if (nb_scene_thing(scene, name) || !nb_map_has(&scene->modules, name))
        add_change(scene, name, out, 0);
}

static void add_arguments(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call,
                          uint64_t which, nb_names *out)
{
    unsigned i = 0;
    for (const nb_py_node *a = call->child; a; a = a->next) {
        if (a->field != NB_PY_FIELD_ARGUMENT)
            continue;
        const nb_py_node *value = a->kind == NB_PY_KEYWORD ? nb_py_get(a, NB_PY_FIELD_VALUE) : a;
        if (i >= 64 || (which >> i & 1) || a->kind == NB_PY_KEYWORD)
            add_base(scene, tree, value, out);
        i++;
    }
}

static bool stands_alone(const nb_py_node *call)
{
    const nb_py_node *parent = call->parent;
    while (parent && parent->kind == NB_PY_AWAIT)
        parent = parent->parent;
    return parent && parent->kind == NB_PY_EXPR;
}

static bool is_true(const nb_py_tree *tree, const nb_py_node *value)
{
    return value && value->kind == NB_PY_CONSTANT && nb_str_eqz(nb_py_text(tree, value), "True");
}

/* Methods that change their object whatever is done with what they give; and, of a call that stands alone, all that do not just look. */
static bool changes_receiver(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call,
                             nb_job job)
{
    if (is_true(tree, nb_py_argument(tree, call, "inplace", -1)))
        return true;
    bool looks = job == NB_JOB_PRINT || job == NB_JOB_PLOT || job == NB_JOB_SAVE ||
                 job == NB_JOB_PREDICT || job == NB_JOB_MEASURE;
    if (looks)
        return false;
    if (job == NB_JOB_CHANGE || job == NB_JOB_FIT || job == NB_JOB_STEP || job == NB_JOB_TRANSFORM)
        return true;
    const nb_py_node *base = nb_base_name(call->child);
    const nb_thing *thing = base ? nb_scene_thing(scene, nb_py_text(tree, base)) : NULL;
    bool table = thing && thing->kinds == NB_THING_DATA; /* df.dropna() alone gives a new one */
    return stands_alone(call) && !table;
}

static bool changes_arguments(nb_job job)
{
    return job == NB_JOB_UNKNOWN || job == NB_JOB_TRANSFORM || job == NB_JOB_MODEL ||
           job == NB_JOB_CHANGE || job == NB_JOB_FIT;
}

static void add_call_changes(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *call,
                             nb_names *out)
{
    nb_job job = nb_scene_job(scene, tree, call);
    nb_str name = nb_py_call_name(scene->arena, tree, call);
    const nb_own *own = name.len > 0 ? nb_map_get(&scene->owns, name) : NULL;
    if (own) {
        add_arguments(scene, tree, call, own->changed, out);
        for (size_t i = 0; i < own->changes.list.count; i++)
            add_change(scene, own->changes.list.at[i], out, 0);
        return;
    }
    const nb_py_node *base =
        call->child->kind == NB_PY_ATTRIBUTE ? nb_base_name(call->child) : NULL;
    nb_str receiver = base ? nb_py_text(tree, base) : NB_STR("");
    bool method =
        base && (nb_scene_thing(scene, receiver) || !nb_map_has(&scene->modules, receiver));
    if (method && changes_receiver(scene, tree, call, job))
        add_base(scene, tree, base, out);
    if (!method && stands_alone(call) && changes_arguments(job))
        add_arguments(scene, tree, call, UINT64_MAX, out);
    if (nb_str_eqz(name, "next"))
        add_arguments(scene, tree, call, UINT64_MAX, out);
}

void nb_scene_changes(const nb_scene *scene, const nb_py_tree *tree, const nb_py_node *node,
                      nb_names *out)
{
    bool part = node->kind == NB_PY_SUBSCRIPT || node->kind == NB_PY_ATTRIBUTE;
    bool target = node->field == NB_PY_FIELD_TARGET ||
                  (node->field == NB_PY_FIELD_ELEMENT && /* x[0], x[1] = … */
                   node->parent->field == NB_PY_FIELD_TARGET);
    if (node->kind == NB_PY_CALL)
        add_call_changes(scene, tree, node, out);
    else if (part && target)
        add_base(scene, tree, node, out);
}
