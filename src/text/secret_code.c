#include "text/secret.h"

/* --- placeholders ------------------------------------------------------------------------------------------------ */

/* Words of values that somebody is to replace. */
static const nb_str stand_ins[] = {
    NB_STR_ROW("your"),     NB_STR_ROW("example"),     NB_STR_ROW("placeholder"),
    NB_STR_ROW("changeme"), NB_STR_ROW("change_me"),   NB_STR_ROW("replace"),
    NB_STR_ROW("insert"),   NB_STR_ROW("dummy"),       NB_STR_ROW("xxx"),
    NB_STR_ROW("todo"),     NB_STR_ROW("redacted"),    NB_STR_ROW("fake"),
    NB_STR_ROW("enter"),    NB_STR_ROW("..."),         NB_STR_ROW("***"),
    NB_STR_ROW("{"),        NB_STR_ROW("%s"),          NB_STR_ROW("sample"),
    NB_STR_ROW("paste"),    NB_STR_ROW("secret_here"), NB_STR_ROW("not-needed"),
};

static bool contains_nocase(nb_str text, nb_str word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (nb_str_eq_nocase(nb_str_slice(text, i, i + word.len), word))
            return true;
    return false;
}

/* OPENAI_API_KEY: the name of a variable. */
static bool is_variable(nb_str text)
{
    bool underscore = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (!(c >= 'A' && c <= 'Z') && !nb_is_digit(c) && c != '_')
            return false;
        underscore |= c == '_';
    }
    return underscore;
}

/* How many different characters it has. */
static unsigned variety(nb_str text)
{
    bool seen[256] = {false};
    unsigned distinct = 0;
    for (size_t i = 0; i < text.len; i++) {
        distinct += !seen[(unsigned char)text.at[i]];
        seen[(unsigned char)text.at[i]] = true;
    }
    return distinct;
}

static bool is_placeholder(nb_str text)
{
    if (text.len > 0 && (text.at[0] == '<' || text.at[0] == '[' || text.at[0] == '$'))
        return true;
    for (size_t i = 0; i < NB_LEN(stand_ins); i++)
        if (contains_nocase(text, stand_ins[i]))
            return true;
    return is_variable(text) || (text.len > 3 && variety(text) < 4);
}

/* --- randomness --------------------------------------------------------------------------------------------------- */

static bool is_separator(char c)
{
    return c == '-' || c == '_' || c == '.' || c == '/' || c == ':' || c == '+' || c == '=';
}

/* Pieces of letters only and of digits only are words and dates: "bert-base-uncased-2018". A key mixes them. */
static bool has_mixed_piece(nb_str text)
{
    size_t start = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && !is_separator(text.at[i]))
            continue;
        unsigned turns = 0;
        for (size_t k = start + 1; k < i; k++)
            turns += nb_is_digit(text.at[k]) != nb_is_digit(text.at[k - 1]);
        if (i - start >= 10 && turns >= 3)
            return true;
        start = i + 1;
    }
    return false;
}

static bool is_random(nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!nb_is_alpha(text.at[i]) && !nb_is_digit(text.at[i]) && !is_separator(text.at[i]))
            return false;
    return text.len >= 16 && text.len <= 512 && has_mixed_piece(text) && variety(text) >= 8;
}

/* Strong enough that somebody chose it for more than an example. */
static bool is_chosen(nb_str text)
{
    bool letter = false, other = false;
    for (size_t i = 0; i < text.len; i++) {
        letter |= nb_is_alpha(text.at[i]);
        other |= !nb_is_alpha(text.at[i]);
    }
    return text.len >= 8 && letter && other;
}

/* --- guesses ------------------------------------------------------------------------------------------------------- */

static bool ends_word(nb_str text, nb_str hit)
{
    size_t end = (size_t)(hit.at - text.at) + hit.len;
    return end == text.len || !(nb_is_alpha(text.at[end]) || nb_is_digit(text.at[end]));
}

static bool is_alphanumeric(nb_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!nb_is_alpha(text.at[i]) && !nb_is_digit(text.at[i]))
            return false;
    return true;
}

/* user:password@ of an address: the password. */
static nb_str password_of(nb_str userinfo)
{
    return nb_str_from_at(userinfo, (size_t)(nb_str_find_char(userinfo, ':') + 1));
}

