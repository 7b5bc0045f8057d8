#include "requirements/build.h"

#include "py/modules.h"

nb_str nb_module_top(nb_str dotted)
{
    ptrdiff_t dot = nb_str_find_char(dotted, '.');
    return dot < 0 ? dotted : nb_str_slice(dotted, 0, (size_t)dot);
}

/* Files are named without a line, which moves with every edit. */
static nb_str place_of(nb_arena *arena, const nb_spot *spot)
{
    if (spot->cell > 0)
        return nb_arena_printf(arena, " (cell %u)", spot->cell);
    if (spot->path.len > 0)
        return nb_arena_printf(arena, " (" NB_STR_FMT ")", NB_STR_ARG(spot->path));
    return NB_STR("");
}

nb_str nb_evidence_import(nb_build *b, const nb_module_use *use, nb_str dotted)
{
    /* Of `from google.cloud import storage` the module alone tells nothing. */
    bool whole = nb_str_eq(nb_module_distribution(b->arena, use->module),
                           nb_module_distribution(b->arena, dotted));
    nb_str module = whole ? use->module : dotted;
    return nb_arena_printf(b->arena, "import " NB_STR_FMT NB_STR_FMT, NB_STR_ARG(module),
                           NB_STR_ARG(place_of(b->arena, &use->spot)));
}

nb_str nb_evidence_needed(nb_build *b, const nb_needed *needed)
{
    return nb_arena_printf(b->arena, NB_STR_FMT NB_STR_FMT " needs it", NB_STR_ARG(needed->what),
                           NB_STR_ARG(place_of(b->arena, &needed->spot)));
}

static nb_str and_from(nb_build *b, nb_str why, const char *what, nb_str source)
{
    return nb_arena_printf(b->arena, NB_STR_FMT "; %s " NB_STR_FMT, NB_STR_ARG(why), what,
                           NB_STR_ARG(source));
}

nb_str nb_evidence_locked(nb_build *b, nb_str why, const nb_locked *row)
{
    bool address = nb_str_starts(row->specifier, NB_STR("@"));
    why = and_from(b, why, address ? "from" : "version from", nb_locked_source(b->arena, row));
    if (row->index.len > 0)
        why = and_from(b, why, "index", row->index);
    return why;
}

nb_str nb_evidence_installed(nb_build *b, nb_str why, const nb_distribution *found)
{
    nb_str environment = b->input->environment;
    return and_from(b, why, found->address.len > 0 ? "from" : "version from",
                    environment.len > 0 ? environment : NB_STR("the chosen environment"));
}
