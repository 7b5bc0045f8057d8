#include "serve/front/auth.h"

#include "base/fs.h"
#include "base/heap.h"
#include "endpoint/http_words.h"

#include <sys/stat.h>
#include <unistd.h>

typedef struct token_list {
    nb_arena arena;
    nb_str at[NB_TOKENS];
    size_t count;
} token_list;

struct nb_auth {
    nb_arena arena;
    token_list tokens;
    nb_str host, allowed, file; /* as the settings have them */
    struct stat seen;           /* the file, when it was looked at last */
    int64_t looked_us;
};

/* --- opening ------------------------------------------------------------------------------------------------------- */

static nb_code add_token(token_list *tokens, const char *path, nb_str token, nb_error *err)
{
    if (tokens->count == NB_TOKENS)
        return nb_fail(err, NB_ERR_CONFIG, "'%s' holds more than %d tokens", path, NB_TOKENS);
    if (token.len < NB_TOKEN_SHORTEST || token.len > NB_TOKEN_LONGEST) {
        nb_fail(err, NB_ERR_CONFIG, "a token in '%s' has %zu characters, not %d to %d", path,
                token.len, NB_TOKEN_SHORTEST, NB_TOKEN_LONGEST);
        nb_error_hint(err, "make one with 'openssl rand -hex 24'");
        return NB_ERR_CONFIG;
    }
    tokens->at[tokens->count++] = token;
    return NB_OK;
}

static nb_code read_tokens(token_list *tokens, nb_str file, nb_error *err)
{
    const char *path = nb_arena_z(&tokens->arena, file);
    struct stat about;
    nb_str text, line;
    nb_code code = nb_file_read(&tokens->arena, path, 4096, &text, err);
    if (code != NB_OK)
        return nb_wrap(err, "cannot read the token file");
    if (stat(path, &about) == 0 && (about.st_mode & 077) != 0) {
        nb_fail(err, NB_ERR_CONFIG, "others may read the token file '%s'", path);
        nb_error_hint(err, "run 'chmod 600 %s'", path);
        return NB_ERR_CONFIG;
    }
    while (nb_str_line(&text, &line)) {
        nb_str token = nb_str_trim(line);
        if (token.len > 0 && add_token(tokens, path, token, err) != NB_OK)
            return err->code;
    }
    if (tokens->count == 0)
        return nb_fail(err, NB_ERR_CONFIG, "the token file '%s' holds no token", path);
    return NB_OK;
}

static nb_code open_auth(nb_auth *auth, const nb_endpoint_settings *settings, nb_error *err)
{
    auth->host = nb_arena_str(&auth->arena, settings->host);
    auth->allowed = nb_arena_str(&auth->arena, settings->allowed_hosts);
    auth->file = nb_arena_str(&auth->arena, settings->token_file);
    if (auth->file.len > 0) {
        (void)stat(auth->file.at, &auth->seen);
        return read_tokens(&auth->tokens, auth->file, err);
    }
    if (settings->no_auth || nb_host_is_loopback(settings->host))
        return NB_OK;
    nb_fail(err, NB_ERR_USAGE, "cannot serve on '" NB_STR_FMT "' without a token",
            NB_STR_ARG(settings->host));
    nb_error_hint(err, "give '--token-file FILE', or '--no-auth' if everybody who reaches this "
                       "address may predict");
    return NB_ERR_USAGE;
}

nb_code nb_auth_open(const nb_endpoint_settings *settings, nb_auth **out, nb_error *err)
{
    nb_auth *auth = NB_HEAP_NEW(nb_auth);
    if (open_auth(auth, settings, err) != NB_OK) {
        nb_auth_free(auth);
        return err->code;
    }
    *out = auth;
    return NB_OK;
}

