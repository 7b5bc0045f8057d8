#include "cli/pages.h"

#include "base/embed.h"

extern const nb_embedded_folder nb_finding_pages;

/* "**Remedy:** text": its text; false for another line. */
static bool take_remedy(nb_str line, nb_str *remedy)
{
    nb_str label = NB_STR("**Remedy:** ");
    if (!nb_str_starts(line, label))
        return false;
    *remedy = nb_str_from_at(line, label.len);
    return true;
}

/* Cuts the lines up to the next title off the front of *rest. */
static nb_str take_section(nb_str *rest)
{
    ptrdiff_t title = nb_str_find(*rest, NB_STR("\n## "));
    size_t end = title < 0 ? rest->len : (size_t)title + 1;
    nb_str text = nb_str_slice(*rest, 0, end);
    *rest = nb_str_from_at(*rest, end);
    return nb_str_trim(text);
}

nb_page nb_page_of(nb_diag_code code, nb_arena *arena)
{
    nb_str name = nb_arena_printf(arena, "%s.md", nb_diag_row_of(code)->code), line;
    const nb_embedded *file = nb_embedded_find(&nb_finding_pages, name);
    nb_page page = {.text = file ? file->bytes : NB_STR("")};
    nb_str rest = page.text;
    while (nb_str_line(&rest, &line) && !take_remedy(line, &page.remedy))
        ;
    nb_vec_push(arena, &page.sections, (nb_page_section){.text = take_section(&rest)});
    while (nb_str_line(&rest, &line)) {
        nb_str title = nb_str_from_at(line, strlen("## "));
        nb_vec_push(arena, &page.sections, (nb_page_section){title, take_section(&rest)});
    }
    return page;
}
