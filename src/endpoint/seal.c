#include "endpoint/seal.h"

#include "base/fs.h"
#include "base/path.h"
#include "endpoint/fields.h"
#include "endpoint/models.h"
#include "endpoint/tree.h"
#include "text/hash.h"
#include "text/json.h"
#include "text/json_write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FORMAT = 1,
    MOST_FILES = 100000,
    DEEPEST = 64,
    LARGEST_MANIFEST = 64 << 20,
    CHUNK = 1 << 20
};

/* --- the folder ---------------------------------------------------------------------------------- */

typedef struct walk {
    nb_arena *arena;
    nb_str real; /* of the model's folder */
    nb_model_files *out;
} walk;

static bool is_below(nb_str folder, nb_str path)
{
    return path.len > folder.len + 1 && nb_str_starts(path, folder) && path.at[folder.len] == '/';
}

static nb_code fail_entry(nb_str path, const char *what, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_CONFIG, "'" NB_STR_FMT "' in the model's folder %s", NB_STR_ARG(path),
                  what);
    nb_error_hint(err, "replace it by the file itself, or remove it");
    return err->code;
}

static nb_code add_file(const walk *w, nb_str path, bool is_link, nb_error *err)
{
    struct stat st;
    nb_str full = nb_path_join(w->arena, w->out->folder, path), real = full;
    if (is_link) {
        char resolved[PATH_MAX];
        if (!realpath(full.at, resolved))
            return fail_entry(path, "is a link that leads to nothing", err);
        real = nb_arena_str(w->arena, nb_str_from(resolved));
        if (!is_below(w->real, real))
            return fail_entry(path, "is a link that leads out of it", err);
    }
    if (stat(real.at, &st) != 0)
        return nb_fail_errno(err, "cannot look at '%s'", full.at);
    if (!S_ISREG(st.st_mode))
        return fail_entry(path,
                          is_link ? "is a link to something else than a file"
                                  : "is neither a file nor a folder",
                          err);
    if (w->out->list.count == MOST_FILES)
        return nb_fail(err, NB_ERR_CONFIG, "the model has more than %d files", MOST_FILES);
    nb_vec_push(w->arena, &w->out->list, (nb_model_file){path, real, st.st_size, NB_STR("")});
    return NB_OK;
}

static bool is_no_part(nb_str path)
{
    return nb_str_eqz(path, "manifest.json") || nb_str_eqz(nb_path_base(path), "__pycache__");
}

static nb_code walk_folder(const walk *w, nb_str at, unsigned depth, nb_error *err)
{
    nb_entry *entries = NULL;
    size_t count = 0;
    nb_str full = nb_path_join(w->arena, w->out->folder, at);
    if (depth > DEEPEST)
        return nb_fail(err, NB_ERR_CONFIG, "the model's folders are nested too deeply");
    if (nb_dir_read(w->arena, full.at, &entries, &count, err) != NB_OK)
        return err->code;
    for (size_t i = 0; i < count; i++) {
        nb_str path = nb_path_join(w->arena, at, entries[i].name);
        nb_code code = NB_OK;
        if (is_no_part(path))
            continue;
        switch (entries[i].kind) {
        case NB_ENTRY_FILE: code = add_file(w, path, false, err); break;
        case NB_ENTRY_FOLDER: code = walk_folder(w, path, depth + 1, err); break;
        case NB_ENTRY_OTHER:
            code =
                add_file(w, path, nb_is_link(nb_path_join(w->arena, w->out->folder, path).at), err);
            break;
        }
        if (code != NB_OK)
            return code;
    }
    return NB_OK;
}

static int by_path(const void *a, const void *b)
{
    return nb_str_cmp(((const nb_model_file *)a)->path, ((const nb_model_file *)b)->path);
}

