#include "provider/manifest.h"

#include "base/fs.h"
#include "base/path.h"
#include "base/vec.h"
#include "provider/values.h"
#include "text/json.h"
#include "text/json_write.h"

#include <math.h>

enum { MANIFEST_LIMIT = 16 * 1024 * 1024 };

#define MANIFEST_DIALECT \
    (NB_JSON_NAN | NB_JSON_SURROGATES) /* defaults may be any float of Python's */

static nb_code damaged(const nb_manifest *manifest, const char *what, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_CONFIG, "cannot understand '" NB_STR_FMT "': %s",
                  NB_STR_ARG(manifest->path), what);
    nb_error_hint(err, "run 'notebooked convert --force' to write it again");
    return err->code;
}

/* "--learning-rate", however the manifest has it. */
static nb_str with_dashes(nb_arena *arena, nb_str flag)
{
    return nb_str_starts(flag, NB_STR("--")) ? flag : nb_str_concat(arena, NB_STR("--"), flag);
}

/* --- values --------------------------------------------------------------------------------------- */

/* Platforms pass numbers and words as JSON strings; train.py takes them so, and we do. */
static nb_str unquoted(nb_str text)
{
    while (text.len > 0 && text.at[0] == '"')
        text = nb_str_from_at(text, 1);
    while (text.len > 0 && text.at[text.len - 1] == '"')
        text.len--;
    return text;
}

/* As Python's float() has it, which C's strtod() has too, apart from hexadecimal numbers. */
static bool read_float(nb_str text, double *value)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    const char *z = nb_arena_z(&scratch, text);
    char *end = NULL;
    *value = strtod(z, &end);
    return text.len > 0 && *end == '\0' && nb_str_find_char(text, 'x') < 0 &&
           nb_str_find_char(text, 'X') < 0;
}

static bool is_float(nb_str text)
{
    double value;
    return read_float(text, &value);
}

/* As train.py reads it: 3.0 is a whole number, too; beyond 2^53 every float is. */
static bool is_int(nb_str text)
{
    double value, most = 9007199254740992.0;
    if (!read_float(text, &value) || !isfinite(value))
        return false;
    return value >= most || value <= -most || value == (double)(int64_t)value;
}

/* 1 and 0; -1 for a word that is neither true nor false. */
static int truth_of(nb_str text)
{
    static const char *const words[][2] = {
        {"false", "true"},
        {"0",     "1"   },
        {"no",    "yes" },
        {"off",   "on"  }
    };
    for (size_t i = 0; i < NB_LEN(words); i++)
        for (int truth = 0; truth < 2; truth++)
            if (nb_str_eq_nocase(text, nb_str_from(words[i][truth])))
                return truth;
    return -1;
}

static bool is_json(nb_str text, nb_arena *arena)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* then it is recorded as text */
    const nb_json *value;
    return nb_json_parse(arena, text, NB_STR("value"), NB_JSON_NAN, &value, &ignored) == NB_OK;
}

static bool is_of_type(nb_str type, nb_str value)
{
    if (nb_str_eqz(type, "int"))
        return is_int(unquoted(value));
    if (nb_str_eqz(type, "float"))
        return is_float(unquoted(value));
    if (nb_str_eqz(type, "bool"))
        return truth_of(unquoted(value)) >= 0;
    return true; /* texts are texts; train.py takes structures in several notations */
}

/* The value as JSON, as far as it can be: what has no such form is recorded as text. */
static nb_str json_of(nb_arena *arena, nb_str type, nb_str value)
{
    bool text = nb_str_eqz(type, "str");
    nb_str bare = text || nb_str_eqz(type, "json") ? value : unquoted(value);
    if (nb_str_eqz(type, "bool") && truth_of(bare) >= 0)
        return truth_of(bare) ? NB_STR("true") : NB_STR("false");
    if (!text && is_json(bare, arena))
        return bare;
    NB_AUTO(nb_buf) quoted = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_quote(&quoted, bare);
    return nb_arena_str(arena, nb_buf_view(&quoted));
}

/* Defaults are Python literals: 0.1, True, 'rbf', [1, 2]. */
static nb_str json_of_literal(nb_arena *arena, nb_str type, nb_str literal)
{
    size_t len = literal.len;
    bool quoted = len >= 2 && (literal.at[0] == '\'' || literal.at[0] == '"') &&
                  literal.at[len - 1] == literal.at[0];
    if (quoted && nb_str_find_char(literal, '\\') < 0)
        return json_of(arena, NB_STR("str"), nb_str_slice(literal, 1, len - 1));
    return nb_str_eqz(literal, "None") ? NB_STR("null") : json_of(arena, type, literal);
}

/* --- the file ------------------------------------------------------------------------------------- */

static nb_code read_parameters(nb_arena *arena, const nb_json *list, nb_manifest *out,
                               nb_error *err)
{
    NB_VEC(nb_parameter) parameters = {0};
    for (const nb_json *item = list ? list->child : NULL; item; item = item->next) {
        const nb_json *value = nb_json_get(item, "default");
        nb_str flag = nb_json_get_str(item, "flag"), type = nb_json_get_str(item, "type");
        bool literal = value && value->kind == NB_JSON_STRING;
        nb_parameter p = {.name = nb_json_get_str(item, "name"),
                          .flag = with_dashes(arena, flag),
                          .type = type,
                          .value = NB_STR("null")};
        if (literal)
            p.value = json_of_literal(arena, type, value->text);
        else if (value)
            p.value = nb_values_compact(arena, value);
        if (p.name.len == 0 || flag.len == 0)
            return damaged(out, "a hyperparameter without name or flag", err);
        nb_vec_push(arena, &parameters, p);
    }
    out->parameters = parameters.at;
    out->count = parameters.count;
    return NB_OK;
}

