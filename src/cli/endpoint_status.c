#include "cli/endpoint_status.h"

#include "cli/term.h"

/* --- reading -------------------------------------------------------------------------------------- */

static int64_t number(const nb_json *object, const char *key)
{
    const nb_json *value = nb_json_get(object, key);
    int64_t is = 0;
    return value && value->kind == NB_JSON_NUMBER && nb_str_to_int(value->text, &is) ? is : 0;
}

static nb_str text(const nb_json *object, const char *key)
{
    nb_str is = nb_json_get_str(object, key);
    return is.at ? is : NB_STR("");
}

static const nb_json *first(const nb_json *object, const char *key)
{
    const nb_json *list = nb_json_get(object, key);
    return list && list->kind == NB_JSON_ARRAY ? list->child : NULL;
}

const nb_json *nb_status_version(const nb_json *status, unsigned version)
{
    for (const nb_json *each = first(status, "versions"); each; each = each->next)
        if (number(each, "version") == version)
            return each;
    return NULL;
}

static nb_str count_text(nb_arena *arena, const nb_json *object, const char *key)
{
    return nb_arena_printf(arena, "%lld", (long long)number(object, key));
}

static nb_str name_of(nb_arena *arena, const nb_json *version)
{
    return nb_arena_printf(arena, "v%lld", (long long)number(version, "version"));
}

/* --- the head of the page ------------------------------------------------------------------------- */

static nb_str awaited_text(nb_arena *arena, const nb_json *status)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    for (const nb_json *each = first(status, "awaits"); each; each = each->next)
        if (each->kind == NB_JSON_NUMBER)
            nb_buf_printf(&out, "%sv" NB_STR_FMT, out.len > 0 ? ", " : "", NB_STR_ARG(each->text));
    return nb_arena_str(arena, nb_buf_view(&out));
}

static nb_str watch_text(nb_arena *arena, const nb_json *watch)
{
    long long version = (long long)number(watch, "version");
    nb_str verdict = text(watch, "verdict");
    if (nb_str_eqz(verdict, "looking"))
        return nb_arena_printf(arena, "v%lld for %lld s more: it is rolled back if it fails",
                               version, (long long)(number(watch, "left_ms") + 999) / 1000);
    if (nb_str_eqz(verdict, "rolled back"))
        return nb_arena_printf(arena, "v%lld was rolled back: " NB_STR_FMT, version,
                               NB_STR_ARG(text(watch, "reason")));
    return NB_STR("");
}

void nb_status_add_pairs(nb_arena *arena, const nb_json *status, nb_pairs *list)
{
    nb_pairs_add(arena, list, "waits for", awaited_text(arena, status));
    nb_pairs_add(arena, list, "watch", watch_text(arena, nb_json_get(status, "watch")));
}

/* --- tables --------------------------------------------------------------------------------------- */

/* Empty before there was a request. */
static nb_str ms_text(nb_arena *arena, const nb_json *figures, const char *key)
{
    const nb_json *value = nb_json_get(figures, key);
    if (!value || value->kind != NB_JSON_NUMBER || number(figures, "requests") == 0)
        return NB_STR("");
    return nb_arena_printf(arena, NB_STR_FMT " ms", NB_STR_ARG(nb_metric_text(arena, value->text)));
}

static void add_figures(nb_arena *arena, const nb_json *version, nb_table *table)
{
    const nb_json *figures = nb_json_get(version, "figures");
    nb_vec_push(arena, &table->rows,
                (nb_table_row){
                    {name_of(arena, version), count_text(arena, figures, "requests"),
                     count_text(arena, figures, "failures"), ms_text(arena, figures, "p50_ms"),
                     ms_text(arena, figures, "p90_ms"), ms_text(arena, figures, "p99_ms"),
                     count_text(arena, figures, "waiting"), count_text(arena, figures, "busy")},
                    ""
    });
}

static void add_workers(nb_arena *arena, const nb_json *version, nb_table *table)
{
    for (const nb_json *each = first(version, "workers"); each; each = each->next) {
        int64_t pid = number(each, "pid"), rss = number(each, "rss");
        nb_str name = nb_arena_printf(arena, "v%lld/%lld", (long long)number(version, "version"),
                                      (long long)number(each, "number"));
        nb_vec_push(
            arena, &table->rows,
            (nb_table_row){
                {name, text(each, "state"), pid > 0 ? count_text(arena, each, "pid") : NB_STR(""),
                 rss > 0 ? nb_size_text(arena, rss) : NB_STR(""),
                 count_text(arena, each, "restarts"), count_text(arena, each, "served")},
                ""
        });
    }
}

static void print_table(const nb_app *app, const nb_table *table)
{
    if (table->rows.count > 0)
        fputc('\n', app->out);
    nb_table_print(app, table);
}

/* --- sentences ------------------------------------------------------------------------------------ */

static void say_reason(const nb_app *app, const nb_json *version)
{
    nb_str reason = text(version, "reason"), state = text(version, "state");
    if (reason.len == 0)
        return;
    fprintf(app->out, "\nv%lld is " NB_STR_FMT ": ", (long long)number(version, "version"),
            NB_STR_ARG(state));
    nb_term_put(reason, app->out);
    fputc('\n', app->out);
}

static void say_shadow(const nb_app *app, const nb_json *version)
{
    const nb_json *figures = nb_json_get(version, "figures");
    const nb_json *delta = nb_json_get(figures, "shadow_delta_ms");
    int64_t compared = number(figures, "shadow_compared");
    int64_t differ = number(figures, "shadow_disagreed");
    if (compared == 0)
        return;
    fprintf(app->out, "\nshadow v%lld: %lld of %lld answers disagree (%.2f %%)",
            (long long)number(version, "version"), (long long)differ, (long long)compared,
            100 * (double)differ / (double)compared);
    if (delta && delta->kind == NB_JSON_NUMBER) {
        bool faster = nb_str_starts(delta->text, NB_STR("-"));
        fprintf(app->out, ", " NB_STR_FMT " ms %s on average",
                NB_STR_ARG(nb_str_from_at(delta->text, faster)), faster ? "faster" : "slower");
    }
    fputc('\n', app->out);
}

void nb_status_print(const nb_app *app, const nb_json *status)
{
    static const nb_str figure_titles[] = {
        NB_STR_ROW("VERSION"), NB_STR_ROW("REQUESTS"), NB_STR_ROW("FAILED"),  NB_STR_ROW("P50"),
        NB_STR_ROW("P90"),     NB_STR_ROW("P99"),      NB_STR_ROW("WAITING"), NB_STR_ROW("BUSY")};
    static const nb_str worker_titles[] = {NB_STR_ROW("WORKER"),   NB_STR_ROW("STATE"),
                                           NB_STR_ROW("PROCESS"),  NB_STR_ROW("MEMORY"),
                                           NB_STR_ROW("RESTARTS"), NB_STR_ROW("SERVED")};
    nb_table figures = {.titles = figure_titles, .columns = NB_LEN(figure_titles)};
    nb_table workers = {.titles = worker_titles, .columns = NB_LEN(worker_titles)};
    for (const nb_json *each = first(status, "versions"); each; each = each->next) {
        if (nb_json_get(each, "figures"))
            add_figures(app->arena, each, &figures);
        add_workers(app->arena, each, &workers);
    }
    print_table(app, &figures);
    print_table(app, &workers);
    for (const nb_json *each = first(status, "versions"); each; each = each->next) {
        say_reason(app, each);
        say_shadow(app, each);
    }
}
