#include "text/diff.h"

#include "base/vec.h"

/* The longest common subsequence by its table, after the common ends were cut off: scripts have some hundred lines. */

enum { CONTEXT = 3, MOST_PAIRS = 16 * 1024 * 1024 };

typedef struct row {
    char op; /* ' ', '-' or '+' */
    nb_str text;
} row;

typedef NB_VEC(nb_str) line_list;
typedef NB_VEC(row) row_list;

typedef struct differ {
    nb_arena *arena;
    line_list old, new_;
    row_list rows;
} differ;

static void split(nb_arena *arena, nb_str text, line_list *out)
{
    nb_str line;
    bool complete = nb_str_ends(text, NB_STR("\n"));
    while (nb_str_line(&text, &line))
        nb_vec_push(arena, out, line);
    if (!complete && out->count > 0) /* as diff(1) says it, on a line of its own */
        out->at[out->count - 1] =
            nb_arena_printf(arena, NB_STR_FMT "\n\\ No newline at end of file",
                            NB_STR_ARG(out->at[out->count - 1]));
}

static void push(differ *d, char op, nb_str text)
{
    nb_vec_push(d->arena, &d->rows, (row){op, text});
}

/* Rows for old[a, a_end) and new[b, b_end), which differ at both ends. */
static void compare(differ *d, size_t a, size_t a_end, size_t b, size_t b_end)
{
    size_t n = a_end - a, m = b_end - b, width = m + 1, i = 0, k = 0;
    bool small = n == 0 || m <= MOST_PAIRS / n;
    uint32_t *common =
        small ? NB_NEW_ARRAY(d->arena, uint32_t, (n + 1) * width) : NULL; /* of the tails at i, k */
    for (i = n; small && i-- > 0;)
        for (k = m; k-- > 0;) {
            uint32_t down = common[(i + 1) * width + k], right = common[i * width + k + 1];
            bool same = nb_str_eq(d->old.at[a + i], d->new_.at[b + k]);
            common[i * width + k] = same           ? common[(i + 1) * width + k + 1] + 1
                                    : down > right ? down
                                                   : right;
        }
    for (i = k = 0; i < n || k < m;) {
        if (small && i < n && k < m && nb_str_eq(d->old.at[a + i], d->new_.at[b + k])) {
            push(d, ' ', d->old.at[a + i++]);
            k++;
        } else if (i < n &&
                   (k == m || !small || common[(i + 1) * width + k] >= common[i * width + k + 1])) {
            push(d, '-', d->old.at[a + i++]);
        } else {
            push(d, '+', d->new_.at[b + k++]);
        }
    }
}

static void fill_rows(differ *d)
{
    size_t n = d->old.count, m = d->new_.count, head = 0, tail = 0;
    while (head < n && head < m && nb_str_eq(d->old.at[head], d->new_.at[head]))
        head++;
    while (tail < n - head && tail < m - head &&
           nb_str_eq(d->old.at[n - 1 - tail], d->new_.at[m - 1 - tail]))
        tail++;
    for (size_t i = 0; i < head; i++)
        push(d, ' ', d->old.at[i]);
    compare(d, head, n - tail, head, m - tail);
    for (size_t i = n - tail; i < n; i++)
        push(d, ' ', d->old.at[i]);
}

/* The end of the hunk that begins with a change at `start`: changes less than 2 * CONTEXT lines apart share one. */
static size_t hunk_end(const row_list *rows, size_t start)
{
    size_t last = start;
    for (size_t i = start; i < rows->count && i <= last + (size_t)2 * CONTEXT; i++)
        if (rows->at[i].op != ' ')
            last = i;
    return last + 1;
}

static void put_range(nb_buf *out, char sign, size_t line, size_t count)
{
    nb_buf_printf(out, " %c%zu", sign, count == 0 ? line - 1 : line);
    if (count != 1)
        nb_buf_printf(out, ",%zu", count);
}

static void put_hunk(nb_buf *out, const row_list *rows, size_t from, size_t to, size_t old_line,
                     size_t new_line)
{
    size_t old_count = 0, new_count = 0;
    for (size_t i = from; i < to; i++) {
        old_count += rows->at[i].op != '+';
        new_count += rows->at[i].op != '-';
    }
    nb_buf_putz(out, "@@");
    put_range(out, '-', old_line, old_count);
    put_range(out, '+', new_line, new_count);
    nb_buf_putz(out, " @@\n");
    for (size_t i = from; i < to; i++)
        nb_buf_printf(out, "%c" NB_STR_FMT "\n", rows->at[i].op, NB_STR_ARG(rows->at[i].text));
}

static void put_hunks(nb_buf *out, const row_list *rows)
{
    size_t old_line = 1, new_line = 1, passed = 0; /* lines before row `passed` */
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->at[i].op == ' ')
            continue;
        size_t from = i > passed + CONTEXT ? i - CONTEXT : passed, end = hunk_end(rows, i);
        size_t to = end + CONTEXT < rows->count ? end + CONTEXT : rows->count;
        for (; passed < from; passed++) {
            old_line++;
            new_line++;
        }
        put_hunk(out, rows, from, to, old_line, new_line);
        for (; passed < to; passed++) {
            old_line += rows->at[passed].op != '+';
            new_line += rows->at[passed].op != '-';
        }
        i = to - 1;
    }
}

void nb_diff_unified(nb_buf *out, nb_str old_name, nb_str old, nb_str new_name, nb_str new_)
{
    if (nb_str_eq(old, new_))
        return;
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    differ d = {.arena = &arena};
    split(&arena, old, &d.old);
    split(&arena, new_, &d.new_);
    fill_rows(&d);
    nb_buf_printf(out, "--- " NB_STR_FMT "\n+++ " NB_STR_FMT "\n", NB_STR_ARG(old_name),
                  NB_STR_ARG(new_name));
    put_hunks(out, &d.rows);
}
