#include "serve/capture/capture_redact.h"

#include "serve/contract/media.h"
#include "text/json.h"
#include "text/json_write.h"
#include "text/utf8.h"

enum {
    MOST_DEPTH = 64,
    WHOLE = 4 /* shorter texts are looked for as whole values, longer ones anywhere */
};

/* --- names --------------------------------------------------------------------------------------------------------- */

static char folded(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == '-' || c == ' ' ? '_' : c;
}

static bool same_name(nb_str a, nb_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (folded(a.at[i]) != folded(b.at[i]))
            return false;
    return true;
}

static bool is_among(nb_names names, nb_str name)
{
    name = nb_str_trim(name);
    for (size_t i = 0; i < names.count; i++)
        if (same_name(names.at[i], name))
            return true;
    return false;
}

bool nb_redact_is_secret(const nb_redaction *what, nb_str name)
{
    return is_among(what->secret, name);
}

bool nb_redact_is_column(const nb_redaction *what, nb_str name)
{
    return is_among(what->schema, name);
}

nb_names nb_names_split(nb_arena *arena, nb_str text)
{
    NB_VEC(nb_str) names = {0};
    nb_str rest = text, piece, word;
    while (nb_str_split(&rest, ',', &piece)) {
        piece = nb_str_trim(piece);
        if (piece.len == 0)
            continue;
        nb_vec_push(arena, &names, piece);
        if (nb_str_find_char(piece, ' ') < 0)
            continue;
        while (nb_str_split(&piece, ' ', &word))
            if (word.len > 0)
                nb_vec_push(arena, &names, word);
    }
    return (nb_names){names.at, names.count};
}

nb_names nb_names_of_schema(nb_arena *arena, nb_str about)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* then nothing is known */
    NB_VEC(nb_str) names = {0};
    const nb_json *root = NULL;
    nb_str text = nb_arena_str(arena, about);
    if (nb_json_parse(arena, text, NB_STR("READY"), NB_JSON_NOTEBOOK, &root, &ignored) != NB_OK)
        return (nb_names){0};
    const nb_json *list = nb_json_get(nb_json_get(root, "schema"), "feature_names");
    if (!list || list->kind != NB_JSON_ARRAY)
        return (nb_names){0};
    for (const nb_json *each = list->child; each; each = each->next) {
        if (each->kind != NB_JSON_STRING)
            return (nb_names){0};
        nb_vec_push(arena, &names, nb_str_trim(each->text));
    }
    return (nb_names){names.at, names.count};
}

/* --- what an answer may repeat ------------------------------------------------------------------------------------- */

/* "007" and "+7.0" are 7. */
static nb_str core(nb_str text)
{
    size_t start = 0;
    while (start < text.len && (text.at[start] == '0' || text.at[start] == '+'))
        start++;
    text = nb_str_from_at(text, start);
    if (nb_str_find_char(text, '.') >= 0) {
        while (text.len > 0 && text.at[text.len - 1] == '0')
            text.len--;
        if (text.len > 0 && text.at[text.len - 1] == '.')
            text.len--;
    }
    return text;
}

static bool contains_nocase(nb_str text, nb_str what)
{
    for (size_t at = 0; at + what.len <= text.len; at++)
        if (nb_str_eq_nocase(nb_str_slice(text, at, at + what.len), what))
            return true;
    return false;
}

bool nb_redact_reveals(const nb_removed *removed, nb_str text)
{
    for (size_t i = 0; i < removed->texts.count; i++) {
        nb_str gone = removed->texts.at[i];
        if (nb_str_eq_nocase(core(gone), core(text)))
            return true;
        if (gone.len >= WHOLE && contains_nocase(text, gone))
            return true;
    }
    return false;
}

/* --- JSON ---------------------------------------------------------------------------------------------------------- */

typedef struct job {
    nb_arena *arena;
    const nb_redaction *what;
    nb_removed *removed;       /* of an input: filled */
    const nb_removed *checked; /* of an output: looked for */
    nb_json_writer w;
} job;

