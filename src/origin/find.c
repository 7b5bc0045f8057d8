/* Questions to maps; see map.h. */
#include "base/path.h"
#include "origin/map.h"

/* --- which file a path names -------------------------------------------------------------------------------------- */

/* How well a path names a file of a map. */
enum { FOREIGN, SAME_NAME, SAME_FOLDER, SAME_FILE };

/* Whether `path` ends in /`tail`, or is it; *rest gets what stands before. */
static bool cut_tail(nb_str path, nb_str tail, nb_str *rest)
{
    if (!nb_str_ends(path, tail))
        return false;
    *rest = nb_str_slice(path, 0, path.len - tail.len);
    if (rest->len == 0)
        return true;
    if (rest->at[rest->len - 1] != '/')
        return false;
    rest->len--;
    return true;
}

static int likeness(const nb_origin_map *map, const nb_origin_file *file, nb_str path)
{
    nb_str rest, above;
    if (!cut_tail(path, file->name, &rest))
        return FOREIGN;
    if (nb_str_eq(rest, map->folder))
        return SAME_FILE;
    return cut_tail(rest, nb_path_base(map->folder), &above) ? SAME_FOLDER : SAME_NAME;
}

/* --- which line ----------------------------------------------------------------------------------------------------- */

static const nb_origin_range *range_of(const nb_origin_file *file, int64_t line)
{
    size_t low = 0, high = file->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (file->ranges[middle].line + file->ranges[middle].count <= line)
            low = middle + 1;
        else
            high = middle;
    }
    bool inside = low < file->count && file->ranges[low].line <= line;
    return inside ? &file->ranges[low] : NULL;
}

/* Whether the file has the text `source` on that line, as far as anybody can tell. */
static bool has_source(const nb_origin_file *file, int64_t line, nb_str source)
{
    if (!source.at || file->state != NB_ORIGIN_FRESH)
        return true;
    return nb_str_eq(nb_str_trim(nb_str_line_at(file->text, (size_t)line)), nb_str_trim(source));
}

static nb_origin_answer answer(nb_origin *o, int64_t line)
{
    if (o->file->state == NB_ORIGIN_EDITED)
        return NB_ORIGIN_CHANGED;
    o->range = range_of(o->file, line);
    if (!o->range)
        return NB_ORIGIN_GENERATED;
    o->cell = o->range->cell;
    o->line = o->range->cell_line + (line - o->range->line);
    o->path = o->cell > 0 ? o->map->notebook : o->file->source;
    return NB_ORIGIN_FOUND;
}

/* The files that a path may mean: those it names best, and among them those that have the source line. */
typedef struct search {
    nb_str path, source;
    int64_t line;
    int best;
    size_t named, fitting;
    nb_origin first, fit;
} search;

static void consider(search *s, const nb_origin_map *map, const nb_origin_file *file)
{
    int like = likeness(map, file, s->path);
    nb_origin here = {.map = map, .file = file};
    if (like < s->best)
        return;
    if (like > s->best)
        s->named = s->fitting = 0;
    s->best = like;
    if (s->named++ == 0)
        s->first = here;
    if (has_source(file, s->line, s->source) && s->fitting++ == 0)
        s->fit = here;
}

nb_origin_answer nb_origin_find(const nb_origins *origins, nb_str path, int64_t line, nb_str source,
                                nb_origin *out)
{
    search s = {path, source, line, origins->anywhere ? SAME_NAME : SAME_FILE, 0, 0, {0}, {0}};
    *out = (nb_origin){0};
    if (line < 1)
        return NB_ORIGIN_UNKNOWN;
    for (size_t m = 0; m < origins->count; m++)
        for (size_t f = 0; f < origins->maps[m].count; f++)
            consider(&s, &origins->maps[m], &origins->maps[m].files[f]);
    if (s.named == 0)
        return NB_ORIGIN_UNKNOWN;
    *out = s.fitting > 0 ? s.fit : s.first;
    if (s.fitting == 0)
        return NB_ORIGIN_OTHER;
    return s.fitting == 1 ? answer(out, line) : NB_ORIGIN_AMBIGUOUS;
}

nb_str nb_origin_text(nb_arena *arena, const nb_origin *origin)
{
    if (origin->cell == 0)
        return nb_arena_printf(arena, NB_STR_FMT ":%lld", NB_STR_ARG(nb_path_base(origin->path)),
                               (long long)origin->line);
    return nb_arena_printf(arena, "cell %lld, line %lld", (long long)origin->cell,
                           (long long)origin->line);
}

bool nb_origin_may_name(const nb_origins *origins, nb_str start)
{
    if (origins->anywhere && nb_str_find_char(start, ' ') < 0)
        return true;
    for (size_t m = 0; m < origins->count; m++) {
        const nb_origin_map *map = &origins->maps[m];
        nb_str head = nb_str_slice(start, 0, map->folder.len);
        if (map->count == 0 || !nb_str_starts(map->folder, head))
            continue;
        if (start.len <= map->folder.len)
            return true;
        for (size_t f = 0; f < map->count; f++)
            if (start.at[map->folder.len] == '/' &&
                nb_str_starts(map->files[f].name, nb_str_from_at(start, map->folder.len + 1)))
                return true;
    }
    return false;
}

bool nb_origin_next(const nb_origin_file *file, int64_t cell, int64_t cell_line, int64_t *line)
{
    for (size_t i = 0; i < file->count; i++) {
        const nb_origin_range *range = &file->ranges[i];
        if (range->cell != cell || range->line + range->count <= *line + 1)
            continue;
        int64_t first = range->line > *line ? range->line : *line + 1;
        int64_t wanted = cell_line > 0 ? range->line + (cell_line - range->cell_line) : first;
        if (wanted < first || wanted >= range->line + range->count)
            continue;
        *line = wanted;
        return true;
    }
    return false;
}

/* --- what was generated -------------------------------------------------------------------------------------------- */

static size_t indent_of(nb_str line)
{
    size_t at = 0;
    while (at < line.len && line.at[at] == ' ')
        at++;
    return at;
}

/* "main" of "def main():"; empty when the line defines nothing. */
static nb_str defined(nb_str line)
{
    static const nb_str words[] = {NB_STR_ROW("def "), NB_STR_ROW("class "),
                                   NB_STR_ROW("async def ")};
    nb_str text = nb_str_from_at(line, indent_of(line));
    for (size_t i = 0; i < NB_LEN(words); i++) {
        size_t end = words[i].len;
        if (!nb_str_starts(text, words[i]))
            continue;
        while (end < text.len && nb_is_name(text.at[end]))
            end++;
        return nb_str_slice(text, words[i].len, end);
    }
    return NB_STR("");
}

nb_str nb_origin_function(nb_str text, int64_t line)
{
    nb_str name = NB_STR(""), rest = text, row;
    size_t name_indent = 0;
    for (int64_t number = 1; number <= line && nb_str_line(&rest, &row); number++) {
        row = nb_str_rtrim(row);
        if (row.len == 0)
            continue;
        size_t indent = indent_of(row);
        bool closes = row.at[indent] == ')' || row.at[indent] == ']' || row.at[indent] == '}';
        if (indent <= name_indent && !closes)
            name = NB_STR(""); /* its body has ended */
        nb_str found = name.len == 0 ? defined(row) : NB_STR("");
        if (found.len > 0) {
            name = found;
            name_indent = indent;
        }
    }
    return name;
}
