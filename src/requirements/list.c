#include "requirements/list.h"

#include "base/fs.h"
#include "base/path.h"
#include "py/modules.h"

#include <stdlib.h>

enum { MAX_DEPTH = 100, MAX_FILE = 1024 * 1024, MAX_LINES = 10000 };

static void ask(nb_wanted_list *list, const nb_asked *asked, unsigned depth);

/* --- findings ---------------------------------------------------------------------------------- */

/* The IPython step tells about local requirements of its own lines. */
static bool is_told(const nb_diags *diags, nb_diag_code code, const nb_spot *spot)
{
    for (size_t i = 0; i < diags->list.count; i++) {
        const nb_diag *diag = &diags->list.at[i];
        if (diag->code == code && diag->spot.cell == spot->cell && diag->spot.line == spot->line &&
            nb_str_eq(diag->spot.path, spot->path))
            return true;
    }
    return false;
}

static void tell_local(nb_wanted_list *list, const nb_asked_parts *parts, const nb_spot *spot)
{
    if (!parts->local || is_told(list->diags, NB_D_LOCAL_REQUIREMENT, spot))
        return;
    nb_diag *diag =
        nb_diag_add(list->diags, NB_D_LOCAL_REQUIREMENT, *spot,
                    "'" NB_STR_FMT "' is a path on this machine", NB_STR_ARG(parts->target));
    nb_diag_help(list->diags, diag,
                 "name the project's repository ('git+https://...') or its release instead");
}

static void tell_wrong(nb_wanted_list *list, const nb_asked_parts *parts, const nb_spot *spot)
{
    nb_diag *diag =
        nb_diag_add(list->diags, NB_D_NO_REQUIREMENT, *spot, "'" NB_STR_FMT "' is left out: %s",
                    NB_STR_ARG(parts->text), parts->wrong);
    bool single = nb_str_starts(parts->specifier, NB_STR("=")) &&
                  !nb_str_starts(parts->specifier, NB_STR("=="));
    if (single)
        nb_diag_help(list->diags, diag, "write '" NB_STR_FMT "=" NB_STR_FMT "'",
                     NB_STR_ARG(parts->name), NB_STR_ARG(parts->specifier));
    else
        nb_diag_help(list->diags, diag, "write one requirement a line, such as 'pandas>=2,<3'");
}

static void tell_password(nb_wanted_list *list, const nb_spot *spot)
{
    nb_diag *diag = nb_diag_add(list->diags, NB_D_SECRET_REMOVED, *spot,
                                "a requirement is left out: its address holds a password");
    nb_diag_help(list->diags, diag,
                 "take it from an environment variable: https://${USER}:${TOKEN}@host/...");
}

static nb_str place_text(nb_arena *arena, const nb_spot *spot)
{
    if (spot->cell > 0)
        return nb_arena_printf(arena, "cell %u", spot->cell);
    if (spot->line > 0)
        return nb_arena_printf(arena, NB_STR_FMT ":%u", NB_STR_ARG(spot->path), spot->line);
    return spot->path.len > 0 ? spot->path : NB_STR("the configuration");
}

static void tell_conflict(nb_wanted_list *list, const nb_wanted *old, const nb_wanted *new)
{
    nb_diag *diag =
        nb_diag_add(list->diags, NB_D_CONFLICTING_PINS, new->spot,
                    "'" NB_STR_FMT "' takes the place of '" NB_STR_FMT "' in " NB_STR_FMT,
                    NB_STR_ARG(new->line), NB_STR_ARG(old->line),
                    NB_STR_ARG(place_text(list->arena, &old->spot)));
    nb_diag_help(list->diags, diag, "keep one of the two");
}

/* --- merging ----------------------------------------------------------------------------------- */

