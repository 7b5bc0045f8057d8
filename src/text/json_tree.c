#include "text/json.h"

#include "base/vec.h"

/* A container that is being read. */
typedef struct open_node {
    nb_json *node;
    nb_json *last; /* its last child so far */
} open_node;

typedef struct builder {
    nb_json_reader reader;
    nb_arena *arena;
    NB_VEC(open_node) open;
    nb_json *root;
} builder;

static void append(builder *b, nb_json *node)
{
    if (b->open.count == 0) {
        b->root = node;
        return;
    }
    open_node *parent = &b->open.at[b->open.count - 1];
    if (parent->last)
        parent->last->next = node;
    else
        parent->node->child = node;
    parent->last = node;
    parent->node->count++;
}

/* Reads one value; of a container only its opening bracket. */
static void read_value(builder *b, nb_str key)
{
    nb_json_reader *r = &b->reader;
    nb_json *node = NB_NEW(b->arena, nb_json);
    *node = (nb_json){.kind = nb_json_peek(r), .key = key};
    switch (node->kind) {
    case NB_JSON_STRING: node->text = nb_json_string(r, b->arena); break;
    case NB_JSON_NUMBER: node->text = nb_json_number(r); break;
    case NB_JSON_ARRAY:
    case NB_JSON_OBJECT: (void)nb_json_enter(r, node->kind); break;
    case NB_JSON_NULL:
    case NB_JSON_TRUE:
    case NB_JSON_FALSE: nb_json_skip(r, &node->text); break;
    case NB_JSON_END: nb_json_refuse(r, "expected a value"); break;
    }
    append(b, node);
    if (node->kind == NB_JSON_ARRAY || node->kind == NB_JSON_OBJECT)
        nb_vec_push(b->arena, &b->open, (open_node){.node = node});
}

/* Moves to the next value of the innermost open container; leaves those that are at their end. */
static bool next_value(builder *b, nb_str *key)
{
    while (b->open.count > 0 && !b->reader.bad) {
        bool object = b->open.at[b->open.count - 1].node->kind == NB_JSON_OBJECT;
        *key = NB_STR("");
        if (object ? nb_json_next_key(&b->reader, b->arena, key) : nb_json_next(&b->reader))
            return true;
        b->open.count--;
    }
    return false;
}

nb_code nb_json_parse(nb_arena *arena, nb_str text, nb_str path, unsigned dialect,
                      const nb_json **out, nb_error *err)
{
    builder b = {.arena = arena};
    nb_str key = NB_STR("");
    nb_json_open(&b.reader, text, path, dialect);
    do
        read_value(&b, key);
    while (next_value(&b, &key));
    if (nb_json_close(&b.reader, err) != NB_OK)
        return err->code;
    *out = b.root;
    return NB_OK;
}

const nb_json *nb_json_get(const nb_json *value, const char *key)
{
    const nb_json *found = NULL;
    if (!value || value->kind != NB_JSON_OBJECT)
        return NULL;
    for (const nb_json *member = value->child; member; member = member->next)
        if (nb_str_eqz(member->key, key))
            found = member;
    return found;
}

nb_str nb_json_get_str(const nb_json *value, const char *key)
{
    const nb_json *member = nb_json_get(value, key);
    return member && member->kind == NB_JSON_STRING ? member->text : (nb_str){0};
}
