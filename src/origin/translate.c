#include "origin/translate.h"

#include "base/path.h"

void nb_translator_init(nb_translator *t, const nb_origins *origins)
{
    *t = (nb_translator){.origins = origins};
    nb_buf *const bufs[] = {&t->out, &t->held, &t->head, &t->waiting, &t->prefix, &t->exception};
    for (size_t i = 0; i < NB_LEN(bufs); i++)
        *bufs[i] = NB_BUF_INIT(SIZE_MAX);
}

void nb_translator_release(nb_translator *t)
{
    nb_buf *const bufs[] = {&t->out, &t->held, &t->head, &t->waiting, &t->prefix, &t->exception};
    for (size_t i = 0; i < NB_LEN(bufs); i++)
        nb_buf_release(bufs[i]);
}

/* --- what a traceback is about ---------------------------------------------------------------------------------------- */

/* Without escape sequences. */
static nb_str plain(nb_arena *arena, nb_str text)
{
    bool cut;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    if (nb_str_find_char(text, '\x1b') < 0)
        return text;
    while (text.len > 0) {
        text = nb_str_from_at(text, nb_escapes(text, &cut));
        if (text.len > 0)
            nb_buf_putc(&out, text.at[0]);
        text = nb_str_from_at(text, 1);
    }
    return nb_arena_str(arena, nb_buf_view(&out));
}

/* Blanks, and the rails that exception groups draw at the left. */
static bool is_indented(nb_str line)
{
    return line.len == 0 || nb_str_find_char(NB_STR(" |+-"), line.at[0]) >= 0;
}

/* What stands before the traceback's first line: nothing, or the mark of a process ("[rank0]: "). */
static bool begins_traceback(nb_str line, nb_str *prefix)
{
    static const nb_str words = NB_STR_ROW("Traceback (most recent call last):");
    *prefix = nb_str_slice(line, 0, line.len - (line.len < words.len ? line.len : words.len));
    return nb_str_ends(line, words) && (prefix->len == 0 || prefix->at[0] == '[');
}

/* The innermost cell of a traceback, and the line that follows its frames. */
static void note(nb_translator *t)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str line = nb_str_rtrim(plain(&scratch, nb_buf_view(&t->head))), prefix;
    if (begins_traceback(line, &prefix)) {
        t->in_traceback = true;
        t->place = (nb_origin){0};
        nb_buf_clear(&t->prefix);
        nb_buf_put(&t->prefix, prefix);
        return;
    }
    if (!t->in_traceback || !nb_str_starts(line, nb_buf_view(&t->prefix)))
        return;
    line = nb_str_from_at(line, t->prefix.len);
    if (is_indented(line))
        return;
    t->in_traceback = false;
    t->last_place = t->place;
    nb_buf_clear(&t->exception);
    nb_buf_put(&t->exception, line);
}

static void keep_head(nb_translator *t, nb_str piece)
{
    nb_buf_put(&t->head, nb_str_slice(piece, 0, NB_EXCEPTION_LIMIT - t->head.len));
}

/* --- telling ------------------------------------------------------------------------------------------------------------ */

/* The mention is about a file of ours, and left as it is. */
static void leave(nb_translator *t, nb_origin_answer answer, const nb_origin *o)
{
    if (answer == NB_ORIGIN_UNKNOWN)
        return;
    if (t->left[answer]++ == 0)
        t->left_at[answer] = *o;
}

static nb_origin_answer ask(nb_translator *t, nb_str text, const nb_mention *m, nb_str source,
                            nb_origin *o)
{
    return nb_origin_find(t->origins, nb_str_slice(text, m->path, m->path_end), m->line, source, o);
}

/* Whoever listens hears of it. The line it stands in has not ended, or is the one before (a frame that waited). */
static void tell(nb_translator *t, nb_str text, const nb_mention *m, const nb_origin *o)
{
    nb_told told = {nb_str_slice(text, m->path, m->path_end), m->line, *o,
                    t->in_source ? t->number : t->number + 1};
    if (t->on_told)
        t->on_told(t->ctx, &told);
}

/* A frame whose line is `text` (without its newline). Colours stay where they were. */
static void put_frame(nb_translator *t, nb_str text, const nb_mention *m, const nb_origin *o)
{
    nb_str line = nb_str_ends(text, NB_STR("\r")) ? nb_str_slice(text, 0, text.len - 1) : text;
    nb_buf_put(&t->out, nb_str_slice(text, 0, m->path));
    nb_buf_put(&t->out, o->path);
    nb_buf_put(&t->out, nb_str_slice(text, m->path_end, m->word));
    if (o->cell > 0)
        nb_buf_printf(&t->out, "cell %lld, ", (long long)o->cell);
    nb_buf_put(&t->out, nb_str_slice(text, m->word, m->number));
    nb_buf_printf(&t->out, "%lld", (long long)o->line);
    nb_buf_put(&t->out, nb_str_slice(line, m->number_end, line.len));
    nb_buf_printf(&t->out, " (" NB_STR_FMT ":%lld)", NB_STR_ARG(o->file->name), (long long)m->line);
    nb_buf_put(&t->out, nb_str_from_at(text, line.len));
}

