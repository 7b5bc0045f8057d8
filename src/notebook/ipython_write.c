/* Files that cells write: %%writefile [-a] NAME. */
#include "base/path.h"
#include "notebook/ipython_parts.h"

/* The name on the line; empty when something the running notebook knows is in it. */
static nb_str name_of(nb_str args, bool *append)
{
    for (nb_str word = nb_ipy_word(&args); word.len > 0; word = nb_ipy_word(&args)) {
        if (nb_str_eqz(word, "-a") || nb_str_eqz(word, "--append")) {
            *append = true;
            continue;
        }
        char quote = word.at[0];
        bool quoted =
            word.len > 2 && (quote == '"' || quote == '\'') && word.at[word.len - 1] == quote;
        if (quoted)
            word = nb_str_slice(word, 1, word.len - 1);
        bool plain = nb_str_find_char(word, '{') < 0 && nb_str_find_char(word, '$') < 0 &&
                     nb_str_find_char(word, '"') < 0 && nb_str_find_char(word, '\'') < 0;
        return plain && args.len == 0 ? word : NB_STR("");
    }
    return NB_STR("");
}

static nb_str body_text(nb_ipy *ipy, const nb_ipy_lines *body)
{
    nb_buf out = NB_BUF_INIT(SIZE_MAX);
    for (size_t i = 0; i < body->list.count; i++) {
        nb_buf_put(&out, body->list.at[i].text);
        nb_buf_putc(&out, '\n');
    }
    nb_str text = nb_arena_str(ipy->arena, nb_buf_view(&out));
    nb_buf_release(&out);
    return text;
}

bool nb_ipy_write(nb_ipy *ipy, nb_str args, const nb_ipy_lines *body)
{
    nb_written_file file = {.kept = ipy->options->policies.writefile == NB_WRITEFILE_EXPORT};
    nb_str name = name_of(args, &file.append);
    if (name.len == 0 || nb_path_is_absolute(name) || name.at[0] == '~' || name.at[0] == '-')
        return false;
    file.path = nb_path_clean(ipy->arena, name);
    if (nb_str_starts(file.path, NB_STR("..")) || nb_str_eqz(file.path, "."))
        return false;
    file.text = body_text(ipy, body);
    file.line = body->list.count > 0 ? body->list.at[0].number : 0;
    nb_vec_push(ipy->arena, &ipy->out->written, file);
    return true;
}
