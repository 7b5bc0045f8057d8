#include "base/fs.h"
#include "base/path.h"
#include "requirements/requirements.h"

#include <limits.h>

enum { MAX_FOLDERS = 4, PYVENV_LIMIT = 64 * 1024, MAX_MINOR = 99 };

/* A Python that is being looked at. */
typedef struct candidate {
    nb_arena *arena;
    nb_str prefix;      /* the folder with bin/ and lib/ */
    nb_str interpreter; /* empty when a folder was named */
    unsigned minor;     /* 0: unknown */
    nb_str *folders;
    size_t count;
} candidate;

/* --- its version ------------------------------------------------------------------------------- */

/* "3.11", "3.11.2", "python3.11" after `start`; 0 when it is none. */
static unsigned minor_of(nb_str text, const char *start)
{
    int64_t minor = 0;
    if (!nb_str_starts(text, nb_str_from(start)))
        return 0;
    text = nb_str_from_at(text, strlen(start));
    size_t len = 0;
    while (len < text.len && nb_is_digit(text.at[len]))
        len++;
    bool good = nb_str_to_int(nb_str_slice(text, 0, len), &minor) && minor <= MAX_MINOR;
    return good ? (unsigned)minor : 0;
}

/* The newest lib/python3.x of the prefix. */
static unsigned newest_library(nb_arena *arena, nb_str prefix)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no lib folder: no version */
    nb_str *names = NULL;
    size_t count = 0;
    unsigned newest = 0;
    nb_str lib = nb_path_join(arena, prefix, NB_STR("lib"));
    if (nb_dir_list(arena, lib.at, &names, &count, &ignored) != NB_OK)
        return 0;
    for (size_t i = 0; i < count; i++) {
        unsigned minor = minor_of(names[i], "python3.");
        newest = minor > newest ? minor : newest;
    }
    return newest;
}

static nb_str real_path(nb_arena *arena, nb_str path)
{
    char resolved[PATH_MAX];
    if (!realpath(nb_arena_z(arena, path), resolved))
        return path;
    return nb_arena_str(arena, nb_str_from(resolved));
}

static void find_minor(candidate *py)
{
    if (py->minor == 0)
        py->minor = minor_of(nb_path_base(py->interpreter), "python3.");
    if (py->minor == 0 && py->interpreter.len > 0)
        py->minor = minor_of(nb_path_base(real_path(py->arena, py->interpreter)), "python3.");
    if (py->minor == 0)
        py->minor = newest_library(py->arena, py->prefix);
}

/* --- its folders ------------------------------------------------------------------------------- */

static void add_folder(candidate *py, nb_str folder)
{
    folder = real_path(py->arena, folder); /* lib64 is often a link to lib */
    for (size_t i = 0; i < py->count; i++)
        if (nb_str_eq(py->folders[i], folder))
            return;
    if (py->count < MAX_FOLDERS && nb_is_dir(nb_arena_z(py->arena, folder)))
        py->folders[py->count++] = folder;
}

/* prefix/lib/python3.x/kind */
static void add_library(candidate *py, nb_str prefix, const char *lib, const char *kind)
{
    add_folder(py, nb_arena_printf(py->arena, NB_STR_FMT "/%s/python3.%u/%s", NB_STR_ARG(prefix),
                                   lib, py->minor, kind));
}

static void add_folders(candidate *py, nb_str prefix)
{
    if (nb_str_eqz(prefix, "/usr")) /* Debian: what pip put beside the distribution's own */
        add_library(py, NB_STR("/usr/local"), "lib", "dist-packages");
    add_library(py, prefix, "lib", "site-packages");
    add_library(py, prefix, "lib64", "site-packages");
    add_library(py, prefix, "lib", "dist-packages");
    add_folder(py, nb_path_join(py->arena, prefix, NB_STR("lib/python3/dist-packages")));
}

/* --- virtual environments ---------------------------------------------------------------------- */

typedef struct pyvenv {
    bool found;
    nb_str home; /* bin/ of the Python it was made from */
    bool sees_system;
    unsigned minor;
} pyvenv;

static pyvenv read_pyvenv(nb_arena *arena, nb_str prefix)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no such file: no virtual environment */
    pyvenv out = {0};
    nb_str text, line, path = nb_path_join(arena, prefix, NB_STR("pyvenv.cfg"));
    if (nb_file_read(arena, path.at, PYVENV_LIMIT, &text, &ignored) != NB_OK)
        return out;
    out.found = true;
    while (nb_str_line(&text, &line)) {
        nb_str key = {0};
        (void)nb_str_split(&line, '=', &key);
        key = nb_str_trim(key);
        nb_str value = nb_str_trim(line);
        if (nb_str_eq_nocase(key, NB_STR("home")))
            out.home = value;
        else if (nb_str_eq_nocase(key, NB_STR("include-system-site-packages")))
            out.sees_system = nb_str_eq_nocase(value, NB_STR("true"));
        else if (nb_str_eq_nocase(key, NB_STR("version")) ||
                 nb_str_eq_nocase(key, NB_STR("version_info")))
            out.minor = minor_of(value, "3.");
    }
    return out;
}

/* --- all together ------------------------------------------------------------------------------ */

/* Its standard library lies below the prefix: what Python itself looks for. */
static bool is_prefix(nb_arena *arena, nb_str prefix, unsigned minor)
{
    return nb_is_file(
        nb_arena_printf(arena, NB_STR_FMT "/lib/python3.%u/os.py", NB_STR_ARG(prefix), minor).at);
}

/* A link outside of an environment (/usr/local/bin/python3) stands for the Python that it leads to. */
static void follow_link(candidate *py)
{
    nb_str real = real_path(py->arena, py->interpreter);
    nb_str prefix = nb_path_dir(nb_path_dir(real));
    unsigned minor = minor_of(nb_path_base(real), "python3.");
    if (is_prefix(py->arena, py->prefix, py->minor) || !is_prefix(py->arena, prefix, minor))
        return;
    py->prefix = prefix;
    py->minor = minor;
}

size_t nb_site_packages(nb_arena *arena, nb_str python, nb_str folders[4], unsigned *minor)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* then the folder is gone and nothing is found */
    if (nb_str_find_char(python, '/') < 0 ||
        nb_path_absolute(arena, python, &python, &ignored) != NB_OK)
        return 0;
    candidate py = {
        .arena = arena, .folders = folders, .interpreter = NB_STR(""), .prefix = python};
    if (!nb_is_dir(nb_arena_z(arena, python))) {
        py.interpreter = python;
        py.prefix = nb_path_dir(nb_path_dir(python));
    }
    pyvenv venv = read_pyvenv(arena, py.prefix);
    py.minor = venv.minor;
    find_minor(&py);
    if (!venv.found && py.interpreter.len > 0)
        follow_link(&py);
    add_folders(&py, py.prefix);
    if (venv.sees_system && venv.home.len > 0)
        add_folders(&py, nb_path_dir(venv.home));
    if (py.minor > 0 && minor)
        *minor = py.minor;
    return py.count;
}
