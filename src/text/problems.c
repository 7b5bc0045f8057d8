#include "text/problems.h"

nb_problem *nb_problem_add(nb_problems *problems, nb_diag_code code, nb_place place,
                           const char *fmt, ...)
{
    if (problems->list.count == NB_PROBLEMS_MAX)
        return &problems->spare;
    va_list args;
    va_start(args, fmt);
    nb_str message = nb_arena_vprintf(problems->arena, fmt, args);
    va_end(args);
    nb_vec_push(problems->arena, &problems->list,
                (nb_problem){.code = code, .place = place, .message = message});
    return &problems->list.at[problems->list.count - 1];
}

void nb_problem_hint(const nb_problems *problems, nb_problem *problem, const char *fmt, ...)
{
    if (problem == &problems->spare)
        return;
    va_list args;
    va_start(args, fmt);
    problem->hint = nb_arena_vprintf(problems->arena, fmt, args);
    va_end(args);
}

static bool before(const nb_place *a, const nb_place *b)
{
    if (a->line != b->line)
        return a->line < b->line;
    return a->column < b->column;
}

/* Stable, and quick for what is nearly in order already. */
static void sort(nb_problem *problems, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        nb_problem moved = problems[i];
        size_t at = i;
        for (; at > 0 && before(&moved.place, &problems[at - 1].place); at--)
            problems[at] = problems[at - 1];
        problems[at] = moved;
    }
}

static void add_finding(nb_diags *diags, const nb_problem *problem)
{
    const nb_place *place = &problem->place;
    const nb_spot spot = {
        .path = nb_arena_str(diags->arena, place->path),
        .line = place->line,
        .column = place->column,
        .source = nb_arena_str(diags->arena, place->source),
    };
    nb_diag *diag =
        nb_diag_add(diags, problem->code, spot, NB_STR_FMT, NB_STR_ARG(problem->message));
    diag->severity = NB_SEVERITY_ERROR;
    diag->help = nb_arena_str(diags->arena, problem->hint);
}

nb_code nb_problems_report(nb_problems *problems, nb_diags *diags, nb_error *err)
{
    size_t count = problems->list.count;
    if (count == 0)
        return NB_OK;
    sort(problems->list.at, count);
    for (size_t i = 1; i < count; i++)
        add_finding(diags, &problems->list.at[i]);
    const nb_problem *first = &problems->list.at[0];
    nb_fail(err, NB_ERR_CONFIG, NB_STR_FMT, NB_STR_ARG(first->message));
    err->finding = nb_diag_row_of(first->code)->code;
    nb_error_at(err, first->place);
    if (first->hint.len > 0)
        nb_error_hint(err, NB_STR_FMT, NB_STR_ARG(first->hint));
    return err->code;
}
