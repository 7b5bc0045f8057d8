#include "base/fs.h"
#include "base/path.h"
#include "requirements/line.h"
#include "requirements/lock_parts.h"

/* requirements*.txt: what pip reads, also as pip freeze and pip-compile write it. */

enum { DEEPEST_INCLUDE = 8 };

static void read_lines(nb_lock_reader *r);

/* A login in an address stays behind. */
static nb_str clean_specifier(nb_arena *arena, const nb_asked_parts *parts)
{
    bool address = parts->kind != NB_ASKED_PROJECT || nb_str_starts(parts->specifier, NB_STR("@"));
    if (!address)
        return parts->specifier;
    nb_str url = nb_address_without_login(arena, parts->target);
    return parts->local ? NB_STR("") : nb_str_concat(arena, NB_STR("@ "), url);
}

static void include(const nb_lock_reader *r, nb_str name)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a file that is not there names nothing */
    nb_lock_reader inner = *r;
    nb_str path = nb_path_clean(r->arena, nb_path_join(r->arena, r->folder, name));
    if (r->depth >= DEEPEST_INCLUDE || r->folder.len == 0 ||
        nb_path_inside(r->arena, r->folder, name, &path, &ignored) != NB_OK ||
        nb_file_read(r->arena, path.at, NB_LOCK_MAX_BYTES, &inner.text, &ignored) != NB_OK)
        return;
    inner.depth++;
    inner.folder = nb_path_dir(path);
    inner.spot.path = nb_path_join(r->arena, nb_path_dir(r->spot.path), name);
    inner.spot.path = nb_path_clean(r->arena, inner.spot.path);
    read_lines(&inner);
}

void nb_lock_add_line(nb_lock_reader *r, nb_str line, unsigned number)
{
    nb_asked_parts parts = nb_asked_parse(r->arena, line);
    if (parts.kind == NB_ASKED_FILE && parts.local && nb_str_starts(parts.text, NB_STR("-r")))
        include(r, parts.target);
    bool project = parts.kind == NB_ASKED_PROJECT || parts.kind == NB_ASKED_ADDRESS ||
                   (parts.kind == NB_ASKED_OPTION && parts.target.len > 0);
    if (!project || parts.wrong)
        return;
    nb_lock_add(r, (nb_locked){.name = parts.name,
                               .specifier = clean_specifier(r->arena, &parts),
                               .extras = parts.extras,
                               .marker = parts.marker,
                               .spot.line = number,
                               .local = parts.local});
}

/* A backslash at its end continues a line: hashes are written that way. */
static nb_str whole_line(nb_arena *arena, nb_str *rest, nb_str line, unsigned *number)
{
    nb_str next;
    while (nb_str_ends(nb_str_rtrim(line), NB_STR("\\")) && nb_str_line(rest, &next)) {
        line = nb_str_rtrim(line);
        line.len--;
        line = nb_arena_printf(arena, NB_STR_FMT " " NB_STR_FMT, NB_STR_ARG(nb_str_rtrim(line)),
                               NB_STR_ARG(nb_str_trim(next)));
        ++*number;
    }
    return line;
}

static void read_lines(nb_lock_reader *r)
{
    nb_str rest = r->text, line;
    if (nb_str_starts(rest, NB_STR("\xEF\xBB\xBF")))
        rest = nb_str_from_at(rest, 3);
    for (unsigned number = 1; nb_str_line(&rest, &line); number++) {
        unsigned first = number;
        nb_lock_add_line(r, whole_line(r->arena, &rest, line, &number), first);
    }
}

nb_code nb_lock_read_lines(nb_lock_reader *r, nb_error *err)
{
    if (memchr(r->text.at, '\0', r->text.len)) {
        (void)nb_fail(err, NB_ERR_CONFIG, "it is no text: it holds NUL characters");
        nb_error_hint(err, "save the file as UTF-8");
        return err->code;
    }
    read_lines(r);
    return NB_OK;
}
