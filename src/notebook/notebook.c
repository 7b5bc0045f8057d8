#include "notebook/notebook.h"

#include "base/fs.h"
#include "base/path.h"
#include "notebook/kernel.h"
#include "notebook/nbformat.h"
#include "notebook/sniff.h"
#include "text/hash.h"
#include "text/utf8.h"

/* --- places in a cell ------------------------------------------------------------------------- */

/* The line that starts at text.at[at], without its end: LF, CR LF or CR. *next is where the line after it starts. */
static nb_str line_from(nb_str text, size_t at, size_t *next)
{
    size_t end = at;
    while (end < text.len && text.at[end] != '\n' && text.at[end] != '\r')
        end++;
    *next = end + 1;
    if (nb_str_starts(nb_str_from_at(text, end), NB_STR("\r\n")))
        *next = end + 2;
    return nb_str_slice(text, at, end);
}

nb_spot nb_cell_spot(const nb_notebook *notebook, const nb_cell *cell, unsigned line,
                     unsigned column, unsigned length)
{
    nb_spot spot = {.path = notebook->path,
                    .cell = cell->number,
                    .execution = cell->execution,
                    .line = line,
                    .column = column,
                    .length = length,
                    .cell_id = cell->id};
    size_t at = 0;
    for (unsigned n = 1; n <= line && at <= cell->source.len; n++) {
        size_t next;
        nb_str text = line_from(cell->source, at, &next);
        if (n == line)
            spot.source = text;
        at = next;
    }
    return spot;
}

nb_spot nb_cell_spot_at(const nb_notebook *notebook, const nb_cell *cell, size_t offset,
                        unsigned length)
{
    size_t start = 0, next = 0;
    unsigned line = 1;
    for (;; line++) {
        (void)line_from(cell->source, start, &next);
        if (next > offset || next > cell->source.len)
            break;
        start = next;
    }
    unsigned column = (unsigned)nb_utf8_count(nb_str_slice(cell->source, start, offset)) + 1;
    return nb_cell_spot(notebook, cell, line, column, length);
}

/* --- what is refused although it could be read ------------------------------------------------ */

static nb_code check_version(const nb_notebook *notebook, nb_error *err)
{
    int major = notebook->major;
    if (major >= 2 && major <= 4)
        return NB_OK;
    if (major < 0) {
        nb_fail(err, NB_ERR_NOTEBOOK,
                "cannot read '" NB_STR_FMT "': its 'nbformat' is not a version number",
                NB_STR_ARG(notebook->path));
        nb_error_hint(err, "set \"nbformat\": 4");
        return err->code;
    }
    nb_fail(err, NB_ERR_NOTEBOOK,
            "cannot read '" NB_STR_FMT "': version %d of the notebook format is not supported",
            NB_STR_ARG(notebook->path), major);
    nb_error_hint(err, "save it as version 4 with Jupyter");
    return err->code;
}

static nb_code check_language(const nb_notebook *notebook, nb_error *err)
{
    nb_str language = notebook->language, kernel = notebook->kernel;
    if (language.len > 0 ? nb_language_is_python(language) : !nb_kernel_is_foreign(kernel))
        return NB_OK;
    if (language.len > 0)
        nb_fail(err, NB_ERR_LANGUAGE,
                "cannot convert '" NB_STR_FMT "': its language is '" NB_STR_FMT "', not Python",
                NB_STR_ARG(notebook->path), NB_STR_ARG(language));
    else
        nb_fail(err, NB_ERR_LANGUAGE,
                "cannot convert '" NB_STR_FMT "': its kernel '" NB_STR_FMT "' does not run Python",
                NB_STR_ARG(notebook->path), NB_STR_ARG(kernel));
    nb_error_hint(err,
                  "choose a Python kernel in Jupyter and save the notebook, if its code is Python");
    return err->code;
}

/* --- what identifies the code ----------------------------------------------------------------- */