static bool is_container(const nb_json *v)
{
    return v->kind == NB_JSON_ARRAY || v->kind == NB_JSON_OBJECT;
}

/* Short numbers (ages, counts) are in every answer by chance. */
static void remember(job *j, const nb_json *v)
{
    enum { SHORTEST_NUMBER = 6 };
    if (v->kind == NB_JSON_STRING ? v->text.len > 0
                                  : v->kind == NB_JSON_NUMBER && v->text.len >= SHORTEST_NUMBER)
        nb_vec_push(j->arena, &j->removed->texts, v->text);
}

static void remember_all(job *j, const nb_json *v, unsigned depth)
{
    remember(j, v);
    for (const nb_json *each = v->child; each && depth < MOST_DEPTH; each = each->next)
        remember_all(j, each, depth + 1);
}

/* {"name": "email", "data": […]} where a column is called "name": the value is below another key. */
static bool take_out(job *j, const nb_json *v)
{
    if (v->kind == NB_JSON_STRING && nb_redact_is_secret(j->what, v->text))
        return false;
    if (j->removed)
        remember_all(j, v, 0);
    nb_json_put_null(&j->w);
    return true;
}

/* A text that is a column's name tells of a naming that nobody here understands. */
static bool put_scalar(job *j, const nb_json *v)
{
    switch (v->kind) {
    case NB_JSON_STRING:
        if (nb_redact_is_secret(j->what, v->text) ||
            (j->checked && nb_redact_reveals(j->checked, v->text)))
            return false;
        nb_json_put_str(&j->w, v->text);
        return true;
    case NB_JSON_NUMBER:
        if (j->checked && nb_redact_reveals(j->checked, v->text))
            return false;
        nb_json_put_raw(&j->w, v->text);
        return true;
    case NB_JSON_TRUE:
    case NB_JSON_FALSE: nb_json_put_bool(&j->w, v->kind == NB_JSON_TRUE); return true;
    case NB_JSON_NULL: nb_json_put_null(&j->w); return true;
    case NB_JSON_ARRAY:
    case NB_JSON_OBJECT:
    case NB_JSON_END: break;
    }
    return false;
}

/* Values below the name of a column that is kept: they are its own. */
static bool put_kept(job *j, const nb_json *v, unsigned depth)
{
    if (v->kind != NB_JSON_ARRAY)
        return put_scalar(j, v);
    nb_json_begin_array(&j->w);
    for (const nb_json *each = v->child; each; each = each->next)
        if (depth > MOST_DEPTH || !put_kept(j, each, depth + 1))
            return false;
    nb_json_end_array(&j->w);
    return true;
}

/* {"age": [3, 4], "name": […]}: its members are columns, as one that is known shows. */
static bool is_keyed_by_columns(const job *j, const nb_json *v)
{
    bool all = v->count > 0;
    for (const nb_json *each = v->child; each; each = each->next) {
        if (nb_redact_is_secret(j->what, each->key))
            return true;
        all &= nb_redact_is_column(j->what, each->key);
    }
    return all;
}

static bool put_named(job *j, const nb_json *v, unsigned depth);

static bool put_named_member(job *j, const nb_json *v, bool by_column, unsigned depth)
{
    nb_json_key(&j->w, v->key);
    if (nb_redact_is_secret(j->what, v->key))
        return take_out(j, v);
    if (v->kind == NB_JSON_OBJECT)
        return put_named(j, v, depth + 1);
    if (v->kind == NB_JSON_ARRAY)
        return (by_column || v->count == 0) && put_kept(j, v, depth + 1);
    return put_scalar(j, v);
}

static bool put_named(job *j, const nb_json *v, unsigned depth)
{
    bool by_column = is_keyed_by_columns(j, v);
    nb_json_begin_object(&j->w);
    for (const nb_json *each = v->child; each; each = each->next)
        if (depth > MOST_DEPTH || !put_named_member(j, each, by_column, depth))
            return false;
    nb_json_end_object(&j->w);
    return true;
}

