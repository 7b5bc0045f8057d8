#include "base/diag_set.h"
#include "cli/app.h"
#include "cli/markdown.h"
#include "cli/pages.h"
#include "cli/term.h"

struct explain_args {
    bool all;
};

enum { NARROW = 40, USUAL = 80, WIDE = 100 }; /* columns of a page */

static const nb_opt options[] = {
    {NB_FLAG('a', "all", struct explain_args, all, "print the page of every code")},
    {.kind = NB_OPT_END},
};

/* ---- Which codes are meant. */

typedef struct chosen {
    nb_diag_set codes;
    bool pages; /* a code was named in full: it is explained rather than listed */
} chosen;

static nb_code choose(chosen *to, const char *const *operands, size_t count, nb_error *err)
{
    for (size_t i = 0; i < count; i++) {
        nb_str word = nb_str_from(operands[i]), nearest = nb_diag_set_nearest(word);
        nb_diag_code code;
        to->pages |= nb_diag_find(word, &code);
        if (nb_diag_set_add(&to->codes, word))
            continue;
        (void)nb_fail(err, NB_ERR_USAGE, "no finding is called '%s'", operands[i]);
        nb_error_hint(err, "run 'notebooked explain' to see all codes");
        if (nearest.len > 0)
            nb_error_hint(err, "did you mean '" NB_STR_FMT "'?", NB_STR_ARG(nearest));
        return err->code;
    }
    if (count == 0)
        (void)nb_diag_set_add(&to->codes, NB_STR("NB"));
    return NB_OK;
}

/* ---- Output. */

static const char *kind_of(const nb_diag_row *row)
{
    static const char *const kinds[] = {"note", "warning", "error"};
    return kinds[row->severity];
}

static void list_text(const nb_diag_set *codes, bool colour, FILE *to)
{
    static const nb_style styles[] = {NB_STYLE_NOTE, NB_STYLE_WARNING, NB_STYLE_ERROR};
    const char *off = nb_term_style(colour, NB_STYLE_NONE);
    size_t widest = 0;
    for (nb_diag_code code = 0; code < NB_DIAG_CODE_COUNT; code++) {
        size_t width = codes->has[code] ? strlen(nb_diag_row_of(code)->slug) : 0;
        widest = width > widest ? width : widest;
    }
    for (nb_diag_code code = 0; code < NB_DIAG_CODE_COUNT; code++) {
        const nb_diag_row *row = nb_diag_row_of(code);
        if (codes->has[code])
            fprintf(to, "%s%s%s  %-*s  %s%-7s%s  %s\n", nb_term_style(colour, NB_STYLE_BOLD),
                    row->code, off, (int)widest, row->slug,
                    nb_term_style(colour, styles[row->severity]), kind_of(row), off, row->summary);
    }
}

static void print_pages(const nb_app *app, const nb_diag_set *codes)
{
    size_t columns = nb_term_columns(app->out_terminal ? app->out : NULL, USUAL);
    columns = columns < NARROW ? NARROW : columns > WIDE ? WIDE : columns;
    const char *between = "";
    for (nb_diag_code code = 0; code < NB_DIAG_CODE_COUNT; code++) {
        if (!codes->has[code])
            continue;
        fputs(between, app->out);
        nb_markdown_print(nb_page_of(code, app->arena).text, columns, app->colour_out, app->out);
        between = "\n\n";
    }
}

static void write_sections(nb_json_writer *json, const nb_page *page)
{
    nb_json_key(json, NB_STR("sections"));
    nb_json_begin_array(json);
    for (size_t i = 0; i < page->sections.count; i++) {
        nb_json_begin_object(json);
        nb_json_member_known_str(json, "title", page->sections.at[i].title);
        nb_json_member_str(json, "text", page->sections.at[i].text);
        nb_json_end_object(json);
    }
    nb_json_end_array(json);
}

static void write_code(nb_json_writer *json, nb_diag_code code, bool with_sections, nb_arena *arena)
{
    const nb_diag_row *row = nb_diag_row_of(code);
    nb_page page = nb_page_of(code, arena);
    nb_json_begin_object(json);
    nb_json_member_str(json, "code", nb_str_from(row->code));
    nb_json_member_str(json, "slug", nb_str_from(row->slug));
    nb_json_member_str(json, "severity", nb_str_from(nb_severity_name(row->severity)));
    nb_json_member_str(json, "summary", nb_str_from(row->summary));
    nb_json_member_str(json, "remedy", page.remedy);
    if (with_sections)
        write_sections(json, &page);
    nb_json_end_object(json);
}

static void write_json(nb_app *app, const chosen *to)
{
    nb_json_key(app->json, NB_STR("codes"));
    nb_json_begin_array(app->json);
    for (nb_diag_code code = 0; code < NB_DIAG_CODE_COUNT; code++)
        if (to->codes.has[code])
            write_code(app->json, code, to->pages, app->arena);
    nb_json_end_array(app->json);
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct explain_args *args = args_;
    chosen to = {.pages = args->all};
    if (choose(&to, operands, count, err) != NB_OK)
        return err->code;
    if (app->json)
        write_json(app, &to);
    else if (to.pages)
        print_pages(app, &to.codes);
    else
        list_text(&to.codes, app->colour_out, app->out);
    return NB_OK;
}

static const nb_example examples[] = {
    {"notebooked explain NB409",               "what it means, why it matters, what to write instead"},
    {"notebooked explain NB4",                                        "the codes that begin so, a line each"},
    {"notebooked explain --all --format json","every page as data, for editors"},
    {0},
};

static const char *const words[] = {
#define NB_DIAG_ROW(id, code, slug, severity, summary) code, slug,
#include "base/codes.def"
#undef NB_DIAG_ROW
    NULL};

const nb_command nb_cmd_explain = {
    .name = "explain",
    .operands = "[CODE | NAME]...",
    .summary = "Tell what a finding means, why it matters and how to be rid of it.",
    .about =
        "The page of each code says what was found, what happens when nothing is done, code before and after, and how to silence it. "
        "A code can be given by its name (absolute-path) as well. The beginning of codes lists what begins so, and nothing at all lists "
        "every code.\n\n"
        "The same pages stand in docs/findings/.",
    .examples = examples,
    .options = options,
    .max_operands = NB_ANY_NUMBER,
    .operand_words = words,
    .args_size = sizeof(struct explain_args),
    .run = run,
};
