#include "cli/printer.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/path.h"
#include "cli/report.h"
#include "text/hash.h"

static const nb_printer *const printers[NB_FORM_COUNT] = {
    [NB_FORM_FULL] = &nb_print_full,     [NB_FORM_CONCISE] = &nb_print_concise,
    [NB_FORM_JSON] = &nb_print_json,     [NB_FORM_JSON_LINES] = &nb_print_json_lines,
    [NB_FORM_SARIF] = &nb_print_sarif,   [NB_FORM_GITHUB] = &nb_print_github,
    [NB_FORM_GITLAB] = &nb_print_gitlab, [NB_FORM_JUNIT] = &nb_print_junit,
};

const char *const nb_printer_names[] = {"full",   "concise", "json",  "json-lines", "sarif",
                                        "github", "gitlab",  "junit", NULL};

const nb_printer *nb_printer_of(nb_form form)
{
    return printers[form];
}

/* --- what is told -------------------------------------------------------------------------------------------------- */

nb_str nb_told_cell(nb_arena *arena, const nb_spot *spot)
{
    if (spot->cell == 0)
        return NB_STR("");
    nb_str text = nb_arena_printf(arena, "cell %u", spot->cell);
    if (spot->execution > 0)
        text = nb_arena_printf(arena, NB_STR_FMT " (In [%lld])", NB_STR_ARG(text),
                               (long long)spot->execution);
    if (spot->line > 0)
        text = nb_arena_printf(arena, NB_STR_FMT ", line %u", NB_STR_ARG(text), spot->line);
    return text;
}

const char *nb_told_severity(nb_severity severity)
{
    return severity == NB_SEVERITY_INFO ? "note" : nb_severity_name(severity);
}

bool nb_told_fails(const nb_told *told, const nb_print_options *options)
{
    return !options->never_fails && told->diag->severity >= options->fails;
}

typedef struct teller {
    nb_arena *arena;
    const nb_printer *printer;
    const nb_diags *diags;
    nb_str path, folder, here; /* of the notebook; where paths are seen from; the current folder */
    const nb_places *places;
    nb_map seen; /* fingerprints so far, to count those that come again */
} teller;

/* Programs look for files from the current folder on, and want one for each finding; people read the name they gave. */
static nb_str path_told(const teller *t, nb_str path)
{
    if (!t->printer->wants_place)
        return path;
    if (path.len == 0)
        path = t->path;
    nb_str absolute = nb_path_clean(t->arena, nb_path_join(t->arena, t->folder, path));
    return nb_path_relative(t->arena, t->here, absolute);
}

static void add_text(nb_sha256 *hash, nb_str text)
{
    nb_sha256_add(hash, text);
    nb_sha256_add(hash,
                  (nb_str){"", 1}); /* a NUL between, so that "ab", "c" and "a", "bc" differ */
}

/* From what the finding is about: code, file, the line's text. Where that line stands does not count, only how often it came before. */
static const char *fingerprint(teller *t, const nb_diag *diag, nb_str path)
{
    nb_sha256 *hash = nb_sha256_new(t->arena);
    nb_str source = nb_str_trim(diag->spot.source);
    add_text(hash, nb_str_from(nb_diag_row_of(diag->code)->code));
    add_text(hash, path);
    add_text(hash, source.len > 0 ? source : diag->spot.cell_id);
    nb_str key = nb_arena_str(t->arena, nb_str_slice(nb_sha256_end(hash, t->arena), 0, 32));
    size_t *times = nb_map_get(&t->seen, key);
    if (!times) {
        times = NB_NEW(t->arena, size_t);
        nb_map_put(t->arena, &t->seen, key, times);
    }
    if (++*times == 1)
        return key.at;
    hash = nb_sha256_new(t->arena);
    add_text(hash, key);
    add_text(hash, nb_arena_printf(t->arena, "%zu", *times));
    return nb_arena_z(t->arena, nb_str_slice(nb_sha256_end(hash, t->arena), 0, 32));
}

static nb_told tell(teller *t, const nb_diag *diag)
{
    nb_told told = {.diag = diag, .path = path_told(t, diag->spot.path)};
    if (!t->printer->wants_place)
        return told;
    told.fingerprint = fingerprint(t, diag, told.path);
    told.placed = t->places && nb_str_eq(diag->spot.path, t->path) &&
                  nb_places_find(t->places, &diag->spot, &told.place);
    if (told.place.line == 0 && diag->spot.cell == 0) { /* a file without cells */
        unsigned line = diag->spot.line ? diag->spot.line : 1;
        unsigned column = diag->spot.column ? diag->spot.column : 1;
        told.place =
            (nb_file_place){line, column, column + (diag->spot.length ? diag->spot.length : 1)};
        told.placed = diag->spot.line > 0;
    } else if (told.place.line == 0) {
        told.place = (nb_file_place){1, 1, 2};
    }
    return told;
}

void nb_printer_put(const nb_printer *printer, const nb_diags *diags, nb_str path, nb_str folder,
                    const nb_print_options *options, FILE *to)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_mapped) file = {0};
    NB_AUTO(nb_error) ignored =
        NB_ERROR_INIT; /* it went away meanwhile: then there are no places */
    nb_severity least = printer->tells_all ? NB_SEVERITY_INFO : options->least;
    if (nb_diags_count(diags, least) == 0 && !printer->tells_clean)
        return;
    teller t = {
        .arena = &arena, .printer = printer, .diags = diags, .path = path, .folder = folder};
    if (printer->wants_place) {
        if (nb_path_absolute(&arena, NB_STR("."), &t.here, &ignored) != NB_OK)
            t.here = folder;
        nb_str absolute = nb_path_join(&arena, folder, path), bytes = options->bytes;
        if (!bytes.at && diags->list.count > 0 &&
            nb_file_map(absolute.at, &file, &ignored) == NB_OK)
            bytes = file.bytes;
        if (bytes.at)
            t.places = nb_places_read(&arena, bytes);
    }
    const nb_diag **rows = nb_report_sorted(diags, &arena);
    nb_told *told = NB_NEW_ARRAY(&arena, nb_told, diags->list.count);
    nb_told_notebook notebook = {.path = path_told(&t, path), .findings = told};
    for (size_t i = 0; i < diags->list.count; i++)
        if (rows[i]->severity >= least)
            told[notebook.count++] = tell(&t, rows[i]);
    printer->notebook(&notebook, options, to);
}
