#include "gen/linemap.h"

#include "gen/emit.h"

static void note(nb_arena *arena, nb_linemap *map, unsigned line, unsigned cell, unsigned cell_line)
{
    if (map->ranges.count > 0) {
        nb_line_range *last = &map->ranges.at[map->ranges.count - 1];
        if (last->cell == cell && last->line + last->count == line &&
            last->cell_line + last->count == cell_line) {
            last->count++;
            return;
        }
    }
    nb_vec_push(arena, &map->ranges, (nb_line_range){line, 1, cell, cell_line});
}

/* "12:3" between the mark characters; false when it is none of our marks. */
static bool read_mark(nb_str text, unsigned *cell, unsigned *line)
{
    nb_str first;
    int64_t a, b;
    if (!nb_str_split(&text, ':', &first) || !nb_str_to_int(first, &a) || !nb_str_to_int(text, &b))
        return false;
    *cell = (unsigned)a;
    *line = (unsigned)b;
    return true;
}

nb_str nb_linemap_extract(nb_arena *arena, nb_str marked, nb_linemap *map)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_str line;
    for (unsigned number = 1; nb_str_line(&marked, &line); number++) {
        unsigned cell, cell_line;
        ptrdiff_t open = nb_str_rfind_char(line, NB_MARK_OPEN);
        if (open >= 0 && nb_str_ends(line, (nb_str){(const char[]){NB_MARK_CLOSE}, 1}) &&
            read_mark(nb_str_slice(line, (size_t)open + 1, line.len - 1), &cell, &cell_line)) {
            note(arena, map, number, cell, cell_line);
            line.len = (size_t)open;
        }
        nb_buf_put(&out, line);
        nb_buf_putc(&out, '\n');
    }
    return nb_arena_str(arena, nb_buf_view(&out));
}
