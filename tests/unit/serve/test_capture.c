/* What is captured comes to its files as lines of JSON; what cannot be written is counted, and nobody waits. */
#include "nb_test.h"

#include "base/fs.h"
#include "serve/capture/capture.h"
#include "serve/capture/capture_file.h"
#include "serve/capture/sample.h"
#include "text/json.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct scene {
    char folder[64];
    nb_loop *loop;
    nb_capture *capture;
    nb_capture_options options;
    char said[1024];
    pthread_mutex_t gate; /* the writer's thread waits for it */
} scene;

static void say(void *ctx, nb_str line)
{
    scene *s = ctx;
    size_t at = strlen(s->said);
    for (size_t i = 0; i < line.len && at + 2 < sizeof s->said; i++)
        s->said[at++] = line.at[i];
    s->said[at] = '\n';
    s->said[at + 1] = '\0';
}

static void wait_for_gate(void *ctx)
{
    scene *s = ctx;
    pthread_mutex_lock(&s->gate);
    pthread_mutex_unlock(&s->gate);
}

static scene *begin(const char *redact)
{
    scene *s = test_malloc(sizeof *s);
    nb_error err = NB_ERROR_INIT;
    *s = (scene){.options = NB_CAPTURE_OPTIONS};
    pthread_mutex_init(&s->gate, NULL);
    (void)snprintf(s->folder, sizeof s->folder, "/tmp/nb_captureXXXXXX");
    assert_non_null(mkdtemp(s->folder));
    (void)snprintf(s->folder + strlen(s->folder), 10, "/capture");
    assert_ok(nb_loop_open(&s->loop, &err), &err);
    s->options.folder = nb_str_from(s->folder);
    s->options.share = 1;
    s->options.redact = nb_str_from(redact);
    s->options.log = say;
    s->options.before_write = wait_for_gate;
    s->options.ctx = s;
    return s;
}

