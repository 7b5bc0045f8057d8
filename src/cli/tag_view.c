#include "cli/tag_view.h"

#include "cli/term.h"
#include "notebook/directives.h"

enum { MOST_CODE = 44, MOST_COLUMNS = 4 }; /* characters of code; columns before the reason */

/* The first line that is not blank and not only for us. */
static nb_str first_line(nb_arena *arena, const nb_cell *cell)
{
    nb_str rest = nb_str_trim(nb_directives_strip(arena, cell->source, cell->directives)), line;
    return nb_str_line(&rest, &line) ? nb_str_rtrim(line) : NB_STR("");
}

static nb_str shortened(nb_arena *arena, nb_str line)
{
    if (nb_term_width(line) <= MOST_CODE)
        return line;
    size_t characters = MOST_CODE - 3;
    while (nb_term_width(nb_str_slice(line, 0, nb_term_bytes(line, characters))) > MOST_CODE - 3)
        characters--;
    return nb_arena_printf(arena, "%.*s...", (int)nb_term_bytes(line, characters), line.at);
}

static nb_str section_text(nb_arena *arena, const nb_tag_plan_row *row)
{
    nb_str text = NB_STR("");
    for (nb_section s = 0; s < NB_SECTION_COUNT; s++)
        if (row->sections & (1u << s))
            text = nb_arena_printf(arena, NB_STR_FMT "%s%s", NB_STR_ARG(text),
                                   text.len > 0 ? ", " : "", nb_section_name(s));
    if (row->split)
        text = nb_str_concat(arena, text, NB_STR(" (split)"));
    return text.len > 0 ? text : NB_STR("-");
}

/* --- a table -------------------------------------------------------------------------------------------------------- */

typedef struct line {
    nb_str columns[MOST_COLUMNS], reason;
    bool changes;
} line;

static line line_of(nb_arena *arena, const nb_tag_plan_row *row)
{
    const nb_cell *cell = row->cell;
    nb_str in = cell->execution > 0 ? nb_arena_printf(arena, "[%lld]", (long long)cell->execution)
                                    : NB_STR("");
    return (line){
        {nb_arena_printf(arena, "%u", cell->number), in, shortened(arena, first_line(arena, cell)),
         section_text(arena, row)},
        row->reason,
        row->changes
    };
}

static void print_line(const nb_app *app, const line *l, const size_t *widths, nb_style style)
{
    fputs(nb_term_style(app->colour_out, style), app->out);
    for (size_t i = 0; i < MOST_COLUMNS; i++) {
        int blanks = (int)(widths[i] - nb_term_width(l->columns[i]));
        fprintf(app->out, "%*s", i == 0 ? blanks : 0, "");
        nb_term_put(l->columns[i], app->out);
        fprintf(app->out, "%*s  ", i == 0 ? 0 : blanks, "");
    }
    nb_term_put(l->reason, app->out);
    fprintf(app->out, "%s\n", nb_term_style(app->colour_out, NB_STYLE_NONE));
}

void nb_tag_print(const nb_app *app, const nb_tag_plan *plan, bool all)
{
    static const line head = {
        {NB_STR_ROW("cell"), NB_STR_ROW("In"), NB_STR_ROW("begins with"), NB_STR_ROW("section")},
        NB_STR_ROW("why"),
        false
    };
    NB_VEC(line) lines = {0};
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    size_t widths[MOST_COLUMNS];
    for (size_t i = 0; i < plan->rows.count; i++)
        if (all || !plan->rows.at[i].had)
            nb_vec_push(&scratch, &lines, line_of(&scratch, &plan->rows.at[i]));
    for (size_t k = 0; k < MOST_COLUMNS; k++) {
        widths[k] = nb_term_width(head.columns[k]);
        for (size_t i = 0; i < lines.count; i++) {
            size_t width = nb_term_width(lines.at[i].columns[k]);
            widths[k] = width > widths[k] ? width : widths[k];
        }
    }
    if (lines.count > 0)
        print_line(app, &head, widths, NB_STYLE_BOLD);
    for (size_t i = 0; i < lines.count; i++)
        print_line(app, &lines.at[i], widths, lines.at[i].changes ? NB_STYLE_NONE : NB_STYLE_DIM);
}

/* --- JSON ----------------------------------------------------------------------------------------------------------- */

static void put_sections(const nb_tag_plan_row *row, nb_json_writer *json)
{
    nb_json_key(json, NB_STR("sections"));
    nb_json_begin_array(json);
    for (nb_section s = 0; s < NB_SECTION_COUNT; s++)
        if (row->sections & (1u << s))
            nb_json_put_str(json, nb_str_from(nb_section_name(s)));
    nb_json_end_array(json);
}

static void put_tags(const nb_tag_plan_row *row, nb_json_writer *json)
{
    nb_json_key(json, NB_STR("tags"));
    if (!row->changes) {
        nb_json_put_null(json);
        return;
    }
    nb_json_begin_array(json);
    for (size_t i = 0; i < row->tag_count; i++)
        nb_json_put_str(json, row->tags[i]);
    nb_json_end_array(json);
}

void nb_tag_json(const nb_tag_plan *plan, nb_json_writer *json)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_json_key(json, NB_STR("cells"));
    nb_json_begin_array(json);
    for (size_t i = 0; i < plan->rows.count; i++) {
        const nb_tag_plan_row *row = &plan->rows.at[i];
        nb_json_begin_object(json);
        nb_json_member_int(json, "cell", row->cell->number);
        nb_json_member_known_str(json, "id", row->cell->id);
        nb_json_member_known_int(json, "execution", row->cell->execution);
        nb_json_member_str(json, "source", first_line(&scratch, row->cell));
        nb_json_member_bool(json, "tagged", row->had);
        put_sections(row, json);
        nb_json_member_bool(json, "split", row->split);
        nb_json_member_known_str(json, "reason", row->reason);
        put_tags(row, json);
        nb_json_end_object(json);
    }
    nb_json_end_array(json);
}
