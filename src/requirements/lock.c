#include "requirements/lock_parts.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/path.h"
#include "py/modules.h"
#include "requirements/line.h"
#include "requirements/marker.h"
#include "requirements/metadata.h"
#include "requirements/version.h"
#include "text/secret.h"

typedef NB_VEC(nb_locked) row_list;

/* All that the files say about one project. */
typedef struct project {
    row_list rows; /* that count for the target Python; in the order of the files */
    nb_spot other; /* a row for other Pythons */
    bool told;
} project;

struct nb_locks {
    nb_arena *arena;
    nb_diags *diags;
    nb_locks_input input;
    nb_map projects; /* PEP 503 name to project */
    size_t row_count;
};

/* --- files ------------------------------------------------------------------------------------- */

/* In the order in which they count. `start` and `end` leave room for a name between them: requirements-dev.txt. */
static const struct {
    const char *start, *end;
    nb_lock_read *read;
} kinds[] = {
    {"uv.lock",        "",      nb_lock_read_uv          },
    {"poetry.lock",    "",      nb_lock_read_poetry      },
    {"pdm.lock",       "",      nb_lock_read_pdm         },
    {"pylock",         ".toml", nb_lock_read_pylock      },
    {"Pipfile.lock",   "",      nb_lock_read_pipfile     },
    {"requirements",   ".txt",  nb_lock_read_lines       },
    {"environment",    ".yml",  nb_lock_read_conda       },
    {"environment",    ".yaml", nb_lock_read_conda       },
    {"conda",          ".yml",  nb_lock_read_conda       },
    {"conda",          ".yaml", nb_lock_read_conda       },
    {"pyproject.toml", "",      nb_lock_read_pyproject   },
    {"Pipfile",        "",      nb_lock_read_pipfile_toml},
};

/* Is it a file of the kind? "requirements.txt", "requirements-dev.txt", "requirements_gpu.txt", "pylock.gpu.toml". */
static bool is_of_kind(nb_str name, size_t kind)
{
    nb_str start = nb_str_from(kinds[kind].start), end = nb_str_from(kinds[kind].end);
    if (end.len == 0)
        return nb_str_eq(name, start);
    if (name.len < start.len + end.len || !nb_str_starts(name, start) || !nb_str_ends(name, end))
        return false;
    nb_str between = nb_str_slice(name, start.len, name.len - end.len);
    return between.len == 0 || !nb_is_name(between.at[0]) || between.at[0] == '_';
}

typedef void file_visit(void *ctx, nb_str path, size_t kind);

/* The plain name of a kind comes first: requirements.txt before requirements-dev.txt. */
static void visit_kind(nb_arena *arena, nb_str folder, const nb_str *names, size_t count,
                       size_t kind, file_visit *visit, void *ctx)
{
    nb_str plain = nb_arena_printf(arena, "%s%s", kinds[kind].start, kinds[kind].end);
    for (int others = 0; others < 2; others++)
        for (size_t i = 0; i < count; i++)
            if (is_of_kind(names[i], kind) && nb_str_eq(names[i], plain) == (others == 0)) {
                nb_str path = nb_path_join(arena, folder, names[i]);
                if (nb_is_file(path.at))
                    visit(ctx, path, kind);
            }
}

static void visit_files(nb_arena *arena, const nb_str *folders, size_t folder_count,
                        file_visit *visit, void *ctx)
{
    for (size_t f = 0; f < folder_count; f++) {
        NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a folder that is not there has no files */
        nb_str *names = NULL;
        size_t count = 0;
        if (nb_dir_list(arena, nb_arena_z(arena, folders[f]), &names, &count, &ignored) != NB_OK)
            continue;
        for (size_t kind = 0; kind < NB_LEN(kinds); kind++)
            visit_kind(arena, folders[f], names, count, kind, visit, ctx);
    }
}

/* What went wrong, without the "cannot read 'FILE':" before it: the finding names the file, and as the user sees it. */
static nb_str reason(const nb_error *err)
{
    nb_str why = NB_STR("it cannot be read");
    for (size_t i = 0; nb_error_message(err, i); i++)
        why = nb_str_from(nb_error_message(err, i));
    ptrdiff_t end = nb_str_find(why, NB_STR("': "));
    return nb_str_starts(why, NB_STR("cannot ")) && end >= 0 ? nb_str_from_at(why, (size_t)end + 3)
                                                             : why;
}