nb_code nb_manifest_load(nb_arena *arena, nb_str code_dir, nb_manifest *out, nb_error *err)
{
    nb_manifest manifest = {.path = nb_path_join(arena, code_dir, NB_STR("notebooked.json"))};
    nb_str text;
    const nb_json *root;
    if (nb_file_read(arena, manifest.path.at, MANIFEST_LIMIT, &text, err) != NB_OK) {
        nb_error_hint(err, "run 'notebooked convert' first");
        return err->code;
    }
    if (nb_json_parse(arena, text, manifest.path, MANIFEST_DIALECT, &root, err) != NB_OK) {
        nb_error_hint(err, "run 'notebooked convert --force' to write it again");
        return err->code;
    }
    if (root->kind != NB_JSON_OBJECT)
        return damaged(&manifest, "it holds no object", err);
    const nb_json *data_path = nb_json_get(root, "data_path");
    manifest.data_path = data_path && data_path->kind == NB_JSON_TRUE;
    if (read_parameters(arena, nb_json_get(root, "hyperparameters"), &manifest, err) != NB_OK)
        return err->code;
    *out = manifest;
    return NB_OK;
}

/* --- settings of the command line ------------------------------------------------------------ */

/* Names compare as in the notebook's flags: without case, a dash is an underscore. */
static bool same_name(nb_str a, nb_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        char x = a.at[i] == '-' ? '_' : a.at[i], y = b.at[i] == '-' ? '_' : b.at[i];
        if (!nb_str_eq_nocase((nb_str){&x, 1}, (nb_str){&y, 1}))
            return false;
    }
    return true;
}

static const nb_parameter *find(const nb_manifest *manifest, nb_str name)
{
    for (size_t i = 0; i < manifest->count; i++)
        if (same_name(manifest->parameters[i].name, name) ||
            same_name(nb_str_from_at(manifest->parameters[i].flag, 2), name))
            return &manifest->parameters[i];
    return NULL;
}

static nb_code unknown(const nb_manifest *manifest, nb_str name, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    NB_AUTO(nb_buf) list = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str *names = NB_NEW_ARRAY(&scratch, nb_str, manifest->count);
    for (size_t i = 0; i < manifest->count; i++) {
        names[i] = manifest->parameters[i].name;
        nb_buf_printf(&list, "%s" NB_STR_FMT, i > 0 ? ", " : "", NB_STR_ARG(names[i]));
    }
    (void)nb_fail(err, NB_ERR_USAGE, "train.py has no hyperparameter '" NB_STR_FMT "'",
                  NB_STR_ARG(name));
    nb_str near = nb_str_nearest(name, names, manifest->count);
    if (near.len > 0)
        nb_error_hint(err, "did you mean '" NB_STR_FMT "'?", NB_STR_ARG(near));
    else if (manifest->count > 0)
        nb_error_hint(err, "use one of these: %s", list.at);
    else
        nb_error_hint(
            err,
            "list it under 'hyperparameters:' in the configuration, or in a cell tagged 'parameters'");
    return err->code;
}

static nb_code read_setting(const nb_manifest *manifest, nb_arena *arena, nb_str setting,
                            size_t *index, nb_str values[2], nb_error *err)
{
    ptrdiff_t equals = nb_str_find_char(setting, '=');
    if (equals <= 0) {
        (void)nb_fail(err, NB_ERR_USAGE, "cannot read '--set " NB_STR_FMT "'", NB_STR_ARG(setting));
        nb_error_hint(err, "write --set NAME=VALUE");
        return err->code;
    }
    nb_str name = nb_str_slice(setting, 0, (size_t)equals);
    nb_str value = nb_str_from_at(setting, (size_t)equals + 1);
    const nb_parameter *p = find(manifest, name);
    if (!p)
        return unknown(manifest, name, err);
    if (!is_of_type(p->type, value))
        return nb_fail(err, NB_ERR_USAGE,
                       "'" NB_STR_FMT "' is no value for the hyperparameter '" NB_STR_FMT
                       "', which is of type " NB_STR_FMT,
                       NB_STR_ARG(value), NB_STR_ARG(p->name), NB_STR_ARG(p->type));
    *index = (size_t)(p - manifest->parameters);
    values[0] = value;
    values[1] = json_of(arena, p->type, value);
    return NB_OK;
}

static nb_str object_of(const nb_manifest *manifest, const nb_str *values, nb_arena *arena)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    nb_json_writer w = NB_JSON_WRITER(&buf, 0);
    nb_json_begin_object(&w);
    for (size_t i = 0; i < manifest->count; i++) {
        nb_json_key(&w, manifest->parameters[i].name);
        nb_json_put_raw(&w, values[i]);
    }
    nb_json_end_object(&w);
    return nb_arena_str(arena, nb_buf_view(&buf));
}

nb_code nb_manifest_settings(const nb_manifest *manifest, nb_arena *arena,
                             const char *const *settings, size_t count, nb_train_request *into,
                             nb_error *err)
{
    NB_VEC(nb_train_flag) flags = {0};
    nb_str *values = NB_NEW_ARRAY(arena, nb_str, manifest->count);
    for (size_t i = 0; i < manifest->count; i++)
        values[i] = manifest->parameters[i].value;
    for (size_t i = 0; i < count; i++) {
        size_t index = 0;
        nb_str got[2] = {{0}, {0}};
        if (read_setting(manifest, arena, nb_str_from(settings[i]), &index, got, err) != NB_OK)
            return err->code;
        nb_vec_push(arena, &flags, (nb_train_flag){manifest->parameters[index].flag, got[0]});
        values[index] = got[1];
    }
    into->flags = flags.at;
    into->flag_count = flags.count;
    into->hyperparameters = object_of(manifest, values, arena);
    return NB_OK;
}