nb_code nb_model_walk(nb_arena *arena, nb_str folder, nb_model_files *out, nb_error *err)
{
    char resolved[PATH_MAX];
    nb_model_files found = {.folder = nb_arena_str(arena, folder)};
    if (!realpath(found.folder.at, resolved))
        return nb_fail_errno(err, "cannot open the model's folder '%s'", found.folder.at);
    walk w = {arena, nb_arena_str(arena, nb_str_from(resolved)), &found};
    if (walk_folder(&w, NB_STR(""), 0, err) != NB_OK)
        return err->code;
    if (found.list.count > 0)
        qsort(found.list.at, found.list.count, sizeof *found.list.at, by_path);
    *out = found;
    return NB_OK;
}

nb_code nb_model_hash(nb_arena *arena, const char *path, nb_str *out, nb_error *err)
{
    NB_AUTO(nb_buf) chunk = NB_BUF_INIT(CHUNK + 1);
    nb_sha256 *hash = nb_sha256_new(arena);
    ssize_t got = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return nb_fail_errno(err, "cannot read '%s'", path);
    (void)nb_buf_reserve(&chunk, CHUNK);
    do {
        got = read(fd, chunk.at, CHUNK);
        if (got > 0)
            nb_sha256_add(hash, (nb_str){chunk.at, (size_t)got});
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (got < 0)
        (void)nb_fail_errno(err, "cannot read '%s'", path);
    close(fd);
    if (got < 0)
        return err->code;
    *out = nb_sha256_end(hash, arena);
    return NB_OK;
}

/* --- the manifest ----------------------------------------------------------------------------------- */

void nb_manifest_print(nb_arena *arena, nb_manifest_text *manifest)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(LARGEST_MANIFEST);
    nb_json_writer w = NB_JSON_WRITER(&out, 1);
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "version", FORMAT);
    nb_json_member_str(&w, "experiment", manifest->experiment);
    nb_json_member_str(&w, "job", manifest->job);
    nb_json_member_int(&w, "created_ms", manifest->created_ms);
    nb_json_key(&w, NB_STR("files"));
    nb_json_begin_array(&w);
    for (size_t i = 0; i < manifest->files.list.count; i++) {
        const nb_model_file *file = &manifest->files.list.at[i];
        nb_json_begin_object(&w);
        nb_json_member_str(&w, "path", file->path);
        nb_json_member_int(&w, "size", file->size);
        nb_json_member_str(&w, "sha256", file->sha256);
        nb_json_end_object(&w);
    }
    nb_json_end_array(&w);
    nb_json_member_str(&w, "made_by", NB_STR("notebooked " NB_VERSION));
    nb_json_end_object(&w);
    nb_buf_putc(&out, '\n');
    manifest->text = nb_arena_str(arena, nb_buf_view(&out));
    manifest->sha256 = nb_sha256_hex(arena, manifest->text);
}

static const nb_field file_rows[] = {
    {.key = "path",   .kind = NB_FIELD_TEXT, .at = offsetof(nb_model_file, path),   .required = true},
    {.key = "size",   .kind = NB_FIELD_MS,   .at = offsetof(nb_model_file, size),   .required = true},
    {.key = "sha256",
     .kind = NB_FIELD_TEXT,
     .at = offsetof(nb_model_file,                                         sha256),
     .required = true                                                                               },
};
static const nb_fields file_fields = {file_rows, NB_LEN(file_rows)};

/* A path as the writer makes them: below the folder, without detours. */
static bool is_plain_path(nb_arena *arena, nb_str path)
{
    return path.len > 0 && !nb_path_is_absolute(path) && !nb_str_eqz(path, ".") &&
           !nb_str_eqz(path, "..") && !nb_str_starts(path, NB_STR("../")) &&
           nb_str_eq(nb_path_clean(arena, path), path);
}

static void read_files(nb_json_reader *r, nb_arena *arena, nb_manifest_text *out)
{
    if (!nb_json_enter(r, NB_JSON_ARRAY))
        return;
    while (nb_json_next(r)) {
        nb_model_file file = {0};
        size_t count = out->files.list.count;
        if (count == MOST_FILES) {
            nb_json_refuse(r, "there are too many files");
            continue;
        }
        nb_fields_read(r, arena, file_fields, NB_STR("/"), &file);
        if (!r->bad &&
            (!is_plain_path(arena, file.path) ||
             (count > 0 && nb_str_cmp(out->files.list.at[count - 1].path, file.path) >= 0)))
            nb_json_refuse(r, "the paths of files are sorted and stay in the folder");
        nb_vec_push(arena, &out->files.list, file);
    }
}

