/* Workers with a real Python: models that answer, and every way in which they do not. */
#include "nb_test.h"

#include "serve/worker/worker.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char python[] = "/usr/bin/python3";

/* One worker, and what its owner heard. */
typedef struct scene {
    nb_loop *loop;
    nb_worker *worker;
    nb_timer limit;
    char dir[64];
    nb_buf about, results, output, reason, phase, tail;
    size_t lines, result_count, idles, statuses[600], alone;
    int status, signal, readies, gones;
    bool asked, end_when_ready, end_when_idle, limit_passed;
    void (*when_ready)(struct scene *s);
    void (*when_idle)(struct scene *s);
} scene;

static void on_ready(void *ctx, nb_worker *worker, nb_str about)
{
    scene *s = ctx;
    s->readies++;
    nb_buf_put(&s->about, about);
    assert_int_equal(nb_worker_state_of(worker), NB_WORKER_READY);
    if (s->when_ready)
        s->when_ready(s);
    if (s->end_when_ready)
        nb_loop_end(s->loop);
}

static void on_results(void *ctx, nb_worker *worker, const nb_frame_result *results, size_t count)
{
    scene *s = ctx;
    (void)worker;
    for (size_t i = 0; i < count; i++) {
        s->result_count++;
        s->statuses[results[i].status]++;
        s->alone += results[i].flags & NB_RESULT_ALONE;
        nb_buf_printf(&s->results, "%llu %u " NB_STR_FMT " ", (unsigned long long)results[i].id,
                      results[i].status, NB_STR_ARG(results[i].content_type));
        nb_buf_put(&s->results, results[i].body);
        nb_buf_putc(&s->results, '\n');
    }
}

static void on_idle(void *ctx, nb_worker *worker)
{
    scene *s = ctx;
    (void)worker;
    s->idles++;
    if (s->when_idle)
        s->when_idle(s);
    if (s->end_when_idle)
        nb_loop_end(s->loop);
}

static void on_output(void *ctx, nb_worker *worker, nb_str line)
{
    scene *s = ctx;
    (void)worker;
    s->lines++;
    nb_buf_put(&s->output, line);
    nb_buf_putc(&s->output, '\n');
}

static void on_gone(void *ctx, nb_worker *worker, const nb_worker_end *end)
{
    scene *s = ctx;
    assert_int_equal(nb_worker_state_of(worker), NB_WORKER_GONE);
    s->gones++;
    s->status = end->status;
    s->signal = end->signal;
    s->asked = end->asked;
    nb_buf_put(&s->reason, end->reason);
    nb_buf_put(&s->phase, end->phase);
    nb_buf_put(&s->tail, end->tail);
    s->worker = NULL;
    nb_loop_end(s->loop);
}

static void on_limit(void *ctx)
{
    scene *s = ctx;
    s->limit_passed = true;
    nb_loop_end(s->loop);
}

static void write_file(const char *dir, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) < 0, 0);
    assert_int_equal(fclose(file), 0);
}

static void scene_open(scene *s)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    char code[96];
    *s = (scene){.dir = "/tmp/nb_worker_XXXXXX"};
    nb_buf *const bufs[] = {&s->about, &s->results, &s->output, &s->reason, &s->phase, &s->tail};
    for (size_t i = 0; i < NB_LEN(bufs); i++)
        *bufs[i] = NB_BUF_INIT(256 * 1024 * 1024);
    assert_non_null(mkdtemp(s->dir));
    (void)snprintf(code, sizeof code, "%s/code", s->dir);
    assert_int_equal(mkdir(code, 0700), 0);
    assert_ok(nb_loop_open(&s->loop, &err), &err);
}

static nb_worker_spec scene_spec(const scene *s)
{
    return (nb_worker_spec){.number = 3,
                            .python = python,
                            .model_dir = s->dir,
                            .startup_ms = 20000,
                            .grace_ms = 300,
                            .batch_check = true};
}

