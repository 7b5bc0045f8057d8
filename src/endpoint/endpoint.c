#include "endpoint/endpoint.h"

#include "base/fs.h"
#include "base/path.h"
#include "endpoint/settings.h"
#include "endpoint/tree.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_NAME = 63, LARGEST_FILE = 1 << 20, MOST_DEPLOYMENTS = 1000, MOST_EVENTS = 100 };

#define DEPLOYMENT(kind_, member_, ...)                                                    \
    {                                                                                      \
        .key = #member_, .kind = NB_FIELD_##kind_, .at = offsetof(nb_deployment, member_), \
        __VA_ARGS__                                                                        \
    }
#define EVENT(kind_, member_, required_)                                                       \
    {                                                                                          \
        .key = #member_, .kind = NB_FIELD_##kind_, .at = offsetof(nb_endpoint_event, member_), \
        .required = (required_)                                                                \
    }

static const nb_field deployment_rows[] = {
    DEPLOYMENT(COUNT, version, .min = 1, .max = UINT32_MAX, .required = true),
    DEPLOYMENT(TEXT, experiment, .required = true),
    DEPLOYMENT(TEXT, model, .required = true),
    DEPLOYMENT(TEXT, sha256, .required = true),
    DEPLOYMENT(MS, created_ms, .required = true),
    DEPLOYMENT(COUNT, weight, .max = 1000000, .required = true),
    DEPLOYMENT(BOOL, up, .required = true),
    DEPLOYMENT(BOOL, shadow, .required = false),
    DEPLOYMENT(COUNT, shadow_percent, .max = 100),
};
static const nb_field event_rows[] = {EVENT(MS, at_ms, true), EVENT(TEXT, what, true),
                                      EVENT(TEXT, weights, true), EVENT(TEXT, by, false),
                                      EVENT(BOOL, back, false)};

static const nb_fields deployment_fields = {deployment_rows, NB_LEN(deployment_rows)};
static const nb_fields event_fields = {event_rows, NB_LEN(event_rows)};

/* --- names and folders --------------------------------------------------------------------------- */