/* Members that a later version may add are passed over. */
static nb_code parse(nb_arena *arena, nb_str text, nb_str path, nb_manifest_text *out,
                     nb_error *err)
{
    nb_json_reader *r = NB_NEW(arena, nb_json_reader);
    nb_str key;
    int64_t version = 0;
    nb_json_open(r, text, path, NB_JSON_STRICT);
    (void)nb_json_enter(r, NB_JSON_OBJECT);
    while (nb_json_next_key(r, arena, &key)) {
        if (nb_str_eqz(key, "version"))
            version = nb_json_int(r);
        else if (nb_str_eqz(key, "experiment"))
            out->experiment = nb_json_string(r, arena);
        else if (nb_str_eqz(key, "job"))
            out->job = nb_json_string(r, arena);
        else if (nb_str_eqz(key, "created_ms"))
            out->created_ms = nb_json_int(r);
        else if (nb_str_eqz(key, "files"))
            read_files(r, arena, out);
        else
            nb_json_skip(r, NULL);
    }
    if (nb_json_close(r, err) != NB_OK)
        return err->code;
    return version == FORMAT
               ? NB_OK
               : nb_fail(err, NB_ERR_CONFIG, "'" NB_STR_FMT "' is no manifest", NB_STR_ARG(path));
}

nb_code nb_manifest_get(nb_arena *arena, nb_str folder, nb_manifest_text *out, nb_error *err)
{
    nb_manifest_text read = {.files.folder = folder};
    nb_str path = nb_path_join(arena, folder, NB_STR("manifest.json"));
    if (nb_file_read(arena, path.at, LARGEST_MANIFEST, &read.text, err) != NB_OK)
        return err->code;
    read.sha256 = nb_sha256_hex(arena, read.text);
    if (parse(arena, read.text, path, &read, err) != NB_OK)
        return err->code = NB_ERR_CONFIG;
    *out = read;
    return NB_OK;
}

/* --- sealing -------------------------------------------------------------------------------------------- */

static nb_str seal_file(nb_arena *arena, nb_str root, nb_str sha256)
{
    return nb_arena_printf(arena, NB_STR_FMT "/.notebooked/seals/" NB_STR_FMT, NB_STR_ARG(root),
                           NB_STR_ARG(sha256));
}

/* What was sealed, so that a person can tell what the file is about. */
static nb_code remember(nb_arena *arena, nb_str root, const nb_manifest_text *manifest,
                        nb_error *err)
{
    nb_str file = seal_file(arena, root, manifest->sha256);
    nb_str line = nb_str_concat(arena, manifest->job, NB_STR("\n"));
    if (nb_tree_make_ignored(nb_arena_z(arena, nb_path_dir(file)), err) != NB_OK)
        return err->code;
    return nb_file_replace(file.at, line, 0666, err);
}

nb_code nb_model_seal(const nb_model_seal_request *request, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_manifest_text manifest = {
        .experiment = request->experiment, .job = request->job, .created_ms = request->now_ms};
    nb_code code = nb_model_walk(&arena, request->folder, &manifest.files, err);
    for (size_t i = 0; code == NB_OK && i < manifest.files.list.count; i++) {
        nb_model_file *file = &manifest.files.list.at[i];
        code = nb_model_hash(&arena, file->real.at, &file->sha256, err);
    }
    if (code == NB_OK) {
        nb_str path = nb_path_join(&arena, request->folder, NB_STR("manifest.json"));
        nb_manifest_print(&arena, &manifest);
        code = nb_file_replace(path.at, manifest.text, 0666, err);
    }
    if (code == NB_OK)
        code = remember(&arena, request->root, &manifest, err);
    return code == NB_OK ? NB_OK
                         : nb_wrap(err, "cannot seal the model in '" NB_STR_FMT "'",
                                   NB_STR_ARG(request->folder));
}

/* --- verifying ---------------------------------------------------------------------------------------- */

