#include "base/buf.h"
#include "requirements/lock_parts.h"

/* Inline script metadata (PEP 723): comments between "# /// script" and "# ///" are TOML. */

/* The block's TOML; *first is the line of the text that its first line stands on. False when there is none. */
static bool find_block(nb_arena *arena, nb_str text, nb_str *toml, unsigned *first)
{
    NB_AUTO(nb_buf) buf = NB_BUF_INIT(NB_LOCK_MAX_BYTES);
    nb_str line;
    bool inside = false;
    for (unsigned number = 1; nb_str_line(&text, &line); number++) {
        line = nb_str_rtrim(line);
        if (!inside) {
            inside = nb_str_eqz(line, "# /// script");
            *first = number + 1;
        } else if (nb_str_eqz(line, "# ///")) {
            *toml = nb_arena_str(arena, nb_buf_view(&buf));
            return true;
        } else if (nb_str_eqz(line, "#") || nb_str_starts(line, NB_STR("# "))) {
            nb_buf_put(&buf, nb_str_from_at(line, 2));
            nb_buf_putc(&buf, '\n');
        } else {
            return false;
        }
    }
    return false;
}

nb_code nb_lock_read_script(nb_lock_reader *r, nb_error *err)
{
    const nb_toml *root;
    nb_str toml;
    unsigned first = 1;
    if (!find_block(r->arena, r->text, &toml, &first))
        return NB_OK;
    r->spot.line = first - 1;
    if (nb_toml_parse(r->arena, toml, r->spot.path, &root, err) != NB_OK) {
        err->line += first - 1;
        return err->code;
    }
    const nb_toml *list = nb_toml_get(root, "dependencies");
    for (const nb_toml *n = list && list->kind == NB_TOML_ARRAY ? list->child : NULL; n;
         n = n->next)
        if (n->kind == NB_TOML_STRING)
            nb_lock_add_line(r, n->text, n->line);
    return NB_OK;
}