static void scene_start(scene *s, const nb_worker_spec *spec)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_worker_hooks hooks = {on_ready, on_results, on_idle, on_output, on_gone, s};
    assert_ok(nb_worker_start(s->loop, spec, &hooks, &s->worker, &err), &err);
    assert_int_equal(nb_worker_number(s->worker), 3);
    assert_int_equal(nb_worker_state_of(s->worker), NB_WORKER_STARTING);
    assert_true(nb_worker_pid(s->worker) > 0);
}

/* Turns until the worker has gone (or a hook ends the loop). */
static void scene_run(scene *s)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    s->limit = (nb_timer){.fire = on_limit, .ctx = s};
    nb_timer_set(s->loop, &s->limit, nb_loop_now_us(s->loop) + 60000000);
    assert_ok(nb_loop_run(s->loop, &err), &err);
    assert_false(s->limit_passed);
}

static void remove_all(const char *dir)
{
    const char *const names[] = {"code/inference.py", "code", "fake.py", "input_example.json",
                                 "notebooked.json",   ""};
    for (size_t i = 0; i < NB_LEN(names); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)remove(path);
    }
    assert_int_equal(access(dir, F_OK), -1); /* the worker wrote nothing of its own there */
}

static void scene_close(scene *s)
{
    nb_buf *const bufs[] = {&s->about, &s->results, &s->output, &s->reason, &s->phase, &s->tail};
    assert_null(s->worker);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    for (size_t i = 0; i < NB_LEN(bufs); i++)
        nb_buf_release(bufs[i]);
    nb_timer_stop(s->loop, &s->limit);
    nb_loop_close(s->loop);
    remove_all(s->dir);
}

static nb_str str(const char *z)
{
    return nb_str_from(z);
}

static void send_texts(scene *s, const char *const *bodies, size_t count, bool together)
{
    nb_frame_request requests[8] = {0};
    for (size_t i = 0; i < count; i++)
        requests[i] = (nb_frame_request){
            .id = 100 + i, .content_type = str("application/json"), .body = str(bodies[i])};
    assert_true(nb_worker_send(s->worker, requests, count, together));
    assert_int_equal(nb_worker_state_of(s->worker), NB_WORKER_BUSY);
}

/* --- models that answer -------------------------------------------------------------------------------------------- */

static const char doubling[] = "import json, os, sys\n"
                               "def model_fn(model_dir):\n"
                               "    print('loading', os.path.basename(os.getcwd()) != '')\n"
                               "    return 2\n"
                               "def input_fn(body, content_type):\n"
                               "    return json.loads(body)['instances']\n"
                               "def predict_fn(data, model):\n"
                               "    print('predicting', len(data))\n"
                               "    return [model * x for x in data]\n"
                               "def output_fn(prediction, accept):\n"
                               "    return json.dumps({'predictions': prediction})\n";

static void ask_three(scene *s)
{
    static const char *const bodies[] = {"{\"instances\": [1]}", "{", "{\"instances\": [3, 4]}"};
    send_texts(s, bodies, 3, false);
}

static void ask_together(scene *s)
{
    static const char *const bodies[] = {"{\"instances\": [1]}", "{", "{\"instances\": [3, 4]}"};
    if (s->idles > 1) {
        nb_worker_stop(s->worker);
        return;
    }
    send_texts(s, bodies, 3, true);
}

static const char three_answers[] =
    "100 200 application/json {\"predictions\": [2]}\n"
    "101 400 text/plain; charset=utf-8 Expecting property name enclosed in double quotes: line 1 "
    "column 2 (char 1)\n"
    "102 200 application/json {\"predictions\": [6, 8]}\n";

