#include "notebook/retag_parts.h"
#include "text/json_write.h"

/* --- objects as they stand ------------------------------------------------------------------------------------------ */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

nb_retag_object nb_retag_object_at(nb_arena *arena, nb_str text, size_t at)
{
    nb_retag_object object = {.open = at};
    nb_json_reader *json = NB_NEW(arena, nb_json_reader);
    nb_json_open(json, nb_str_from_at(text, at), NB_STR(""), NB_JSON_NOTEBOOK & ~NB_JSON_BOM);
    (void)nb_json_enter(json, NB_JSON_OBJECT);
    for (size_t from = at + json->at;; from = at + json->at) {
        nb_retag_member member = {0};
        if (!nb_json_next_key(json, arena, &member.key))
            break;
        size_t colon = at + json->at - 1;
        nb_str before = nb_str_slice(text, from, colon);
        member.key_at = from + (size_t)nb_str_find_char(before, '"');
        member.key_end = from + nb_str_rtrim(before).len;
        member.kind = nb_json_peek(json);
        member.at = at + json->at;
        nb_json_skip(json, NULL);
        member.end = at + json->at;
        nb_vec_push(arena, &object.members, member);
    }
    object.close = at + json->at - 1;
    return object;
}

const nb_retag_member *nb_retag_find(const nb_retag_object *object, const char *key)
{
    for (size_t i = object->members.count; i > 0; i--)
        if (nb_str_eqz(object->members.at[i - 1].key, key))
            return &object->members.at[i - 1];
    return NULL;
}

/* --- layouts -------------------------------------------------------------------------------------------------------- */

static bool has_line_end(nb_str space)
{
    return nb_str_find_char(space, '\n') >= 0 || nb_str_find_char(space, '\r') >= 0;
}

/* The line end of some white space, and the indentation behind it. */
static nb_str line_end_of(nb_str space, nb_str *indent)
{
    size_t at = space.len;
    while (at > 0 && space.at[at - 1] != '\n' && space.at[at - 1] != '\r')
        at--;
    *indent = nb_str_from_at(space, at);
    bool two = at > 1 && space.at[at - 2] == '\r' && space.at[at - 1] == '\n';
    return nb_str_slice(space, two ? at - 2 : at - 1, at);
}

/* What `indent` is longer than that of the closing brace. */
static nb_str unit_of(nb_str text, const nb_retag_object *object, nb_str indent,
                      const nb_retag_layout *outer)
{
    const nb_retag_member *last = &object->members.at[object->members.count - 1];
    nb_str space = nb_str_slice(text, last->end, object->close), closing;
    if (has_line_end(space)) {
        (void)line_end_of(space, &closing);
        if (nb_str_starts(indent, closing) && indent.len > closing.len)
            return nb_str_from_at(indent, closing.len);
    }
    return outer && outer->lines ? outer->unit : NB_STR(" ");
}

nb_retag_layout nb_retag_inner(nb_arena *arena, const nb_retag_layout *layout)
{
    nb_retag_layout inner = *layout;
    inner.between = inner.comma;
    if (!inner.lines)
        return inner;
    inner.indent = nb_str_concat(arena, layout->indent, layout->unit);
    inner.between = nb_arena_printf(arena, "," NB_STR_FMT NB_STR_FMT, NB_STR_ARG(inner.newline),
                                    NB_STR_ARG(inner.indent));
    return inner;
}

nb_retag_layout nb_retag_layout_of(nb_arena *arena, nb_str text, const nb_retag_object *object,
                                   const nb_retag_layout *outer)
{
    static const nb_retag_layout minified = {
        .colon = NB_STR_ROW(":"), .comma = NB_STR_ROW(","), .between = NB_STR_ROW(",")};
    if (object->members.count == 0)
        return nb_retag_inner(arena, outer ? outer : &minified);
    const nb_retag_member *first = object->members.at;
    nb_str space = nb_str_slice(text, object->open + 1, first->key_at);
    nb_retag_layout layout = {.lines = has_line_end(space),
                              .colon = nb_str_slice(text, first->key_end, first->at)};
    bool blank = is_space(layout.colon.at[layout.colon.len - 1]);
    layout.comma = blank ? NB_STR(", ") : NB_STR(",");
    layout.between = layout.comma;
    if (layout.lines) {
        layout.newline = line_end_of(space, &layout.indent);
        layout.unit = unit_of(text, object, layout.indent, outer);
        layout.between = nb_str_concat(arena, NB_STR(","), space);
    }
    if (object->members.count > 1)
        layout.between = nb_str_slice(text, first->end, first[1].key_at);
    if (!layout.lines)
        layout.comma = layout.between;
    return layout;
}

/* --- what is new ---------------------------------------------------------------------------------------------------- */

static void put_member(nb_buf *out, const nb_retag_layout *layout, const char *key, nb_str value)
{
    nb_json_quote(out, nb_str_from(key));
    nb_buf_put(out, layout->colon);
    nb_buf_put(out, value);
}

static nb_str kept(nb_arena *arena, nb_buf *out)
{
    nb_str text = nb_arena_str(arena, nb_buf_view(out));
    nb_buf_release(out);
    return text;
}

/* The member before which `key` stands in an object whose keys are in order; members.count when it is the last, or they are in none. */
static size_t place_of(const nb_retag_object *object, const char *key)
{
    size_t place = object->members.count;
    for (size_t i = 0; i < object->members.count; i++) {
        const nb_retag_member *each = &object->members.at[i];
        if (i > 0 && nb_str_cmp(each[-1].key, each->key) > 0)
            return object->members.count;
        if (place == object->members.count && nb_str_cmp(nb_str_from(key), each->key) < 0)
            place = i;
    }
    return place;
}