/* Equal apart from blanks and the sort of quotes. */
static bool same_text(nb_str a, nb_str b)
{
    for (size_t i = 0, j = 0;;) {
        while (i < a.len && (a.at[i] == ' ' || a.at[i] == '\t'))
            i++;
        while (j < b.len && (b.at[j] == ' ' || b.at[j] == '\t'))
            j++;
        if (i == a.len || j == b.len)
            return i == a.len && j == b.len;
        char x = a.at[i++], y = b.at[j++];
        if ((x == '\'' ? '"' : x) != (y == '\'' ? '"' : y))
            return false;
    }
}

static bool has_extra(nb_arena *arena, const nb_wanted *row, nb_str extra)
{
    nb_str normal = nb_distribution_normal(arena, extra);
    for (size_t i = 0; i < row->extras.count; i++)
        if (nb_str_eq(nb_distribution_normal(arena, row->extras.at[i]), normal))
            return true;
    return false;
}

/* Keeps them sorted; says whether one was new. */
static bool add_extra(nb_arena *arena, nb_wanted *row, nb_str extra)
{
    if (extra.len == 0 || has_extra(arena, row, extra))
        return false;
    nb_vec_push(arena, &row->extras, extra);
    for (size_t i = row->extras.count - 1;
         i > 0 && nb_str_cmp(row->extras.at[i - 1], row->extras.at[i]) > 0; i--) {
        nb_str swap = row->extras.at[i];
        row->extras.at[i] = row->extras.at[i - 1];
        row->extras.at[i - 1] = swap;
    }
    return true;
}

static bool add_extras(nb_arena *arena, nb_wanted *row, nb_str list)
{
    nb_str piece;
    bool added = false;
    while (nb_str_split(&list, ',', &piece))
        added = add_extra(arena, row, nb_str_trim(piece)) || added;
    return added;
}

/* The line again from its parts. */
static nb_str compose(nb_arena *arena, const nb_wanted *row)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    nb_buf_put(&buf, row->name);
    for (size_t i = 0; i < row->extras.count; i++) {
        nb_buf_putc(&buf, i == 0 ? '[' : ',');
        nb_buf_put(&buf, row->extras.at[i]);
    }
    nb_buf_putz(&buf, row->extras.count > 0 ? "]" : "");
    bool address = row->alone || nb_str_starts(row->specifier, NB_STR("@"));
    nb_buf_putz(&buf, row->alone ? " @ " : address ? " " : "");
    nb_buf_put(&buf, row->specifier);
    if (row->marker.len > 0)
        nb_buf_printf(&buf, "%s; " NB_STR_FMT, address ? " " : "", NB_STR_ARG(row->marker));
    if (row->options.len > 0)
        nb_buf_printf(&buf, " " NB_STR_FMT, NB_STR_ARG(row->options));
    return nb_arena_str(arena, nb_buf_view(&buf));
}

/* The later line wins, unless it leaves open what the earlier one settled; extras add up. */
static void merge(nb_wanted_list *list, nb_wanted *old, nb_wanted *new)
{
    bool settled = old->specifier.len > 0, settles = new->specifier.len > 0;
    if (settled && settles && !same_text(old->specifier, new->specifier))
        tell_conflict(list, old, new);
    nb_wanted *kept = settles || !settled ? new : old, *other = kept == new ? old : new;
    bool grown = false;
    for (size_t i = 0; i < other->extras.count; i++)
        grown = add_extra(list->arena, kept, other->extras.at[i]) || grown;
    bool path = kept->alone && !nb_str_contains(kept->specifier, NB_STR("://"));
    if (grown && !path) /* a path has no form with extras */
        kept->line = compose(list->arena, kept);
    *old = *kept;
}

static void add_row(nb_wanted_list *list, nb_wanted *row)
{
    for (size_t i = 0; i < list->rows.count; i++) {
        nb_wanted *old = &list->rows.at[i];
        bool same_address = row->normal.len == 0 && nb_str_eq(old->line, row->line);
        if (same_address)
            return;
        if (row->normal.len > 0 && nb_str_eq(old->normal, row->normal) &&
            same_text(old->marker, row->marker)) {
            merge(list, old, row);
            return;
        }
    }
    nb_vec_push(list->arena, &list->rows, *row);
}

