/* templates.h - where the text of a template comes from: the project's `.notebooked/templates/`, the user's `~/.config/notebooked/templates/`, or the program itself. */
#ifndef NB_GEN_TEMPLATES_H
#define NB_GEN_TEMPLATES_H

#include "base/diag.h"
#include "base/embed.h"
#include "base/env.h"
#include "base/error.h"
#include "text/template.h"

/* src/gen/templates as it was when the program was built. */
extern const nb_embedded_folder nb_built_in_templates;

typedef struct nb_templates {
    nb_arena *arena;
    nb_str folders[2]; /* to look in first; empty ones are ignored */
} nb_templates;

nb_templates nb_templates_open(nb_arena *arena, nb_str project_root, const nb_env *env);
/* Whether every template of the folders can be read. */
nb_code nb_templates_check(const nb_templates *templates, nb_error *err);
/* Text of a template ("train.py.tmpl", or a partial's name without ".tmpl"); false when there is none. *from gets the file's path, or "built-in:NAME". */
bool nb_templates_find(const nb_templates *templates, nb_str name, nb_str *text, nb_str *from);
/* Renders a template by name with its partials. */
nb_code nb_templates_render(const nb_templates *templates, const char *name, const nb_value *data,
                            nb_buf *out, nb_error *err);
/* NB702 for each template that is not the built-in one; paths are shown as seen from `root`. */
void nb_templates_report(const nb_templates *templates, nb_str root, nb_diags *diags);
/* A hash over all templates that are used, built-in ones included: generated files are stale when it changes. */
nb_str nb_templates_hash(const nb_templates *templates);

#endif
