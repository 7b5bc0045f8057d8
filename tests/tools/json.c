/* json.c - what the JSON reader makes of documents, for comparison with another reader: tool_json [notebook] < FRAMES
 *
 * A frame is a decimal length, a line end, and that many bytes of document. For each one comes a line: "no", or "ok" and
 * the document in one canonical form: numbers as written, every string as its UTF-8 bytes in hexadecimal, members in their order with
 * all duplicates. The same document is also skipped strictly; a different verdict ends the program. */
#include "text/json.h"
#include "base/fs.h"

enum { LIMIT = 256 * 1024 * 1024 };

static void put_hex(nb_str text)
{
    putchar('"');
    for (size_t i = 0; i < text.len; i++)
        printf("%02x", (unsigned char)text.at[i]);
    putchar('"');
}

static const char *word_of(nb_json_kind kind)
{
    switch (kind) {
    case NB_JSON_NULL: return "null";
    case NB_JSON_TRUE: return "true";
    case NB_JSON_FALSE: return "false";
    case NB_JSON_ARRAY: return "[";
    case NB_JSON_OBJECT: return "{";
    case NB_JSON_NUMBER:
    case NB_JSON_STRING:
    case NB_JSON_END: break;
    }
    return "";
}

/* Small documents only: this recurses. */
static void put_value(const nb_json *value)
{
    fputs(word_of(value->kind), stdout);
    if (value->kind == NB_JSON_STRING)
        put_hex(value->text);
    if (value->kind == NB_JSON_NUMBER)
        (void)fwrite(value->text.at, 1, value->text.len, stdout);
    bool object = value->kind == NB_JSON_OBJECT;
    for (const nb_json *child = value->child; child; child = child->next) {
        if (object) {
            put_hex(child->key);
            putchar(':');
        }
        put_value(child);
        putchar(',');
    }
    if (object || value->kind == NB_JSON_ARRAY)
        putchar(object ? '}' : ']');
}

static bool skips(nb_str text, unsigned dialect)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    nb_json_reader r;
    nb_json_open(&r, text, NB_STR("frame"), dialect);
    nb_json_skip(&r, NULL);
    return nb_json_close(&r, &ignored) == NB_OK;
}

/* One document; false when reading and skipping disagree. */
static bool show(nb_str text, unsigned dialect)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* "no" says it */
    const nb_json *root = NULL;
    bool good = nb_json_parse(&arena, text, NB_STR("frame"), dialect, &root, &ignored) == NB_OK;
    fputs(good ? "ok " : "no", stdout);
    if (good)
        put_value(root);
    putchar('\n');
    return good == skips(text, dialect | NB_JSON_STRICT_SKIP) && (!good || skips(text, dialect));
}

int main(int argc, char **argv)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    bool notebook = argc > 1 && strcmp(argv[1], "notebook") == 0;
    nb_str rest, length;
    if (nb_file_read(&arena, "/dev/stdin", LIMIT, &rest, &err) != NB_OK) {
        nb_error_print(&err, stderr);
        return 1;
    }
    int64_t len;
    while (nb_str_line(&rest, &length) && nb_str_to_int(length, &len)) {
        if (!show(nb_str_slice(rest, 0, (size_t)len), notebook ? NB_JSON_NOTEBOOK : NB_JSON_STRICT))
            return 2;
        rest = nb_str_from_at(rest, (size_t)len);
    }
    return 0;
}
