/* tool_ipython: a JSON array of {"input", "bound_names", "options"} on stdin becomes an array of results on stdout.
 *
 * Options are words: shell=subprocess, shell=drop, timeit=drop, cd=chdir, exported.
 */
#include "notebook/ipython.h"
#include "text/json.h"
#include "text/json_write.h"

#include <unistd.h>

enum { MOST_INPUT = 1 << 30 };

static void read_all(nb_buf *in)
{
    for (;;) {
        if (!nb_buf_reserve(in, 1 << 16))
            exit(2);
        ssize_t got = read(STDIN_FILENO, in->at + in->len, 1 << 16);
        if (got <= 0)
            return;
        in->len += (size_t)got;
    }
}

static nb_ipython_options options_of(const nb_json *request)
{
    nb_ipython_options options = {0};
    const nb_json *words = nb_json_get(request, "options");
    for (const nb_json *word = words ? words->child : NULL; word; word = word->next) {
        nb_str value = word->text, name;
        (void)nb_str_split(&value, '=', &name);
        const nb_policy_row *row = nb_policy_find(name);
        if (nb_str_eqz(word->text, "exported"))
            options.exported = true;
        else if (!row || !nb_policy_set(&options.policies, row, value))
            exit(2);
    }
    return options;
}

static void put_numbers(nb_json_writer *w, const char *key, const uint32_t *numbers, size_t count)
{
    nb_json_key(w, nb_str_from(key));
    nb_json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        nb_json_put_int(w, numbers[i]);
    nb_json_end_array(w);
}

static void put_findings(nb_json_writer *w, const nb_python_cell *cell)
{
    nb_json_key(w, NB_STR("findings"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < cell->findings.count; i++) {
        const nb_ipython_finding *f = &cell->findings.at[i];
        nb_json_begin_object(w);
        nb_json_member_str(w, "slug", nb_str_from(nb_diag_row_of(f->code)->slug));
        nb_json_member_str(w, "severity", nb_str_from(nb_severity_name(f->severity)));
        nb_json_member_int(w, "line", f->line);
        nb_json_member_int(w, "column", f->column);
        nb_json_member_int(w, "length", f->length);
        nb_json_member_str(w, "message", f->message);
        nb_json_member_str(w, "help", f->help);
        nb_json_member_str(w, "name", f->name);
        nb_json_end_object(w);
    }
    nb_json_end_array(w);
}

static void put_names(nb_json_writer *w, const nb_map *names)
{
    nb_json_key(w, NB_STR("names"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < names->count; i++)
        nb_json_put_str(w, names->rows[i].key);
    nb_json_end_array(w);
}

static void put_cell(nb_json_writer *w, const nb_python_cell *cell)
{
    nb_json_member_str(w, "python", cell->text.at ? cell->text : NB_STR(""));
    nb_json_key(w, NB_STR("requirements"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < cell->requirements.count; i++)
        nb_json_put_str(w, cell->requirements.at[i].text);
    nb_json_end_array(w);
    nb_json_key(w, NB_STR("requirement_lines"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < cell->requirements.count; i++)
        nb_json_put_int(w, cell->requirements.at[i].line);
    nb_json_end_array(w);
    nb_json_key(w, NB_STR("imports"));
    nb_json_begin_array(w);
    for (size_t i = 0; i < cell->imports.count; i++)
        nb_json_put_str(w, cell->imports.at[i]);
    nb_json_end_array(w);
    put_numbers(w, "lines", cell->line, cell->line_count);
    put_numbers(w, "dedent", cell->dedent, cell->line_count);
    put_findings(w, cell);
}

static void answer(nb_json_writer *w, const nb_json *request)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str input = nb_json_get_str(request, "input");
    nb_ipython_options options = options_of(request);
    nb_map bound = NB_MAP_INIT, names = NB_MAP_INIT;
    const nb_json *list = nb_json_get(request, "bound_names");
    for (const nb_json *name = list ? list->child : NULL; name; name = name->next)
        nb_set_add(&arena, &bound, name->text);
    options.bound = &bound;
    nb_python_cell cell = nb_ipython_to_python(&arena, input, &options);
    nb_ipython_bound_names(&arena, input, &names);
    nb_json_begin_object(w);
    put_cell(w, &cell);
    put_names(w, &names);
    nb_json_end_object(w);
}

int main(void)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) in = NB_BUF_INIT(MOST_INPUT);
    NB_AUTO(nb_buf) out = NB_BUF_INIT(MOST_INPUT);
    read_all(&in);
    const nb_json *requests;
    if (nb_json_parse(&arena, nb_buf_view(&in), NB_STR("stdin"), NB_JSON_NOTEBOOK, &requests,
                      &err) != NB_OK) {
        nb_error_print(&err, stderr);
        return 1;
    }
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    nb_json_begin_array(&w);
    for (const nb_json *request = requests->child; request; request = request->next)
        answer(&w, request);
    nb_json_end_array(&w);
    return fwrite(out.at, 1, out.len, stdout) == out.len ? 0 : 1;
}