void nb_auth_free(nb_auth *auth)
{
    if (!auth)
        return;
    nb_arena_release(&auth->tokens.arena);
    nb_arena_release(&auth->arena);
    free(auth);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mode == b->st_mode &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

nb_code nb_auth_refresh(nb_auth *auth, int64_t now_us, bool *changed, nb_error *err)
{
    struct stat now = {0};
    token_list tokens = {0};
    *changed = false;
    if (auth->file.len == 0 || now_us - auth->looked_us < 1000000)
        return NB_OK;
    auth->looked_us = now_us;
    (void)stat(auth->file.at, &now); /* one that is gone is another */
    if (is_same_file(&now, &auth->seen))
        return NB_OK;
    auth->seen = now;
    if (read_tokens(&tokens, auth->file, err) != NB_OK) {
        nb_arena_release(&tokens.arena);
        return nb_wrap(err, "the tokens stay as they were");
    }
    nb_arena_release(&auth->tokens.arena);
    auth->tokens = tokens;
    *changed = true;
    return NB_OK;
}

bool nb_auth_has_token(const nb_auth *auth)
{
    return auth->tokens.count > 0;
}

/* --- hosts --------------------------------------------------------------------------------------------------------- */

static nb_str without_port(nb_str host)
{
    ptrdiff_t colon = nb_str_rfind_char(host, ':');
    if (host.len > 0 && host.at[0] == '[') {
        ptrdiff_t end = nb_str_find_char(host, ']');
        return end > 0 ? nb_str_slice(host, 1, (size_t)end) : host;
    }
    return colon >= 0 ? nb_str_slice(host, 0, (size_t)colon) : host;
}

/* Rebinding needs a name that its owner lets point here; an address cannot be one. */
bool nb_auth_knows_host(const nb_auth *auth, nb_str host)
{
    nb_str name = without_port(nb_str_trim(host)), rest = auth->allowed, word;
    if (nb_host_is_address(name) || nb_str_eq_nocase(name, NB_STR("localhost")) ||
        nb_str_eq_nocase(name, auth->host))
        return true;
    while (nb_str_split(&rest, ' ', &word))
        if (word.len > 0 && nb_str_eq_nocase(word, name))
            return true;
    return false;
}

/* --- tokens -------------------------------------------------------------------------------------------------------- */

/* Takes as long for a wrong token as for a right one of that length. */
static bool equal_in_constant_time(nb_str given, nb_str token)
{
    volatile unsigned char difference = given.len != token.len;
    for (size_t i = 0; i < given.len; i++) {
        unsigned char other = i < token.len ? (unsigned char)token.at[i] : 0;
        difference = (unsigned char)(difference | ((unsigned char)given.at[i] ^ other));
    }
    return difference == 0;
}

bool nb_auth_knows_token(const nb_auth *auth, nb_str token)
{
    bool known = false;
    if (token.len == 0 || token.len > NB_TOKEN_LONGEST)
        return false;
    for (size_t i = 0; i < auth->tokens.count; i++)
        known |= equal_in_constant_time(token, auth->tokens.at[i]);
    return known;
}

nb_str nb_auth_given(const nb_http_request *request)
{
    static const nb_str bearer = NB_STR_ROW("Bearer ");
    nb_str field = nb_http_field(request, "Authorization");
    if (field.len > bearer.len && nb_str_eq_nocase(nb_str_slice(field, 0, bearer.len), bearer))
        return nb_str_trim(nb_str_from_at(field, bearer.len));
    return nb_http_field(request, "X-API-Key");
}

nb_auth_verdict nb_auth_check(const nb_auth *auth, const nb_http_request *request, bool is_health)
{
    if (nb_http_is_unix(request))
        return NB_AUTH_FINE;
    nb_str host = nb_http_field(request, "Host");
    if (host.len > 0 && !nb_auth_knows_host(auth, host))
        return NB_AUTH_HOST;
    if (is_health || auth->tokens.count == 0 || nb_auth_knows_token(auth, nb_auth_given(request)))
        return NB_AUTH_FINE;
    return NB_AUTH_TOKEN;
}
