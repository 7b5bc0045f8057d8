#include "check/walk.h"

#include "base/fs.h"
#include "base/path.h"
#include "check/gitignore.h"

#include <limits.h>
#include <stdlib.h>

enum { DEEPEST = 256, LARGEST_FILE = 1024 * 1024 };

/* A folder that the walk is in. */
typedef struct level {
    struct level *above;
    nb_arena arena; /* of everything below */
    nb_str path;    /* as it is told; empty: the current folder */
    nb_str
        seen; /* from where the rules count: the repository's top, or the folder where the walk began */
    const nb_gitignore *rules;
    const nb_entry *entries; /* folders to enter and notebooks, sorted */
    size_t count, next;
    unsigned depth;
} level;

struct nb_walk {
    nb_str start; /* NULL-terminated; the folder to begin with */
    level *here;
    nb_arena arena;
    bool begun;
};

/* --- rules ---------------------------------------------------------------------------------------------------------- */

static const nb_gitignore *read_rules(nb_arena *arena, nb_str file, nb_str seen,
                                      const nb_gitignore *above)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* no such file, or none that can be read */
    nb_str text;
    if (!nb_is_file(file.at) ||
        nb_file_read(arena, file.at, LARGEST_FILE, &text, &ignored) != NB_OK)
        return above;
    return nb_gitignore_read(arena, text, seen, above);
}

/* The folder that a file names after its `label`, as .git of a worktree does; empty when it names none. */
static nb_str named_folder(nb_arena *arena, nb_str folder, const char *file, const char *label)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* then it is no such folder */
    nb_str text, line, path = nb_path_join(arena, folder, nb_str_from(file));
    if (!nb_is_file(path.at) ||
        nb_file_read(arena, path.at, LARGEST_FILE, &text, &ignored) != NB_OK ||
        !nb_str_line(&text, &line) || !nb_str_starts(line, nb_str_from(label)))
        return NB_STR("");
    return nb_path_join(arena, folder, nb_str_trim(nb_str_from_at(line, strlen(label))));
}

/* .git/info/exclude of the repository whose top is `folder`; a worktree's is its main repository's. */
static const nb_gitignore *read_exclude(nb_arena *arena, nb_str folder)
{
    nb_str git = nb_path_join(arena, folder, NB_STR(".git"));
    nb_str elsewhere = named_folder(arena, folder, ".git", "gitdir:");
    if (elsewhere.len > 0) {
        nb_str common = named_folder(arena, elsewhere, "commondir", "");
        git = common.len > 0 ? common : elsewhere;
    }
    return read_rules(arena, nb_path_join(arena, git, NB_STR("info/exclude")), NB_STR(""), NULL);
}

static bool is_repository(nb_arena *arena, nb_str folder)
{
    return nb_path_exists(nb_path_join(arena, folder, NB_STR(".git")).at);
}

/* The top of the repository that holds the absolute path; empty when none does. */
static nb_str repository_of(nb_arena *arena, nb_str path)
{
    while (!is_repository(arena, path)) {
        if (path.len <= 1)
            return NB_STR("");
        path = nb_arena_str(arena, nb_path_dir(path));
    }
    return path;
}

/* The rules of the folders above the one where the walk begins, from the repository's top on. */
static void begin_rules(level *l)
{
    char real[PATH_MAX];
    const char *path = l->path.len > 0 ? l->path.at : ".";
    nb_str start = realpath(path, real) ? nb_arena_str(&l->arena, nb_str_from(real)) : NB_STR("");
    nb_str top = start.len > 0 ? repository_of(&l->arena, start) : NB_STR(""), part;
    l->seen = NB_STR("");
    if (top.len == 0 || nb_str_eq(top, start))
        return; /* enter() reads the folder's own */
    l->rules = read_exclude(&l->arena, top);
    nb_str below = nb_str_from_at(start, top.len > 1 ? top.len + 1 : 1), rest = below;
    for (size_t end = 0; nb_str_split(&rest, '/', &part); end += part.len + 1) {
        nb_str seen = nb_str_slice(below, 0, end > 0 ? end - 1 : 0);
        nb_str folder = nb_path_join(&l->arena, top, seen);
        nb_str file = nb_path_join(&l->arena, folder, NB_STR(".gitignore"));
        l->rules = read_rules(&l->arena, file, seen, l->rules);
    }
    l->seen = below;
}

/* --- one folder ------------------------------------------------------------------------------------------------------- */

static nb_str below(nb_arena *arena, nb_str folder, nb_str name)
{
    return folder.len > 0 ? nb_path_join(arena, folder, name) : nb_arena_str(arena, name);
}

static bool is_left_out(nb_str name)
{
    static const nb_str names[] = {NB_STR_ROW("node_modules"), NB_STR_ROW("site-packages"),
                                   NB_STR_ROW("__pycache__")};
    for (size_t i = 0; i < NB_LEN(names); i++)
        if (nb_str_eq(names[i], name))
            return true;
    return name.at[0] == '.';
}

