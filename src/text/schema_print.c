/* schema_print.c - the table as a JSON Schema and as a page of documentation. */
#include "text/schema_parts.h"

typedef struct printer {
    nb_arena *arena;
    const nb_schema *schema;
    nb_json_writer *w;
} printer;

/* --- JSON Schema --- */

static void member(const printer *p, const char *key, const char *value)
{
    nb_json_member_str(p->w, key, nb_str_from(value));
}

static bool may_be_empty(const nb_schema_row *row)
{
    return !(row->flags & (NB_SCHEMA_REQUIRED | NB_SCHEMA_NOT_EMPTY));
}

static void put_types(const printer *p, const nb_schema_row *row, const char *type,
                      const char *other)
{
    bool empty = may_be_empty(row);
    nb_json_key(p->w, NB_STR("type"));
    if (!other && !empty) {
        nb_json_put_str(p->w, nb_str_from(type));
        return;
    }
    nb_json_begin_array(p->w);
    nb_json_put_str(p->w, nb_str_from(type));
    if (other)
        nb_json_put_str(p->w, nb_str_from(other));
    if (empty)
        nb_json_put_str(p->w, NB_STR("null"));
    nb_json_end_array(p->w);
}

static void put_choices(const printer *p, const nb_schema_row *row, bool empty)
{
    nb_str rest = nb_str_from(row->choices), choice;
    nb_json_key(p->w, NB_STR("enum"));
    nb_json_begin_array(p->w);
    while (nb_str_split(&rest, '|', &choice))
        nb_json_put_str(p->w, choice);
    if (empty)
        nb_json_put_null(p->w);
    nb_json_end_array(p->w);
}

static void put_pattern(const printer *p, const nb_schema_form *form)
{
    if (form && form->pattern)
        member(p, "pattern", form->pattern);
}

static void put_names(const printer *p, const nb_schema_row *row)
{
    if (!row->form || !row->form->pattern)
        return;
    nb_json_key(p->w, NB_STR("propertyNames"));
    nb_json_begin_object(p->w);
    put_pattern(p, row->form);
    nb_json_end_object(p->w);
}

static void put_text_members(const printer *p, const nb_schema_row *row)
{
    put_names(p, row);
    nb_json_key(p->w, NB_STR("additionalProperties"));
    nb_json_begin_object(p->w);
    if (row->choices)
        put_choices(p, row, false);
    else
        member(p, "type", "string");
    nb_json_end_object(p->w);
}

static void put_text_object(const printer *p, const nb_schema_row *row)
{
    nb_json_begin_object(p->w);
    member(p, "type", "object");
    put_text_members(p, row);
    nb_json_end_object(p->w);
}

static void put_name_or_object(const printer *p, const nb_schema_row *row)
{
    nb_json_key(p->w, NB_STR("anyOf"));
    nb_json_begin_array(p->w);
    nb_json_begin_object(p->w);
    member(p, "type", "string");
    put_pattern(p, row->form);
    nb_json_end_object(p->w);
    put_text_object(p, row);
    nb_json_end_array(p->w);
}

/* A list of names, of {name, value}, of {NAME: TEXT}; or a mapping of names to texts. */
static void put_named(const printer *p, const nb_schema_row *row)
{
    nb_json_writer *w = p->w;
    nb_json_key(w, NB_STR("anyOf"));
    nb_json_begin_array(w);
    nb_json_begin_object(w);
    put_types(p, row, "array", NULL);
    nb_json_key(w, NB_STR("items"));
    nb_json_begin_object(w);
    put_name_or_object(p, row);
    nb_json_end_object(w);
    nb_json_end_object(w);
    put_text_object(p, row);
    nb_json_end_array(w);
}

static void put_texts(const printer *p, const nb_schema_row *row)
{
    put_types(p, row, "array", NULL);
    nb_json_key(p->w, NB_STR("items"));
    nb_json_begin_object(p->w);
    member(p, "type", "string");
    put_pattern(p, row->form);
    nb_json_end_object(p->w);
}

static void put_range(const printer *p, const nb_schema_row *row)
{
    if (row->min == row->max)
        return;
    nb_json_member_int(p->w, "minimum", row->min);
    nb_json_member_int(p->w, "maximum", row->max);
}

static void put_text(const printer *p, const nb_schema_row *row)
{
    if (row->choices) {
        put_choices(p, row, may_be_empty(row));
        return;
    }
    put_types(p, row, "string", row->flags & NB_SCHEMA_NUMBERS ? "number" : NULL);
    put_pattern(p, row->form);
}

