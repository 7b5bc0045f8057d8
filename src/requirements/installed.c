#include "requirements/installed.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/path.h"
#include "base/vec.h"
#include "py/modules.h"
#include "requirements/editable.h"
#include "requirements/metadata.h"

enum {
    SMALL_FILE = 1024 * 1024, /* no top_level.txt, INSTALLER or direct_url.json is larger */
    MAX_PARTS = 8,            /* of a dotted name, namespaces included */
    FOLDERS = 4
};

/* What lies in a folder, sorted. */
typedef struct listing {
    nb_str *names;
    size_t count;
} listing;

/* One *.dist-info or *.egg-info beside the packages. */
typedef struct info {
    nb_str path;    /* absolute; Debian has egg-infos that are plain files */
    nb_str name;    /* PEP 503, from the folder's name */
    nb_str version; /* from the folder's name; may be empty */
    bool top_level_read;
    nb_str top_level; /* text of top_level.txt; at == NULL when there is none */
    bool scanned;
    nb_map entries; /* what its RECORD has directly below the folder, once it was scanned */
} info;

typedef struct site_folder {
    nb_str folder;
    listing files;
    NB_VEC(info) infos;
    nb_map by_name; /* PEP 503 name to info */
} site_folder;

struct nb_installed {
    nb_arena *arena;
    site_folder sites[FOLDERS];
    size_t count;
};

/* Small text of an optional file; at == NULL when it cannot be read. */
static nb_str optional_text(nb_arena *arena, nb_str folder, const char *name)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a missing file is an answer here */
    nb_str text = {0}, path = nb_path_join(arena, folder, nb_str_from(name));
    (void)nb_file_read(arena, path.at, SMALL_FILE, &text, &ignored);
    return text;
}

static bool map_file(nb_arena *arena, nb_str folder, const char *name, nb_mapped *out)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* as above */
    nb_str path = nb_path_join(arena, folder, nb_str_from(name));
    return nb_file_map(path.at, out, &ignored) == NB_OK;
}

static listing list_folder(nb_arena *arena, nb_str folder)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a folder that is not there holds nothing */
    listing out = {0};
    if (nb_dir_list(arena, nb_arena_z(arena, folder), &out.names, &out.count, &ignored) != NB_OK)
        return (listing){0};
    return out;
}

/* --- listing the distributions ----------------------------------------------------------------- */

/* "scikit_learn-1.2.1.egg-info", "cryptography.egg-info", "scipy-1.10.1-py3.11.egg-info" */
static void add_info(nb_arena *arena, site_folder *site, nb_str file, const char *ending)
{
    if (!nb_str_ends(file, nb_str_from(ending)))
        return;
    nb_str rest = nb_str_slice(file, 0, file.len - strlen(ending)), name, version = NB_STR("");
    (void)nb_str_split(&rest, '-', &name);
    (void)nb_str_split(&rest, '-', &version);
    nb_vec_push(arena, &site->infos,
                (info){.path = nb_path_join(arena, site->folder, file),
                       .name = nb_distribution_normal(arena, name),
                       .version = version});
}

static void list_site(nb_arena *arena, site_folder *site, nb_str folder)
{
    site->folder = folder;
    site->files = list_folder(arena, folder);
    for (size_t i = 0; i < site->files.count; i++) {
        add_info(arena, site, site->files.names[i], ".dist-info");
        add_info(arena, site, site->files.names[i], ".egg-info");
    }
    for (size_t i = 0; i < site->infos.count; i++) {
        info *row = &site->infos.at[i];
        const info *other = nb_map_get(&site->by_name, row->name);
        if (!other || other->version.len == 0) /* Debian leaves some without a version behind */
            nb_map_put(arena, &site->by_name, row->name, row);
    }
}

nb_installed *nb_installed_open(nb_arena *arena, const nb_str *folders, size_t count)
{
    nb_installed *installed = NB_NEW(arena, nb_installed);
    installed->arena = arena;
    for (size_t i = 0; i < count && installed->count < FOLDERS; i++)
        if (folders[i].len > 0)
            list_site(arena, &installed->sites[installed->count++], folders[i]);
    return installed;
}

/* --- the file of a module ---------------------------------------------------------------------- */