static bool is_wanted(const nb_entry *entry)
{
    switch (entry->kind) {
    case NB_ENTRY_FOLDER: return !is_left_out(entry->name);
    case NB_ENTRY_FILE:
        return entry->name.at[0] != '.' && nb_str_ends(entry->name, NB_STR(".ipynb"));
    case NB_ENTRY_OTHER: return false;
    }
    return false;
}

/* As whole paths stand in order: a folder's name is followed by a slash. */
static int by_path(const void *a_, const void *b_)
{
    const nb_entry *a = a_, *b = b_;
    size_t shared = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = memcmp(a->name.at, b->name.at, shared);
    if (order != 0)
        return order;
    unsigned char left = (unsigned char)(a->name.len > shared         ? a->name.at[shared]
                                         : a->kind == NB_ENTRY_FOLDER ? '/'
                                                                      : 0);
    unsigned char right = (unsigned char)(b->name.len > shared         ? b->name.at[shared]
                                          : b->kind == NB_ENTRY_FOLDER ? '/'
                                                                       : 0);
    return (left > right) - (left < right);
}

static bool has(const nb_entry *entries, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (nb_str_eqz(entries[i].name, name))
            return true;
    return false;
}

/* Keeps the entries that the walk is for. */
static size_t choose(level *l, nb_entry *entries, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
        if (!is_wanted(&entries[i]) ||
            nb_gitignore_has(l->rules, below(&scratch, l->seen, entries[i].name),
                             entries[i].kind == NB_ENTRY_FOLDER))
            continue;
        entries[kept++] = entries[i];
    }
    if (kept > 0)
        qsort(entries, kept, sizeof(*entries), by_path);
    return kept;
}

static nb_code read_level(level *l, nb_error *err)
{
    nb_entry *entries;
    size_t count;
    if (nb_dir_read(&l->arena, l->path.len > 0 ? l->path.at : ".", &entries, &count, err) != NB_OK)
        return err->code;
    bool environment = has(entries, count, "pyvenv.cfg") || has(entries, count, "conda-meta");
    if (environment && l->depth > 0)
        return NB_OK;
    if (has(entries, count, ".git")) {
        l->rules = read_exclude(&l->arena, l->path);
        l->seen = NB_STR("");
    }
    if (has(entries, count, ".gitignore"))
        l->rules = read_rules(&l->arena, below(&l->arena, l->path, NB_STR(".gitignore")), l->seen,
                              l->rules);
    l->count = choose(l, entries, count);
    l->entries = entries;
    return NB_OK;
}

static level *level_new(level *above, nb_str path)
{
    level *l = calloc(1, sizeof(*l));
    if (!l)
        abort(); /* out of memory */
    l->above = above;
    l->path = nb_arena_str(&l->arena, path);
    if (above) {
        l->depth = above->depth + 1;
        l->rules = above->rules;
        l->seen = below(&l->arena, above->seen, nb_path_base(l->path));
    } else {
        begin_rules(l);
    }
    return l;
}

static void leave(nb_walk *walk)
{
    level *l = walk->here;
    walk->here = l->above;
    nb_arena_release(&l->arena);
    free(l);
}

static nb_code enter(nb_walk *walk, nb_str path, nb_error *err)
{
    if (walk->here && walk->here->depth >= DEEPEST)
        return nb_fail(err, NB_ERR_IO,
                       "cannot list '" NB_STR_FMT "': it is more than %d folders deep",
                       NB_STR_ARG(path), DEEPEST);
    walk->here = level_new(walk->here, path);
    return read_level(walk->here, err);
}

/* --- the walk --------------------------------------------------------------------------------------------------------- */

nb_walk *nb_walk_open(nb_str folder)
{
    nb_walk *walk = calloc(1, sizeof(*walk));
    if (!walk)
        abort(); /* out of memory */
    nb_str clean = nb_path_clean(&walk->arena, folder);
    walk->start = nb_str_eqz(clean, ".") ? NB_STR("") : clean;
    return walk;
}

/* The next entry of all folders the walk is in; NULL when there is none. */
static const nb_entry *next_entry(nb_walk *walk)
{
    while (walk->here && walk->here->next == walk->here->count)
        leave(walk);
    return walk->here ? &walk->here->entries[walk->here->next++] : NULL;
}

bool nb_walk_next(nb_walk *walk, nb_arena *arena, nb_str *path, nb_error *err)
{
    if (!walk->begun) {
        walk->begun = true;
        if (enter(walk, walk->start, err) != NB_OK) {
            *path = nb_arena_str(arena, walk->start);
            return true;
        }
    }
    for (const nb_entry *entry; (entry = next_entry(walk)) != NULL;) {
        *path = below(arena, walk->here->path, entry->name);
        if (entry->kind == NB_ENTRY_FILE || enter(walk, *path, err) != NB_OK)
            return true;
    }
    return false;
}

void nb_walk_close(nb_walk *walk)
{
    while (walk->here)
        leave(walk);
    nb_arena_release(&walk->arena);
    free(walk);
}