/* Where only some values are allowed, a reference to a variable is one of them. */
static bool is_narrow(const nb_schema_row *row)
{
    bool scalar =
        row->kind == NB_SCHEMA_TEXT || row->kind == NB_SCHEMA_INT || row->kind == NB_SCHEMA_BOOL;
    return scalar &&
           (row->kind != NB_SCHEMA_TEXT || row->choices || (row->form && row->form->pattern));
}

static void put_object(const printer *p, nb_str pattern);

static void put_value(const printer *p, const nb_schema_row *row)
{
    switch (row->kind) {
    case NB_SCHEMA_MAP:
        put_types(p, row, "object", NULL);
        put_object(p, nb_str_from(row->key));
        break;
    case NB_SCHEMA_LIST:
        put_types(p, row, "array", NULL);
        nb_json_key(p->w, NB_STR("items"));
        nb_json_begin_object(p->w);
        member(p, "type", "object");
        put_object(p, nb_arena_printf(p->arena, "%s[]", row->key));
        nb_json_end_object(p->w);
        break;
    case NB_SCHEMA_TEXT: put_text(p, row); break;
    case NB_SCHEMA_INT:
        put_types(p, row, "integer", NULL);
        put_range(p, row);
        break;
    case NB_SCHEMA_BOOL: put_types(p, row, "boolean", NULL); break;
    case NB_SCHEMA_TEXTS: put_texts(p, row); break;
    case NB_SCHEMA_VALUES:
        put_types(p, row, "object", NULL);
        put_names(p, row);
        break;
    case NB_SCHEMA_CHOICES:
        put_types(p, row, "object", NULL);
        put_text_members(p, row);
        break;
    case NB_SCHEMA_NAMED: put_named(p, row); break;
    }
}

static void put_narrow(const printer *p, const nb_schema_row *row)
{
    nb_json_key(p->w, NB_STR("anyOf"));
    nb_json_begin_array(p->w);
    nb_json_begin_object(p->w);
    put_value(p, row);
    nb_json_end_object(p->w);
    nb_json_begin_object(p->w);
    member(p, "$ref", "#/$defs/reference");
    nb_json_end_object(p->w);
    nb_json_end_array(p->w);
}

static void put_row(const printer *p, const nb_schema_row *row)
{
    nb_json_begin_object(p->w);
    member(p, "description", row->description);
    if (is_narrow(row))
        put_narrow(p, row);
    else
        put_value(p, row);
    if (row->fallback) {
        nb_json_key(p->w, NB_STR("default"));
        if (row->kind == NB_SCHEMA_TEXT)
            nb_json_put_str(p->w, nb_str_from(row->fallback));
        else
            nb_json_put_raw(p->w, nb_str_from(row->fallback));
    }
    nb_json_end_object(p->w);
}

static void put_required(const printer *p, nb_str pattern)
{
    bool any = false;
    for (size_t i = 0; i < p->schema->count; i++) {
        const nb_schema_row *row = &p->schema->rows[i];
        nb_str name = nb_schema_member_name(row, pattern);
        if (name.len == 0 || !(row->flags & NB_SCHEMA_REQUIRED))
            continue;
        if (!any) {
            nb_json_key(p->w, NB_STR("required"));
            nb_json_begin_array(p->w);
        }
        any = true;
        nb_json_put_str(p->w, name);
    }
    if (any)
        nb_json_end_array(p->w);
}

static void put_object(const printer *p, nb_str pattern)
{
    nb_json_member_bool(p->w, "additionalProperties", false);
    put_required(p, pattern);
    nb_json_key(p->w, NB_STR("properties"));
    nb_json_begin_object(p->w);
    for (size_t i = 0; i < p->schema->count; i++) {
        nb_str name = nb_schema_member_name(&p->schema->rows[i], pattern);
        if (name.len == 0)
            continue;
        nb_json_key(p->w, name);
        put_row(p, &p->schema->rows[i]);
    }
    nb_json_end_object(p->w);
}