/* A place, up to its number. */
static void put_place(nb_translator *t, nb_str text, const nb_mention *m, const nb_origin *o)
{
    nb_buf_put(&t->out, nb_str_slice(text, 0, m->path));
    nb_buf_put(&t->out, o->path);
    nb_str between = nb_str_slice(text, m->path_end, m->number); /* ":", with colours perhaps */
    nb_buf_put(&t->out, between);
    if (o->cell > 0)
        nb_buf_printf(&t->out, " cell %lld, line %lld", (long long)o->cell, (long long)o->line);
    else
        nb_buf_printf(&t->out, "%lld", (long long)o->line);
    nb_buf_printf(&t->out, " (" NB_STR_FMT ":%lld)", NB_STR_ARG(o->file->name), (long long)m->line);
}

/* --- a frame that waits for its source line --------------------------------------------------------------------------- */

/* The source line that the traceback shows below a frame: indented deeper than the frame. `at` is NULL when the line is something else. */
static nb_str source_of(const nb_translator *t, nb_arena *scratch, nb_str line)
{
    enum { DEEPER = 4 };
    line = plain(scratch, line);
    nb_str rest = nb_str_from_at(line, t->indent);
    nb_mention unused;
    if (rest.len <= DEEPER || !nb_str_starts(rest, NB_STR("    ")) ||
        nb_mention_frame(nb_str_from_at(rest, 2), true, &unused) == NB_MATCH_YES)
        return (nb_str){0};
    return nb_str_trim(rest);
}

/* Gives the frame, told or not, now that the line behind it has come (as far as it fits). */
static void settle(nb_translator *t)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_str waiting = nb_buf_view(&t->waiting), text = waiting, source = {0};
    nb_origin o;
    if (waiting.len == 0)
        return;
    if (t->in_source)
        text.len--; /* its newline */
    if (t->in_source && t->held.len <= NB_HELD_LIMIT)
        source = source_of(t, &scratch, nb_buf_view(&t->held));
    nb_origin_answer answer = ask(t, text, &t->waiting_for, source, &o);
    if (answer == NB_ORIGIN_FOUND) {
        put_frame(t, text, &t->waiting_for, &o);
        nb_buf_put(&t->out, nb_str_from_at(waiting, text.len));
        t->place = o;
        tell(t, text, &t->waiting_for, &o);
    } else {
        nb_buf_put(&t->out, waiting);
        leave(t, answer, &o);
    }
    nb_buf_clear(&t->waiting);
    t->in_source = false;
}

/* --- one line ------------------------------------------------------------------------------------------------------------- */

/* The line with its mentions, from byte `at` of `held` on. */
typedef struct scan {
    nb_translator *t;
    nb_str text;
    size_t given; /* bytes of it that are in `out` */
    size_t at;
    bool ended;
} scan;

static void give(scan *s, size_t upto)
{
    nb_buf_put(&s->t->out, nb_str_slice(s->text, s->given, upto));
    s->given = upto;
}

static bool lets_word_begin(char before)
{
    return nb_str_find_char(NB_STR(" \t\r|([<'"), before) >= 0;
}

static bool word_may_begin(const scan *s)
{
    if (s->at == 0)
        return !s->t->in_word;
    return lets_word_begin(s->text.at[s->at - 1]);
}

/* Columns are those of the plain text: what is coloured in one line need not be in the next. */
static void wait_for_source(scan *s, nb_str frame, const nb_mention *m)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_translator *t = s->t;
    nb_str before = nb_str_slice(nb_buf_view(&t->head), 0, t->column + s->at);
    t->indent = plain(&scratch, before).len;
    nb_buf_put(&t->waiting, frame);
    t->waiting_for = *m;
}

/* A frame is decided when its line has ended. */
static nb_match see_frame(scan *s, nb_str rest, bool whole)
{
    nb_mention m;
    nb_origin o;
    nb_match match = nb_mention_frame(rest, whole, &m);
    if (match != NB_MATCH_YES)
        return match;
    nb_origin_answer answer = ask(s->t, rest, &m, (nb_str){0}, &o);
    bool wanted =
        answer == NB_ORIGIN_FOUND || (s->t->check_source && answer == NB_ORIGIN_AMBIGUOUS);
    if (!wanted) {
        leave(s->t, answer, &o);
        return NB_MATCH_NO;
    }
    if (!whole)
        return NB_MATCH_MORE;
    give(s, s->at);
    if (s->t->check_source) {
        wait_for_source(s, rest, &m);
    } else {
        put_frame(s->t, rest, &m, &o);
        s->t->place = o;
        tell(s->t, rest, &m, &o);
    }
    s->at = s->given = s->text.len;
    return NB_MATCH_YES;
}

