/* Valid UTF-8 stays valid; every output line has a line of the cell, in order; findings and requirements lie inside the cell; nothing
 * written as magic becomes get_ipython(); and text in which nothing was special is left as it was when it comes again. */
#include "base/buf.h"
#include "notebook/ipython.h"
#include "text/utf8.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static unsigned count_lines(nb_str text)
{
    unsigned lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.at[i] == '\n' ||
                 (text.at[i] == '\r' && (i + 1 == text.len || text.at[i + 1] != '\n'));
    return lines;
}

static void check_lines(const nb_python_cell *cell, unsigned lines)
{
    size_t count = cell->text.len > 0;
    for (size_t i = 0; i < cell->text.len; i++)
        count += cell->text.at[i] == '\n';
    check(count == cell->line_count);
    for (size_t i = 0; i < count; i++)
        check(cell->line[i] >= 1 && cell->line[i] <= lines &&
              (i == 0 || cell->line[i - 1] <= cell->line[i]));
}

static void check_places(const nb_python_cell *cell, unsigned lines)
{
    for (size_t i = 0; i < cell->findings.count; i++) {
        const nb_ipython_finding *finding = &cell->findings.at[i];
        check(finding->line >= 1 && finding->line <= lines && finding->column >= 1);
        check(finding->message.len > 0 && nb_utf8_valid(finding->message) == finding->message.len);
    }
    for (size_t i = 0; i < cell->requirements.count; i++) {
        const nb_requirement_line *requirement = &cell->requirements.at[i];
        check(requirement->line >= 1 && requirement->line <= lines && requirement->text.len > 0);
        check(nb_str_find_char(requirement->text, '\n') < 0);
    }
}

/* A prompt or mark behind another one shows up once the first is gone. */
static bool has_prompts(nb_str text)
{
    static const nb_str marks[] = {NB_STR_ROW(">>>"), NB_STR_ROW("In ["), NB_STR_ROW("...:"),
                                   NB_STR_ROW("\xEF\xBB\xBF")};
    for (size_t i = 0; i < NB_LEN(marks); i++)
        if (nb_str_contains(text, marks[i]))
            return true;
    return false;
}

/* A line that starts like special text; what it becomes may start like that once more. */
static bool has_escapes(nb_str text)
{
    nb_str line;
    while (nb_str_line(&text, &line)) {
        line = nb_str_trim(line);
        if (line.len > 0 && strchr("%!?/,;", line.at[0]))
            return true;
    }
    return false;
}

/* Text without anything special comes back as it is, once its indentation is the cell's own. */
static void check_again(nb_arena *arena, const nb_python_cell *cell,
                        const nb_ipython_options *options)
{
    nb_python_cell again = nb_ipython_to_python(arena, cell->text, options);
    bool special = again.findings.count > 0 || again.requirements.count > 0 ||
                   again.imports.count > 0 || again.line_count != cell->line_count;
    if (special || has_prompts(cell->text) || has_escapes(cell->text))
        return;
    nb_python_cell third = nb_ipython_to_python(arena, again.text, options);
    check(nb_str_eq(again.text, third.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    if (size < 1)
        return 0;
    nb_str bytes = {(const char *)data + 1, size - 1};
    nb_str cell = nb_str_slice(bytes, 0, nb_utf8_valid(bytes));
    nb_map bound = NB_MAP_INIT;
    nb_ipython_bound_names(&arena, cell, &bound);
    nb_ipython_options options = {
        .policies = {.shell = (nb_shell_policy)(data[0] % 3),
                     .timeit = (nb_timeit_policy)(data[0] / 4 % 2),
                     .cd = (nb_cd_policy)(data[0] / 8 % 2)},
        .exported = data[0] / 16 % 2,
        .bound = data[0] / 32 % 2 ? &bound : NULL
    };
    nb_python_cell out = nb_ipython_to_python(&arena, cell, &options);
    unsigned lines = count_lines(cell);
    check(nb_utf8_valid(out.text) == out.text.len);
    check_lines(&out, lines);
    check_places(&out, lines);
    check(nb_str_contains(cell, NB_STR("get_ipython")) ||
          nb_str_contains(cell, NB_STR("\\")) || /* may join the word, or spell it in a literal */
          !nb_str_contains(out.text, NB_STR("get_ipython")));
    check_again(&arena, &out, &options);
    return 0;
}