/* The line that is shown tells no secret. */
static void tell_unreadable(nb_locks *locks, nb_spot spot, const nb_error *err)
{
    spot.line = err->line;
    spot.column = err->column;
    nb_str line = nb_arena_str(locks->arena, nb_str_from(err->source)); /* it outlives the error */
    spot.source = nb_secret_mask_line(locks->arena, line);
    nb_diag *diag = nb_diag_add(locks->diags, NB_D_UNREADABLE_LOCK, spot,
                                "'" NB_STR_FMT "' tells no versions: " NB_STR_FMT,
                                NB_STR_ARG(spot.path), NB_STR_ARG(reason(err)));
    if (err->hint)
        nb_diag_help(locks->diags, diag, "%s", err->hint);
    else
        nb_diag_help(locks->diags, diag, "correct the file, or remove it");
}

static void read_text(nb_locks *locks, nb_lock_reader *r, nb_lock_read *read)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    r->arena = locks->arena;
    r->locks = locks;
    if (read(r, &err) != NB_OK)
        tell_unreadable(locks, r->spot, &err);
}

static void read_file(void *ctx, nb_str path, size_t kind)
{
    nb_locks *locks = ctx;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_lock_reader r = {.folder = nb_path_dir(path)};
    r.spot.path = nb_path_relative(locks->arena, locks->input.root, path);
    if (nb_file_read(locks->arena, path.at, NB_LOCK_MAX_BYTES, &r.text, &err) != NB_OK)
        tell_unreadable(locks, r.spot, &err);
    else
        read_text(locks, &r, kinds[kind].read);
}

nb_locks *nb_locks_open(nb_arena *arena, const nb_locks_input *input, nb_diags *diags)
{
    nb_locks *locks = NB_NEW(arena, nb_locks);
    *locks = (nb_locks){.arena = arena, .diags = diags, .input = *input};
    for (size_t i = 0; i < input->script_count; i++) {
        nb_lock_reader r = {.text = input->scripts[i].text, .spot = input->scripts[i].spot};
        r.folder = NB_STR("");
        read_text(locks, &r, nb_lock_read_script);
    }
    visit_files(arena, input->folders, input->folder_count, read_file, locks);
    return locks;
}

typedef struct path_list {
    nb_arena *arena;
    nb_lock_paths paths;
} path_list;

static void note_path(void *ctx, nb_str path, size_t kind)
{
    path_list *list = ctx;
    (void)kind;
    nb_vec_push(list->arena, &list->paths.list, path);
}

nb_lock_paths nb_locks_paths(nb_arena *arena, const nb_str *folders, size_t count)
{
    path_list list = {.arena = arena};
    visit_files(arena, folders, count, note_path, &list);
    return list.paths;
}

size_t nb_lock_folders(nb_str folder, nb_str root, nb_str *out, size_t most)
{
    size_t count = 0;
    bool below = nb_str_starts(folder, root) &&
                 (folder.len == root.len || folder.at[root.len] == '/' || root.len == 1);
    while (below && folder.len > root.len && count + 1 < most) {
        out[count++] = folder;
        folder = nb_path_dir(folder);
    }
    if (!below)
        out[count++] = folder;
    out[count++] = root;
    return count;
}

/* --- rows -------------------------------------------------------------------------------------- */

nb_str nb_lock_exact(nb_arena *arena, nb_str version)
{
    nb_str published = nb_version_published(version);
    return published.len == 0 || !nb_version_is(published)
               ? NB_STR("")
               : nb_str_concat(arena, NB_STR("=="), published);
}

nb_str nb_lock_address(nb_arena *arena, const nb_source *source)
{
    nb_str address = nb_address_of(arena, source);
    return address.len == 0 ? address : nb_str_concat(arena, NB_STR("@ "), address);
}

nb_str nb_lock_index(nb_str url)
{
    nb_str host = nb_address_host(url);
    bool pypi = nb_str_eqz(host, "pypi.org") || nb_str_eqz(host, "pypi.python.org") ||
                nb_str_eqz(host, "files.pythonhosted.org");
    return pypi || !nb_address_is_plain(host) ? NB_STR("") : host;
}

static project *project_of(nb_locks *locks, nb_str name)
{
    project *found = nb_map_get(&locks->projects, name);
    if (!found) {
        found = NB_NEW(locks->arena, project);
        nb_map_put(locks->arena, &locks->projects, name, found);
    }
    return found;
}

