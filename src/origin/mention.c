#include "origin/mention.h"

/* A place in a text that may go on. */
typedef struct cursor {
    nb_str text;
    size_t at;
    bool whole;
    nb_match match; /* YES so far; the first other answer stays */
} cursor;

static bool stop(cursor *c, nb_match match)
{
    c->match = match;
    return false;
}

/* At the end of the text: NO when nothing can follow. */
static bool run_out(cursor *c)
{
    return stop(c, c->whole ? NB_MATCH_NO : NB_MATCH_MORE);
}

static bool expect(cursor *c, nb_str words)
{
    nb_str here = nb_str_slice(c->text, c->at, c->at + words.len);
    if (!nb_str_starts(words, here))
        return stop(c, NB_MATCH_NO);
    if (here.len < words.len)
        return run_out(c);
    c->at += words.len;
    return true;
}

size_t nb_escapes(nb_str text, bool *cut)
{
    size_t at = 0;
    *cut = false;
    while (at < text.len && text.at[at] == '\x1b') {
        size_t end = at + 1;
        if (end < text.len && text.at[end] != '[')
            break;
        end += end < text.len;
        while (end < text.len && (nb_is_digit(text.at[end]) || text.at[end] == ';'))
            end++;
        if (end == text.len) {
            *cut = true;
            break;
        }
        if (!nb_is_alpha(text.at[end]))
            break;
        at = end + 1;
    }
    return at;
}

static bool skip_escapes(cursor *c)
{
    bool cut;
    c->at += nb_escapes(nb_str_from_at(c->text, c->at), &cut);
    return !cut || run_out(c);
}

/* Digits that something else follows, or the end. */
static bool take_number(cursor *c, nb_mention *out)
{
    enum { MOST_DIGITS = 10 };
    out->number = c->at;
    while (c->at < c->text.len && nb_is_digit(c->text.at[c->at]))
        c->at++;
    out->number_end = c->at;
    nb_str digits = nb_str_slice(c->text, out->number, c->at);
    if (digits.len > MOST_DIGITS)
        return stop(c, NB_MATCH_NO);
    if (c->at == c->text.len && !c->whole)
        return stop(c, NB_MATCH_MORE);
    return nb_str_to_int(digits, &out->line) || stop(c, NB_MATCH_NO);
}

static bool take_quoted(cursor *c, nb_mention *out)
{
    if (!expect(c, NB_STR("\"")))
        return false;
    out->path = c->at;
    while (c->at < c->text.len && c->text.at[c->at] != '"') {
        if (c->text.at[c->at] == '\x1b')
            return stop(c, NB_MATCH_NO);
        c->at++;
    }
    out->path_end = c->at;
    if (c->at == c->text.len)
        return run_out(c);
    c->at++;
    return true;
}

nb_match nb_mention_frame(nb_str text, bool whole, nb_mention *out)
{
    cursor c = {text, 0, whole, NB_MATCH_YES};
    *out = (nb_mention){0};
    if (!expect(&c, NB_STR("  File ")) || !skip_escapes(&c) || !take_quoted(&c, out) ||
        !skip_escapes(&c) || !expect(&c, NB_STR(", ")))
        return c.match;
    out->word = c.at;
    if (expect(&c, NB_STR("line ")) && skip_escapes(&c))
        (void)take_number(&c, out);
    return c.match;
}

/* Up to a colon or an escape sequence. A path that the maps do not know is given up as soon as that can be told. */
static bool take_path(cursor *c, const nb_origins *origins, nb_mention *out)
{
    out->path = c->at;
    for (; c->at < c->text.len; c->at++) {
        char byte = c->text.at[c->at];
        if (byte == ':' || byte == '\x1b')
            break;
        if (byte == '"' || (unsigned char)byte < ' ' ||
            (byte == ' ' &&
             !nb_origin_may_name(origins, nb_str_slice(c->text, out->path, c->at + 1))))
            return stop(c, NB_MATCH_NO);
    }
    out->path_end = c->at;
    nb_str path = nb_str_slice(c->text, out->path, c->at);
    if (c->at == c->text.len && !c->whole)
        return stop(c, nb_origin_may_name(origins, path) ? NB_MATCH_MORE : NB_MATCH_NO);
    nb_origin unused;
    return nb_origin_find(origins, path, 1, (nb_str){0}, &unused) != NB_ORIGIN_UNKNOWN ||
           stop(c, NB_MATCH_NO);
}

nb_match nb_mention_place(nb_str text, bool whole, const nb_origins *origins, nb_mention *out)
{
    cursor c = {text, 0, whole, NB_MATCH_YES};
    *out = (nb_mention){0};
    if (!skip_escapes(&c) || !take_path(&c, origins, out) || !skip_escapes(&c) ||
        !expect(&c, NB_STR(":")) || !take_number(&c, out) || !expect(&c, NB_STR(":")))
        return c.match;
    if (c.at == text.len && !whole)
        return NB_MATCH_MORE;
    return c.at < text.len && nb_is_digit(text.at[c.at]) ? NB_MATCH_NO : NB_MATCH_YES;
}
