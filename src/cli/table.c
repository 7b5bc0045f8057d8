#include "cli/table.h"

#include "cli/term.h"
#include "provider/values.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

/* --- values ------------------------------------------------------------------------------------------ */

nb_str nb_duration_text(nb_arena *arena, int64_t ms)
{
    long long s = ms < 0 ? 0 : (long long)(ms / 1000);
    if (s < 10)
        return nb_arena_printf(arena, "%lld.%lld s", s, ms < 0 ? 0 : (long long)(ms % 1000 / 100));
    if (s < 60)
        return nb_arena_printf(arena, "%lld s", s);
    if (s < 3600)
        return nb_arena_printf(arena, "%lld min %02lld s", s / 60, s % 60);
    if (s < 86400)
        return nb_arena_printf(arena, "%lld h %02lld min", s / 3600, s % 3600 / 60);
    return nb_arena_printf(arena, "%lld d %02lld h", s / 86400, s % 86400 / 3600);
}

nb_str nb_time_text(nb_arena *arena, int64_t ms)
{
    struct tm tm;
    char text[32];
    time_t s = (time_t)(ms / 1000);
    if (ms == 0 || !localtime_r(&s, &tm) ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        return NB_STR("");
    return nb_arena_str(arena, nb_str_from(text));
}

nb_str nb_minute_text(nb_arena *arena, int64_t ms)
{
    return nb_str_slice(nb_time_text(arena, ms), 0, sizeof("2026-01-01 00:00") - 1);
}

nb_str nb_size_text(nb_arena *arena, int64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double size = (double)bytes / 1000;
    size_t i = 0;
    if (bytes < 1000)
        return nb_arena_printf(arena, "%lld B", (long long)bytes);
    while (size >= 999.95 && i + 1 < NB_LEN(units)) {
        size /= 1000;
        i++;
    }
    return nb_arena_printf(arena, "%.1f %s", size, units[i]);
}

nb_str nb_metric_text(nb_arena *arena, nb_str number)
{
    const char *z = nb_arena_z(arena, number);
    char *end;
    double value = strtod(z, &end);
    if (*end != '\0' || !isfinite(value) || number.len <= 8)
        return number;
    return nb_arena_printf(arena, "%.6g", value);
}

void nb_json_member_values(nb_app *app, const char *key, nb_str object)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* damaged text is shown as none */
    const nb_json *root = NULL;
    nb_json_key(app->json, nb_str_from(key));
    if (object.len == 0 || nb_json_parse(app->arena, object, NB_STR("job"), NB_JSON_NOTEBOOK, &root,
                                         &ignored) != NB_OK) {
        nb_json_put_null(app->json);
        return;
    }
    nb_values_put(app->json, root, true);
}

/* --- pairs ------------------------------------------------------------------------------------------- */

void nb_pairs_add(nb_arena *arena, nb_pairs *list, const char *name, nb_str value)
{
    if (value.len > 0)
        nb_vec_push(arena, list, (nb_pair){nb_str_from(name), value});
}

static void print_padded(nb_str text, size_t width, FILE *to)
{
    nb_term_put(text, to);
    for (size_t i = nb_term_width(text); i < width; i++)
        fputc(' ', to);
}

void nb_pairs_print(const nb_app *app, const nb_pairs *list)
{
    size_t width = 0;
    for (size_t i = 0; i < list->count; i++) {
        size_t w = nb_term_width(list->at[i].name);
        width = w > width ? w : width;
    }
    for (size_t i = 0; i < list->count; i++) {
        print_padded(list->at[i].name, width + 2, app->out);
        nb_term_put(list->at[i].value, app->out);
        fputc('\n', app->out);
    }
}

/* --- tables ------------------------------------------------------------------------------------------ */

static void print_row(const nb_app *app, const nb_table *table, const nb_table_row *row,
                      const size_t *widths)
{
    size_t last = table->columns - 1;
    bool styled = row->style && *row->style;
    while (last > 0 && row->cells[last].len == 0)
        last--;
    for (size_t c = 0; c <= last; c++) {
        bool here = styled && c == table->styled;
        if (here)
            fputs(row->style, app->out);
        print_padded(row->cells[c], c == last ? 0 : widths[c], app->out);
        if (here)
            fputs(nb_term_style(app->colour_out, NB_STYLE_NONE), app->out);
        fputs(c == last ? "\n" : "  ", app->out);
    }
}

void nb_table_print(const nb_app *app, const nb_table *table)
{
    size_t widths[NB_TABLE_COLUMNS];
    nb_table_row head = {.style = ""};
    for (size_t c = 0; c < table->columns; c++) {
        head.cells[c] = table->titles[c];
        widths[c] = table->titles[c].len;
        for (size_t i = 0; i < table->rows.count; i++) {
            size_t width = nb_term_width(table->rows.at[i].cells[c]);
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
    if (table->rows.count > 0)
        print_row(app, table, &head, widths);
    for (size_t i = 0; i < table->rows.count; i++)
        print_row(app, table, &table->rows.at[i], widths);
}
