#include "text/secret.h"

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_word(char c)
{
    return nb_is_alpha(c) || nb_is_digit(c);
}

static bool is_token(char c) /* characters of base64, base64url and the vendors' prefixes */
{
    return is_word(c) || c == '_' || c == '-' || c == '+' || c == '/' || c == '=' || c == '.';
}

/* --- names --- */

/* Cuts the last word off: words end at anything but letters and digits, and before a capital that follows a small letter. */
static nb_str last_word(nb_str *name)
{
    size_t end = name->len;
    while (end > 0 && !is_word(name->at[end - 1]))
        end--;
    size_t start = end;
    while (start > 0 && is_word(name->at[start - 1])) {
        start--;
        if (start > 0 && is_upper(name->at[start]) && !is_upper(name->at[start - 1]))
            break;
    }
    nb_str word = nb_str_slice(*name, start, end);
    name->len = start;
    return word;
}

static bool is_one_of(nb_str word, const nb_str *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nb_str_eq_nocase(word, words[i]))
            return true;
    return false;
}

static const nb_str passwords[] = {
    NB_STR_ROW("password"),   NB_STR_ROW("passwd"),     NB_STR_ROW("pwd"),
    NB_STR_ROW("passphrase"), NB_STR_ROW("secret"),     NB_STR_ROW("apikey"),
    NB_STR_ROW("secretkey"),  NB_STR_ROW("privatekey"), NB_STR_ROW("accesskey"),
};
static const nb_str tokens[] = {NB_STR_ROW("token"), NB_STR_ROW("sas"), NB_STR_ROW("credential"),
                                NB_STR_ROW("credentials")};
static const nb_str key_owners[] = {
    NB_STR_ROW("api"),      NB_STR_ROW("secret"), NB_STR_ROW("access"), NB_STR_ROW("private"),
    NB_STR_ROW("account"),  NB_STR_ROW("shared"), NB_STR_ROW("auth"),   NB_STR_ROW("storage"),
    NB_STR_ROW("signing"),  NB_STR_ROW("openai"), NB_STR_ROW("wandb"),  NB_STR_ROW("subscription"),
    NB_STR_ROW("consumer"),
};

nb_secret_sort nb_secret_sort_of(nb_str name)
{
    nb_str last = last_word(&name);
    if (is_one_of(last, passwords, NB_LEN(passwords)))
        return NB_SECRET_PASSWORD;
    if (is_one_of(last, tokens, NB_LEN(tokens)))
        return NB_SECRET_TOKEN;
    nb_str owner = last_word(&name);
    if (nb_str_eq_nocase(last, NB_STR("key")) && is_one_of(owner, key_owners, NB_LEN(key_owners)))
        return NB_SECRET_TOKEN;
    if (nb_str_eq_nocase(last, NB_STR("string")) && nb_str_eq_nocase(owner, NB_STR("connection")))
        return NB_SECRET_TOKEN;
    return NB_SECRET_PLAIN;
}

bool nb_secret_name(nb_str name)
{
    return nb_secret_sort_of(name) != NB_SECRET_PLAIN;
}

/* --- shapes --- */

/* `prefix` followed by at least `least` characters of keys, at the start of a word. */
static const struct prefix_row {
    nb_str prefix;
    size_t least;
    nb_str kind;
} prefixes[] = {
    {NB_STR_ROW("AKIA"),                       16, NB_STR_ROW("an AWS access key")                },
    {NB_STR_ROW("ASIA"),                       16, NB_STR_ROW("an AWS access key")                },
    {NB_STR_ROW("sk-ant-"),                    20, NB_STR_ROW("an Anthropic API key")             },
    {NB_STR_ROW("sk-"),                        20, NB_STR_ROW("an OpenAI API key")                },
    {NB_STR_ROW("sk_live_"),                   16, NB_STR_ROW("a Stripe key")                     },
    {NB_STR_ROW("rk_live_"),                   16, NB_STR_ROW("a Stripe key")                     },
    {NB_STR_ROW("ghp_"),                       30, NB_STR_ROW("a GitHub token")                   },
    {NB_STR_ROW("gho_"),                       30, NB_STR_ROW("a GitHub token")                   },
    {NB_STR_ROW("ghs_"),                       30, NB_STR_ROW("a GitHub token")                   },
    {NB_STR_ROW("ghu_"),                       30, NB_STR_ROW("a GitHub token")                   },
    {NB_STR_ROW("github_pat_"),                30, NB_STR_ROW("a GitHub token")                   },
    {NB_STR_ROW("glpat-"),                     16, NB_STR_ROW("a GitLab token")                   },
    {NB_STR_ROW("xoxb-"),                      20, NB_STR_ROW("a Slack token")                    },
    {NB_STR_ROW("xoxp-"),                      20, NB_STR_ROW("a Slack token")                    },
    {NB_STR_ROW("xoxa-"),                      20, NB_STR_ROW("a Slack token")                    },
    {NB_STR_ROW("hooks.slack.com/services/T"), 20, NB_STR_ROW("a Slack web hook")                 },
    {NB_STR_ROW("AIza"),                       30, NB_STR_ROW("a Google API key")                 },
    {NB_STR_ROW("ya29."),                      20, NB_STR_ROW("a Google access token")            },
    {NB_STR_ROW("GOCSPX-"),                    20, NB_STR_ROW("a Google client secret")           },
    {NB_STR_ROW("hf_"),                        30, NB_STR_ROW("a Hugging Face token")             },
    {NB_STR_ROW("dapi"),                       32, NB_STR_ROW("a Databricks token")               },
    {NB_STR_ROW("dop_v1_"),                    40, NB_STR_ROW("a DigitalOcean token")             },
    {NB_STR_ROW("pypi-AgE"),                   40, NB_STR_ROW("a PyPI token")                     },
    {NB_STR_ROW("r8_"),                        30, NB_STR_ROW("a Replicate token")                },
    {NB_STR_ROW("SG."),                        40, NB_STR_ROW("a SendGrid key")                   },
    {NB_STR_ROW("eyJ"),                        40, NB_STR_ROW("a JSON web token")                 },
    {NB_STR_ROW("npm_"),                       30, NB_STR_ROW("an npm token")                     },
    {NB_STR_ROW("Password="),                  1,  NB_STR_ROW("a password in a connection string")},
    {NB_STR_ROW("password="),                  1,  NB_STR_ROW("a password in a connection string")},
    {NB_STR_ROW("Pwd="),                       1,  NB_STR_ROW("a password in a connection string")},
    {NB_STR_ROW("pwd="),                       1,  NB_STR_ROW("a password in a connection string")},
    {NB_STR_ROW("AccountKey="),                8,  NB_STR_ROW("an Azure storage key")             },
    {NB_STR_ROW("SharedAccess"),               8,  NB_STR_ROW("an Azure shared access key")       },
    {NB_STR_ROW("-----BEGIN "),                0,  NB_STR_ROW("a private key")                    },
};