static nb_secret_guess guess_password(nb_str password)
{
    if (password.len == 0 || is_placeholder(password))
        return NB_SECRET_NONE;
    return is_chosen(password) ? NB_SECRET_SURE : NB_SECRET_LIKELY;
}

/* Some shapes are too common in programs to be taken by their beginning alone. */
static nb_secret_guess guess_shape(nb_str text, nb_str hit)
{
    ptrdiff_t equals = nb_str_find_char(hit, '=');
    if (nb_str_starts(hit, NB_STR("AKIA")) || nb_str_starts(hit, NB_STR("ASIA")))
        return hit.len == 20 && ends_word(text, hit) ? NB_SECRET_SURE : NB_SECRET_NONE;
    if (nb_str_starts(hit, NB_STR("hf_")) && hit.len == 37 && ends_word(text, hit) &&
        is_alphanumeric(nb_str_from_at(hit, 3))) /* letters only: no digit shows that it is one */
        return NB_SECRET_SURE;
    if (nb_str_starts(hit, NB_STR("eyJ"))) {
        ptrdiff_t dot = nb_str_find_char(hit, '.');
        return dot > 0 && nb_str_rfind_char(hit, '.') > dot ? NB_SECRET_SURE : NB_SECRET_NONE;
    }
    if (nb_str_ends(nb_secret_kind(hit), NB_STR("connection string"))) {
        bool connection = nb_str_find_char(text, ';') >= 0 || nb_str_contains(text, NB_STR("://"));
        return connection ? guess_password(nb_str_from_at(hit, (size_t)(equals + 1)))
                          : NB_SECRET_NONE;
    }
    if (nb_str_ends(nb_secret_kind(hit), NB_STR("address")))
        return guess_password(password_of(hit));
    if (nb_str_starts(hit, NB_STR("-----")))
        return hit.len > 100 ? NB_SECRET_SURE : NB_SECRET_NONE;
    return has_mixed_piece(hit) || equals >= 0 ? NB_SECRET_SURE : NB_SECRET_NONE;
}

nb_secret_guess nb_secret_shape_in_code(nb_str text, nb_str hit)
{
    return is_placeholder(hit) ? NB_SECRET_NONE : guess_shape(text, hit);
}

static nb_secret_guess guess_any_shape(nb_str text, nb_str *kind)
{
    nb_str hit;
    for (size_t from = 0; nb_secret_find(text, from, &hit);) {
        nb_secret_guess guess = nb_secret_shape_in_code(text, hit);
        if (guess != NB_SECRET_NONE) {
            *kind = nb_secret_kind(hit);
            return guess;
        }
        from = (size_t)(hit.at - text.at) + hit.len;
    }
    return NB_SECRET_NONE;
}

/* "Bearer 0123abcd…" of a header. */
static bool is_bearer(nb_str value)
{
    static const nb_str schemes[] = {NB_STR_ROW("Bearer "), NB_STR_ROW("Basic "),
                                     NB_STR_ROW("Token "), NB_STR_ROW("token ")};
    for (size_t i = 0; i < NB_LEN(schemes); i++)
        if (nb_str_starts(value, schemes[i]))
            return is_random(nb_str_from_at(value, schemes[i].len));
    return false;
}

nb_secret_guess nb_secret_in_code(nb_str name, nb_str value, nb_str *kind)
{
    nb_secret_guess guess = guess_any_shape(value, kind);
    if (guess != NB_SECRET_NONE || value.len < 3)
        return guess;
    if (is_bearer(value)) {
        *kind = NB_STR("an access token");
        return NB_SECRET_SURE;
    }
    bool path = value.at[0] == '/' || value.at[0] == '.' || nb_str_contains(value, NB_STR("://"));
    if (path || nb_str_find_char(value, ' ') >= 0 || nb_str_find_char(value, '\n') >= 0 ||
        is_placeholder(value) || nb_str_eq_nocase(value, name))
        return NB_SECRET_NONE;
    switch (nb_secret_sort_of(name)) {
    case NB_SECRET_PLAIN: return NB_SECRET_NONE;
    case NB_SECRET_TOKEN:
        *kind = NB_STR("a key or token");
        return is_random(value) ? NB_SECRET_SURE : NB_SECRET_NONE;
    case NB_SECRET_PASSWORD:
        *kind = NB_STR("a password");
        return nb_secret_name(value) ? NB_SECRET_NONE : guess_password(value);
    }
    return NB_SECRET_NONE;
}