/* --- asked lines ------------------------------------------------------------------------------- */

static void add_option(nb_wanted_list *list, nb_str text, nb_str why)
{
    for (size_t i = 0; i < list->options.count; i++)
        if (nb_str_eq(list->options.at[i].line, text))
            return;
    nb_vec_push(list->arena, &list->options,
                (nb_requirement){.distribution = NB_STR(""), .line = text, .why = why});
}

static bool find_file(nb_wanted_list *list, nb_str name, nb_str *path, nb_str *text)
{
    for (size_t i = 0; i < list->folder_count; i++) {
        NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* the next folder may have it */
        if (nb_path_inside(list->arena, list->folders[i], name, path, &ignored) == NB_OK &&
            nb_is_file(path->at) &&
            nb_file_read(list->arena, path->at, MAX_FILE, text, &ignored) == NB_OK)
            return true;
    }
    return false;
}

/* False when the file was read before: some name each other, or themselves. */
static bool is_new_file(nb_wanted_list *list, nb_str path)
{
    for (size_t i = 0; i < list->files.count; i++)
        if (nb_str_eq(list->files.at[i], path))
            return false;
    nb_vec_push(list->arena, &list->files, path);
    return true;
}

/* "-r FILE": its lines are taken over, since the file does not travel with requirements.txt, and is often called just that. */
static void ask_file(nb_wanted_list *list, const nb_asked_parts *parts, const nb_asked *asked,
                     unsigned depth)
{
    const nb_spot *spot = &asked->spot;
    bool constraints = nb_str_starts(parts->text, NB_STR("-c")) ||
                       nb_str_starts(parts->text, NB_STR("--constraint"));
    nb_str path, text, line;
    if (!parts->local) {
        add_option(list, parts->text, asked->why);
        return;
    }
    if (constraints || depth >= MAX_DEPTH || !find_file(list, parts->target, &path, &text)) {
        nb_diag *diag = nb_diag_add(list->diags, NB_D_LOCAL_REQUIREMENT, *spot,
                                    constraints ? "the constraints in '" NB_STR_FMT "' are left out"
                                                : "cannot read requirements from '" NB_STR_FMT "'",
                                    NB_STR_ARG(parts->target));
        nb_diag_help(list->diags, diag, "list what it asks for in a cell tagged 'requirements'");
        return;
    }
    if (!is_new_file(list, path))
        return;
    for (unsigned n = 1; n <= MAX_LINES && nb_str_line(&text, &line); n++)
        ask(list,
            &(nb_asked){
                line, {.path = parts->target, .line = n, .source = line},
                 parts->target
        },
            depth + 1);
}

static void ask_project(nb_wanted_list *list, const nb_asked_parts *parts, const nb_asked *asked)
{
    nb_wanted row = {.normal = parts->normal,
                     .name = parts->name,
                     .specifier = parts->specifier,
                     .marker = parts->marker,
                     .options = parts->options,
                     .line = parts->text,
                     .why = asked->why,
                     .alone = parts->kind == NB_ASKED_ADDRESS,
                     .spot = asked->spot};
    (void)add_extras(list->arena, &row, parts->extras);
    tell_local(list, parts, &asked->spot);
    if (row.normal.len > 0)
        nb_vec_push(list->arena, &list->asked, row.normal);
    add_row(list, &row);
}

static void ask(nb_wanted_list *list, const nb_asked *asked, unsigned depth)
{
    nb_asked_parts parts = nb_asked_parse(list->arena, asked->line);
    if (nb_has_password(parts.text)) {
        tell_password(list, &asked->spot);
        return;
    }
    switch (parts.kind) {
    case NB_ASKED_NOTHING: break;
    case NB_ASKED_OPTION:
        tell_local(list, &parts, &asked->spot);
        add_option(list, parts.text, asked->why);
        if (parts.normal.len > 0)
            nb_vec_push(list->arena, &list->asked, parts.normal);
        break;
    case NB_ASKED_FILE: ask_file(list, &parts, asked, depth); break;
    case NB_ASKED_PROJECT:
    case NB_ASKED_ADDRESS: ask_project(list, &parts, asked); break;
    case NB_ASKED_WRONG: tell_wrong(list, &parts, &asked->spot); break;
    }
}

