#include "text/yaml.h"

#include "base/map.h"
#include "base/vec.h"
#include "text/yaml_events.h"

typedef struct named {
    nb_str name;
    nb_yaml *node; /* NULL while it is being read: an alias to it would never end */
} named;

typedef struct reader {
    nb_arena *arena;
    nb_yaml_events *events;
    nb_error *err;
    size_t nodes;
    unsigned depth; /* open lists and mappings */
    NB_VEC(named) anchors;
} reader;

/* Readers of nodes return NULL when they failed. */
static nb_yaml *read_value(reader *r, const nb_yaml_event *event);

static nb_code next(reader *r, nb_yaml_event *event)
{
    return nb_yaml_events_next(r->events, event, r->err);
}

static nb_yaml *node_new(reader *r, const nb_yaml_event *at)
{
    if (r->nodes++ == NB_YAML_MAX_NODES) {
        nb_yaml_events_fail(r->events, at, r->err, "more than %d values, aliases included",
                            NB_YAML_MAX_NODES);
        return NULL;
    }
    nb_yaml *node = NB_NEW(r->arena, nb_yaml);
    node->line = at->line;
    node->column = at->column;
    node->source = at->source;
    return node;
}

static bool deeper(reader *r, const nb_yaml_event *at)
{
    if (r->depth++ < NB_YAML_MAX_DEPTH)
        return true;
    nb_yaml_events_fail(r->events, at, r->err, "nested deeper than %d levels", NB_YAML_MAX_DEPTH);
    return false;
}

/* --- scalars --- */

static const struct {
    const char *tag;
    nb_yaml_kind kind;
} tags[] = {
    {"tag:yaml.org,2002:null",  NB_YAML_NULL },
    {"tag:yaml.org,2002:bool",  NB_YAML_BOOL },
    {"tag:yaml.org,2002:int",   NB_YAML_INT  },
    {"tag:yaml.org,2002:float", NB_YAML_FLOAT},
    {"tag:yaml.org,2002:str",   NB_YAML_STR  },
    {"!",                       NB_YAML_STR  },
    {"tag:yaml.org,2002:seq",   NB_YAML_LIST },
    {"tag:yaml.org,2002:map",   NB_YAML_MAP  },
};

/* `kind` is what the value is without its tag. */
static bool apply_tag(reader *r, const nb_yaml_event *event, nb_yaml_kind *kind)
{
    for (size_t i = 0; i < NB_LEN(tags); i++) {
        if (!nb_str_eqz(event->tag, tags[i].tag))
            continue;
        nb_yaml_kind wanted = tags[i].kind;
        bool is_text = *kind < NB_YAML_LIST && wanted == NB_YAML_STR;
        bool widened = *kind == NB_YAML_INT && wanted == NB_YAML_FLOAT;
        bool any = nb_str_eqz(event->tag, "!") && *kind >= NB_YAML_LIST;
        if (is_text || widened)
            *kind = wanted;
        if (*kind == wanted || any)
            return true;
        nb_yaml_events_fail(r->events, event, r->err, "tagged as %s, this is %s",
                            nb_yaml_kind_name(wanted), nb_yaml_kind_name(*kind));
        return false;
    }
    nb_yaml_events_fail(r->events, event, r->err, "unknown tag '" NB_STR_FMT "'",
                        NB_STR_ARG(event->tag));
    nb_error_hint(r->err, "remove the tag");
    return false;
}

static bool read_scalar(reader *r, const nb_yaml_event *event, nb_yaml *node)
{
    node->text = event->text;
    node->plain = event->plain && event->tag.len == 0;
    node->kind = event->plain || event->tag.len > 0 ? nb_yaml_resolve(event->text) : NB_YAML_STR;
    if (event->tag.len > 0 && !apply_tag(r, event, &node->kind))
        return false;
    if (node->kind == NB_YAML_BOOL)
        node->text = nb_str_lower(r->arena, node->text);
    return true;
}

/* --- aliases and merge keys --- */

/* A copy that may become a member or element elsewhere; `at` is where it is asked for. */
static nb_yaml *copy(reader *r, const nb_yaml_event *at, const nb_yaml *from)
{
    nb_yaml *node = node_new(r, at);
    if (!node)
        return NULL;
    *node = *from;
    node->next = NULL;
    if (from->kind < NB_YAML_LIST)
        return node;
    if (!deeper(r, at))
        return NULL;
    nb_yaml **end = &node->child;
    for (const nb_yaml *child = from->child; child; child = child->next) {
        nb_yaml *added = copy(r, at, child);
        if (!added)
            return NULL;
        *end = added;
        end = &added->next;
    }
    r->depth--;
    return node;
}