/* Index of the first name that is not before `key`. */
static size_t lower_bound(listing in, nb_str key)
{
    size_t low = 0, high = in.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (nb_str_cmp(in.names[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_entry(listing in, nb_str name)
{
    size_t i = lower_bound(in, name);
    return i < in.count && nb_str_eq(in.names[i], name);
}

/* "part.py" or "part.cpython-311-x86_64-linux-gnu.so"; an empty view when neither is there. */
static nb_str module_file(nb_arena *arena, listing in, nb_str part)
{
    nb_str start = nb_str_concat(arena, part, NB_STR(".")), found = NB_STR("");
    for (size_t i = lower_bound(in, start); i < in.count; i++) {
        nb_str name = in.names[i];
        if (!nb_str_starts(name, start))
            break;
        if (nb_str_eqz(nb_str_from_at(name, start.len), "py"))
            return name;
        if (nb_str_ends(name, NB_STR(".so")))
            found = name;
    }
    return found;
}

typedef enum package_kind {
    NO_PACKAGE, /* a plain folder: part of a namespace */
    PACKAGE,
    OLD_NAMESPACE /* has an __init__.py, the same one in each part, that joins the parts */
} package_kind;

static package_kind kind_of(nb_arena *arena, nb_str folder)
{
    NB_AUTO(nb_mapped) init = {0};
    if (!map_file(arena, folder, "__init__.py", &init))
        return NO_PACKAGE;
    nb_str start = nb_str_slice(init.bytes, 0, 4096);
    bool joins = nb_str_contains(start, NB_STR("extend_path")) ||
                 nb_str_contains(start, NB_STR("declare_namespace"));
    return joins ? OLD_NAMESPACE : PACKAGE;
}

/* The file that Python loads first for the dotted name, relative to the folder: that of the first real package or module on the way through the
 * namespaces, and how many names that took. An empty path when there is none. */
typedef struct module_place {
    nb_str file;
    size_t parts;
} module_place;

static module_place place_of(nb_arena *arena, const site_folder *site, nb_str dotted)
{
    listing here = site->files;
    nb_str prefix = NB_STR(""), rest = dotted, part;
    module_place old_style = {.file = NB_STR("")};
    for (size_t parts = 1; parts <= MAX_PARTS && nb_str_split(&rest, '.', &part); parts++) {
        if (part.len == 0)
            break;
        nb_str name = nb_path_join(arena, prefix, part);
        nb_str folder = nb_path_join(arena, site->folder, name);
        bool is_there = has_entry(here, part);
        package_kind kind = is_there ? kind_of(arena, folder) : NO_PACKAGE;
        module_place init = {nb_path_join(arena, name, NB_STR("__init__.py")), parts};
        if (kind == PACKAGE)
            return init;
        nb_str file = module_file(arena, here, part);
        if (kind == OLD_NAMESPACE)
            old_style = init;
        else if (file.len > 0)
            return (module_place){nb_path_join(arena, prefix, file), parts};
        else if (!is_there)
            break;
        prefix = name;
        here = list_folder(arena, folder);
    }
    return old_style;
}

/* --- who owns a file --------------------------------------------------------------------------- */

typedef enum ownership {
    OWNS_NOT,
    OWNS,
    OWNS_MAYBE /* its metadata lists nothing */
} ownership;

static ownership owns_if(bool listed)
{
    return listed ? OWNS : OWNS_NOT;
}

static nb_str top_level(nb_arena *arena, info *row)
{
    if (!row->top_level_read)
        row->top_level = optional_text(arena, row->path, "top_level.txt");
    row->top_level_read = true;
    return row->top_level;
}

/* A top-level name is looked up in top_level.txt where there is one: it is short. Parts of a namespace are told apart by RECORD only. */
static ownership owner(nb_arena *arena, info *row, nb_str dotted, const module_place *place)
{
    nb_str top = dotted;
    (void)nb_str_split(&dotted, '.', &top);
    if (place->parts == 1 && top_level(arena, row).at)
        return owns_if(nb_text_has_line(row->top_level, top));
    NB_AUTO(nb_mapped) record = {0};
    if (map_file(arena, row->path, "RECORD", &record))
        return owns_if(nb_record_lists(record.bytes, place->file));
    nb_str installed = optional_text(arena, row->path, "installed-files.txt");
    if (installed.at)
        return owns_if(
            nb_text_has_line(installed, nb_str_concat(arena, NB_STR("../"), place->file)));
    return OWNS_MAYBE;
}

/* The distribution that is likely by its name, if it may own the module. */
static info *likely_owner(nb_arena *arena, const site_folder *site, nb_str dotted,
                          const module_place *place)
{
    info *row = nb_map_get(&site->by_name, nb_module_distribution(arena, dotted));
    if (row && owner(arena, row, dotted, place) != OWNS_NOT)
        return row;
    nb_str name = nb_distribution_normal(arena, dotted);
    for (; name.len > 0;) {
        row = nb_map_get(&site->by_name, name);
        if (row && owner(arena, row, dotted, place) != OWNS_NOT)
            return row;
        ptrdiff_t dash = nb_str_rfind_char(name, '-');
        name.len = dash < 0 ? 0 : (size_t)dash;
    }
    return NULL;
}

static nb_str first_part(nb_str path)
{
    ptrdiff_t end = nb_str_find_char(path, '/');
    return end < 0 ? path : nb_str_slice(path, 0, (size_t)end);
}

/* Reads a RECORD to the end once, so that it is searched later only for what it can hold. */
static void scan_record(nb_arena *arena, info *row)
{
    NB_AUTO(nb_mapped) record = {0};
    nb_str line, before = NB_STR("");
    if (row->scanned || !map_file(arena, row->path, "RECORD", &record))
        return;
    row->scanned = true;
    for (nb_str rest = record.bytes; nb_str_line(&rest, &line);) {
        if (nb_str_starts(line, NB_STR("\"")))
            line = nb_str_from_at(line, 1);
        ptrdiff_t comma = nb_str_find_char(line, ',');
        nb_str part = first_part(comma < 0 ? line : nb_str_slice(line, 0, (size_t)comma));
        if (!nb_str_eq(part, before) && !nb_map_has(&row->entries, part))
            (void)nb_set_add(arena, &row->entries, nb_arena_str(arena, part));
        before = part; /* rows of one package follow each other */
    }
}

/* The first one, by name, whose metadata lists the file. */
static info *listed_owner(nb_arena *arena, site_folder *site, nb_str dotted,
                          const module_place *place)
{
    nb_str part = first_part(place->file);
    for (size_t i = 0; i < site->infos.count; i++) {
        info *row = &site->infos.at[i];
        bool by_name = place->parts == 1 && top_level(arena, row).at;
        if (!by_name)
            scan_record(arena, row);
        if (row->scanned && !by_name && !nb_map_has(&row->entries, part))
            continue;
        if (owner(arena, row, dotted, place) == OWNS)
            return row;
    }
    return NULL;
}

/* The project that a .pth or a finder belongs to: its RECORD lists it. */
static info *editable_owner(nb_arena *arena, site_folder *site, nb_str dotted)
{
    ptrdiff_t dot = nb_str_find_char(dotted, '.');
    nb_str top = nb_str_slice(dotted, 0, dot < 0 ? dotted.len : (size_t)dot);
    module_place place = {.parts = 2}; /* top_level.txt tells modules, not files */
    place.file = nb_editable_file(arena, site->folder, site->files.names, site->files.count, top);
    return place.file.len > 0 ? listed_owner(arena, site, dotted, &place) : NULL;
}

static info *find_owner(nb_arena *arena, site_folder *site, nb_str dotted)
{
    module_place place = place_of(arena, site, dotted);
    if (place.file.len == 0)
        return editable_owner(arena, site, dotted);
    info *likely = likely_owner(arena, site, dotted, &place);
    return likely ? likely : listed_owner(arena, site, dotted, &place);
}

/* --- what it is -------------------------------------------------------------------------------- */

/* METADATA, PKG-INFO, or the egg-info itself when that is a file. */
static bool map_metadata(nb_arena *arena, const info *row, nb_mapped *out)
{
    return map_file(arena, row->path, "METADATA", out) ||
           map_file(arena, row->path, "PKG-INFO", out) ||
           map_file(arena, NB_STR(""), nb_arena_z(arena, row->path), out);
}

/* Conda writes the folder it built a package in where others write where it came from. */
static bool by_conda(nb_arena *arena, const info *row)
{
    return nb_str_eqz(nb_str_trim(optional_text(arena, row->path, "INSTALLER")), "conda");
}

static void describe(nb_arena *arena, const info *row, nb_distribution *out)
{
    NB_AUTO(nb_mapped) metadata = {0};
    nb_str name = row->name, version = row->version;
    if (map_metadata(arena, row, &metadata)) {
        nb_str given = nb_metadata_header(metadata.bytes, "Version");
        version = given.len > 0 ? nb_arena_str(arena, given) : version;
        given = nb_metadata_header(metadata.bytes, "Name");
        name = given.len > 0 ? nb_distribution_normal(arena, given) : name;
    }
    *out = (nb_distribution){.name = name, .version = nb_version_published(version)};
    nb_str direct = optional_text(arena, row->path, "direct_url.json");
    if (!direct.at || by_conda(arena, row))
        return;
    nb_str address = nb_direct_address(arena, direct, &out->local);
    out->address = out->local ? NB_STR("") : address;
    out->version = NB_STR("");
}

bool nb_installed_module(nb_installed *installed, nb_str dotted, nb_distribution *out)
{
    for (size_t i = 0; i < installed->count; i++) {
        const info *row = find_owner(installed->arena, &installed->sites[i], dotted);
        if (row) {
            describe(installed->arena, row, out);
            return true;
        }
    }
    return false;
}

bool nb_installed_project(nb_installed *installed, nb_str name, nb_distribution *out)
{
    for (size_t i = 0; i < installed->count; i++) {
        const info *row = nb_map_get(&installed->sites[i].by_name, name);
        if (row) {
            describe(installed->arena, row, out);
            return true;
        }
    }
    return false;
}
