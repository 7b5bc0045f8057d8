#include "requirements/editable.h"

#include "base/fs.h"
#include "base/path.h"

enum { LARGEST_PTH = 64 * 1024, LARGEST_FINDER = 1024 * 1024 };

static bool holds(nb_arena *arena, nb_str folder, nb_str top)
{
    nb_str base = nb_path_join(arena, folder, top);
    return nb_is_dir(base.at) || nb_is_file(nb_str_concat(arena, base, NB_STR(".py")).at);
}

/* One path a line, seen from the folder; lines that begin with "import" are code. */
static bool leads_to(nb_arena *arena, nb_str folder, nb_str text, nb_str top)
{
    nb_str line;
    while (nb_str_line(&text, &line)) {
        line = nb_str_trim(line);
        bool path = line.len > 0 && line.at[0] != '#' && !nb_str_starts(line, NB_STR("import "));
        if (path && holds(arena, nb_path_join(arena, folder, line), top))
            return true;
    }
    return false;
}

bool nb_editable_maps(nb_arena *arena, nb_str text, nb_str top)
{
    ptrdiff_t start = nb_str_find(text, NB_STR("MAPPING"));
    nb_str rest = nb_str_from_at(text, start < 0 ? text.len : (size_t)start), line;
    (void)nb_str_line(&rest, &line); /* the mapping stands on one line */
    nb_str key = nb_arena_printf(arena, "'" NB_STR_FMT "': '", NB_STR_ARG(top));
    return start >= 0 && nb_str_contains(line, key);
}

static bool is_editable(nb_arena *arena, nb_str folder, nb_str name, nb_str top)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a file that cannot be read leads nowhere */
    bool pth = nb_str_ends(name, NB_STR(".pth"));
    bool finder =
        nb_str_starts(name, NB_STR("__editable__")) && nb_str_ends(name, NB_STR("_finder.py"));
    nb_str text, path = nb_path_join(arena, folder, name);
    if ((!pth && !finder) || nb_file_read(arena, path.at, finder ? LARGEST_FINDER : LARGEST_PTH,
                                          &text, &ignored) != NB_OK)
        return false;
    return pth ? leads_to(arena, folder, text, top) : nb_editable_maps(arena, text, top);
}

nb_str nb_editable_file(nb_arena *arena, nb_str folder, const nb_str *names, size_t count,
                        nb_str top)
{
    for (size_t i = 0; i < count; i++)
        if (is_editable(arena, folder, names[i], top))
            return names[i];
    return NB_STR("");
}
