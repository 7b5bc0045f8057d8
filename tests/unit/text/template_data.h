/* template_data.h - template data written short, for tests: {name:'text', list:['a', 'b'], on:true, inner:{x:'1'}}. */
#ifndef NB_TEST_TEMPLATE_DATA_H
#define NB_TEST_TEMPLATE_DATA_H

#include "text/template.h"

static nb_value *data_value(nb_arena *arena, const char **at);

static void data_blanks(const char **at)
{
    *at += strspn(*at, " ,");
}

static nb_str data_word(nb_arena *arena, const char **at, const char *until)
{
    size_t len = strcspn(*at, until);
    nb_str word = nb_arena_str(arena, (nb_str){*at, len});
    *at += len + 1;
    return word;
}

static nb_value *data_object(nb_arena *arena, const char **at)
{
    nb_value *object = nb_value_object(arena);
    for (data_blanks(at); **at != '}'; data_blanks(at)) {
        nb_str name = data_word(arena, at, ":");
        nb_value_set(arena, object, name.at, data_value(arena, at));
    }
    (*at)++;
    return object;
}

static nb_value *data_list(nb_arena *arena, const char **at)
{
    nb_value *list = nb_value_list(arena);
    for (data_blanks(at); **at != ']'; data_blanks(at))
        nb_value_push(arena, list, data_value(arena, at));
    (*at)++;
    return list;
}

static nb_value *data_value(nb_arena *arena, const char **at)
{
    char first = *(*at)++;
    if (first == '{')
        return data_object(arena, at);
    if (first == '[')
        return data_list(arena, at);
    if (first == '\'')
        return nb_value_text(arena, data_word(arena, at, "'"));
    *at += strcspn(*at, ",]} ");
    return nb_value_bool(arena, first == 't');
}

static nb_value *data_from(nb_arena *arena, const char *text)
{
    return data_value(arena, &text);
}

#endif