bool nb_endpoint_valid_name(nb_str name)
{
    if (name.len == 0 || name.len > LONGEST_NAME || name.at[0] == '.' || name.at[0] == '-')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (!nb_is_alpha(c) && !nb_is_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

static nb_str endpoints_folder(nb_arena *arena, nb_str root)
{
    return nb_path_join(arena, root, NB_STR(".notebooked/endpoints"));
}

nb_code nb_endpoint_new(nb_arena *arena, nb_str root, nb_str name, nb_endpoint *out, nb_error *err)
{
    if (!nb_endpoint_valid_name(name)) {
        (void)nb_fail(err, NB_ERR_USAGE, "'" NB_STR_FMT "' cannot be the name of an endpoint",
                      NB_STR_ARG(name));
        nb_error_hint(err, "use 1 to 63 letters, digits, '-', '_' and '.', and begin with a "
                           "letter, digit or '_'");
        return err->code;
    }
    *out = (nb_endpoint){.name = nb_arena_str(arena, name), .root = nb_arena_str(arena, root)};
    out->folder = nb_path_join(arena, endpoints_folder(arena, root), out->name);
    nb_endpoint_defaults(&out->settings);
    return NB_OK;
}

nb_code nb_endpoint_list(nb_arena *arena, nb_str root, nb_str **names, size_t *count, nb_error *err)
{
    nb_str folder = endpoints_folder(arena, root), *found = NULL;
    size_t entries = 0, kept = 0;
    if (nb_path_exists(folder.at) && nb_dir_list(arena, folder.at, &found, &entries, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < entries; i++) {
        nb_str file = nb_arena_printf(arena, NB_STR_FMT "/" NB_STR_FMT "/endpoint.json",
                                      NB_STR_ARG(folder), NB_STR_ARG(found[i]));
        if (nb_endpoint_valid_name(found[i]) && nb_is_file(file.at))
            found[kept++] = found[i];
    }
    *names = found;
    *count = kept;
    return NB_OK;
}

/* --- reading ------------------------------------------------------------------------------------- */

static nb_code fail_missing(nb_arena *arena, nb_str root, nb_str name, nb_error *err)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the names are for the hint only */
    nb_str *names = NULL;
    size_t count = 0;
    (void)nb_endpoint_list(arena, root, &names, &count, &ignored);
    (void)nb_fail(err, NB_ERR_NOT_FOUND, "no endpoint is called '" NB_STR_FMT "'",
                  NB_STR_ARG(name));
    nb_str near = nb_str_nearest(name, names, count);
    if (near.len > 0)
        nb_error_hint(err, "did you mean '" NB_STR_FMT "'?", NB_STR_ARG(near));
    else if (count > 0)
        nb_error_hint(err, "see 'notebooked endpoints list'");
    else
        nb_error_hint(err,
                      "make one with 'notebooked deploy EXPERIMENT --endpoint-name " NB_STR_FMT "'",
                      NB_STR_ARG(name));
    return err->code;
}

/* A file of a newer version may mean anything: that is told before any member of it. */
static nb_code check_format(nb_arena *arena, nb_str text, nb_str path, nb_error *err)
{
    const nb_json *root = NULL;
    int64_t version = 0;
    if (nb_json_parse(arena, text, path, NB_JSON_STRICT, &root, err) != NB_OK)
        return err->code;
    const nb_json *value = nb_json_get(root, "version");
    if (value && value->kind == NB_JSON_NUMBER && nb_str_to_int(value->text, &version) &&
        version > NB_ENDPOINT_FORMAT) {
        (void)nb_fail(err, NB_ERR_CONFIG,
                      "'" NB_STR_FMT "' was written by a newer version of notebooked",
                      NB_STR_ARG(path));
        nb_error_hint(err, "update notebooked");
        return err->code;
    }
    if (version != NB_ENDPOINT_FORMAT)
        return nb_fail(err, NB_ERR_CONFIG, "'" NB_STR_FMT "' is no endpoint: it has no 'version'",
                       NB_STR_ARG(path));
    return NB_OK;
}

static void read_deployments(nb_json_reader *r, nb_arena *arena, nb_endpoint *out)
{
    if (!nb_json_enter(r, NB_JSON_ARRAY))
        return;
    while (nb_json_next(r)) {
        nb_deployment each = {0};
        unsigned last = out->deployments.count > 0
                            ? out->deployments.at[out->deployments.count - 1].version
                            : 0;
        if (out->deployments.count == MOST_DEPLOYMENTS) {
            nb_json_refuse(r, "there are too many deployments");
            continue;
        }
        size_t at = r->at;
        nb_fields_read(r, arena, deployment_fields, out->root, &each);
        if (!r->bad && each.version <= last) {
            r->bad = true;
            r->bad_at = at;
            r->bad_what = "versions must ascend";
        }
        nb_vec_push(arena, &out->deployments, each);
    }
}

static void read_history(nb_json_reader *r, nb_arena *arena, nb_endpoint *out)
{
    if (!nb_json_enter(r, NB_JSON_ARRAY))
        return;
    while (nb_json_next(r)) {
        nb_endpoint_event each = {0};
        if (out->history.count == MOST_EVENTS) {
            nb_json_refuse(r, "the history is too long");
            continue;
        }
        nb_fields_read(r, arena, event_fields, out->root, &each);
        nb_vec_push(arena, &out->history, each);
    }
}

typedef enum part { FORMAT, WANTED, SETTINGS, DEPLOYMENTS, HISTORY, PARTS } part;
static const char *const part_names[PARTS] = {"version", "wanted", "settings", "deployments",
                                              "history"};

static void read_part(nb_json_reader *r, nb_arena *arena, part which, nb_endpoint *out)
{
    switch (which) {
    case FORMAT: (void)nb_json_int(r); break;
    case WANTED: out->wanted = nb_json_bool(r); break;
    case SETTINGS: nb_fields_read(r, arena, nb_setting_fields(), out->root, &out->settings); break;
    case DEPLOYMENTS: read_deployments(r, arena, out); break;
    case HISTORY: read_history(r, arena, out); break;
    case PARTS: nb_json_refuse(r, "unknown member"); break;
    }
}

static void read_parts(nb_json_reader *r, nb_arena *arena, nb_endpoint *out)
{
    unsigned seen = 0;
    nb_str key;
    if (!nb_json_enter(r, NB_JSON_OBJECT))
        return;
    while (nb_json_next_key(r, arena, &key)) {
        part which = FORMAT;
        while (which < PARTS && !nb_str_eqz(key, part_names[which]))
            which++;
        if (which < PARTS && (seen & (1U << which)))
            nb_json_refuse(r, "this member stands here twice");
        else
            read_part(r, arena, which, out);
        seen |= 1U << which;
    }
}

nb_code nb_endpoint_parse(nb_arena *arena, nb_str text, nb_str path, nb_endpoint *out,
                          nb_error *err)
{
    nb_json_reader *r = NB_NEW(arena, nb_json_reader);
    nb_endpoint read = *out;
    nb_code code = check_format(arena, text, path, err);
    if (code == NB_OK) {
        nb_json_open(r, text, path, NB_JSON_STRICT);
        read_parts(r, arena, &read);
        code = nb_json_close(r, err);
    }
    if (code == NB_ERR_NOTEBOOK) /* what the JSON reader usually reads */
        code = err->code = NB_ERR_CONFIG;
    if (code != NB_OK)
        return code;
    *out = read;
    return NB_OK;
}

nb_code nb_endpoint_read(nb_arena *arena, nb_str root, nb_str name, nb_endpoint *out, nb_error *err)
{
    nb_endpoint endpoint = {0};
    nb_str text = {0};
    if (nb_endpoint_new(arena, root, name, &endpoint, err) != NB_OK)
        return err->code;
    nb_str path = nb_path_join(arena, endpoint.folder, NB_STR("endpoint.json"));
    if (!nb_path_exists(path.at))
        return fail_missing(arena, root, name, err);
    if (nb_file_read(arena, path.at, LARGEST_FILE, &text, err) != NB_OK ||
        nb_endpoint_parse(arena, text, path, &endpoint, err) != NB_OK)
        return nb_wrap(err, "cannot read the endpoint '" NB_STR_FMT "'", NB_STR_ARG(name));
    *out = endpoint;
    return NB_OK;
}

/* --- writing ------------------------------------------------------------------------------------- */

static void write_deployments(nb_json_writer *w, nb_arena *arena, const nb_endpoint *endpoint)
{
    nb_json_key(w, NB_STR("deployments"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < endpoint->deployments.count; i++) {
        nb_json_begin_object(w);
        nb_fields_write(w, arena, deployment_fields, endpoint->root, &endpoint->deployments.at[i]);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

/* The newest ones. */
static void write_history(nb_json_writer *w, nb_arena *arena, const nb_endpoint *endpoint)
{
    size_t count = endpoint->history.count, i = count > MOST_EVENTS ? count - MOST_EVENTS : 0;
    nb_json_key(w, NB_STR("history"));
    nb_json_begin_array(w);
    for (; i < count; i++) {
        nb_json_begin_object(w);
        nb_fields_write(w, arena, event_fields, endpoint->root, &endpoint->history.at[i]);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

void nb_endpoint_print(nb_arena *arena, const nb_endpoint *endpoint, nb_buf *out)
{
    nb_json_writer w = NB_JSON_WRITER(out, 2);
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "version", NB_ENDPOINT_FORMAT);
    nb_json_member_bool(&w, "wanted", endpoint->wanted);
    nb_json_key(&w, NB_STR("settings"));
    nb_json_begin_object(&w);
    nb_fields_write(&w, arena, nb_setting_fields(), endpoint->root, &endpoint->settings);
    nb_json_end_object(&w);
    write_deployments(&w, arena, endpoint);
    write_history(&w, arena, endpoint);
    nb_json_end_object(&w);
    nb_buf_putc(out, '\n');
}

/* What is served, logs and the admin's socket are its owner's alone. */
static nb_code make_private(const char *folder, nb_error *err)
{
    if (nb_is_dir(folder))
        return NB_OK;
    if (nb_dir_make(folder, err) != NB_OK)
        return err->code;
    return chmod(folder, 0700) == 0 ? NB_OK : nb_fail_errno(err, "cannot close '%s'", folder);
}

nb_code nb_endpoint_write(const nb_endpoint *endpoint, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str path = nb_path_join(&scratch, endpoint->folder, NB_STR("endpoint.json"));
    nb_endpoint_print(&scratch, endpoint, &text);
    if (nb_tree_make_ignored(nb_arena_z(&scratch, nb_path_dir(endpoint->folder)), err) != NB_OK ||
        make_private(endpoint->folder.at, err) != NB_OK ||
        nb_file_replace(path.at, nb_buf_view(&text), 0600, err) != NB_OK)
        return nb_wrap(err, "cannot write down the endpoint '" NB_STR_FMT "'",
                       NB_STR_ARG(endpoint->name));
    return NB_OK;
}