static size_t token_length(nb_str text)
{
    size_t len = 0;
    while (len < text.len && is_token(text.at[len]))
        len++;
    return len;
}

/* Length of a key at the start of `rest`, or 0. */
static size_t match_prefix(nb_str rest)
{
    for (size_t i = 0; i < NB_LEN(prefixes); i++) {
        if (!nb_str_starts(rest, prefixes[i].prefix))
            continue;
        if (prefixes[i].least == 0) /* a private key: all that follows */
            return nb_str_contains(nb_str_slice(rest, 0, 64), NB_STR("PRIVATE KEY")) ? rest.len : 0;
        size_t len = token_length(nb_str_from_at(rest, prefixes[i].prefix.len));
        if (len >= prefixes[i].least)
            return prefixes[i].prefix.len + len;
    }
    return 0;
}

nb_str nb_secret_kind(nb_str hit)
{
    for (size_t i = 0; i < NB_LEN(prefixes); i++)
        if (nb_str_starts(hit, prefixes[i].prefix))
            return prefixes[i].kind;
    return NB_STR("a password in an address");
}

/* "://" at the start of `rest`, then user:password@ before the next slash or blank: the part before the @. */
static bool match_userinfo(nb_str rest, nb_str *hit)
{
    if (!nb_str_starts(rest, NB_STR("://")))
        return false;
    bool colon = false;
    for (size_t i = 3; i < rest.len; i++) {
        char c = rest.at[i];
        if (c == '@') {
            *hit = nb_str_slice(rest, 3, i);
            return colon && hit->at[hit->len - 1] != ':' && !nb_str_contains(*hit, NB_STR("${"));
        }
        if (c == '/' || c == ' ' || c == '"' || c == '\'' || c == '?' || c == '#')
            return false;
        colon = colon || c == ':';
    }
    return false;
}

bool nb_secret_find(nb_str text, size_t from, nb_str *hit)
{
    for (size_t i = from; i < text.len; i++) {
        nb_str rest = nb_str_from_at(text, i);
        if (text.at[i] == ':' && match_userinfo(rest, hit))
            return true;
        if (i > 0 && (is_word(text.at[i - 1]) || text.at[i - 1] == '-' || text.at[i - 1] == '_'))
            continue;
        size_t len = match_prefix(rest);
        if (len > 0) {
            *hit = nb_str_slice(rest, 0, len);
            return true;
        }
    }
    return false;
}

/* A key, rather than a word or a marker such as "</s>": one long run of key characters, digits among them. */
static bool looks_random(nb_str value)
{
    bool digit = false;
    for (size_t i = 0; i < value.len; i++)
        digit = digit || nb_is_digit(value.at[i]);
    size_t least = digit ? 8 : 20;
    return value.len >= least && token_length(value) == value.len;
}

bool nb_secret_value(nb_str name, nb_str value)
{
    nb_str hit;
    if (value.len == 0 || nb_str_starts(value, NB_STR("${")))
        return false;
    if (nb_secret_find(value, 0, &hit))
        return true;
    switch (nb_secret_sort_of(name)) {
    case NB_SECRET_PASSWORD: return true;
    case NB_SECRET_TOKEN: return looks_random(value);
    case NB_SECRET_PLAIN: break;
    }
    return false;
}

nb_str nb_secret_hide(nb_arena *arena, nb_str text)
{
    nb_str hit, out = {0};
    size_t from = 0;
    while (nb_secret_find(text, from, &hit)) {
        size_t at = (size_t)(hit.at - text.at);
        out = nb_str_concat(arena, out, nb_str_slice(text, from, at));
        out = nb_str_concat(arena, out, NB_STR("***"));
        from = at + hit.len;
    }
    if (from == 0)
        return text;
    return nb_str_concat(arena, out, nb_str_from_at(text, from));
}
