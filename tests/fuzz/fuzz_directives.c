/* Directives of any cell: what was written are views into it, with a code, a policy or a message each; without the comments the cell has the same lines, is
 * and what is left stands in the same order. */
#include "notebook/directives.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_inside(nb_str source, nb_str view)
{
    check(view.at >= source.at && view.at + view.len <= source.at + source.len);
}

static size_t lines_of(nb_str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '\n' || text.at[i] == '\r';
    return count;
}

static void check_list(nb_arena *arena, nb_str source, const nb_directives *directives)
{
    nb_cell cell = {.number = 1, .source = source, .directives = directives};
    nb_notebook notebook = {.path = NB_STR("n"), .cells = &cell, .cell_count = 1};
    nb_diags diags = {.arena = arena};
    for (size_t i = 0; i < directives->list.count; i++) {
        const nb_directive *each = &directives->list.at[i];
        check_inside(source, each->text);
        check(each->kind != NB_DIRECTIVE_BAD || (each->message.len > 0 && each->help.len > 0));
        check(each->kind != NB_DIRECTIVE_IGNORE || nb_diag_can_be_silenced(each->code));
        check(each->kind != NB_DIRECTIVE_POLICY || each->row);
        check(nb_directive_spot(&notebook, &cell, each).line <= lines_of(source) + 1);
    }
    nb_directives_silence(&notebook, &cell, true, &diags);
    nb_diags_report_unused(&diags, notebook.path);
}

/* Text that is left, in order, and what is missing stands in comments. */
static void check_stripped(nb_str source, nb_str left, const nb_directives *directives)
{
    size_t gone = 0;
    for (size_t i = 0; i < directives->comments.count; i++) {
        check_inside(source, directives->comments.at[i]);
        check(directives->comments.at[i].at[0] == '#');
        gone += directives->comments.at[i].len;
    }
    check(left.len + gone <= source.len);
    check(lines_of(left) == lines_of(source));
    for (size_t i = 0, k = 0; k < left.len; i++) {
        check(i < source.len);
        k += source.at[i] == left.at[k];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_policies policies = {0};
    nb_str source = {(const char *)data, size};
    const nb_directives *directives = nb_directives_read(&arena, source);
    nb_str left = nb_directives_strip(&arena, source, directives);
    nb_directives_choose(directives, &policies);
    if (!directives) {
        check(left.at == source.at && left.len == source.len);
        return 0;
    }
    check_list(&arena, source, directives);
    check_stripped(source, left, directives);
    return 0;
}