void nb_wanted_ask(nb_wanted_list *list, const nb_asked *asked)
{
    ask(list, asked, 0);
}

void nb_wanted_infer(nb_wanted_list *list, nb_str name, nb_str line, nb_str why)
{
    nb_vec_push(list->arena, &list->rows,
                (nb_wanted){.normal = name, .name = name, .line = line, .why = why});
}

/* --- questions and the result ------------------------------------------------------------------ */

bool nb_wanted_has(const nb_wanted_list *list, nb_str name)
{
    for (size_t i = 0; i < list->rows.count; i++)
        if (nb_str_eq(list->rows.at[i].normal, name))
            return true;
    return false;
}

bool nb_wanted_provides(const nb_wanted_list *list, nb_str dotted)
{
    for (size_t i = 0; i < list->asked.count; i++)
        if (nb_module_provided_by(list->arena, dotted, list->asked.at[i]))
            return true;
    return false;
}

bool nb_wanted_may_provide_any(const nb_wanted_list *list)
{
    for (size_t i = 0; i < list->rows.count; i++)
        if (list->rows.at[i].alone)
            return true;
    return false;
}

/* By name; what has no name comes last, and after that what the target provides. */
static int by_name(const void *a, const void *b)
{
    const nb_wanted *x = a, *y = b;
    if ((x->provided_by.len == 0) != (y->provided_by.len == 0))
        return x->provided_by.len == 0 ? -1 : 1;
    if ((x->normal.len == 0) != (y->normal.len == 0))
        return x->normal.len == 0 ? 1 : -1;
    int order = nb_str_cmp(x->normal, y->normal);
    return order != 0 ? order : nb_str_cmp(x->line, y->line);
}

/* pip takes what follows " #" for a comment; a line end in one would end the line. */
static void put_line(nb_buf *buf, const nb_requirement *row)
{
    nb_buf_putz(buf, row->provided ? "# " : "");
    nb_buf_put(buf, row->line);
    nb_buf_putz(buf, row->why.len > 0 ? "  # " : "");
    for (size_t i = 0; i < row->why.len; i++)
        nb_buf_putc(buf, (unsigned char)row->why.at[i] < ' ' ? '?' : row->why.at[i]);
    nb_buf_putc(buf, '\n');
}

static nb_requirement requirement_of(nb_arena *arena, const nb_wanted *row)
{
    nb_requirement out = {row->normal, row->line, row->why, row->provided_by.len > 0};
    if (out.provided)
        out.why =
            nb_arena_printf(arena, NB_STR_FMT "%sprovided by " NB_STR_FMT, NB_STR_ARG(row->why),
                            row->why.len > 0 ? "; " : "", NB_STR_ARG(row->provided_by));
    return out;
}

void nb_wanted_finish(const nb_wanted_list *list, nb_requirements *out)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_BUF_TEXT);
    size_t options = list->options.count, count = list->rows.count;
    nb_wanted *sorted = NB_NEW_ARRAY(list->arena, nb_wanted, count);
    nb_requirement *rows = NB_NEW_ARRAY(list->arena, nb_requirement, options + count);
    if (count > 0)
        memcpy(sorted, list->rows.at, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), by_name);
    for (size_t i = 0; i < options + count; i++) {
        const nb_wanted *row = i < options ? NULL : &sorted[i - options];
        rows[i] = row ? requirement_of(list->arena, row) : list->options.at[i];
        put_line(&buf, &rows[i]);
    }
    out->list = rows;
    out->count = options + count;
    out->text = nb_arena_str(list->arena, nb_buf_view(&buf));
}