static nb_match see_place(scan *s, nb_str rest, bool whole)
{
    nb_mention m;
    nb_origin o;
    nb_match match = nb_mention_place(rest, whole, s->t->origins, &m);
    if (match != NB_MATCH_YES)
        return match;
    nb_origin_answer answer = ask(s->t, rest, &m, (nb_str){0}, &o);
    if (answer != NB_ORIGIN_FOUND) {
        leave(s->t, answer, &o);
        return NB_MATCH_NO;
    }
    give(s, s->at);
    put_place(s->t, rest, &m, &o);
    tell(s->t, rest, &m, &o);
    s->at += m.number_end;
    s->given = s->at;
    return NB_MATCH_YES;
}

/* What begins at s->at. An answer is found within NB_HELD_LIMIT bytes or not at all, so it does not depend on how much of the line is there. */
static nb_match see(scan *s)
{
    nb_str rest = nb_str_slice(s->text, s->at, s->at + NB_HELD_LIMIT);
    bool all = s->at + rest.len == s->text.len;
    nb_match match = NB_MATCH_NO;
    if (rest.at[0] == ' ')
        match = see_frame(s, rest, all && s->ended);
    else if (word_may_begin(s))
        match = see_place(s, rest, all && s->ended);
    if (match != NB_MATCH_MORE || all)
        return match;
    s->t->passing = true;
    return NB_MATCH_NO;
}

/* Gives all of `held` that is decided, and keeps the rest. */
static void look(nb_translator *t, bool ended)
{
    scan s = {.t = t, .text = nb_buf_view(&t->held), .ended = ended};
    while (s.at < s.text.len && !t->passing) {
        nb_match match = see(&s);
        if (match == NB_MATCH_MORE)
            break;
        s.at += match == NB_MATCH_NO;
    }
    if (t->passing)
        s.at = s.text.len;
    give(&s, s.at);
    if (s.at > 0)
        t->in_word = !lets_word_begin(s.text.at[s.at - 1]);
    t->column += s.at;
    nb_str kept = nb_str_from_at(s.text, s.at);
    if (s.at > 0 && kept.len > 0)
        memmove(t->held.at, kept.at, kept.len);
    if (s.at > 0) {
        t->held.len = kept.len;
        t->held.at[kept.len] = '\0';
    }
}

/* The next line begins. */
static void end_line(nb_translator *t)
{
    nb_buf *to = t->waiting.len > 0 ? &t->waiting : &t->out;
    nb_buf_putc(to, '\n');
    t->in_source = t->waiting.len > 0;
    note(t);
    nb_buf_clear(&t->head);
    t->column = 0;
    t->in_word = t->passing = false;
    t->number++;
}

nb_str nb_translate(nb_translator *t, nb_str piece, bool ended)
{
    nb_buf_clear(&t->out);
    keep_head(t, piece);
    nb_buf_put(&t->held, piece);
    if (t->in_source) {
        if (!ended && t->held.len <= NB_HELD_LIMIT)
            return nb_buf_view(&t->out);
        settle(t);
    }
    look(t, ended);
    if (ended)
        end_line(t);
    return nb_buf_view(&t->out);
}

nb_str nb_translate_end(nb_translator *t)
{
    nb_buf_clear(&t->out);
    settle(t);
    look(t, true);
    settle(t);
    note(t);
    return nb_buf_view(&t->out);
}

void nb_translate_bytes(nb_translator *t, nb_str bytes, nb_buf *to)
{
    for (ptrdiff_t end; (end = nb_str_find_char(bytes, '\n')) >= 0;
         bytes = nb_str_from_at(bytes, (size_t)end + 1))
        nb_buf_put(to, nb_translate(t, nb_str_slice(bytes, 0, (size_t)end), true));
    if (bytes.len > 0)
        nb_buf_put(to, nb_translate(t, bytes, false));
}

nb_str nb_translate_text(nb_arena *arena, const nb_origins *origins, nb_str text)
{
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    nb_translator t;
    nb_translator_init(&t, origins);
    nb_translate_bytes(&t, text, &out);
    nb_buf_put(&out, nb_translate_end(&t));
    nb_translator_release(&t);
    return nb_arena_str(arena, nb_buf_view(&out));
}