static const named *find_anchor(const reader *r, nb_str name)
{
    for (size_t i = r->anchors.count; i-- > 0;) /* a later anchor replaces an earlier one */
        if (nb_str_eq(r->anchors.at[i].name, name))
            return &r->anchors.at[i];
    return NULL;
}

static nb_yaml *read_alias(reader *r, const nb_yaml_event *event)
{
    const named *target = find_anchor(r, event->text);
    if (!target) {
        nb_yaml_events_fail(r->events, event, r->err, "unknown alias '*" NB_STR_FMT "'",
                            NB_STR_ARG(event->text));
        nb_error_hint(r->err, "write '&" NB_STR_FMT "' before the value it stands for, further up",
                      NB_STR_ARG(event->text));
        return NULL;
    }
    if (!target->node) {
        nb_yaml_events_fail(r->events, event, r->err,
                            "alias '*" NB_STR_FMT "' stands inside of what it names",
                            NB_STR_ARG(event->text));
        return NULL;
    }
    nb_yaml *node = copy(r, event, target->node);
    if (!node)
        return NULL;
    node->line = event->line;
    node->column = event->column;
    node->source = event->source;
    return node;
}

typedef struct map_reader {
    nb_yaml *map;
    nb_yaml **end;
    nb_map keys; /* key -> its node */
} map_reader;

static void append(reader *r, map_reader *m, nb_yaml *member)
{
    *m->end = member;
    m->end = &member->next;
    m->map->count++;
    nb_map_put(r->arena, &m->keys, member->key, member);
}

/* Members of `from` that the map does not have itself. */
static bool merge_one(reader *r, map_reader *m, const nb_yaml_event *at, const nb_yaml *from)
{
    if (from->kind != NB_YAML_MAP) {
        nb_yaml_events_fail(r->events, at, r->err,
                            "'<<' takes a mapping or a list of mappings, this is %s",
                            nb_yaml_kind_name(from->kind));
        return false;
    }
    for (const nb_yaml *member = from->child; member; member = member->next) {
        if (nb_map_has(&m->keys, member->key))
            continue;
        nb_yaml *added = copy(r, at, member);
        if (!added)
            return false;
        append(r, m, added);
    }
    return true;
}

static bool merge(reader *r, map_reader *m, const nb_yaml *from)
{
    const nb_yaml_event at = {.line = from->line, .column = from->column, .source = from->source};
    if (from->kind != NB_YAML_LIST)
        return merge_one(r, m, &at, from);
    for (const nb_yaml *each = from->child; each; each = each->next)
        if (!merge_one(r, m, &at, each))
            return false;
    return true;
}

/* --- lists and mappings --- */

static bool read_list(reader *r, nb_yaml *list)
{
    nb_yaml **end = &list->child;
    for (;;) {
        nb_yaml_event event;
        if (next(r, &event) != NB_OK)
            return false;
        if (event.kind == NB_YAML_EVENT_CLOSE)
            return true;
        nb_yaml *element = read_value(r, &event);
        if (!element)
            return false;
        *end = element;
        end = &element->next;
        list->count++;
    }
}

static bool check_key(reader *r, const map_reader *m, const nb_yaml_event *key)
{
    if (key->kind != NB_YAML_EVENT_SCALAR || key->implied) {
        nb_yaml_events_fail(r->events, key, r->err, "a key must be text");
        return false;
    }
    const nb_yaml *first = nb_map_get(&m->keys, key->text);
    if (!first)
        return true;
    nb_yaml_events_fail(r->events, key, r->err,
                        "duplicate key '" NB_STR_FMT "', given before in line %u",
                        NB_STR_ARG(key->text), first->key_line);
    nb_error_hint(r->err, "remove one of the two");
    return false;
}

static bool is_merge(const nb_yaml_event *key)
{
    return key->plain && nb_str_eqz(key->text, "<<");
}

static nb_yaml *read_member(reader *r, const nb_yaml_event *key)
{
    nb_yaml_event event;
    if (next(r, &event) != NB_OK)
        return NULL;
    if (event.implied) { /* `key:` - the place to show is the key's */
        event.line = key->line;
        event.column = key->column;
        event.source = key->source;
    }
    nb_yaml *member = read_value(r, &event);
    if (!member)
        return NULL;
    member->key = key->text;
    member->key_line = key->line;
    member->key_column = key->column;
    member->key_source = key->source;
    return member;
}

