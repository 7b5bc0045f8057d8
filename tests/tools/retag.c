/* retag.c - other tags in notebook files: one JSON request a line on standard input, one answer a line.
 *
 * {"path": FILE, "out": FILE, "changes": [{"cell": 3, "tags": ["train"]}]} is answered with {"ok": true}, or {"ok": false, "code", "message"}. */
#include "notebook/retag.h"
#include "base/fs.h"
#include "base/vec.h"
#include "text/json.h"
#include "text/json_write.h"

static const nb_retag *changes_of(nb_arena *arena, const nb_json *list, size_t *count)
{
    NB_VEC(nb_retag) changes = {0};
    for (const nb_json *each = list ? list->child : NULL; each; each = each->next) {
        NB_VEC(nb_str) tags = {0};
        int64_t cell = 0;
        (void)nb_str_to_int(nb_json_get(each, "cell")->text, &cell);
        for (const nb_json *tag = nb_json_get(each, "tags")->child; tag; tag = tag->next)
            nb_vec_push(arena, &tags, tag->text);
        nb_vec_push(arena, &changes, (nb_retag){(unsigned)cell, tags.at, tags.count});
    }
    *count = changes.count;
    return changes.at;
}

static nb_code answer(nb_arena *arena, nb_str line, nb_error *err)
{
    const nb_json *request;
    size_t count;
    nb_str bytes, after;
    if (nb_json_parse(arena, line, NB_STR("request"), NB_JSON_STRICT, &request, err) != NB_OK)
        exit(2);
    nb_str path = nb_json_get_str(request, "path");
    const nb_retag *changes = changes_of(arena, nb_json_get(request, "changes"), &count);
    if (nb_file_read(arena, nb_arena_z(arena, path), SIZE_MAX, &bytes, err) != NB_OK ||
        nb_retag_bytes(arena, bytes, path, changes, count, &after, err) != NB_OK)
        return err->code;
    return nb_file_replace(nb_arena_z(arena, nb_json_get_str(request, "out")), after, 0666, err);
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    for (ssize_t len; (len = getline(&line, &cap, stdin)) > 0;) {
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        NB_AUTO(nb_error) err = NB_ERROR_INIT;
        NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
        nb_json_writer w = NB_JSON_WRITER(&out, 0);
        bool ok = answer(&arena, (nb_str){line, (size_t)len}, &err) == NB_OK;
        nb_json_begin_object(&w);
        nb_json_member_bool(&w, "ok", ok);
        if (!ok) {
            nb_json_member_str(&w, "code", nb_str_from(nb_code_name(err.code)));
            nb_json_member_str(&w, "message", nb_str_from(nb_error_message(&err, 0)));
        }
        nb_json_end_object(&w);
        printf(NB_STR_FMT "\n", NB_STR_ARG(nb_buf_view(&out)));
    }
    free(line);
    return 0;
}
