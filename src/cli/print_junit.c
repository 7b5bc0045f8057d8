#include "cli/printer.h"
#include "text/utf8.h"

/* JUnit's XML: a suite for each notebook, a case for each finding; a notebook without findings is a case that passes. */

/* Text or an attribute's value. Characters that XML cannot hold become U+FFFD. */
static void put_escaped(nb_str text, FILE *to)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        uint32_t c = nb_utf8_next(text, &at);
        bool control =
            (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xFFFE || c == 0xFFFF;
        bool invalid = c == 0xFFFD || (c >= 0xD800 && c < 0xE000);
        if (c == '&')
            fputs("&amp;", to);
        else if (c == '<')
            fputs("&lt;", to);
        else if (c == '>')
            fputs("&gt;", to);
        else if (c == '"')
            fputs("&quot;", to);
        else if (c == '\t' || c == '\n' || c == '\r')
            fprintf(to, "&#%u;", c);
        else if (control || invalid)
            fputs(replacement, to);
        else
            fwrite(text.at + start, 1, at - start, to);
    }
}

static void put_attribute(const char *name, nb_str value, FILE *to)
{
    fprintf(to, " %s=\"", name);
    put_escaped(value, to);
    fputc('"', to);
}

static void put_finding(const nb_told *told, bool failure, FILE *to)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    const nb_diag *diag = told->diag;
    const char *code = nb_diag_row_of(diag->code)->code;
    nb_str cell = nb_told_cell(&arena, &diag->spot);
    nb_str name =
        nb_arena_printf(&arena, "%s%s" NB_STR_FMT, code, cell.len > 0 ? " " : "", NB_STR_ARG(cell));
    fputs("    <testcase", to);
    put_attribute("classname", told->path, to);
    put_attribute("name", name, to);
    fprintf(to, " file=\"");
    put_escaped(told->path, to);
    fprintf(to, "\" line=\"%u\">\n      <%s", told->place.line, failure ? "failure" : "system-out");
    if (failure) {
        put_attribute("type", nb_str_from(nb_told_severity(diag->severity)), to);
        put_attribute("message", diag->message, to);
    }
    fputc('>', to);
    put_escaped(nb_arena_printf(&arena, "%s[%s] " NB_STR_FMT "%s" NB_STR_FMT,
                                nb_told_severity(diag->severity), code, NB_STR_ARG(diag->message),
                                diag->help.len > 0 ? "; help: " : "", NB_STR_ARG(diag->help)),
                to);
    fprintf(to, "</%s>\n    </testcase>\n", failure ? "failure" : "system-out");
}

static void put_junit(const nb_told_notebook *notebook, const nb_print_options *options, FILE *to)
{
    size_t failures = 0;
    for (size_t i = 0; i < notebook->count; i++)
        failures += nb_told_fails(&notebook->findings[i], options);
    fputs("  <testsuite", to);
    put_attribute("name", notebook->path, to);
    fprintf(to, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n",
            notebook->count ? notebook->count : 1, failures);
    for (size_t i = 0; i < notebook->count; i++)
        put_finding(&notebook->findings[i], nb_told_fails(&notebook->findings[i], options), to);
    if (notebook->count == 0) {
        fputs("    <testcase", to);
        put_attribute("classname", notebook->path, to);
        fputs(" name=\"check\"/>\n", to);
    }
    fputs("  </testsuite>\n", to);
}

static void begin(FILE *to)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"notebooked\">\n", to);
}

static void end(FILE *to)
{
    fputs("</testsuites>\n", to);
}

const nb_printer nb_print_junit = {.name = "junit",
                                   .wants_place = true,
                                   .tells_clean = true,
                                   .between = "",
                                   .begin = begin,
                                   .notebook = put_junit,
                                   .end = end};