static void hash_number(nb_sha256 *hash, uint64_t number)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
    nb_sha256_add(hash, (nb_str){(const char *)bytes, sizeof(bytes)});
}

/* Lengths go first, so that no two different notebooks hash the same bytes. */
static void hash_text(nb_sha256 *hash, nb_str text)
{
    hash_number(hash, text.len);
    nb_sha256_add(hash, text);
}

static nb_str hash_of_cells(nb_arena *arena, const nb_notebook *notebook)
{
    nb_sha256 *hash = nb_sha256_new(arena);
    for (size_t i = 0; i < notebook->cell_count; i++) {
        const nb_cell *cell = &notebook->cells[i];
        hash_number(hash, cell->kind);
        hash_number(hash, cell->tag_count);
        for (size_t t = 0; t < cell->tag_count; t++)
            hash_text(hash, cell->tags[t]);
        hash_text(hash, cell->source);
    }
    return nb_sha256_end(hash, arena);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* `mapped` is NULL unless the bytes are a mapped file, whose pages can be given back on the way. */
static nb_code parse(nb_arena *arena, nb_str bytes, nb_str path, nb_mapped *mapped, nb_diags *diags,
                     const nb_notebook **out, nb_error *err)
{
    nb_json_reader json;
    nb_notebook *notebook = NB_NEW(arena, nb_notebook);
    if (nb_sniff(bytes, path, err) != NB_OK)
        return err->code;
    *notebook = (nb_notebook){
        .path = nb_arena_str(arena, path), .kernel = NB_STR(""), .language = NB_STR("")};
    nb_json_open(&json, bytes, notebook->path, NB_JSON_NOTEBOOK);
    if (mapped) {
        json.passed = nb_mapped_forget;
        json.ctx = mapped;
    }
    if (nb_nbformat_read(arena, &json, diags, notebook, err) != NB_OK ||
        check_version(notebook, err) != NB_OK || check_language(notebook, err) != NB_OK)
        return err->code;
    notebook->sha256 = hash_of_cells(arena, notebook);
    *out = notebook;
    return NB_OK;
}

nb_code nb_notebook_parse(nb_arena *arena, nb_str bytes, nb_str path, nb_diags *diags,
                          const nb_notebook **out, nb_error *err)
{
    return parse(arena, bytes, path, NULL, diags, out, err);
}

/* "No such file" helps more with the name that was meant. */
static void suggest_neighbour(const char *path, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored =
        NB_ERROR_INIT; /* no such folder: then there is nothing to suggest */
    nb_str dir = nb_path_dir(nb_str_from(path)), *names;
    size_t count, kept = 0;
    if (nb_dir_list(&arena, nb_arena_z(&arena, dir), &names, &count, &ignored) != NB_OK)
        return;
    for (size_t i = 0; i < count; i++)
        if (nb_str_ends(names[i], NB_STR(".ipynb")))
            names[kept++] = names[i];
    nb_str near = nb_str_nearest(nb_path_base(nb_str_from(path)), names, kept);
    if (near.len > 0)
        nb_error_hint(err, "check the name: the folder has '" NB_STR_FMT "'", NB_STR_ARG(near));
}

nb_code nb_notebook_load(nb_arena *arena, const char *path, nb_diags *diags,
                         const nb_notebook **out, nb_error *err)
{
    NB_AUTO(nb_mapped) mapped = {0};
    if (nb_is_dir(path)) {
        nb_fail(err, NB_ERR_NOTEBOOK, "cannot read '%s': it is a directory", path);
        nb_error_hint(err, "name a .ipynb file in it");
        return err->code;
    }
    if (nb_file_map(path, &mapped, err) != NB_OK) {
        if (err->code == NB_ERR_NOT_FOUND && !err->hint)
            suggest_neighbour(path, err);
        return err->code;
    }
    return parse(arena, mapped.bytes, nb_str_from(path), &mapped, diags, out, err);
}
