/* syntax.h - Python source as a tree of our own nodes, made by our own parser (syntax_*.c, docs/design/python.md).
 *
 * Nodes live in an arena, hold byte spans of the text and know their parent, children and the role (`field`) they play for
 * their parent. Only nodes that mean something are there: no punctuation, no comments (those are a list of their own). The
 * tree is normalised: parentheses around one expression, `expression_statement` and similar wrappers that carry no meaning are
 * left out, so that the shape follows CPython's ast module where that is reasonable. Each kind below says which children it has.
 *
 * The text must be plain Python (notebook/ipython.h comes first). What CPython 3.8-3.13 refuses to compile is an error here,
 * also what its grammar alone lets through (`return` outside a function, two parameters of one name, ...): text without errors
 * here compiles there, and the other way round (tests/py/test_syntax_differential.py).
 */
#ifndef NB_PY_SYNTAX_H
#define NB_PY_SYNTAX_H

#include "base/str.h"
#include "base/vec.h"

typedef enum nb_py_kind {
    NB_PY_MODULE, /* statements */

    /* statements */
    NB_PY_EXPR,       /* value: an expression on its own */
    NB_PY_ASSIGN,     /* target+ (a = b = v has two), value */
    NB_PY_ANN_ASSIGN, /* target, annotation, value? */
    NB_PY_AUG_ASSIGN, /* target, value; text between is the operator */
    NB_PY_IMPORT,     /* NB_PY_ALIAS+ */
    NB_PY_IMPORT_FROM, /* module (NB_PY_DOTTED; absent for "from . import x"), NB_PY_ALIAS+ or NB_PY_STAR_ALIAS */
    NB_PY_FUNCTION, /* decorator*, name, type_params?, parameters, returns?, body; `async` flag */
    NB_PY_CLASS,    /* decorator*, name, type_params?, argument* (bases, keywords), body */
    NB_PY_IF,    /* test, body, orelse? (BLOCK; an elif is an NB_PY_IF alone in the orelse block) */
    NB_PY_WHILE, /* test, body, orelse? */
    NB_PY_FOR,   /* target, iter, body, orelse?; `async` flag */
    NB_PY_WITH,  /* NB_PY_WITH_ITEM+, body; `async` flag */
    NB_PY_TRY,   /* body, NB_PY_EXCEPT*, orelse?, finalbody? */
    NB_PY_MATCH, /* subject, NB_PY_CASE+ */
    NB_PY_RETURN,   /* value? */
    NB_PY_DELETE,   /* target+ */
    NB_PY_RAISE,    /* value?, cause? */
    NB_PY_ASSERT,   /* test, message? */
    NB_PY_GLOBAL,   /* NB_PY_NAME+ */
    NB_PY_NONLOCAL, /* NB_PY_NAME+ */
    NB_PY_PASS,
    NB_PY_BREAK,
    NB_PY_CONTINUE,
    NB_PY_TYPE_ALIAS, /* name, type_params?, value (Python 3.12) */

    /* parts of statements */
    NB_PY_BLOCK,       /* statements */
    NB_PY_ALIAS,       /* module or imported name (NB_PY_DOTTED), asname? */
    NB_PY_STAR_ALIAS,  /* the * of from m import * */
    NB_PY_DOTTED,      /* a.b.c or, in import-from, ..a.b: no children, read the text */
    NB_PY_WITH_ITEM,   /* value, target? */
    NB_PY_EXCEPT,      /* test?, name?, body; `star` flag for except* */
    NB_PY_CASE,        /* pattern, guard?, body */
    NB_PY_PARAMETERS,  /* NB_PY_PARAMETER* */
    NB_PY_PARAMETER,   /* name, annotation?, default?; `param` says which sort */
    NB_PY_TYPE_PARAMS, /* NB_PY_TYPE_PARAM* */
    NB_PY_TYPE_PARAM,  /* name, annotation? (bound), default? */
    NB_PY_KEYWORD,     /* f(name=value): name, value; f(**value): value */

    /* expressions */
    NB_PY_NAME,
    NB_PY_NUMBER,
    NB_PY_STRING, /* one literal or several adjacent ones; children: the NB_PY_INTERPOLATIONs; `string` flags */
    NB_PY_CONSTANT,  /* True, False, None, ... */
    NB_PY_ATTRIBUTE, /* value, name (role FIELD_NAME) */
    NB_PY_SUBSCRIPT, /* value, index (a tuple when there are commas) */
    NB_PY_SLICE,     /* up to three children, roles LOWER, UPPER, STEP */
    NB_PY_CALL, /* func, argument* (expressions, NB_PY_STARRED, NB_PY_KEYWORD, one NB_PY_GENERATOR) */
    NB_PY_STARRED,        /* value */
    NB_PY_DOUBLE_STARRED, /* value: ** in a dict display */
    NB_PY_UNARY,          /* value: - + ~ not */
    NB_PY_BINARY,         /* left, right: arithmetic and bit operators */
    NB_PY_BOOL_OP,        /* left, right: and, or */
    NB_PY_COMPARE,        /* left, right+ */
    NB_PY_CONDITIONAL,    /* body, test, orelse: body if test else orelse */
    NB_PY_LAMBDA,         /* parameters?, body */
    NB_PY_TUPLE,          /* elements */
    NB_PY_LIST,           /* elements; also as a target */
    NB_PY_SET,            /* elements */
    NB_PY_DICT,           /* elements: NB_PY_PAIR and NB_PY_DOUBLE_STARRED */
    NB_PY_PAIR,           /* key, value */
    NB_PY_LIST_COMP, /* element, NB_PY_FOR_CLAUSE, then FOR_CLAUSE and IF_CLAUSE in order (no role) */
    NB_PY_SET_COMP,
    NB_PY_GENERATOR,
    NB_PY_DICT_COMP,     /* element (NB_PY_PAIR), clauses */
    NB_PY_FOR_CLAUSE,    /* target, iter; `async` flag */
    NB_PY_IF_CLAUSE,     /* test */
    NB_PY_WALRUS,        /* target (name), value */
    NB_PY_AWAIT,         /* value */
    NB_PY_YIELD,         /* value?; `star` flag for yield from */
    NB_PY_INTERPOLATION, /* value, and the interpolations of its format specification */

    /* patterns of match */
    NB_PY_PATTERN_CAPTURE, /* name bound: case x, case ... as x, *rest, **rest. No child: the span is the name */
    NB_PY_PATTERN, /* any other pattern, `param` says which sort: sub-patterns (role PATTERN; NB_PY_KEYWORD with a pattern as its
                      value in a class pattern) and expressions (values: role VALUE, classes: FUNC, mapping keys: KEY) */

    NB_PY_KIND_COUNT
} nb_py_kind;