void nb_schema_write_json(nb_arena *arena, const nb_schema *schema, const char *title,
                          nb_json_writer *w)
{
    const printer p = {arena, schema, w};
    nb_json_begin_object(w);
    member(&p, "$schema", "https://json-schema.org/draft/2020-12/schema");
    member(&p, "title", title);
    nb_json_key(w, NB_STR("type"));
    nb_json_begin_array(w);
    nb_json_put_str(w, NB_STR("object"));
    nb_json_put_str(w, NB_STR("null"));
    nb_json_end_array(w);
    put_object(&p, NB_STR(""));
    nb_json_key(w, NB_STR("$defs"));
    nb_json_begin_object(w);
    nb_json_key(w, NB_STR("reference"));
    nb_json_begin_object(w);
    member(&p, "description", "A value from the environment: ${NAME} or ${NAME:-default}.");
    member(&p, "type", "string");
    member(&p, "pattern", "\\$\\{");
    nb_json_end_object(w);
    nb_json_end_object(w);
    nb_json_end_object(w);
}

/* --- Markdown --- */

static const char *type_phrase(nb_schema_kind kind)
{
    switch (kind) {
    case NB_SCHEMA_MAP: return "mapping";
    case NB_SCHEMA_LIST: return "list of mappings";
    case NB_SCHEMA_TEXT: return "text";
    case NB_SCHEMA_INT: return "whole number";
    case NB_SCHEMA_BOOL: return "true or false";
    case NB_SCHEMA_TEXTS: return "list of texts";
    case NB_SCHEMA_VALUES: return "mapping of names to values";
    case NB_SCHEMA_CHOICES: return "mapping of names to choices";
    case NB_SCHEMA_NAMED: return "list of names, or mapping of names to texts";
    }
    return "value";
}

static void put_code_list(nb_buf *out, const char *words, char separator)
{
    nb_str rest = nb_str_from(words), word;
    bool first = true;
    while (nb_str_split(&rest, separator, &word)) {
        nb_buf_printf(out, "%s`" NB_STR_FMT "`", first ? "" : ", ", NB_STR_ARG(word));
        first = false;
    }
}

static void put_type_cell(nb_buf *out, const nb_schema_row *row)
{
    if (row->choices && row->kind == NB_SCHEMA_TEXT)
        put_code_list(out, row->choices, '|');
    else
        nb_buf_putz(out, type_phrase(row->kind));
    if (row->choices && row->kind != NB_SCHEMA_TEXT) {
        nb_buf_putz(out, ": ");
        put_code_list(out, row->choices, '|');
    }
    if (row->min != row->max)
        nb_buf_printf(out, ", %lld to %lld", (long long)row->min, (long long)row->max);
    if (row->flags & NB_SCHEMA_REQUIRED)
        nb_buf_putz(out, ", **required**");
    if (row->fallback)
        nb_buf_printf(out, ", default `%s`", row->fallback);
}

static void put_row_line(nb_buf *out, nb_str name, const nb_schema_row *row)
{
    nb_buf_printf(out, "| `" NB_STR_FMT "` | ", NB_STR_ARG(name));
    put_type_cell(out, row);
    nb_buf_printf(out, " | %s", row->description);
    if (row->example)
        nb_buf_printf(out, " Example: `%s`.", row->example);
    if (row->env) {
        nb_buf_putz(out, " Overridden by ");
        put_code_list(out, row->env, ' ');
        nb_buf_putz(out, ".");
    }
    if (row->ambient) {
        nb_buf_putz(out, " Falls back to ");
        put_code_list(out, row->ambient, ' ');
        nb_buf_putz(out, ".");
    }
    nb_buf_putz(out, " |\n");
}

static void put_table(const nb_schema *schema, nb_str pattern, nb_buf *out)
{
    nb_buf_putz(out, "| key | value | what it does |\n|---|---|---|\n");
    for (size_t i = 0; i < schema->count; i++) {
        nb_str name = nb_schema_member_name(&schema->rows[i], pattern);
        if (name.len > 0)
            put_row_line(out, name, &schema->rows[i]);
    }
}

void nb_schema_write_markdown(nb_arena *arena, const nb_schema *schema, nb_buf *out)
{
    nb_buf_putz(out, "### The file\n\n");
    put_table(schema, NB_STR(""), out);
    for (size_t i = 0; i < schema->count; i++) {
        const nb_schema_row *row = &schema->rows[i];
        if (row->kind != NB_SCHEMA_MAP && row->kind != NB_SCHEMA_LIST)
            continue;
        bool list = row->kind == NB_SCHEMA_LIST;
        nb_str pattern = nb_arena_printf(arena, "%s%s", row->key, list ? "[]" : "");
        nb_buf_printf(out, "\n### `%s`\n\n%s%s\n\n", row->key, row->description,
                      list ? " Each entry has these keys:" : "");
        put_table(schema, pattern, out);
    }
}