static bool is_project_name(nb_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!nb_is_alpha(name.at[i]) && !nb_is_digit(name.at[i]) && name.at[i] != '-')
            return false;
    return name.len > 0 && name.at[0] != '-' && name.at[name.len - 1] != '-';
}

static bool is_address(const nb_locked *row)
{
    return nb_str_starts(row->specifier, NB_STR("@"));
}

/* Does pip read name and specifier as what they mean? A file may hold anything. */
static bool can_be_asked(nb_arena *arena, const nb_locked *row)
{
    nb_str line = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(row->name),
                                  is_address(row) ? " " : "", NB_STR_ARG(row->specifier));
    nb_asked_parts parts = nb_asked_parse(arena, line);
    return parts.kind == NB_ASKED_PROJECT && nb_str_eq(parts.normal, row->name) &&
           nb_str_eq(parts.specifier, row->specifier) && parts.marker.len == 0 &&
           parts.options.len == 0 && !nb_has_password(line);
}

void nb_lock_add(nb_lock_reader *r, nb_locked row)
{
    nb_locks *locks = r->locks;
    row.name = nb_distribution_normal(r->arena, row.name);
    if (row.specifier.len > 0 && !can_be_asked(r->arena, &row))
        row.specifier = NB_STR("");
    if (!is_project_name(row.name) || locks->row_count++ >= NB_LOCK_MAX_ROWS)
        return;
    unsigned line = row.spot.line;
    row.spot = r->spot;
    row.spot.line += line;
    project *p = project_of(locks, row.name);
    if (nb_marker_holds(row.marker, locks->input.minor))
        nb_vec_push(r->arena, &p->rows, row);
    else
        p->other = row.spot;
}

/* --- choosing ---------------------------------------------------------------------------------- */

static bool is_exact(const nb_locked *row)
{
    return nb_specifier_exact(row->specifier).len > 0;
}

static bool same_file(const nb_locked *a, const nb_locked *b)
{
    return nb_str_eq(a->spot.path, b->spot.path) && a->spot.cell == b->spot.cell;
}

/* Does the row leave room for what was chosen? */
static bool agrees(const nb_locked *chosen, const nb_locked *row)
{
    if (row->specifier.len == 0 || chosen->local || row->local)
        return true;
    if (is_address(chosen) || is_address(row))
        return is_address(chosen) != is_address(row) ||
               nb_str_eq(chosen->specifier, row->specifier);
    nb_str version = nb_specifier_exact(chosen->specifier);
    nb_str other = nb_specifier_exact(row->specifier);
    if (version.len > 0)
        return nb_specifier_allows(row->specifier, version);
    return other.len == 0 || nb_specifier_allows(chosen->specifier, other);
}

static nb_str shown(nb_arena *arena, const nb_locked *row)
{
    return is_address(row) ? nb_str_from_at(row->specifier, 2)
                           : nb_str_concat(arena, row->name, row->specifier);
}

/* The first row with a version says what is allowed, the first exact one that is allowed is it. Of several versions in one file the newest counts. */
static const nb_locked *choose(const project *p)
{
    const nb_locked *first = NULL, *exact = NULL;
    for (size_t i = 0; i < p->rows.count; i++) {
        const nb_locked *row = &p->rows.at[i];
        if (!first && (row->specifier.len > 0 || row->local))
            first = row;
        if (first == row && (row->local || is_address(row)))
            return row;
        if (!first || !is_exact(row) ||
            (first != row && !is_exact(first) &&
             !nb_specifier_allows(first->specifier, nb_specifier_exact(row->specifier))))
            continue;
        if (!exact ||
            (same_file(exact, row) && nb_version_cmp(nb_specifier_exact(row->specifier),
                                                     nb_specifier_exact(exact->specifier)) > 0))
            exact = row;
    }
    return exact ? exact : first ? first : &p->rows.at[0];
}

