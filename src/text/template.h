/* template.h - Mustache with <% %> as delimiters: the published specification (spec 1.4: comments, delimiters,
 * interpolation, inverted, partials, sections; and the optional inheritance module's blocks), with these differences,
 * chosen for generating code:
 *
 *   - the delimiters are <% %> at the start: {{ }} occurs in Python and in GitHub Actions' ${{ }};
 *   - nothing is HTML-escaped: <%x%>, <%{x}%> and <%&x%> are the same;
 *   - a name that the data does not have is an error with line and column, in variables and sections, and so are a missing partial
 *     and a variable that is no text (in the specification all of them are empty);
 *   - a filter may follow: <%x|py%> writes the text as a Python string literal, <%x|comment%> makes it safe behind "# ",
 *     <%x|docstring%> safe inside three double quotes.
 *
 * Data is a tree of nb_value; an empty text is false in a section. All differences but the last can be switched off
 * (nb_template_options), so that the specification's own cases run unchanged.
 */
#ifndef NB_TEMPLATE_H
#define NB_TEMPLATE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

typedef enum nb_value_kind {
    NB_VALUE_TEXT,
    NB_VALUE_BOOL,
    NB_VALUE_LIST,
    NB_VALUE_OBJECT
} nb_value_kind;

typedef struct nb_value nb_value;
typedef struct nb_field {
    nb_str name;
    nb_value *value;
} nb_field;
struct nb_value {
    nb_value_kind kind;
    bool truth;               /* BOOL */
    nb_str text;              /* TEXT */
    NB_VEC(nb_value *) items; /* LIST */
    NB_VEC(nb_field) fields;  /* OBJECT */
};

nb_value *nb_value_text(nb_arena *arena, nb_str text);
nb_value *nb_value_bool(nb_arena *arena, bool truth);
nb_value *nb_value_list(nb_arena *arena);
nb_value *nb_value_object(nb_arena *arena);
void nb_value_push(nb_arena *arena, nb_value *list, nb_value *item);
/* Adds or replaces a field. */
void nb_value_set(nb_arena *arena, nb_value *object, const char *name, nb_value *value);
void nb_value_set_text(nb_arena *arena, nb_value *object, const char *name, nb_str text);
void nb_value_set_bool(nb_arena *arena, nb_value *object, const char *name, bool truth);
/* NULL when there is none. */
const nb_value *nb_value_get(const nb_value *object, nb_str name);

typedef struct nb_template
    nb_template; /* a compiled template; lives in the arena it was compiled in */

typedef struct nb_template_options {
    const char *open, *close; /* delimiters; NULL: "<%" and "%>" */
    bool html;                /* escape & < > " in plain variables, as the specification asks */
    bool lenient;             /* what is missing is empty */
} nb_template_options;

/* Text of a partial or parent template by name; false when there is none. */
typedef struct nb_partials {
    bool (*find)(void *ctx, nb_str name, nb_str *text);
    void *ctx;
} nb_partials;

/* Compiles; NB_ERR_CONFIG with path:line:column on unclosed or mismatched tags. `options` may be NULL. */
nb_code nb_template_compile(nb_arena *arena, nb_str text, nb_str path,
                            const nb_template_options *options, const nb_template **out,
                            nb_error *err);
/* Appends to `out`, or leaves it as it was on failure. Partials are compiled as needed (recursion is limited to 64 levels);
 * standalone partials, parents and blocks are indented as the specification says; a parent's blocks do not reach into partials.
 * Errors are NB_ERR_CONFIG with the place of the tag. */
nb_code nb_template_render(const nb_template *t, const nb_value *data, const nb_partials *partials,
                           nb_buf *out, nb_error *err);

#endif