static void open_capture(scene *s)
{
    nb_error err = NB_ERROR_INIT;
    assert_ok(nb_capture_open(s->loop, &s->options, &s->capture, &err), &err);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

static void end(scene *s)
{
    nb_capture_close(s->capture);
    nb_loop_close(s->loop);
    *strrchr(s->folder, '/') = '\0';
    (void)nftw(s->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    pthread_mutex_destroy(&s->gate);
    test_free(s);
}

static void take(scene *s, unsigned version, const char *id, const char *input, const char *output)
{
    nb_capture_take(s->capture, &(nb_capture_event){.version = version,
                                                    .id = nb_str_from(id),
                                                    .at_ms = 1700000000123,
                                                    .input_type = NB_STR("application/json"),
                                                    .input = nb_str_from(input),
                                                    .output_type = NB_STR("application/json"),
                                                    .output = nb_str_from(output)});
}

/* Until the thread has nothing left. */
static nb_capture_figures settle(scene *s)
{
    nb_capture_figures figures = nb_capture_look(s->capture);
    for (int i = 0; i < 5000 && figures.queued > 0; i++) {
        usleep(1000);
        figures = nb_capture_look(s->capture);
    }
    assert_int_equal(figures.queued, 0);
    return figures;
}

/* --- what is in the files ------------------------------------------------------------------------------------------ */

static nb_buf gathered;
static unsigned gathered_files, loose; /* `loose`: others may look into it */

static int gather(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    nb_str text;
    loose += (about->st_mode & 077) != 0;
    if (kind != FTW_F)
        return 0;
    assert_int_equal(where->level, 6);
    assert_true(nb_str_ends(nb_str_from(path), NB_STR(".jsonl")));
    assert_ok(nb_file_read(&arena, path, 1 << 24, &text, &err), &err);
    nb_buf_put(&gathered, text);
    gathered_files++;
    return 0;
}

static nb_str read_all(const scene *s)
{
    gathered.limit = NB_BUF_TEXT;
    nb_buf_clear(&gathered);
    gathered_files = loose = 0;
    (void)nftw(s->folder, gather, 16, FTW_PHYS);
    return nb_buf_view(&gathered);
}

static void lines_are_as_sagemaker_has_them(void **unused)
{
    scene *s = begin("");
    (void)unused;
    open_capture(s);
    take(s, 3, "one", "{\"a\": \"\xc3\xa4\"}", "[1]");
    nb_capture_take(s->capture, &(nb_capture_event){.version = 3,
                                                    .id = NB_STR("two"),
                                                    .at_ms = 1700000000000,
                                                    .input_type = NB_STR("text/csv; charset=utf-8"),
                                                    .input = NB_STR("1,2\n"),
                                                    .output_type = NB_STR("application/x-npy"),
                                                    .output = NB_STR("\x93NUMP")});
    nb_capture_figures figures = settle(s);
    assert_int_equal(figures.events[NB_CAPTURE_WRITTEN], 2);
    static const char want[] =
        "{\"captureData\": {\"endpointInput\": {\"observedContentType\": \"application/json\", "
        "\"mode\": \"INPUT\", \"data\": \"{\\\"a\\\": \\\"\xc3\xa4\\\"}\", \"encoding\": \"JSON\"}, "
        "\"endpointOutput\": {\"observedContentType\": \"application/json\", \"mode\": "
        "\"OUTPUT\", \"data\": \"[1]\", \"encoding\": \"JSON\"}}, \"eventMetadata\": "
        "{\"eventId\": \"one\", \"inferenceTime\": \"2023-11-14T22:13:20Z\"}, \"eventVersion\": "
        "\"0\"}\n"
        "{\"captureData\": {\"endpointInput\": {\"observedContentType\": \"text/csv; "
        "charset=utf-8\", \"mode\": \"INPUT\", \"data\": \"1,2\\n\", \"encoding\": \"CSV\"}, "
        "\"endpointOutput\": {\"observedContentType\": \"application/x-npy\", \"mode\": "
        "\"OUTPUT\", \"data\": \"k05VTVA=\", \"encoding\": \"BASE64\"}}, \"eventMetadata\": "
        "{\"eventId\": \"two\", \"inferenceTime\": \"2023-11-14T22:13:20Z\"}, \"eventVersion\": "
        "\"0\"}\n";
    assert_str(read_all(s), want);
    assert_int_equal(figures.bytes, sizeof want - 1);
    assert_int_equal(gathered_files, 1);
    assert_int_equal(loose, 0);
    end(s);
}

static void what_cannot_be_redacted_is_not_kept(void **unused)
{
    scene *s = begin("name");
    (void)unused;
    open_capture(s);
    take(s, 1, "one", "[{\"name\": \"SECRET\", \"a\": 1}]", "[1]");
    take(s, 1, "two", "[[\"SECRET\", 1]]", "[1]");
    take(s, 1, "three", "[{\"name\": \"SECRET\", \"a\": 1}]", "[\"for SECRET\"]");
    nb_capture_take(
        s->capture,
        &(nb_capture_event){.version = 2,
                            .id = NB_STR("four"),
                            .about = NB_STR("{\"schema\": {\"feature_names\": [\"a\", \"name\"]}}"),
                            .input_type = NB_STR("text/csv"),
                            .input = NB_STR("7,SECRET\n"),
                            .output_type = NB_STR("text/csv"),
                            .output = NB_STR("0.5\n")});
    nb_capture_figures figures = settle(s);
    assert_int_equal(figures.events[NB_CAPTURE_WRITTEN], 2);
    assert_int_equal(figures.events[NB_CAPTURE_UNSURE], 2);
    nb_str text = read_all(s);
    assert_false(nb_str_contains(text, NB_STR("SECRET")));
    assert_true(nb_str_contains(text, NB_STR("[{\\\"name\\\": null, \\\"a\\\": 1}]")));
    assert_true(nb_str_contains(text, NB_STR("\"data\": \"7,\\n\"")));
    end(s);
}

static void a_writer_that_is_behind_costs_events_and_no_memory(void **unused)
{
    scene *s = begin("");
    (void)unused;
    s->options.queue_bytes = 20000;
    s->options.event_bytes = 3000;
    pthread_mutex_lock(&s->gate);
    open_capture(s);
    static char body[4000];
    memset(body, '1', 2000);
    for (int i = 0; i < 1000; i++) {
        take(s, 1, "x", body, "");
        assert_true(nb_capture_look(s->capture).queued <= 20000);
    }
    memset(body, '1', 3500);
    take(s, 1, "x", body, "");
    pthread_mutex_unlock(&s->gate);
    nb_capture_figures figures = settle(s);
    assert_in_range(figures.events[NB_CAPTURE_WRITTEN], 1, 9);
    assert_int_equal(figures.events[NB_CAPTURE_WRITTEN] + figures.events[NB_CAPTURE_DROPPED], 1000);
    assert_int_equal(figures.events[NB_CAPTURE_LARGE], 1);
    end(s);
}

/* The loop runs until something was said. */
static void stop_once_said(void *ctx)
{
    scene *s = ctx;
    if (s->said[0])
        nb_loop_end(s->loop);
}

static void listen(scene *s)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    s->said[0] = '\0';
    nb_loop_before_sleep(s->loop, stop_once_said, s);
    assert_ok(nb_loop_run(s->loop, &err), &err);
}

static scene *begin_blocked(void)
{
    scene *s = begin("");
    int fd = open(s->folder, O_CREAT | O_WRONLY, 0600); /* a file stands where the folder should */
    close(fd);
    open_capture(s);
    take(s, 1, "one", "[1]", "[1]");
    take(s, 1, "two", "[1]", "[1]");
    nb_capture_figures figures = settle(s);
    assert_int_equal(figures.events[NB_CAPTURE_FAILED], 2);
    assert_true(figures.is_failing);
    return s;
}

static void a_folder_that_cannot_be_written_is_told_once(void **unused)
{
    scene *s = begin_blocked();
    (void)unused;
    listen(s);
    assert_non_null(strstr(s->said, "Not a directory; serving goes on"));
    assert_string_equal(strchr(s->said, '\n'), "\n");
    end(s);
}

static void capture_goes_on_when_it_can(void **unused)
{
    scene *s = begin_blocked();
    nb_capture_figures figures = {0};
    (void)unused;
    unlink(s->folder);
    for (int i = 0; i < 100 && figures.events[NB_CAPTURE_WRITTEN] == 0; i++) {
        usleep(50000); /* it tries again after a second */
        take(s, 1, "three", "[1]", "[1]");
        figures = settle(s);
    }
    assert_int_equal(figures.events[NB_CAPTURE_WRITTEN], 1);
    assert_false(figures.is_failing);
    listen(s);
    assert_non_null(strstr(s->said, "requests are captured again, "));
    assert_true(nb_str_contains(read_all(s), NB_STR("\"eventId\": \"three\"")));
    end(s);
}

static void removed_folders_come_again(void **unused)
{
    scene *s = begin("");
    (void)unused;
    open_capture(s);
    take(s, 1, "one", "[1]", "[1]");
    (void)settle(s);
    (void)nftw(s->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    take(s, 1, "two", "[1]", "[1]");
    assert_int_equal(settle(s).events[NB_CAPTURE_WRITTEN], 2);
    assert_true(nb_str_contains(read_all(s), NB_STR("\"two\"")));
    end(s);
}

/* --- files --------------------------------------------------------------------------------------------------------- */

static const int64_t noon = INT64_C(1700049600000); /* 2023-11-15T12:00:00Z */

static nb_capture_files files_of(const scene *s)
{
    return (nb_capture_files){
        .folder = s->folder, .file_bytes = 30, .file_ms = 60000, .run = 0xabc};
}

static void files_end_by_size_age_and_hour(void **unused)
{
    static const struct {
        unsigned version;
        int64_t after_ms;
        unsigned files; /* then */
    } steps[] = {
        {1, 0,       1},
        {1, 1000,    1},
        {1, 2000,    1},
        {1, 3000,    2}, /* 40 bytes would be too many */
        {2, 3000,    3},
        {1, 63000,   4}, /* too old */
        {1, 3599000, 5},
        {1, 3600000, 6}, /* another hour */
        {1, 10,      7}, /* the clock was set back */
    };
    scene *s = begin("");
    nb_capture_files files = files_of(s);
    (void)unused;
    for (size_t i = 0; i < NB_LEN(steps); i++) {
        print_message("step %zu\n", i);
        assert_true(nb_capture_files_write(&files, steps[i].version, noon + steps[i].after_ms,
                                           NB_STR("123456789\n")));
        (void)read_all(s);
        assert_int_equal(gathered_files, steps[i].files);
    }
    char path[128];
    (void)snprintf(path, sizeof path, "%s/1/2023/11/15/12/00-00-abc-1.jsonl", s->folder);
    assert_true(nb_is_file(path));
    nb_capture_files_age(&files, noon + 10000000);
    for (size_t i = 0; i < NB_CAPTURE_FILES; i++)
        assert_int_equal(files.open[i].version, 0);
    end(s);
}

static void the_oldest_files_make_room(void **unused)
{
    scene *s = begin("");
    nb_capture_files files = files_of(s);
    char path[128], stranger[128];
    (void)unused;
    files.keep = 100;
    (void)snprintf(stranger, sizeof stranger, "%s/notes.txt", s->folder);
    for (unsigned i = 0; i < 20; i++) {
        assert_true(nb_capture_files_write(&files, 1 + i % 2, noon + i * INT64_C(3600000),
                                           NB_STR("1234567890123456789\n")));
        if (i == 0) {
            int fd = open(stranger, O_CREAT | O_WRONLY, 0600);
            close(fd);
        }
    }
    unlink(stranger);
    assert_in_range(read_all(s).len, 60, 100);
    assert_int_equal(files.pruned, 20 - gathered_files);
    (void)snprintf(path, sizeof path, "%s/1/2023/11/15/12", s->folder);
    assert_false(nb_path_exists(path));
    (void)snprintf(path, sizeof path, "%s/2/2023/11/16/07", s->folder);
    assert_true(nb_path_exists(path));
    nb_capture_files_close(&files);
    end(s);
}

static void a_line_that_does_not_fit_on_the_disk_leaves_nothing(void **unused)
{
    scene *s = begin("");
    nb_capture_files files = files_of(s);
    struct rlimit before, tight = {25, 25};
    (void)unused;
    files.file_bytes = 1000;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight.rlim_max = before.rlim_max;
    void (*was)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_true(nb_capture_files_write(&files, 1, noon, NB_STR("123456789\n")));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    bool written = nb_capture_files_write(&files, 1, noon, NB_STR("1234567890123456789\n"));
    int why = errno;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, was);
    assert_false(written);
    assert_int_equal(why, EFBIG);
    assert_str(read_all(s), "123456789\n");
    assert_true(nb_capture_files_write(&files, 1, noon, NB_STR("abc\n")));
    assert_true(nb_str_contains(read_all(s), NB_STR("abc\n")));
    nb_capture_files_close(&files);
    end(s);
}

static void assert_near(unsigned got, double want, double off)
{
    assert_true(got >= want - off && got <= want + off);
}

static void shares_are_spread(void **unused)
{
    static const double shares[] = {0, 0.001, 0.1, 0.5, 0.9, 1};
    (void)unused;
    for (size_t i = 0; i < NB_LEN(shares); i++) {
        unsigned all = 0, every_tenth = 0, both = 0;
        for (uint64_t id = 1; id <= 100000; id++) {
            bool in = nb_sampled(id, NB_SAMPLE_CAPTURE, shares[i]);
            all += in;
            every_tenth += in && id % 10 == 0;
            both += in && nb_sampled(id, NB_SAMPLE_LOG, shares[i]);
        }
        print_message("%g: %u, %u, %u\n", shares[i], all, every_tenth, both);
        assert_near(all, shares[i] * 100000, 600);
        assert_near(every_tenth, shares[i] * 10000, 200);
        assert_near(both, shares[i] * shares[i] * 100000, 600);
    }
    assert_false(nb_capture_wants(NULL, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_as_sagemaker_has_them),
        cmocka_unit_test(what_cannot_be_redacted_is_not_kept),
        cmocka_unit_test(a_writer_that_is_behind_costs_events_and_no_memory),
        cmocka_unit_test(a_folder_that_cannot_be_written_is_told_once),
        cmocka_unit_test(capture_goes_on_when_it_can),
        cmocka_unit_test(removed_folders_come_again),
        cmocka_unit_test(files_end_by_size_age_and_hour),
        cmocka_unit_test(the_oldest_files_make_room),
        cmocka_unit_test(a_line_that_does_not_fit_on_the_disk_leaves_nothing),
        cmocka_unit_test(shares_are_spread),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    nb_buf_release(&gathered);
    return failed;
}