/* One row whose values have the names of `columns`. */
static bool put_row(job *j, const nb_json *row, nb_names columns)
{
    size_t i = 0;
    if (row->kind != NB_JSON_ARRAY || row->count != columns.count || row->count == 0)
        return false;
    nb_json_begin_array(&j->w);
    for (const nb_json *each = row->child; each; each = each->next, i++) {
        bool fine = nb_redact_is_secret(j->what, columns.at[i])
                        ? take_out(j, each)
                        : !is_container(each) && put_scalar(j, each);
        if (!fine)
            return false;
    }
    nb_json_end_array(&j->w);
    return true;
}

static bool put_rows(job *j, const nb_json *rows)
{
    if (rows->child && !is_container(rows->child)) /* [1, 2, 3] is one row */
        return put_row(j, rows, j->what->schema);
    nb_json_begin_array(&j->w);
    for (const nb_json *each = rows->child; each; each = each->next) {
        bool fine = each->kind == NB_JSON_OBJECT ? put_named(j, each, 0)
                                                 : put_row(j, each, j->what->schema);
        if (!fine)
            return false;
    }
    nb_json_end_array(&j->w);
    return true;
}

static const nb_json *only_member(const nb_json *v, const char *key)
{
    const nb_json *found = NULL;
    for (const nb_json *each = v->child; each; each = each->next) {
        if (!nb_str_eqz(each->key, key))
            continue;
        if (found)
            return NULL; /* readers differ in which of two they take */
        found = each;
    }
    return found;
}

static bool put_split_data(job *j, const nb_json *data, nb_names columns)
{
    nb_json_begin_array(&j->w);
    for (const nb_json *row = data->child; row; row = row->next)
        if (!put_row(j, row, columns))
            return false;
    nb_json_end_array(&j->w);
    return true;
}

/* {"columns": [names], "data": [rows], "index"?}. Labels of the index have no name: they are left out. */
static bool put_split(job *j, const nb_json *v)
{
    NB_VEC(nb_str) names = {0};
    const nb_json *columns = only_member(v, "columns"), *data = only_member(v, "data");
    if (!columns || !data || columns->kind != NB_JSON_ARRAY || data->kind != NB_JSON_ARRAY)
        return false;
    nb_json_begin_object(&j->w);
    nb_json_key(&j->w, NB_STR("columns"));
    nb_json_begin_array(&j->w);
    for (const nb_json *each = columns->child; each; each = each->next) {
        if (each->kind != NB_JSON_STRING)
            return false;
        nb_vec_push(j->arena, &names, each->text);
        nb_json_put_str(&j->w, each->text);
    }
    nb_json_end_array(&j->w);
    nb_json_key(&j->w, NB_STR("data"));
    if (!put_split_data(j, data, (nb_names){names.at, names.count}))
        return false;
    nb_json_end_object(&j->w);
    return true;
}

static bool put_input_member(job *j, const nb_json *v, bool by_column)
{
    static const char *const rows[] = {"instances", "inputs", "dataframe_records"};
    bool is_rows = false;
    if (nb_redact_is_secret(j->what, v->key))
        return put_named_member(j, v, by_column, 0);
    for (size_t i = 0; i < NB_LEN(rows); i++)
        is_rows |= nb_str_eqz(v->key, rows[i]);
    if (is_rows && v->kind == NB_JSON_ARRAY) {
        nb_json_key(&j->w, v->key);
        return put_rows(j, v);
    }
    if (nb_str_eqz(v->key, "dataframe_split") && v->kind == NB_JSON_OBJECT) {
        nb_json_key(&j->w, v->key);
        return put_split(j, v);
    }
    return put_named_member(j, v, by_column, 0);
}