static void a_model_answers_batches(void **state)
{
    (void)state;
    scene s;
    scene_open(&s);
    write_file(s.dir, "code/inference.py", doubling);
    write_file(s.dir, "input_example.json", "{\"instances\": [1, 2, 3]}");
    write_file(s.dir, "notebooked.json", "{\"input\": {\"n_features\": 1}}");
    nb_worker_spec spec = scene_spec(&s);
    s.when_ready = ask_three;
    s.when_idle = ask_together;
    scene_start(&s, &spec);
    scene_run(&s);
    assert_int_equal(s.readies, 1);
    assert_int_equal(s.idles, 2);
    assert_true(nb_str_contains(nb_buf_view(&s.about), NB_STR("\"batch\": true")));
    assert_true(nb_str_contains(nb_buf_view(&s.about), NB_STR("\"schema\": {\"n_features\": 1}")));
    assert_true(
        nb_str_contains(nb_buf_view(&s.about),
                        NB_STR("\"handlers\": [\"model_fn\", \"input_fn\", \"predict_fn\"")));
    char twice[2 * sizeof three_answers];
    (void)snprintf(twice, sizeof twice, "%s%s", three_answers, three_answers);
    assert_str(nb_buf_view(&s.results), twice);
    assert_true(nb_str_contains(nb_buf_view(&s.output), NB_STR("loading True\n")));
    assert_true(nb_str_contains(nb_buf_view(&s.output), NB_STR("predicting 64\n")));
    assert_true(nb_str_ends(nb_buf_view(&s.output), NB_STR("predicting 2\npredicting 3\n")));
    assert_int_equal(s.alone, 0);
    assert_int_equal(s.status, 0);
    assert_true(s.asked);
    assert_str(nb_buf_view(&s.reason), "was stopped");
    scene_close(&s);
}

/* Bodies of all sizes around those where the shared files begin, there and back. */
static const size_t sizes[] = {0, 1, 70000, NB_FRAME_SHARED - 1, NB_FRAME_SHARED, 5000000};
static char *large;

static void send_sizes(scene *s)
{
    nb_frame_request requests[8] = {0};
    for (size_t i = 0; i < NB_LEN(sizes); i++)
        requests[i] = (nb_frame_request){
            .id = i,
            .content_type = str("application/octet-stream"),
            .accept = str("image/png"),
            .body = {large + i, sizes[i]}
        };
    assert_true(nb_worker_send(s->worker, requests, NB_LEN(sizes), false));
    assert_false(nb_worker_send(s->worker, requests, 1, false)); /* it is busy */
    nb_worker_stop(s->worker);                                   /* once that is done */
}

static void bodies_of_all_sizes_come_back(void **state)
{
    (void)state;
    scene s;
    scene_open(&s);
    write_file(s.dir, "code/inference.py",
               "def model_fn(model_dir): return 1\n"
               "def transform_fn(model, body, content_type, accept): return body, accept\n");
    large = malloc(5000016);
    for (size_t i = 0; i < 5000016; i++)
        large[i] = (char)(i * 2654435761U >> 24);
    nb_worker_spec spec = scene_spec(&s);
    s.when_ready = send_sizes;
    scene_start(&s, &spec);
    scene_run(&s);
    NB_AUTO(nb_buf) want = NB_BUF_INIT(256 * 1024 * 1024);
    for (size_t i = 0; i < NB_LEN(sizes); i++) {
        nb_buf_printf(&want, "%zu 200 image/png ", i);
        nb_buf_put(&want, (nb_str){large + i, sizes[i]});
        nb_buf_putc(&want, '\n');
    }
    assert_int_equal(s.results.len, want.len);
    assert_memory_equal(s.results.at, want.at, want.len);
    assert_int_equal(s.idles, 1);
    assert_int_equal(s.status, 0);
    free(large);
    scene_close(&s);
}

static void too_large(scene *s)
{
    size_t size = (size_t)NB_FRAME_SHARED_SIZE + 1;
    large = calloc(size, 1);
    nb_frame_request request = {
        .id = 1, .content_type = str("x/y"), .body = {large, size}
    };
    assert_false(nb_worker_send(s->worker, &request, 1, false));
    assert_int_equal(nb_worker_state_of(s->worker), NB_WORKER_READY);
    free(large);
    static const char *const bodies[] = {"{\"instances\": [1]}"};
    send_texts(s, bodies, 1, false); /* and goes on */
    nb_worker_stop(s->worker);
}

static void what_does_not_fit_is_not_sent(void **state)
{
    (void)state;
    scene s;
    scene_open(&s);
    write_file(s.dir, "code/inference.py", doubling);
    nb_worker_spec spec = scene_spec(&s);
    s.when_ready = too_large;
    scene_start(&s, &spec);
    scene_run(&s);
    assert_str(nb_buf_view(&s.results), "100 200 application/json {\"predictions\": [2]}\n");
    scene_close(&s);
}

