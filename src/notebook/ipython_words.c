/* Shell text cut into commands and words, as far as finding pip commands needs it.
 *
 * Knows quotes, backslashes, comments, separators and redirections, and `{...}`, `$name` and backquotes, which nobody can
 * resolve without running the notebook.
 */
#include "notebook/ipython_parts.h"

enum { LONGEST_FIELD = 256 }; /* bounded, so that no line takes quadratic time */

static char peek(const nb_ipy_shell *sh, size_t ahead)
{
    return sh->at + ahead < sh->text.len ? sh->text.at[sh->at + ahead] : '\0';
}

/* --- one word --------------------------------------------------------------------------------- */

static void begin(nb_ipy_shell *sh)
{
    if (sh->in_word)
        return;
    sh->now = (nb_ipy_word_of){.start = sh->at};
    sh->in_word = true;
    sh->project = nb_is_alpha(peek(sh, 0)) || nb_is_digit(peek(sh, 0));
    sh->name = nb_is_name_start(peek(sh, 0));
    sh->number = true;
    sh->letter = false;
}

static void take(nb_ipy_shell *sh, size_t count)
{
    begin(sh);
    for (; count > 0 && sh->at < sh->text.len; count--) {
        char c = sh->text.at[sh->at++];
        bool letter = nb_is_alpha(c), digit = nb_is_digit(c);
        sh->project &= letter || digit || (c && strchr("._-[],<>=!~*+", c));
        sh->letter |= letter;
        sh->name &= nb_is_name(c);
        sh->number &= digit;
        nb_buf_putc(&sh->word, c);
    }
}

static void end_word(nb_ipy_shell *sh)
{
    if (!sh->in_word)
        return;
    sh->now.end = sh->at;
    sh->now.text = nb_arena_str(sh->arena, nb_buf_view(&sh->word));
    if (!sh->target)
        nb_vec_push(sh->arena, &sh->command.words, sh->now);
    nb_buf_clear(&sh->word);
    sh->in_word = sh->target = false;
}

/* The length of the brackets or backquotes at the front and what is inside; 1 when nothing closes them. */
static size_t field_length(nb_str text, char close)
{
    unsigned depth = 0;
    for (size_t i = 0; i < text.len && i < LONGEST_FIELD; i++) {
        if (text.at[i] == close && depth > 0 && --depth == 0)
            return i + 1;
        if (text.at[i] == text.at[0])
            depth++;
    }
    return 1;
}

/* Something only the running notebook or shell knows. */
static bool take_field(nb_ipy_shell *sh)
{
    nb_str rest = nb_str_from_at(sh->text, sh->at);
    char c = peek(sh, 0), next = peek(sh, 1);
    size_t len = 0;
    if (c == '{')
        len = field_length(rest, '}');
    else if (c == '`')
        len = field_length(rest, '`');
    else if (c == '$' && (next == '(' || next == '{'))
        len = 1 + field_length(nb_str_from_at(rest, 1), next == '(' ? ')' : '}');
    else if (c == '$' && nb_is_name_start(next))
        len = 1;
    if (len == 0)
        return false;
    take(sh, len);
    sh->now.interpolated |= c != '{' || len > 1;
    return true;
}

static void take_quoted(nb_ipy_shell *sh)
{
    char quote = peek(sh, 0);
    begin(sh);
    for (sh->at++; sh->at < sh->text.len && peek(sh, 0) != quote;) {
        char next = peek(sh, 1);
        if (quote == '"' && peek(sh, 0) == '\\' && next && strchr("\\\"$`", next))
            sh->at++;
        else if (take_field(sh))
            continue;
        take(sh, 1);
    }
    sh->at += sh->at < sh->text.len;
}

/* --- operators -------------------------------------------------------------------------------- */

/* `<` or `>`: part of a version that someone forgot to quote, or a redirection. */
static void angle(nb_ipy_shell *sh)
{
    char next = peek(sh, 1);
    if (sh->in_word && sh->project && sh->letter && (next == '=' || nb_is_digit(next))) {
        sh->now.comparison = true;
        take(sh, 1);
        return;
    }
    if (sh->in_word && sh->number) { /* 2> */
        sh->in_word = false;
        nb_buf_clear(&sh->word);
    }
    end_word(sh);
    while (peek(sh, 0) == '<' || peek(sh, 0) == '>')
        sh->at++;
    if (peek(sh, 0) == '&' || peek(sh, 0) == '|')
        sh->at++;
    sh->target = true;
}

static bool separates(const nb_ipy_shell *sh)
{
    char c = peek(sh, 0);
    return (c && strchr(";|&()", c)) || (c == '\n' && sh->script);
}

static void skip_comment(nb_ipy_shell *sh)
{
    while (sh->at < sh->text.len && !(sh->script && peek(sh, 0) == '\n'))
        sh->at++;
}

static void step(nb_ipy_shell *sh)
{
    char c = peek(sh, 0), next = peek(sh, 1);
    if (c == '\\' && next == '\n') {
        end_word(sh);
        sh->at += 2;
    } else if (c == '\\' && sh->at + 1 < sh->text.len) {
        begin(sh);
        sh->at++;
        take(sh, 1);
    } else if (c == '\'' || c == '"') {
        take_quoted(sh);
    } else if (nb_ipy_blank(c) || (c == '\n' && !sh->script)) {
        end_word(sh);
        sh->at++;
    } else if (c == '#' && !sh->in_word) {
        skip_comment(sh);
    } else if (c == '<' || c == '>' || (c == '&' && next == '>')) {
        sh->at += c == '&';
        angle(sh);
    } else if (!take_field(sh)) {
        sh->now.assignment |= c == '=' && sh->in_word && sh->name;
        take(sh, 1);
    }
}

/* --- commands --------------------------------------------------------------------------------- */

void nb_ipy_shell_open(nb_ipy_shell *sh, nb_arena *arena, nb_str text, size_t at, bool script)
{
    *sh = (nb_ipy_shell){
        .arena = arena, .text = text, .at = at, .script = script, .word = NB_BUF_INIT(SIZE_MAX)};
}

bool nb_ipy_shell_next(nb_ipy_shell *sh)
{
    sh->command.words.count = 0;
    while (sh->at < sh->text.len) {
        bool quoted = peek(sh, 0) == '&' && peek(sh, 1) == '>';
        if (!separates(sh) || quoted) {
            step(sh);
            continue;
        }
        end_word(sh);
        sh->target = false;
        sh->at++;
        if (sh->command.words.count > 0)
            return true;
    }
    end_word(sh);
    return sh->command.words.count > 0;
}

void nb_ipy_shell_release(nb_ipy_shell *sh)
{
    nb_buf_release(&sh->word);
}