static bool put_input(job *j, const nb_json *root)
{
    if (root->kind == NB_JSON_ARRAY)
        return put_rows(j, root);
    if (root->kind != NB_JSON_OBJECT)
        return false;
    bool by_column = is_keyed_by_columns(j, root);
    nb_json_begin_object(&j->w);
    for (const nb_json *each = root->child; each; each = each->next)
        if (!put_input_member(j, each, by_column))
            return false;
    nb_json_end_object(&j->w);
    return true;
}

static bool put_output(job *j, const nb_json *v, unsigned depth);

static bool put_output_object(job *j, const nb_json *v, unsigned depth)
{
    if (nb_json_get(v, "columns") && nb_json_get(v, "data"))
        return put_split(j, v);
    nb_json_begin_object(&j->w);
    for (const nb_json *each = v->child; each; each = each->next) {
        if (nb_redact_reveals(j->checked, each->key))
            return false;
        nb_json_key(&j->w, each->key);
        if (nb_redact_is_secret(j->what, each->key) ? !take_out(j, each)
                                                    : !put_output(j, each, depth + 1))
            return false;
    }
    nb_json_end_object(&j->w);
    return true;
}

static bool put_output(job *j, const nb_json *v, unsigned depth)
{
    if (depth > MOST_DEPTH)
        return false;
    if (v->kind == NB_JSON_OBJECT)
        return put_output_object(j, v, depth);
    if (v->kind != NB_JSON_ARRAY)
        return put_scalar(j, v);
    nb_json_begin_array(&j->w);
    for (const nb_json *each = v->child; each; each = each->next)
        if (!put_output(j, each, depth + 1))
            return false;
    nb_json_end_array(&j->w);
    return true;
}

/* --- both kinds ---------------------------------------------------------------------------------------------------- */

typedef enum body_kind { BODY_JSON, BODY_CSV, BODY_OTHER } body_kind;

static bool is_utf8(nb_str content_type)
{
    nb_str name, value;
    while (nb_media_parameter(&content_type, &name, &value))
        if (nb_str_eq_nocase(name, NB_STR("charset")) &&
            !nb_str_eq_nocase(value, NB_STR("utf-8")) && !nb_str_eq_nocase(value, NB_STR("utf8")))
            return false;
    return true;
}

static body_kind kind_of(const nb_redact_body *in)
{
    if (!is_utf8(in->content_type) || nb_utf8_valid(in->body) != in->body.len)
        return BODY_OTHER;
    if (nb_media_is(in->content_type, "text/csv"))
        return BODY_CSV;
    return nb_media_is(in->content_type, "application/json") ? BODY_JSON : BODY_OTHER;
}

static const nb_json *parse(nb_arena *arena, nb_str body)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* what cannot be read is not kept */
    const nb_json *root = NULL;
    return nb_json_parse(arena, body, NB_STR("body"), NB_JSON_NAN, &root, &ignored) == NB_OK ? root
                                                                                             : NULL;
}

bool nb_redact_input(nb_arena *arena, const nb_redaction *what, const nb_redact_body *in,
                     nb_removed *removed, nb_buf *out)
{
    job j = {.arena = arena, .what = what, .removed = removed, .w = NB_JSON_WRITER(out, 0)};
    const nb_json *root;
    switch (kind_of(in)) {
    case BODY_CSV: return nb_redact_csv(arena, what, in->body, removed, out) && !out->full;
    case BODY_JSON: root = parse(arena, in->body); return root && put_input(&j, root) && !out->full;
    case BODY_OTHER: break;
    }
    return false;
}

bool nb_redact_output(nb_arena *arena, const nb_redaction *what, const nb_redact_body *in,
                      const nb_removed *removed, nb_buf *out)
{
    job j = {.arena = arena, .what = what, .checked = removed, .w = NB_JSON_WRITER(out, 0)};
    const nb_json *root;
    switch (kind_of(in)) {
    case BODY_CSV: return nb_redact_csv_output(arena, what, in->body, removed, out) && !out->full;
    case BODY_JSON:
        root = parse(arena, in->body);
        return root && put_output(&j, root, 0) && !out->full;
    case BODY_OTHER: break;
    }
    return false;
}
