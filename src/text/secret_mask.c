/* Lines for showing, with stars in place of secrets. */
#include "text/secret.h"

/* Where the value of a `name: value` or `"name": value` begins whose colon or equals sign is at `sign`; 0 when there is none. */
static size_t value_after(nb_str line, size_t sign, nb_str *name)
{
    size_t end = sign;
    while (end > 0 &&
           (line.at[end - 1] == ' ' || line.at[end - 1] == '"' || line.at[end - 1] == '\''))
        end--;
    size_t start = end;
    while (start > 0 &&
           (nb_is_alpha(line.at[start - 1]) || nb_is_digit(line.at[start - 1]) ||
            line.at[start - 1] == '_' || line.at[start - 1] == '-' || line.at[start - 1] == '.'))
        start--;
    *name = nb_str_slice(line, start, end);
    size_t value = sign + 1;
    while (value < line.len && (line.at[value] == ' ' || line.at[value] == '\t'))
        value++;
    return name->len > 0 && value < line.len ? value : 0;
}

static size_t value_end(nb_str line, size_t start)
{
    char quote = line.at[start];
    if (quote != '"' && quote != '\'')
        return line.len;
    size_t end = start + 1;
    while (end < line.len && line.at[end] != quote)
        end += line.at[end] == '\\' ? 2 : 1;
    return end < line.len ? end : line.len;
}

/* One star a character, not a byte. */
static void star(char *copy, size_t *len, nb_str secret)
{
    for (size_t i = 0; i < secret.len; i++)
        if (((unsigned char)secret.at[i] & 0xC0) != 0x80)
            copy[(*len)++] = '*';
}

/* What is secret in a kind of text. */
typedef struct signs {
    bool (*shape)(nb_str line, nb_str hit); /* what has the shape of a secret is one */
    bool (*named)(nb_str name, nb_str value, bool quoted); /* so is what stands under a name */
} signs;

/* The next secret at or after `from`, by name or by shape, whichever comes first. */
static bool next_secret(const signs *by, nb_str line, size_t from, nb_str *hit)
{
    nb_str shape, name;
    bool found = nb_secret_find(line, from, &shape);
    while (found && !by->shape(line, shape))
        found = nb_secret_find(line, (size_t)(shape.at - line.at) + shape.len, &shape);
    size_t shape_at = found ? (size_t)(shape.at - line.at) : line.len;
    for (size_t i = from; i < shape_at; i++) {
        if (line.at[i] != ':' && line.at[i] != '=')
            continue;
        size_t value = value_after(line, i, &name);
        if (value == 0 || value < from)
            continue;
        bool quoted = line.at[value] == '"' || line.at[value] == '\'';
        *hit = nb_str_slice(line, value + quoted, value_end(line, value));
        if (hit->len > 0 && by->named(name, *hit, quoted))
            return true;
    }
    *hit = shape;
    return found;
}

static nb_str mask(nb_arena *arena, const signs *by, nb_str line)
{
    nb_str hit;
    if (!next_secret(by, line, 0, &hit))
        return line;
    char *copy = nb_arena_alloc(arena, line.len + 1);
    size_t len = 0, from = 0;
    do {
        size_t at = (size_t)(hit.at - line.at);
        memcpy(copy + len, line.at + from, at - from);
        len += at - from;
        star(copy, &len, hit);
        from = at + hit.len;
    } while (next_secret(by, line, from, &hit));
    memcpy(copy + len, line.at + from, line.len - from);
    return (nb_str){copy, len + line.len - from};
}

/* --- configuration ------------------------------------------------------------------------------------------------- */

static bool any_shape(nb_str line, nb_str hit)
{
    (void)line, (void)hit;
    return true;
}

static bool is_configured(nb_str name, nb_str value, bool quoted)
{
    (void)quoted;
    return nb_secret_sort_of(name) != NB_SECRET_PLAIN && !nb_str_starts(value, NB_STR("${"));
}

nb_str nb_secret_mask_line(nb_arena *arena, nb_str line)
{
    static const signs configuration = {any_shape, is_configured};
    return mask(arena, &configuration, line);
}

/* --- code ---------------------------------------------------------------------------------------------------------- */

static bool is_code_shape(nb_str line, nb_str hit)
{
    return nb_secret_shape_in_code(line, hit) != NB_SECRET_NONE;
}

/* What is not quoted is an expression. */
static bool is_literal(nb_str name, nb_str value, bool quoted)
{
    nb_str kind;
    return quoted && nb_secret_in_code(name, value, &kind) != NB_SECRET_NONE;
}

nb_str nb_secret_mask_code(nb_arena *arena, nb_str line)
{
    static const signs code = {is_code_shape, is_literal};
    return mask(arena, &code, line);
}