/* Between the brackets of a list or object whose elements have this layout. */
static void put_inside(nb_buf *out, const nb_retag_layout *inner, nb_str outer_indent,
                       nb_str elements)
{
    if (inner->lines) {
        nb_buf_put(out, inner->newline);
        nb_buf_put(out, inner->indent);
    }
    nb_buf_put(out, elements);
    if (inner->lines) {
        nb_buf_put(out, inner->newline);
        nb_buf_put(out, outer_indent);
    }
}

nb_retag_edit nb_retag_insert(nb_arena *arena, const nb_retag_object *object,
                              const nb_retag_layout *layout, const char *key, nb_str value)
{
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    size_t count = object->members.count, place = place_of(object, key);
    nb_retag_edit edit = {.start = object->open + 1, .end = object->close};
    if (place < count) {
        edit.start = edit.end = object->members.at[place].key_at;
        put_member(&out, layout, key, value);
        nb_buf_put(&out, layout->between);
    } else if (count > 0) {
        edit.start = edit.end = object->members.at[count - 1].end;
        nb_buf_put(&out, layout->between);
        put_member(&out, layout, key, value);
    } else {
        NB_AUTO(nb_buf) member = NB_BUF_INIT(SIZE_MAX);
        nb_str outer = nb_str_slice(layout->indent, 0, layout->indent.len - layout->unit.len);
        put_member(&member, layout, key, value);
        put_inside(&out, layout, outer, nb_buf_view(&member));
    }
    edit.text = kept(arena, &out);
    return edit;
}

nb_str nb_retag_wrap(nb_arena *arena, const nb_retag_layout *layout, const char *key, nb_str value)
{
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    NB_AUTO(nb_buf) member = NB_BUF_INIT(SIZE_MAX);
    nb_retag_layout inner = nb_retag_inner(arena, layout);
    put_member(&member, &inner, key, value);
    nb_buf_putc(&out, '{');
    put_inside(&out, &inner, layout->indent, nb_buf_view(&member));
    nb_buf_putc(&out, '}');
    return kept(arena, &out);
}

nb_str nb_retag_list(nb_arena *arena, const nb_retag_layout *layout, const nb_str *texts,
                     size_t count)
{
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    NB_AUTO(nb_buf) elements = NB_BUF_INIT(SIZE_MAX);
    nb_retag_layout inner = nb_retag_inner(arena, layout);
    if (count == 0)
        return NB_STR("[]");
    for (size_t i = 0; i < count; i++) {
        nb_buf_put(&elements, i > 0 ? inner.between : NB_STR(""));
        nb_json_quote(&elements, texts[i]);
    }
    nb_buf_putc(&out, '[');
    put_inside(&out, &inner, layout->indent, nb_buf_view(&elements));
    nb_buf_putc(&out, ']');
    return kept(arena, &out);
}

/* --- a list that is there ------------------------------------------------------------------------------------------- */

typedef struct element {
    nb_str raw, text; /* `text` is decoded; its `at` is NULL for what is no string */
    size_t at, end;
} element;

typedef struct element_list {
    NB_VEC(element) list;
    size_t close;
} element_list;

static element_list elements_of(nb_arena *arena, nb_str text, size_t at)
{
    element_list found = {0};
    nb_json_reader *json = NB_NEW(arena, nb_json_reader);
    nb_json_open(json, nb_str_from_at(text, at), NB_STR(""), NB_JSON_NOTEBOOK & ~NB_JSON_BOM);
    (void)nb_json_enter(json, NB_JSON_ARRAY);
    while (nb_json_next(json)) {
        element each = {0};
        bool string = nb_json_peek(json) == NB_JSON_STRING;
        each.at = at + json->at;
        if (string)
            each.text = nb_json_string(json, arena);
        else
            nb_json_skip(json, NULL);
        each.end = at + json->at;
        each.raw = nb_str_slice(text, each.at, each.end);
        nb_vec_push(arena, &found.list, each);
    }
    found.close = at + json->at - 1;
    return found;
}

static void put_element(nb_buf *out, const element_list *found, nb_str text)
{
    for (size_t i = 0; i < found->list.count; i++)
        if (found->list.at[i].text.at && nb_str_eq(found->list.at[i].text, text)) {
            nb_buf_put(out, found->list.at[i].raw);
            return;
        }
    nb_json_quote(out, text);
}

nb_str nb_retag_relist(nb_arena *arena, const nb_retag_layout *layout, nb_str text, size_t at,
                       const nb_str *texts, size_t count)
{
    element_list found = elements_of(arena, text, at);
    if (found.list.count == 0 || count == 0)
        return nb_retag_list(arena, layout, texts, count);
    const element *first = found.list.at, *last = first + found.list.count - 1;
    nb_str before = nb_str_slice(text, at + 1, first->at);
    nb_str behind = nb_str_slice(text, last->end, found.close);
    nb_str between =
        has_line_end(before) ? nb_str_concat(arena, NB_STR(","), before) : layout->comma;
    if (last > first)
        between = nb_str_slice(text, first->end, first[1].at);
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    nb_buf_putc(&out, '[');
    nb_buf_put(&out, before);
    for (size_t i = 0; i < count; i++) {
        nb_buf_put(&out, i > 0 ? between : NB_STR(""));
        put_element(&out, &found, texts[i]);
    }
    nb_buf_put(&out, behind);
    nb_buf_putc(&out, ']');
    return kept(arena, &out);
}
