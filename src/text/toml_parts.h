/* toml_parts.h - what the files of the TOML reader share: toml.c (tables and keys), toml_value.c, toml_string.c. */
#ifndef NB_TOML_PARTS_H
#define NB_TOML_PARTS_H

#include "base/map.h"
#include "text/toml.h"

typedef struct nb_toml_reader {
    nb_arena *arena;
    nb_str text;
    size_t at;
    size_t counted; /* `line` is the line of this byte: places are asked for in order */
    unsigned line;
    unsigned depth; /* of the table or array that is being filled */
    size_t nodes;
    bool bad; /* the first error; after it every function says false */
    size_t bad_at;
    nb_str bad_what;
    const char *bad_hint; /* or NULL */
} nb_toml_reader;

/* How a table came to be decides what may be added to it later. */
typedef enum nb_toml_made {
    NB_TOML_MADE_IN_PASSING, /* by a header that names one of its members: [a.b] makes a */
    NB_TOML_MADE_BY_HEADER,  /* [a] */
    NB_TOML_MADE_BY_DOT,     /* a.b = 1 makes a */
    NB_TOML_MADE_LIST,       /* the array of [[a]] */
    NB_TOML_MADE_WHOLE       /* an array or inline table: complete */
} nb_toml_made;

struct nb_toml_making {
    nb_toml_made made;
    nb_toml *last;
    nb_map index; /* of a table with many members */
};

/* Records the first error; returns false. `fmt` has one string of the text at most: the reader quotes it. */
bool nb_toml_refuse(nb_toml_reader *r, size_t at, const char *hint, const char *fmt, ...)
    NB_PRINTF(4, 5);
/* The byte `ahead` of the next one; NUL at the end, and NUL is allowed nowhere. */
static inline char nb_toml_peek(const nb_toml_reader *r, size_t ahead)
{
    return r->text.len - r->at > ahead ? r->text.at[r->at + ahead] : '\0';
}
static inline bool nb_toml_starts(const nb_toml_reader *r, const char *with)
{
    return nb_str_starts(nb_str_from_at(r->text, r->at), nb_str_from(with));
}
/* Length of the line end at the next byte: 1 for LF, 2 for CR LF, 0 for none. */
size_t nb_toml_newline(const nb_toml_reader *r);
/* The byte that no string or comment may hold: control characters, but for the tab. */
static inline bool nb_toml_is_control(char c)
{
    return ((unsigned char)c < ' ' && c != '\t') || c == 0x7f;
}

/* Blanks and tabs; and, for inside of arrays, line ends and comments. */
void nb_toml_skip_blanks(nb_toml_reader *r);
bool nb_toml_skip_lines(nb_toml_reader *r);
/* Nodes and their places; NULL past the limits. `parent` NULL: the root. */
nb_toml *nb_toml_add(nb_toml_reader *r, nb_toml *parent, nb_toml_kind kind, nb_toml_made made);
nb_toml *nb_toml_member(const nb_toml *table, nb_str key);
nb_toml *nb_toml_add_member(nb_toml_reader *r, nb_toml *table, nb_str key, nb_toml_kind kind,
                            nb_toml_made made);
/* A `key.key = value` at the next byte, added to the table. */
bool nb_toml_read_pair(nb_toml_reader *r, nb_toml *table);
/* The value at the next byte becomes `*node`, which is in the tree already. */
bool nb_toml_read_value(nb_toml_reader *r, nb_toml *node);
/* The string at the next byte, which is a quote. A key takes the forms on one line only. */
bool nb_toml_read_string(nb_toml_reader *r, bool key, nb_str *out);
/* A number or date: `word` is what stands there, up to a blank, ',', ']', '}' or '#'. */
bool nb_toml_read_plain(nb_toml_reader *r, nb_toml *node);

#endif
