/* config schema: the JSON Schema of config.yaml. config reference: the generated part of docs/configuration.md.
 * config check: loads standard input, prints "ok", or the first problem and exits 1. */
#include "config/config.h"
#include "config/keys.h"

static nb_code read_all(nb_buf *out)
{
    char block[4096];
    size_t len;
    while ((len = fread(block, 1, sizeof block, stdin)) > 0)
        nb_buf_put(out, (nb_str){block, len});
    return out->full ? NB_ERR_IO : NB_OK;
}

static int check(nb_arena *arena)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(NB_BUF_TEXT);
    nb_diags diags = {.arena = arena};
    const nb_config *config;
    if (read_all(&text) != NB_OK || nb_config_read(arena, nb_buf_view(&text), "config.yaml", ".",
                                                   &nb_env_real, &diags, &config, &err) != NB_OK) {
        nb_error_print(&err, stdout);
        return 1;
    }
    puts("ok");
    return 0;
}

int main(int argc, char **argv)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_BUF_TEXT);
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "check") == 0)
        return check(&arena);
    if (strcmp(what, "schema") == 0) {
        nb_json_writer w = NB_JSON_WRITER(&out, 2);
        nb_schema_write_json(&arena, &nb_config_schema, "notebooked configuration", &w);
        nb_buf_putc(&out, '\n');
    } else {
        nb_schema_write_markdown(&arena, &nb_config_schema, &out);
    }
    fwrite(out.at, 1, out.len, stdout);
    return 0;
}
