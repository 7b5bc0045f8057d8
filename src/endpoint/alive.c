/* server.pid: which process is the endpoint's front, and whether it still is. */
#include "base/fs.h"
#include "base/path.h"
#include "endpoint/endpoint.h"
#include "text/json.h"
#include "text/json_write.h"

#include <errno.h>
#include <unistd.h>

enum { LARGEST_FILE = 4096 };

static nb_str pid_file(nb_arena *arena, const nb_endpoint *endpoint)
{
    return nb_path_join(arena, endpoint->folder, NB_STR("server.pid"));
}

static bool copy_text(const nb_json *root, const char *key, char *into, size_t size)
{
    nb_str text = nb_json_get_str(root, key);
    if (text.len == 0 || text.len >= size)
        return false;
    memcpy(into, text.at, text.len);
    into[text.len] = '\0';
    return true;
}

static bool get_number(const nb_json *root, const char *key, int64_t *out)
{
    const nb_json *value = nb_json_get(root, key);
    return value && value->kind == NB_JSON_NUMBER && nb_str_to_int(value->text, out);
}

/* False when there is no file, or one that says nothing: nobody is to be signalled then. */
static bool read_process(const nb_endpoint *endpoint, nb_process *out)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT; /* a file nobody can read names no process */
    nb_str text, path = pid_file(&scratch, endpoint);
    const nb_json *root;
    *out = (nb_process){0};
    return nb_file_read(&scratch, path.at, LARGEST_FILE, &text, &ignored) == NB_OK &&
           nb_json_parse(&scratch, text, path, NB_JSON_STRICT, &root, &ignored) == NB_OK &&
           get_number(root, "pid", &out->pid) && get_number(root, "start", &out->start) &&
           copy_text(root, "boot", out->boot, sizeof out->boot) &&
           copy_text(root, "host", out->host, sizeof out->host) && out->pid > 1;
}

nb_endpoint_liveness nb_endpoint_look(const nb_endpoint *endpoint, const nb_runner *runner,
                                      nb_process *process)
{
    nb_process found;
    if (!read_process(endpoint, &found))
        return NB_ENDPOINT_STOPPED;
    nb_liveness liveness = runner->look(runner->ctx, &found);
    if (liveness == NB_GONE)
        return NB_ENDPOINT_STOPPED;
    *process = found;
    return liveness == NB_ALIVE ? NB_ENDPOINT_RUNNING : NB_ENDPOINT_ELSEWHERE;
}

nb_code nb_endpoint_claim(const nb_endpoint *endpoint, const nb_runner *runner, nb_error *err)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    NB_AUTO(nb_buf) text = NB_BUF_INIT(LARGEST_FILE);
    nb_json_writer w = NB_JSON_WRITER(&text, 0);
    nb_process self;
    if (!runner->identify(runner->ctx, 0, &self))
        return nb_fail(err, NB_ERR_IO, "cannot tell which process this is: /proc is not there");
    nb_json_begin_object(&w);
    nb_json_member_int(&w, "pid", self.pid);
    nb_json_member_int(&w, "start", self.start);
    nb_json_member_str(&w, "boot", nb_str_from(self.boot));
    nb_json_member_str(&w, "host", nb_str_from(self.host));
    nb_json_end_object(&w);
    nb_buf_putc(&text, '\n');
    return nb_file_replace(pid_file(&scratch, endpoint).at, nb_buf_view(&text), 0600, err);
}

void nb_endpoint_leave(const nb_endpoint *endpoint, const nb_runner *runner)
{
    NB_AUTO(nb_arena) scratch = NB_ARENA_INIT;
    nb_process self, found;
    if (runner->identify(runner->ctx, 0, &self) && read_process(endpoint, &found) &&
        found.pid == self.pid && found.start == self.start)
        (void)unlink(pid_file(&scratch, endpoint).at);
}
