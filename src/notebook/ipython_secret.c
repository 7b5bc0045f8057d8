/* Secrets that must not move into a script or a comment. */
#include "notebook/ipython_parts.h"
#include "text/secret.h"

bool nb_ipy_secret_name(nb_str name)
{
    static const char *const words[] = {"key",      "apikey", "token",     "secret",
                                        "password", "passwd", "passphrase"};
    size_t start = 0;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && !strchr("_-.", name.at[i]))
            continue;
        nb_str piece = nb_str_slice(name, start, i);
        for (size_t k = 0; k < NB_LEN(words); k++)
            if (nb_str_eq_nocase(piece, nb_str_from(words[k])))
                return true;
        start = i + 1;
    }
    return false;
}

static bool option_char(char c)
{
    return nb_is_alpha(c) || nb_is_digit(c) || c == '_' || c == '-' || c == '.';
}

/* The ')' that closes the "$(" at `i`, or the end. */
static size_t substitution_end(nb_str text, size_t i)
{
    unsigned depth = 0;
    for (; i < text.len; i++) {
        depth += text.at[i] == '(';
        if (text.at[i] == ')' && --depth == 0)
            return i + 1;
    }
    return i;
}

/* The end of a value at `i`, as a shell would see it; `around`: the quote it stands in, or NUL. */
static size_t value_end(nb_str text, size_t i, char around)
{
    static const char stops[] = " \t;|&)";
    char inside = '\0';
    while (i < text.len) {
        char c = text.at[i];
        if (c == around || (!inside && (c == ' ' || c == '\t')))
            break;
        if (!inside && !around && c && strchr(stops, c))
            break;
        if (!inside && nb_str_starts(nb_str_from_at(text, i), NB_STR("$("))) {
            i = substitution_end(text, i);
            continue;
        }
        if (!around && (c == '\'' || c == '"'))
            inside = inside == c ? '\0' : inside ? inside : c;
        i++;
    }
    return i;
}

/* A value after the word text[start, i): the offset behind `NAME=` or `--name `; 0: it names no secret. */
static size_t secret_value(nb_str text, size_t start, size_t i)
{
    nb_str word = nb_str_slice(text, start, i);
    bool option = nb_str_starts(word, NB_STR("--"));
    bool equals = i < text.len && text.at[i] == '=';
    if (!nb_ipy_secret_name(word) || (!equals && !option))
        return 0;
    size_t value = i + equals;
    while (!equals && value < text.len && (text.at[value] == ' ' || text.at[value] == '\t'))
        value++;
    return value > i && value < text.len && text.at[value] != ' ' ? value : 0;
}

/* The '@' of "://user:password@" or "https://token@" whose "://" is at `i`; 0: nothing secret in it. */
static size_t user_info_end(nb_str text, size_t i)
{
    nb_str scheme = nb_str_slice(text, 0, i);
    bool secret = nb_str_ends(scheme, NB_STR("http")) || nb_str_ends(scheme, NB_STR("https"));
    size_t start = i + 3;
    for (i = start; i < text.len && !strchr("/ \t'\"", text.at[i]); i++) {
        if (text.at[i] == '@')
            return secret && !nb_str_eqz(nb_str_slice(text, start, i), "git") ? i : 0;
        secret |= text.at[i] == ':';
    }
    return 0;
}

/* A value that is filled in when the notebook runs gives nothing away. */
static bool is_literal_secret(nb_str value)
{
    if (value.len > 0 && strchr("'\"", value.at[0]))
        value = nb_str_from_at(value, 1);
    return value.len > 0 && !strchr("${*", value.at[0]); /* "***" is our own */
}

nb_str nb_ipy_redact(nb_ipy *ipy, nb_str text, bool *secret)
{
    bool found = false;
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    size_t i = 0;
    char around = '\0'; /* the quote that is open */
    while (i < text.len) {
        size_t start = i;
        while (i < text.len && option_char(text.at[i]))
            i++;
        nb_buf_put(&out, nb_str_slice(text, start, i));
        size_t value = i > start ? secret_value(text, start, i) : 0;
        size_t user =
            nb_str_starts(nb_str_from_at(text, i), NB_STR("://")) ? user_info_end(text, i) : 0;
        if (value) {
            nb_buf_put(&out, nb_str_slice(text, i, value));
            nb_buf_putz(&out, "***");
            i = value_end(text, value, around);
            found |= is_literal_secret(nb_str_slice(text, value, i));
        } else if (user) {
            nb_buf_putz(&out, "://***");
            found |= is_literal_secret(nb_str_slice(text, i + 3, user));
            i = user;
        } else if (i < text.len) {
            char c = text.at[i++];
            if (c == '\'' || c == '"')
                around = around == c ? '\0' : around ? around : c;
            nb_buf_putc(&out, c ? c : ' '); /* Python allows no NUL, not even in a comment */
        }
    }
    nb_str named = nb_arena_str(ipy->arena, nb_buf_view(&out));
    nb_buf_release(&out);
    nb_str redacted = nb_secret_hide(ipy->arena, named);
    if (secret)
        *secret = found || !nb_str_eq(named, redacted);
    return redacted;
}
