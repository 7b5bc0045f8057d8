/* toml.c - what the TOML reader makes of documents, for comparison with another reader: tool_toml < FRAMES
 *
 * A frame is a decimal length, a line end, and that many bytes of document. For each one comes a line: "no" and the message, or "ok" and the
 * document as JSON: every scalar is {"type": …, "value": its text}. */
#include "text/toml.h"
#include "base/fs.h"
#include "text/json_write.h"

#include <stdio.h>

enum { LIMIT = 256 * 1024 * 1024 };

static const char *type_of(nb_toml_kind kind)
{
    static const char *const names[] = {"string",   "integer",        "float",      "bool",
                                        "datetime", "datetime-local", "date-local", "time-local"};
    return names[kind];
}

static void put_value(nb_json_writer *w, const nb_toml *value)
{
    bool table = value->kind == NB_TOML_TABLE;
    if (!table && value->kind != NB_TOML_ARRAY) {
        nb_json_begin_object(w);
        nb_json_member_str(w, "type", nb_str_from(type_of(value->kind)));
        nb_json_member_str(w, "value", value->text.at ? value->text : NB_STR(""));
        nb_json_end_object(w);
        return;
    }
    (table ? nb_json_begin_object : nb_json_begin_array)(w);
    for (const nb_toml *n = value->child; n; n = n->next) {
        if (table)
            nb_json_key(w, n->key);
        put_value(w, n);
    }
    (table ? nb_json_end_object : nb_json_end_array)(w);
}

static void answer(nb_str text)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(LIMIT);
    nb_json_writer w = NB_JSON_WRITER(&out, 0);
    const nb_toml *root;
    if (nb_toml_parse(&arena, text, NB_STR("doc.toml"), &root, &err) != NB_OK) {
        printf("no %u:%u %s\n", err.line, err.column, nb_error_message(&err, 0));
        return;
    }
    put_value(&w, root);
    printf("ok " NB_STR_FMT "\n", NB_STR_ARG(nb_buf_view(&out)));
}

int main(void)
{
    char head[32];
    while (fgets(head, sizeof(head), stdin)) {
        int64_t length = 0;
        if (!nb_str_to_int(nb_str_trim(nb_str_from(head)), &length) || length < 0 || length > LIMIT)
            return 2;
        NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
        char *text = nb_arena_alloc(&arena, (size_t)length);
        if (fread(text, 1, (size_t)length, stdin) != (size_t)length)
            return 2;
        answer((nb_str){text, (size_t)length});
    }
    return 0;
}