/* --- models that do not ------------------------------------------------------------------------------------------- */

static void ask_one(scene *s)
{
    static const char *const bodies[] = {"{\"instances\": [1]}"};
    send_texts(s, bodies, 1, false);
}

#define MODEL   "def model_fn(model_dir): return 1\n"
#define PREDICT "def predict_fn(data, model): "

static const struct {
    const char *name, *script;
    int readies, status, signal;
    const char *phase, *reason, *tail; /* parts of the latter two */
    size_t results;
} deaths[] = {
    {"import error",            "import no_such_module_xyz\n",                                 0, 1,  0,       "import",
     "ModuleNotFoundError: No module named 'no_such_module_xyz'",                                                                                                         "import no_such_module_xyz", 0},
    {"syntax",                  "def model_fn(:\n",                                            0, 1,  0,       "import",  "SyntaxError: invalid syntax",                  "line 1",                    0},
    {"no handlers",             "x = 1\n",                                                     0, 1,  0,       "import",  "inference.py defines none of model_fn",        "",                          0},
    {"parameters",              MODEL "def input_fn(body): pass\n",                            0, 1,  0,       "import",
     "input_fn takes 1 parameters; it must take (body, content_type[, context])",                                                                                         "",                          0},
    {"model_fn raises",         "def model_fn(model_dir): open('/no/such/model')\n",           0, 1,  0,       "load",
     "FileNotFoundError: [Errno 2] No such file or directory: '/no/such/model'",                                                                                          "in model_fn",               0},
    {"exits while it loads",    "import os\ndef model_fn(model_dir): os._exit(7)\n",           0, 7,  0,       "",
     "ended with exit status 7",                                                                                                                                          "",                          0},
    {"sys.exit while it loads", "import sys\ndef model_fn(model_dir): sys.exit(3)\n",          0, 1,  0,
     "load",                                                                                                              "SystemExit: 3",                                "",                          0},
    {"warm-up raises",          MODEL "def model_warmup_fn(model_dir, model): 1 / 0\n",        0, 1,  0,       "warm-up",
     "ZeroDivisionError: division by zero",                                                                                                                               "",                          0},
    {"segmentation fault",      "import ctypes\n" MODEL PREDICT "ctypes.string_at(0)\n",       1, -1, SIGSEGV,
     "",                                                                                                                  "was killed by signal 11 (Segmentation fault)", "predict_fn",                0},
    {"killed",                  "import os\n" MODEL PREDICT "os.kill(os.getpid(), 9)\n",       1, -1, SIGKILL, "",
     "was killed by the kernel (out of memory?)",                                                                                                                         "",                          0},
    {"exits",
     "import os, sys\n" MODEL PREDICT "print('last words', file=sys.stderr) or os._exit(5)\n", 1, 5,
     0,                                                                                                        "",        "ended with exit status 5",                     "last words\n",              0},
    {"prints megabytes",
     "import os, sys\n" MODEL PREDICT
     "[print('x' * 100) for _ in range(50000)] and print('the end', file=sys.stderr) or "
     "os._exit(4)\n",                                                                          1, 4,  0,       "",        "ended with exit status 4",                     "the end\n",                 0},
    {"writes into its socket",
     "import os\n" MODEL PREDICT
     "[os.write(f, b'#' * 100) for f in range(60, 70) if is_socket(f)]\n"
     "def is_socket(f):\n"
     "    try: return os.readlink('/proc/self/fd/%d' % f).startswith('socket')\n"
     "    except OSError: return False\n",                                                     1, -1, SIGTERM, "",        "broke the protocol: what it says is no frame", "",                          0},
    {"closes its socket",
     "import os, time\n" MODEL PREDICT "os.closerange(3, 100) or time.sleep(60)\n",            1, -1, SIGTERM,
     "",                                                                                                                  "closed its connection",                        "",                          0},
};