typedef enum nb_py_field {
    NB_PY_FIELD_NONE,
    NB_PY_FIELD_TARGET,
    NB_PY_FIELD_VALUE,
    NB_PY_FIELD_ANNOTATION,
    NB_PY_FIELD_NAME,
    NB_PY_FIELD_BODY,
    NB_PY_FIELD_TEST,
    NB_PY_FIELD_ORELSE,
    NB_PY_FIELD_FINALBODY,
    NB_PY_FIELD_ITER,
    NB_PY_FIELD_DECORATOR,
    NB_PY_FIELD_PARAMETERS,
    NB_PY_FIELD_RETURNS,
    NB_PY_FIELD_TYPE_PARAMS,
    NB_PY_FIELD_ARGUMENT,
    NB_PY_FIELD_FUNC,
    NB_PY_FIELD_LEFT,
    NB_PY_FIELD_RIGHT,
    NB_PY_FIELD_KEY,
    NB_PY_FIELD_ELEMENT,
    NB_PY_FIELD_DEFAULT,
    NB_PY_FIELD_MODULE,
    NB_PY_FIELD_ASNAME,
    NB_PY_FIELD_CAUSE,
    NB_PY_FIELD_MESSAGE,
    NB_PY_FIELD_SUBJECT,
    NB_PY_FIELD_PATTERN,
    NB_PY_FIELD_GUARD,
    NB_PY_FIELD_LOWER,
    NB_PY_FIELD_UPPER,
    NB_PY_FIELD_STEP,
    NB_PY_FIELD_INDEX
} nb_py_field;

typedef enum nb_py_param {
    NB_PY_PARAM_PLAIN,
    NB_PY_PARAM_POSITIONAL_ONLY,
    NB_PY_PARAM_KEYWORD_ONLY,
    NB_PY_PARAM_ARGS,
    NB_PY_PARAM_KWARGS
} nb_py_param;

