/* tag_view.h - the tags that cells get, as a table and as JSON. */
#ifndef NB_CLI_TAG_VIEW_H
#define NB_CLI_TAG_VIEW_H

#include "cli/tag_plan.h"

/* A line a cell: number, In [N], the line it begins with, sections, why. Cells that are tagged already only with -v, or by hand. */
void nb_tag_print(const nb_app *app, const nb_tag_plan *plan, bool all);
/* The member "cells": an array of {cell, id, execution, source, tagged, sections, split, reason, tags}; `tags` is null for a cell that stays as it is. */
void nb_tag_json(const nb_tag_plan *plan, nb_json_writer *json);

#endif