static void every_death_is_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(deaths); i++) {
        print_message("%s\n", deaths[i].name);
        scene s;
        scene_open(&s);
        write_file(s.dir, "code/inference.py", deaths[i].script);
        nb_worker_spec spec = scene_spec(&s);
        s.when_ready = ask_one;
        scene_start(&s, &spec);
        scene_run(&s);
        assert_int_equal(s.readies, deaths[i].readies);
        assert_int_equal(s.gones, 1);
        assert_str(nb_buf_view(&s.phase), deaths[i].phase);
        nb_str reason = nb_buf_view(&s.reason);
        if (!nb_str_contains(reason, str(deaths[i].reason)))
            fail_msg("reason: " NB_STR_FMT, NB_STR_ARG(reason));
        if (!nb_str_contains(nb_buf_view(&s.tail), str(deaths[i].tail)))
            fail_msg("tail: " NB_STR_FMT, NB_STR_ARG(nb_buf_view(&s.tail)));
        assert_int_equal(s.status, deaths[i].status);
        assert_int_equal(s.signal, deaths[i].signal);
        assert_false(s.asked);
        assert_int_equal(s.result_count, deaths[i].results);
        scene_close(&s);
    }
}

static void a_flood_of_lines_is_cut(void **state)
{
    (void)state;
    scene s;
    scene_open(&s);
    write_file(s.dir, "code/inference.py",
               "import sys\n"
               "for i in range(20000): print('line', i, file=sys.stderr)\n"
               "print('x' * 100000, file=sys.stderr)\n"
               "raise ValueError('enough')\n");
    nb_worker_spec spec = scene_spec(&s);
    scene_start(&s, &spec);
    scene_run(&s);
    assert_in_range(s.lines, 500, 5000);
    assert_true(nb_str_contains(nb_buf_view(&s.output), NB_STR("lines are left out)")));
    assert_true(s.tail.len < 20 * 4097 + 1000);
    assert_true(nb_str_contains(nb_buf_view(&s.tail), NB_STR("xxxxxxxx\n")));
    assert_true(nb_str_ends(nb_buf_view(&s.tail), NB_STR("ValueError: enough\n")));
    scene_close(&s);
}

static void a_worker_that_hangs_is_ended(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        int signal;
    } cases[] = {
        {"import time\ndef model_fn(model_dir): time.sleep(100)\n",                               SIGTERM},
        {"import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(100)\n",
         SIGKILL                                                                                         },
    };
    for (size_t i = 0; i < NB_LEN(cases); i++) {
        scene s;
        scene_open(&s);
        write_file(s.dir, "code/inference.py", cases[i].script);
        nb_worker_spec spec = scene_spec(&s);
        spec.startup_ms = 1000;
        scene_start(&s, &spec);
        scene_run(&s);
        assert_str(nb_buf_view(&s.reason), "was not ready within 1 s");
        assert_int_equal(s.signal, cases[i].signal);
        if (cases[i].signal == SIGTERM) /* it tells where it hung */
            assert_true(nb_str_contains(nb_buf_view(&s.tail), NB_STR("in model_fn")));
        scene_close(&s);
    }
}

static void ask_and_kill(scene *s)
{
    ask_one(s);
    nb_worker_kill(s->worker);
    nb_worker_stop(s->worker); /* too late to matter */
    assert_int_equal(nb_worker_state_of(s->worker), NB_WORKER_STOPPING);
}

static void a_worker_can_be_killed(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        MODEL "import time\n" PREDICT "time.sleep(100)\n",
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" MODEL
        "import time\n" PREDICT "time.sleep(100)\n",
    };
    for (size_t i = 0; i < NB_LEN(scripts); i++) {
        scene s;
        scene_open(&s);
        write_file(s.dir, "code/inference.py", scripts[i]);
        nb_worker_spec spec = scene_spec(&s);
        s.when_ready = ask_and_kill;
        scene_start(&s, &spec);
        scene_run(&s);
        assert_str(nb_buf_view(&s.reason), "was stopped");
        assert_true(s.asked);
        assert_int_equal(s.signal, i == 0 ? SIGTERM : SIGKILL);
        assert_int_equal(s.result_count, 0);
        scene_close(&s);
    }
}

