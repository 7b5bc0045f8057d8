/* Lock and project files of every kind; the first byte chooses it. Whatever they say, what comes out is a line that pip reads as what it means:
 * one project of that name with that specifier, on one line, and no login in it. Unreadable text is told with a place or without, never half. */
#include "base/map.h"
#include "requirements/line.h"
#include "requirements/lock_parts.h"
#include "requirements/marker.h"
#include "requirements/version.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libfyaml 0.7 loses a buffer of its own on some broken documents. */
const char *__lsan_default_suppressions(void); /* NOLINT(bugprone-reserved-identifier) */
const char *__lsan_default_suppressions(void)  /* NOLINT(bugprone-reserved-identifier) */
{
    return "leak:libfyaml";
}

static nb_lock_read *const readers[] = {
    nb_lock_read_uv,           nb_lock_read_poetry, nb_lock_read_pdm,   nb_lock_read_pylock,
    nb_lock_read_pipfile,      nb_lock_read_lines,  nb_lock_read_conda, nb_lock_read_pyproject,
    nb_lock_read_pipfile_toml, nb_lock_read_script};

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_row(nb_arena *arena, const nb_locked *row)
{
    bool address = nb_str_starts(row->specifier, NB_STR("@ "));
    nb_str line = nb_arena_printf(arena, NB_STR_FMT "%s" NB_STR_FMT, NB_STR_ARG(row->name),
                                  address ? " " : "", NB_STR_ARG(row->specifier));
    nb_asked_parts parts = nb_asked_parse(arena, line);
    check(parts.kind == NB_ASKED_PROJECT && parts.wrong == NULL);
    check(nb_str_eq(parts.normal, row->name));
    check(nb_str_eq(parts.specifier, row->specifier));
    check(parts.marker.len == 0 && parts.options.len == 0);
    check(!nb_has_password(line));
}

/* What a version is to itself, and what allows it. */
static void check_text(nb_str text)
{
    check(nb_version_cmp(text, text) == 0);
    if (nb_version_is(text))
        check(nb_specifier_allows(NB_STR(">=0.dev0,!=0.dev1"), text) ||
              nb_version_cmp(text, NB_STR("0.dev1")) <= 0);
    (void)nb_marker_holds(text, 11);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_diags diags = {.arena = &arena};
    nb_locks_input input = {.minor = 11};
    if (size == 0)
        return 0;
    nb_str text = nb_arena_str(&arena, (nb_str){(const char *)data + 1, size - 1});
    nb_lock_reader r = {.arena = &arena, .text = text, .folder = NB_STR("")};
    r.spot.path = NB_STR("fuzz");
    r.locks = nb_locks_open(&arena, &input, &diags);
    if (readers[data[0] % NB_LEN(readers)](&r, &err) != NB_OK)
        check(nb_error_message(&err, 0) != NULL);
    for (size_t i = 0; nb_locks_name(r.locks, i).at; i++) {
        nb_locked row;
        if (nb_locks_project(r.locks, nb_locks_name(r.locks, i), &row))
            check_row(&arena, &row);
    }
    check_text(text);
    return 0;
}
