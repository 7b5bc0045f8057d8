#include "text/template.h"

static nb_value *new_value(nb_arena *arena, nb_value_kind kind)
{
    nb_value *value = NB_NEW(arena, nb_value);
    value->kind = kind;
    return value;
}

nb_value *nb_value_text(nb_arena *arena, nb_str text)
{
    nb_value *value = new_value(arena, NB_VALUE_TEXT);
    value->text = text;
    return value;
}

nb_value *nb_value_bool(nb_arena *arena, bool truth)
{
    nb_value *value = new_value(arena, NB_VALUE_BOOL);
    value->truth = truth;
    return value;
}

nb_value *nb_value_list(nb_arena *arena)
{
    return new_value(arena, NB_VALUE_LIST);
}

nb_value *nb_value_object(nb_arena *arena)
{
    return new_value(arena, NB_VALUE_OBJECT);
}

void nb_value_push(nb_arena *arena, nb_value *list, nb_value *item)
{
    nb_vec_push(arena, &list->items, item);
}

static nb_field *find_field(const nb_value *object, nb_str name)
{
    for (size_t i = 0; i < object->fields.count; i++)
        if (nb_str_eq(object->fields.at[i].name, name))
            return &object->fields.at[i];
    return NULL;
}

void nb_value_set(nb_arena *arena, nb_value *object, const char *name, nb_value *value)
{
    nb_str key = nb_str_from(name);
    nb_field *field = find_field(object, key);
    if (field)
        field->value = value;
    else
        nb_vec_push(arena, &object->fields, (nb_field){nb_arena_str(arena, key), value});
}

void nb_value_set_text(nb_arena *arena, nb_value *object, const char *name, nb_str text)
{
    nb_value_set(arena, object, name, nb_value_text(arena, text));
}

void nb_value_set_bool(nb_arena *arena, nb_value *object, const char *name, bool truth)
{
    nb_value_set(arena, object, name, nb_value_bool(arena, truth));
}

const nb_value *nb_value_get(const nb_value *object, nb_str name)
{
    if (object->kind != NB_VALUE_OBJECT)
        return NULL;
    const nb_field *field = find_field(object, name);
    return field ? field->value : NULL;
}
