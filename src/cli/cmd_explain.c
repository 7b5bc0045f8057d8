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
    NB_VEC(nb_diag_code) codes;
    bool pages; /* a code was named in full: it is explained rather than listed */
} chosen;

static bool is_named(const nb_diag_row *row, nb_str word)
{
    return nb_str_eq_nocase(word, nb_str_from(row->code)) ||
           nb_str_eq_nocase(word, nb_str_from(row->slug));
}

/* "NB4", "nb40": the beginning of codes. */
static bool is_prefix(const nb_diag_row *row, nb_str word)
{
    return word.len >= strlen("NB") &&
           nb_str_eq_nocase(word, nb_str_slice(nb_str_from(row->code), 0, word.len));
}

static void add(nb_arena *arena, chosen *to, nb_diag_code code)
{
    for (size_t i = 0; i < to->codes.count; i++)
        if (to->codes.at[i] == code)
            return;
    nb_vec_push(arena, &to->codes, code);
}

/* Whether any code matches the word. */
static bool choose(nb_arena *arena, chosen *to, nb_str word,
                   bool (*matches)(const nb_diag_row *, nb_str))
{
    bool any = false;
    for (nb_diag_code code = 0; code < NB_DIAG_CODE_COUNT; code++) {
        if (!matches(nb_diag_row_of(code), word))
            continue;
        add(arena, to, code);
        any = true;
    }
    return any;
}

static nb_code unknown(nb_arena *arena, const char *word, nb_error *err)
{
    nb_str *names = NB_NEW_ARRAY(arena, nb_str, (size_t)NB_DIAG_CODE_COUNT * 2);
    size_t count = 0;
    for (nb_diag_code code = 0; code < NB_DIAG_CODE_COUNT; code++) {
        names[count++] = nb_str_from(nb_diag_row_of(code)->code);
        names[count++] = nb_str_from(nb_diag_row_of(code)->slug);
    }
    bool code = nb_str_eq_nocase(nb_str_slice(nb_str_from(word), 0, 2), NB_STR("NB"));
    nb_str asked = code ? nb_str_upper(arena, nb_str_from(word)) : nb_str_from(word);
    (void)nb_fail(err, NB_ERR_USAGE, "no finding is called '%s'", word);
    nb_error_hint(err, "run 'notebooked explain' to see all codes");
    nb_hint_name(err, "", asked, names, count);
    return err->code;
}

/* ---- Output. */

static const char *kind_of(const nb_diag_row *row)
{
    static const char *const kinds[] = {"note", "warning", "error"};
    return kinds[row->severity];
}

static void list_text(const chosen *codes, bool colour, FILE *to)
{
    int widest = 0;
    for (size_t i = 0; i < codes->codes.count; i++) {
        int width = (int)strlen(nb_diag_row_of(codes->codes.at[i])->slug);
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; i < codes->codes.count; i++) {
        static const nb_style styles[] = {NB_STYLE_NOTE, NB_STYLE_WARNING, NB_STYLE_ERROR};
        const nb_diag_row *row = nb_diag_row_of(codes->codes.at[i]);
        fprintf(to, "%s%s%s  %-*s  %s%-7s%s  %s\n", nb_term_style(colour, NB_STYLE_BOLD), row->code,
                nb_term_style(colour, NB_STYLE_NONE), widest, row->slug,
                nb_term_style(colour, styles[row->severity]), kind_of(row),
                nb_term_style(colour, NB_STYLE_NONE), row->summary);
    }
}

static void print_pages(const nb_app *app, const chosen *codes)
{
    size_t columns = nb_term_columns(app->out_terminal ? app->out : NULL, USUAL);
    columns = columns < NARROW ? NARROW : columns > WIDE ? WIDE : columns;
    for (size_t i = 0; i < codes->codes.count; i++) {
        if (i > 0)
            fputs("\n\n", app->out);
        nb_page page = nb_page_of(codes->codes.at[i], app->arena);
        nb_markdown_print(page.text, columns, app->colour_out, app->out);
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

static void write_json(nb_app *app, const chosen *codes)
{
    nb_json_key(app->json, NB_STR("codes"));
    nb_json_begin_array(app->json);
    for (size_t i = 0; i < codes->codes.count; i++) {
        const nb_diag_row *row = nb_diag_row_of(codes->codes.at[i]);
        nb_page page = nb_page_of(codes->codes.at[i], app->arena);
        nb_json_begin_object(app->json);
        nb_json_member_str(app->json, "code", nb_str_from(row->code));
        nb_json_member_str(app->json, "slug", nb_str_from(row->slug));
        nb_json_member_str(app->json, "severity", nb_str_from(nb_severity_name(row->severity)));
        nb_json_member_str(app->json, "summary", nb_str_from(row->summary));
        nb_json_member_str(app->json, "remedy", page.remedy);
        if (codes->pages)
            write_sections(app->json, &page);
        nb_json_end_object(app->json);
    }
    nb_json_end_array(app->json);
}

static nb_code run(const void *args_, const char *const *operands, size_t count, nb_app *app,
                   nb_error *err)
{
    const struct explain_args *args = args_;
    chosen codes = {.pages = args->all};
    for (size_t i = 0; i < count; i++) {
        if (choose(app->arena, &codes, nb_str_from(operands[i]), is_named))
            codes.pages = true;
        else if (!choose(app->arena, &codes, nb_str_from(operands[i]), is_prefix))
            return unknown(app->arena, operands[i], err);
    }
    if (count == 0)
        (void)choose(app->arena, &codes, NB_STR("NB"), is_prefix);
    if (app->json)
        write_json(app, &codes);
    else if (codes.pages)
        print_pages(app, &codes);
    else
        list_text(&codes, app->colour_out, app->out);
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