const char *nb_model_trust_name(nb_model_trust trust)
{
    switch (trust) {
    case NB_MODEL_OURS: return "sealed";
    case NB_MODEL_CHANGED: return "changed";
    case NB_MODEL_UNSEALED: return "unsealed";
    }
    return "";
}

/* The first file that is missing, new or of another size; empty when there is none. */
static nb_str first_difference(const nb_model_files *sealed, const nb_model_files *found)
{
    size_t count = sealed->list.count > found->list.count ? sealed->list.count : found->list.count;
    for (size_t i = 0; i < count; i++) {
        if (i >= found->list.count)
            return sealed->list.at[i].path;
        if (i >= sealed->list.count)
            return found->list.at[i].path;
        const nb_model_file *was = &sealed->list.at[i], *is = &found->list.at[i];
        int order = nb_str_cmp(was->path, is->path);
        if (order != 0)
            return order < 0 ? was->path : is->path;
        if (was->size != is->size)
            return is->path;
    }
    return NB_STR("");
}

/* Where files read alike, *what stays empty. */
static nb_code read_through(const nb_manifest_text *manifest, const nb_model_files *found,
                            nb_str *what, nb_error *err)
{
    for (size_t i = 0; what->len == 0 && i < found->list.count; i++) {
        NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
        nb_str sha256 = {0};
        if (nb_model_hash(&scratch, found->list.at[i].real.at, &sha256, err) != NB_OK)
            return err->code;
        if (!nb_str_eq(sha256, manifest->files.list.at[i].sha256))
            *what = found->list.at[i].path;
    }
    return NB_OK;
}

/* The manifest of a model that this project sealed; *sealed is false when it is none. */
static nb_code get_sealed(nb_arena *arena, nb_str root, nb_str folder, nb_manifest_text *out,
                          bool *sealed, nb_error *err)
{
    nb_code code = nb_manifest_get(arena, folder, out, err);
    bool none = code == NB_ERR_NOT_FOUND && nb_is_dir(nb_arena_z(arena, folder));
    *sealed = code == NB_OK && nb_is_file(seal_file(arena, root, out->sha256).at);
    if (code == NB_OK || (!none && code != NB_ERR_CONFIG))
        return code;
    nb_error_release(err); /* a damaged one, whatever it is, we did not write so */
    return NB_OK;
}

nb_code nb_model_glance(nb_arena *arena, nb_str root, nb_str folder, nb_model_trust *out,
                        nb_str *what, nb_error *err)
{
    nb_manifest_text manifest = {0};
    nb_model_files found = {0};
    bool sealed = false;
    if (get_sealed(arena, root, folder, &manifest, &sealed, err) != NB_OK)
        return err->code;
    if (!sealed) {
        *out = NB_MODEL_UNSEALED;
        return NB_OK;
    }
    if (nb_model_walk(arena, folder, &found, err) != NB_OK)
        return err->code;
    nb_str differs = first_difference(&manifest.files, &found);
    *out = differs.len > 0 ? NB_MODEL_CHANGED : NB_MODEL_OURS;
    if (differs.len > 0)
        *what = differs;
    return NB_OK;
}

nb_code nb_model_verify(nb_arena *arena, nb_str root, nb_str folder, nb_model_trust *out,
                        nb_str *what, nb_error *err)
{
    nb_manifest_text manifest = {0};
    nb_model_files found = {0};
    nb_model_trust trust = NB_MODEL_UNSEALED;
    nb_str differs = {0};
    bool sealed = false;
    if (nb_model_glance(arena, root, folder, &trust, &differs, err) != NB_OK)
        return err->code;
    if (trust == NB_MODEL_OURS) {
        if (get_sealed(arena, root, folder, &manifest, &sealed, err) != NB_OK ||
            nb_model_walk(arena, folder, &found, err) != NB_OK)
            return err->code;
        differs = first_difference(&manifest.files, &found);
        if (differs.len == 0 && read_through(&manifest, &found, &differs, err) != NB_OK)
            return err->code;
    }
    if (differs.len > 0) {
        trust = NB_MODEL_CHANGED;
        *what = differs;
    }
    *out = trust;
    return NB_OK;
}