static void a_worker_that_loads_can_be_stopped(void **state)
{
    (void)state;
    scene s;
    scene_open(&s);
    write_file(s.dir, "code/inference.py", "import time\ntime.sleep(100)\n");
    nb_worker_spec spec = scene_spec(&s);
    scene_start(&s, &spec);
    nb_worker_stop(s.worker);
    scene_run(&s);
    assert_str(nb_buf_view(&s.reason), "was stopped");
    assert_int_equal(s.signal, SIGTERM);
    scene_close(&s);
}

/* --- workers that are none of ours -------------------------------------------------------------------------------- */

#define FAKE                                                                               \
    "import json, os, socket, struct, sys, time\n"                                         \
    "s = socket.socket(fileno=3)\n"                                                        \
    "def say(kind, data): s.sendall(struct.pack('<IHHQ', len(data), kind, 0, 0) + data)\n" \
    "def results(*ids):\n"                                                                 \
    "    one = lambda i: struct.pack('<QHHIHIQ', i, 200, 0, 1, 0, 0, 2**64 - 1)\n"         \
    "    say(5, struct.pack('<I', len(ids)) + b''.join(map(one, ids)))\n"                  \
    "def ready():\n"                                                                       \
    "    say(1, b'{\"protocol\": 1}')\n"                                                   \
    "    say(2, b'{}')\n"                                                                  \
    "    return s.recv(1000)\n"                                                            \
    "end = lambda: time.sleep(100)\n"

static const struct {
    const char *name, *script, *reason;
    size_t results;
} fakes[] = {
    {"a good one",                         FAKE "ready(); results(100)\n",                                    "ended with exit status 0",                      1},
    {"unknown id",                         FAKE "ready(); results(7); end()\n",
     "broke the protocol: it answered what it was not asked",                                                                                                  0},
    {"repeated id",                        FAKE "ready(); results(100, 100); end()\n",
     "broke the protocol: it answered what it was not asked",                                                                                                  0},
    {"an answer too many",                 FAKE "ready(); results(100); results(100); end()\n",
     "broke the protocol: a frame at the wrong time",                                                                                                          1},
    {"answers before it is asked",         FAKE "say(1, b'{\"protocol\": 1}'); results(100); end()\n",
     "broke the protocol: a frame at the wrong time",                                                                                                          0},
    {"no greeting",                        FAKE "say(2, b'{}'); end()\n",                                     "broke the protocol: a frame at the wrong time",
     0                                                                                                                                                          },
    {"another version",                    FAKE "say(1, b'{\"protocol\": 2}'); end()\n",
     "broke the protocol: it speaks another version of it",                                                                                                    0},
    {"no JSON",                            FAKE "say(1, b'hello'); end()\n",                                  "broke the protocol: its greeting is no JSON",   0},
    {"noise",                              FAKE "s.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n'); end()\n",
     "broke the protocol: what it says is no frame",                                                                                                           0},
    {"half a result",                      FAKE "ready(); say(5, b'\\1\\0\\0\\0' + b'x' * 9); end()\n",
     "broke the protocol: its answers cannot be read",                                                                                                         0},
    {"fewer results than it says",
     FAKE "ready(); say(5, struct.pack('<IQHHIHIQ', 2, 100, 200, 0, 1, 0, 0, 2**64 - 1)); end()\n",
     "broke the protocol: its answers cannot be read",                                                                                                         0},
    {"a body outside the shared file",
     FAKE "ready(); say(5, struct.pack('<IQHHIHIQ', 1, 100, 200, 0, 1, 0, 9, 2**27)); end()\n",
     "broke the protocol: its answers cannot be read",                                                                                                         0},
    {"a frame that never ends, in pieces",
     FAKE "ready(); s.sendall(struct.pack('<IHHQ', 1000, 5, 0, 0)); s.close()\n",
     "ended with exit status 0",                                                                                                                               0},
    {"a failure without words",            FAKE "say(1, b'{\"protocol\": 1}'); say(3, b'[]'); sys.exit(1)\n",
     "failed and does not say why",                                                                                                                            0},
    {"a shared file that it shrinks",
     FAKE "ready()\ntry: os.ftruncate(5, 0)\nexcept OSError: results(100)\n",
     "ended with exit status 0",                                                                                                                               1},
};