static void tell_disagreement(nb_locks *locks, project *p, const nb_locked *chosen)
{
    const nb_locked *other = NULL;
    for (size_t i = 0; i < p->rows.count && !other; i++)
        if (!agrees(chosen, &p->rows.at[i]))
            other = &p->rows.at[i];
    if (!other || p->told)
        return;
    p->told = true;
    nb_str counts = nb_locked_source(locks->arena, chosen);
    bool one_file = same_file(chosen, other);
    nb_diag *diag =
        one_file ? nb_diag_add(locks->diags, NB_D_VERSIONS_DISAGREE, other->spot,
                               "'" NB_STR_FMT "' has several versions for Python 3.%u: '" NB_STR_FMT
                               "' and '" NB_STR_FMT "'; the newest counts",
                               NB_STR_ARG(counts), locks->input.minor,
                               NB_STR_ARG(shown(locks->arena, chosen)),
                               NB_STR_ARG(shown(locks->arena, other)))
                 : nb_diag_add(locks->diags, NB_D_VERSIONS_DISAGREE, other->spot,
                               "'" NB_STR_FMT "' disagrees with '" NB_STR_FMT "' of " NB_STR_FMT
                               ", which counts",
                               NB_STR_ARG(shown(locks->arena, other)),
                               NB_STR_ARG(shown(locks->arena, chosen)), NB_STR_ARG(counts));
    nb_diag_help(locks->diags, diag,
                 one_file ? "pin the version in a cell tagged 'requirements'"
                          : "bring the two files in line");
}

static void tell_other_python(nb_locks *locks, project *p, nb_str name)
{
    if (p->told)
        return;
    p->told = true;
    nb_diag *diag =
        nb_diag_add(locks->diags, NB_D_VERSIONS_DISAGREE, p->other,
                    "'" NB_STR_FMT "' has no version of '" NB_STR_FMT "' for Python 3.%u",
                    NB_STR_ARG(p->other.path), NB_STR_ARG(name), locks->input.minor);
    nb_diag_help(locks->diags, diag, "lock for this Python, too, or choose another with 'python:'");
}

static nb_str all_extras(nb_arena *arena, const project *p)
{
    nb_str out = NB_STR("");
    for (size_t i = 0; i < p->rows.count; i++)
        if (p->rows.at[i].extras.len > 0)
            out = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(out),
                                  out.len > 0 ? "," : "", NB_STR_ARG(p->rows.at[i].extras));
    return out;
}

bool nb_locks_project(nb_locks *locks, nb_str name, nb_locked *out)
{
    project *p = nb_map_get(&locks->projects, name);
    if (!p)
        return false;
    if (p->rows.count == 0) {
        tell_other_python(locks, p, name);
        return false;
    }
    const nb_locked *chosen = choose(p);
    tell_disagreement(locks, p, chosen);
    *out = *chosen;
    out->extras = all_extras(locks->arena, p);
    return true;
}

/* --- modules ----------------------------------------------------------------------------------- */

static nb_str top_name(nb_arena *arena, nb_str dotted)
{
    ptrdiff_t dot = nb_str_find_char(dotted, '.');
    return nb_distribution_normal(arena,
                                  nb_str_slice(dotted, 0, dot < 0 ? dotted.len : (size_t)dot));
}

/* Of a module that no table knows: the project with the name of one of its parts, acme.tools gives acme-tools. */
static nb_str part_name(const nb_locks *locks, nb_str dotted)
{
    nb_str name = nb_distribution_normal(locks->arena, dotted);
    while (name.len > 0 && !nb_map_has(&locks->projects, name)) {
        ptrdiff_t dash = nb_str_rfind_char(name, '-');
        name.len = dash < 0 ? 0 : (size_t)dash;
    }
    return name;
}

/* The usual project for the module, an alternative to it, or one of the module's own name; empty when the files name none of them. */
static nb_str name_of(const nb_locks *locks, nb_str dotted)
{
    nb_str usual = nb_module_distribution(locks->arena, dotted), top, name;
    if (usual.len > 0 && nb_map_has(&locks->projects, usual))
        return usual;
    nb_str others = nb_module_alternatives(usual);
    while (others.len > 0 && nb_str_split(&others, ' ', &name))
        if (nb_map_has(&locks->projects, name))
            return name;
    top = top_name(locks->arena, dotted);
    if (nb_map_has(&locks->projects, top))
        return top;
    return usual.len == 0 ? part_name(locks, dotted) : NB_STR("");
}

bool nb_locks_module(nb_locks *locks, nb_str dotted, nb_locked *out)
{
    nb_str name = name_of(locks, dotted);
    return name.len > 0 && nb_locks_project(locks, name, out);
}

bool nb_locks_names(const nb_locks *locks, nb_str name)
{
    return nb_map_has(&locks->projects, name);
}

nb_str nb_locks_name(const nb_locks *locks, size_t i)
{
    return i < locks->projects.count ? locks->projects.rows[i].key : (nb_str){0};
}

nb_str nb_locked_source(nb_arena *arena, const nb_locked *row)
{
    if (row->spot.cell > 0)
        return nb_arena_printf(arena, "cell %u", row->spot.cell);
    return row->spot.path;
}