typedef enum nb_py_pattern {
    NB_PY_PATTERN_VALUE,    /* a literal or a dotted name */
    NB_PY_PATTERN_WILDCARD, /* _ or *_ */
    NB_PY_PATTERN_AS,
    NB_PY_PATTERN_OR,
    NB_PY_PATTERN_SEQUENCE,
    NB_PY_PATTERN_MAPPING, /* KEY and PATTERN by turns; **rest is a capture */
    NB_PY_PATTERN_CLASS
} nb_py_pattern;

enum { /* flags of a string */
       NB_PY_STRING_BYTES = 1 << 0,
       NB_PY_STRING_FORMAT = 1 << 1,
       NB_PY_STRING_RAW = 1 << 2,
       NB_PY_STRING_JOINED =
           1 << 3, /* several adjacent literals; the other flags are those of any of them */
       NB_PY_STRING_TEMPLATE = 1 << 4 /* t"..." of Python 3.14; FORMAT is set as well */
};

typedef struct nb_py_node nb_py_node;
struct nb_py_node {
    nb_py_kind kind;
    nb_py_field field;   /* the role it plays for its parent */
    uint32_t start, end; /* byte span in the text */
    uint32_t line;       /* of the first byte, from 1 */
    uint8_t string_flags;
    uint8_t param;       /* nb_py_param of a parameter, nb_py_pattern of a pattern */
    bool is_async, star; /* star also: a capture or wildcard with a star before it */
    bool
        parens; /* an expression in parentheses of its own, which its span leaves out (a tuple's and a generator's belong to it) */
    uint16_t height;                          /* levels of nodes below, itself included */
    nb_py_node *parent, *child, *last, *next; /* `last` is the last child */
};

typedef struct nb_py_comment {
    uint32_t start, end, line;
} nb_py_comment;

typedef struct nb_py_error {
    uint32_t start, end, line; /* place in the text */
    nb_str message;            /* "unexpected indent", "'return' outside function", ... */
    unsigned min_minor; /* 12 when Python 3.12 would accept it and older ones do not; else 0 */
} nb_py_error;

typedef struct nb_py_tree {
    nb_str text;
    nb_py_node *module;
    NB_VEC(nb_py_comment) comments;
    NB_VEC(nb_py_error) errors; /* in order of place */
    bool has_await; /* await, async for/with or an async comprehension outside any function */
} nb_py_tree;

typedef struct nb_py_options {
    unsigned
        minor; /* target Python 3.x, 8 to 14; 0: 3.11. Newer syntax is an error with min_minor set */
    bool top_level_await; /* allow await outside a function (notebooks do); sets has_await */
} nb_py_options;

/* Parses the text (valid UTF-8, LF line ends), which must outlive the tree. Never fails: errors are in the tree, and as much of the rest as
 * possible is there too. Nesting is limited (4000 levels); deeper text is an error in the tree. */
const nb_py_tree *nb_py_parse(nb_arena *arena, nb_str text, const nb_py_options *options);

static inline nb_str nb_py_text(const nb_py_tree *tree, const nb_py_node *node)
{
    return (nb_str){tree->text.at + node->start, node->end - node->start};
}
/* The first child with that role; NULL when there is none. */
nb_py_node *nb_py_get(const nb_py_node *node, nb_py_field field);
/* The next node of a depth-first walk of the tree below `top` (top itself first); NULL at the end. With `skip` the children of
 * `node` are passed over. */
nb_py_node *nb_py_walk(const nb_py_node *top, nb_py_node *node, bool skip);
/* The same for who only reads. */
const nb_py_node *nb_py_next(const nb_py_node *top, const nb_py_node *node, bool skip);
/* "a.b.c" when the node is a name or a chain of attributes on a name; an empty view otherwise. Views the text when there are no blanks
 * inside, else a copy in the arena. */
nb_str nb_py_dotted(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node);
/* The value of a string literal without interpolation (escapes, prefixes and adjacent literals resolved); false for f-strings and bytes. */
bool nb_py_string_value(nb_arena *arena, const nb_py_tree *tree, const nb_py_node *node,
                        nb_str *out);
/* A literal: number (with sign), string without interpolation, bytes, constant, or a tuple, list, set or dict of literals. */
bool nb_py_is_literal(const nb_py_node *node);
const char *nb_py_kind_name(nb_py_kind kind); /* "assign", for dumps and messages */

#endif