static void whoever_breaks_the_protocol_is_ended(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_LEN(fakes); i++) {
        print_message("%s\n", fakes[i].name);
        scene s;
        char script[128];
        scene_open(&s);
        write_file(s.dir, "fake.py", fakes[i].script);
        (void)snprintf(script, sizeof script, "%s/fake.py", s.dir);
        nb_worker_spec spec = scene_spec(&s);
        spec.script = script;
        s.when_ready = ask_one;
        scene_start(&s, &spec);
        scene_run(&s);
        nb_str reason = nb_buf_view(&s.reason);
        if (!nb_str_contains(reason, str(fakes[i].reason)))
            fail_msg("reason: " NB_STR_FMT, NB_STR_ARG(reason));
        assert_int_equal(s.result_count, fakes[i].results);
        scene_close(&s);
    }
}

static void what_cannot_start_says_so(void **state)
{
    (void)state;
    scene s;
    scene_open(&s);
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_worker_hooks hooks = {on_ready, on_results, on_idle, on_output, on_gone, &s};
    nb_worker_spec spec = scene_spec(&s);
    spec.python = "/no/such/python";
    assert_int_equal(nb_worker_start(s.loop, &spec, &hooks, &s.worker, &err), NB_ERR_NOT_FOUND);
    assert_string_equal(nb_error_message(&err, 0), "cannot start worker 3");
    scene_close(&s);
}

static void the_environment_is_what_it_is_given(void **state)
{
    (void)state;
    scene s;
    scene_open(&s);
    write_file(s.dir, "code/inference.py",
               "import os\n"
               "names = sorted(n for n in os.environ if n != 'LC_CTYPE')\n"
               "link = lambda n: os.path.realpath('/proc/self/fd/%d' % n)\n"
               "sockets = [n for n in range(3, 64) if 'socket' in link(n)]\n"
               "print('%s %s\\n%s\\n%s %s\\n%s' % (names, os.getcwd(), "
               "os.environ['MALLOC_TRIM_THRESHOLD_'], os.environ['OMP_NUM_THREADS'], "
               "os.environ['MKL_NUM_THREADS'], sockets))\n"
               "raise ValueError()\n");
    const char *env[] = {"ONE=1", "PATH=/usr/bin", "MALLOC_TRIM_THRESHOLD_=5", "MKL_NUM_THREADS=9",
                         NULL};
    nb_worker_spec spec = scene_spec(&s);
    spec.env = env;
    spec.threads = 3;
    scene_start(&s, &spec);
    scene_run(&s);
    char want[256];
    (void)snprintf(want, sizeof want,
                   "['MALLOC_MMAP_THRESHOLD_', 'MALLOC_TRIM_THRESHOLD_', 'MKL_NUM_THREADS', "
                   "'NOTEBOOKED_BATCH_CHECK', 'OMP_NUM_THREADS', 'ONE', 'OPENBLAS_NUM_THREADS', "
                   "'PATH'] %s\n5\n3 9\n[]\n",
                   s.dir);
    if (!nb_str_contains(nb_buf_view(&s.output), str(want))) /* stderr may come first */
        fail_msg("output: " NB_STR_FMT, NB_STR_ARG(nb_buf_view(&s.output)));
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_answers_batches),
        cmocka_unit_test(bodies_of_all_sizes_come_back),
        cmocka_unit_test(what_does_not_fit_is_not_sent),
        cmocka_unit_test(every_death_is_explained),
        cmocka_unit_test(a_flood_of_lines_is_cut),
        cmocka_unit_test(a_worker_that_hangs_is_ended),
        cmocka_unit_test(a_worker_can_be_killed),
        cmocka_unit_test(a_worker_that_loads_can_be_stopped),
        cmocka_unit_test(whoever_breaks_the_protocol_is_ended),
        cmocka_unit_test(what_cannot_start_says_so),
        cmocka_unit_test(the_environment_is_what_it_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