static bool read_map(reader *r, nb_yaml *map)
{
    map_reader m = {.map = map, .end = &map->child};
    NB_VEC(const nb_yaml *) merges = {0};
    for (;;) {
        nb_yaml_event key;
        if (next(r, &key) != NB_OK)
            return false;
        if (key.kind == NB_YAML_EVENT_CLOSE)
            break;
        nb_yaml *member = check_key(r, &m, &key) ? read_member(r, &key) : NULL;
        if (!member)
            return false;
        if (is_merge(&key))
            nb_vec_push(r->arena, &merges, member);
        else
            append(r, &m, member);
    }
    for (size_t i = 0; i < merges.count; i++)
        if (!merge(r, &m, merges.at[i]))
            return false;
    return true;
}

static bool read_container(reader *r, const nb_yaml_event *event, nb_yaml *node)
{
    bool list = event->kind == NB_YAML_EVENT_LIST;
    node->kind = list ? NB_YAML_LIST : NB_YAML_MAP;
    if (event->tag.len > 0 && !apply_tag(r, event, &node->kind))
        return false;
    if (!deeper(r, event) || !(list ? read_list(r, node) : read_map(r, node)))
        return false;
    r->depth--;
    return true;
}

static nb_yaml *read_value(reader *r, const nb_yaml_event *event)
{
    if (event->kind == NB_YAML_EVENT_ALIAS)
        return read_alias(r, event);
    nb_yaml *node = node_new(r, event);
    if (!node)
        return NULL;
    size_t slot = r->anchors.count;
    if (event->anchor.len > 0)
        nb_vec_push(r->arena, &r->anchors, (named){event->anchor, NULL});
    bool scalar = event->kind == NB_YAML_EVENT_SCALAR;
    if (!(scalar ? read_scalar(r, event, node) : read_container(r, event, node)))
        return NULL;
    if (event->anchor.len > 0)
        r->anchors.at[slot].node = node;
    return node;
}

/* --- documents --- */

static nb_yaml *empty_document(nb_arena *arena)
{
    nb_yaml *root = NB_NEW(arena, nb_yaml);
    root->line = root->column = 1;
    return root;
}

static nb_yaml *read_document(reader *r)
{
    nb_yaml_event event;
    if (next(r, &event) != NB_OK)
        return NULL;
    if (event.kind == NB_YAML_EVENT_END)
        return empty_document(r->arena);
    nb_yaml *root = next(r, &event) == NB_OK ? read_value(r, &event) : NULL;
    if (!root || next(r, &event) != NB_OK)
        return NULL;
    if (event.kind == NB_YAML_EVENT_END)
        return root;
    nb_yaml_events_fail(r->events, &event, r->err, "a second document begins here");
    nb_error_hint(r->err, "remove the line '---'");
    return NULL;
}

nb_code nb_yaml_parse(nb_arena *arena, nb_str text, nb_str path, const nb_yaml **out, nb_error *err)
{
    NB_AUTO(nb_yaml_events_ptr) events = NULL;
    if (nb_yaml_events_open(arena, text, path, &events, err) != NB_OK)
        return err->code;
    reader r = {.arena = arena, .events = events, .err = err};
    const nb_yaml *root = read_document(&r);
    if (!root)
        return err->code;
    *out = root;
    return NB_OK;
}

const nb_yaml *nb_yaml_get(const nb_yaml *map, const char *key)
{
    if (map && map->kind == NB_YAML_MAP)
        for (const nb_yaml *member = map->child; member; member = member->next)
            if (nb_str_eqz(member->key, key))
                return member;
    return NULL;
}

nb_place nb_yaml_place(const nb_yaml *node, nb_str path)
{
    return (nb_place){path, node->line, node->column, node->source};
}

nb_place nb_yaml_key_place(const nb_yaml *node, nb_str path)
{
    if (node->key_line == 0)
        return nb_yaml_place(node, path);
    return (nb_place){path, node->key_line, node->key_column, node->key_source};
}

void nb_yaml_write_json(nb_arena *arena, nb_json_writer *w, const nb_yaml *node)
{
    switch (node->kind) {
    case NB_YAML_NULL: nb_json_put_null(w); break;
    case NB_YAML_BOOL: nb_json_put_bool(w, nb_str_eqz(node->text, "true")); break;
    case NB_YAML_INT:
    case NB_YAML_FLOAT: nb_json_put_raw(w, nb_yaml_number(arena, node->kind, node->text)); break;
    case NB_YAML_STR: nb_json_put_str(w, node->text); break;
    case NB_YAML_LIST:
        nb_json_begin_array(w);
        for (const nb_yaml *each = node->child; each; each = each->next)
            nb_yaml_write_json(arena, w, each);
        nb_json_end_array(w);
        break;
    case NB_YAML_MAP:
        nb_json_begin_object(w);
        for (const nb_yaml *each = node->child; each; each = each->next) {
            nb_json_key(w, each->key);
            nb_yaml_write_json(arena, w, each);
        }
        nb_json_end_object(w);
        break;
    }
}
