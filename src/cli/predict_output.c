#include "cli/predict_output.h"

#include "base/fs.h"
#include "base/heap.h"
#include "cli/answer_rows.h"
#include "text/json_write.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENOUGH = 64 * 1024 };

struct nb_predict_output {
    nb_app *app;
    nb_output_options options;
    nb_arena arena;      /* the shapes */
    nb_replacing *file;  /* NULL: */
    FILE *stream;        /* stdout, or what is no file */
    bool stream_is_ours; /* to be closed */
    nb_buf text, early;  /* to be written; CSV lines from before the first prediction */
    nb_cells_shape input, shape;
    bool has_input, has_shape;
    uint64_t rows;
};

/* --- where ---------------------------------------------------------------------------------------- */

static bool is_regular(const char *path)
{
    struct stat st;
    return stat(path, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
}

static nb_code open_place(nb_predict_output *output, nb_error *err)
{
    const char *path = output->options.path;
    if (strcmp(path, "-") == 0) {
        output->stream = output->app->out;
        return NB_OK;
    }
    if (is_regular(path))
        return nb_replacing_open(path, 0666, &output->file, err);
    output->stream = fopen(path, "we");
    output->stream_is_ours = true;
    return output->stream ? NB_OK : nb_fail_errno(err, "cannot write '%s'", path);
}

nb_code nb_predict_output_open(nb_app *app, const nb_output_options *options,
                               nb_predict_output **out, nb_error *err)
{
    nb_predict_output *output = NB_HEAP_NEW(nb_predict_output);
    *output = (nb_predict_output){.app = app,
                                  .options = *options,
                                  .text = NB_BUF_INIT(SIZE_MAX),
                                  .early = NB_BUF_INIT(NB_BUF_TEXT)};
    if (open_place(output, err) != NB_OK) {
        nb_predict_output_drop(output);
        return err->code;
    }
    if (options->format == NB_PREDICT_JSON)
        nb_buf_putz(&output->text, "{\"predictions\": [");
    *out = output;
    return NB_OK;
}

static nb_code write_text(nb_predict_output *output, nb_error *err)
{
    nb_str text = nb_buf_view(&output->text);
    if (output->file && nb_replacing_write(output->file, text, err) != NB_OK)
        return err->code;
    if (output->stream && fwrite(text.at, 1, text.len, output->stream) < text.len)
        return nb_fail_errno(err, "cannot write the predictions");
    nb_buf_clear(&output->text);
    return NB_OK;
}

nb_code nb_predict_output_flush(nb_predict_output *output, nb_error *err)
{
    return output->text.len >= ENOUGH ? write_text(output, err) : NB_OK;
}

/* --- CSV ------------------------------------------------------------------------------------------ */

/* Cells with a comma before each but the first of the line. */
static void put_cells(const nb_str *cells, size_t count, bool first, nb_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        if (!first || i > 0)
            nb_buf_putc(out, ',');
        if (cells)
            nb_csv_put(out, cells[i]);
    }
}

static size_t count_fields(nb_arena *arena, nb_str line)
{
    nb_str field;
    size_t count = 0;
    while (nb_csv_field(arena, &line, &field))
        count++;
    return count;
}

/* A line of CSV as it is, with as many fields as the others have. */
static void put_line_fields(nb_predict_output *output, nb_arena *arena, nb_str line, nb_buf *out)
{
    size_t wanted = output->input.count, has = count_fields(arena, line);
    nb_str field, rest = nb_str_find_char(line, '\0') < 0 ? line : (nb_str){0};
    if (has == wanted && rest.at) {
        nb_buf_put(out, line);
        return;
    }
    for (size_t i = 0; i < wanted; i++) {
        bool there = nb_csv_field(arena, &rest, &field);
        put_cells(there ? &field : NULL, 1, i == 0, out);
    }
}

static nb_code put_instance_cells(nb_predict_output *output, nb_arena *arena, nb_str instance,
                                  nb_buf *out, nb_error *err)
{
    if (output->options.form == NB_ROWS_CSV) {
        put_line_fields(output, arena, instance, out);
        return NB_OK;
    }
    nb_str *cells = NB_NEW_ARRAY(arena, nb_str, output->input.count);
    if (!nb_cells_read(arena, &output->input, instance, cells)) {
        (void)nb_fail(err, NB_ERR_USAGE, "row %llu has other columns than the first",
                      (unsigned long long)output->rows);
        nb_error_hint(err, "write JSON lines, or leave out '--keep-columns'");
        return err->code;
    }
    put_cells(cells, output->input.count, true, out);
    return NB_OK;
}

static void learn_input(nb_predict_output *output, nb_str instance)
{
    bool csv = output->options.form == NB_ROWS_CSV;
    nb_str line = output->options.header.len > 0 ? output->options.header : instance;
    output->has_input = true;
    if (csv)
        output->input =
            (nb_cells_shape){.kind = NB_CELLS_LIST, .count = count_fields(&output->arena, line)};
    else
        output->input = nb_cells_shape_of(&output->arena, instance, "input");
}

static void put_header(nb_predict_output *output, nb_buf *out)
{
    const nb_output_options *options = &output->options;
    const nb_str error = NB_STR("error");
    if (options->form == NB_ROWS_CSV && options->header.len == 0)
        return;
    if (options->keep && options->form == NB_ROWS_CSV)
        nb_buf_put(out, options->header);
    else if (options->keep)
        put_cells(output->input.names, output->input.count, true, out);
    put_cells(output->shape.names, output->shape.count, !options->keep, out);
    if (options->mark_errors)
        put_cells(&error, 1, false, out);
    nb_buf_putc(out, '\n');
}

/* The columns are known now. Lines that waited for that have the columns of the input, a NUL, and their error. */
static void put_early(nb_predict_output *output)
{
    nb_str rest = nb_buf_view(&output->early), kept, error;
    put_header(output, &output->text);
    while (rest.len > 0 && nb_str_split(&rest, '\0', &kept) && nb_str_split(&rest, '\0', &error)) {
        nb_buf_put(&output->text, kept);
        put_cells(NULL, output->shape.count, !output->options.keep, &output->text);
        put_cells(&error, 1, false, &output->text);
        nb_buf_putc(&output->text, '\n');
    }
    nb_buf_release(&output->early);
}

static void learn_shape(nb_predict_output *output, nb_str prediction)
{
    output->has_shape = true;
    output->shape = nb_cells_shape_of(&output->arena, prediction, "prediction");
    put_early(output);
}

static nb_code fail_columns(const nb_predict_output *output, nb_error *err)
{
    (void)nb_fail(err, NB_ERR_REMOTE, "the prediction of row %llu has other columns than the first",
                  (unsigned long long)output->rows);
    nb_error_hint(err, "write JSON lines: --format jsonl");
    return err->code;
}

static nb_code put_csv(nb_predict_output *output, const nb_output_row *row, nb_error *err)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    bool fine = row->prediction.len > 0, keep = output->options.keep;
    if (keep && !output->has_input)
        learn_input(output, row->instance);
    if (fine && !output->has_shape)
        learn_shape(output, row->prediction);
    nb_buf *out = output->has_shape ? &output->text : &output->early;
    if (keep && put_instance_cells(output, &arena, row->instance, out, err) != NB_OK)
        return err->code;
    nb_str error = nb_str_from(fine ? "" : row->error);
    if (!output->has_shape) {
        nb_buf_putc(out, '\0');
        nb_buf_put(out, error);
        nb_buf_putc(out, '\0');
        return NB_OK;
    }
    nb_str *cells = NB_NEW_ARRAY(&arena, nb_str, output->shape.count);
    if (fine && !nb_cells_read(&arena, &output->shape, row->prediction, cells))
        return fail_columns(output, err);
    put_cells(fine ? cells : NULL, output->shape.count, !keep, out);
    if (output->options.mark_errors)
        put_cells(&error, 1, false, out);
    nb_buf_putc(out, '\n');
    return NB_OK;
}

/* --- JSON ----------------------------------------------------------------------------------------- */

/* A row of CSV as an object of texts, or an array of them where there are no names. */
static void put_csv_instance(const nb_predict_output *output, nb_arena *arena, nb_str line,
                             nb_json_writer *w)
{
    nb_str names = output->options.header, name, field;
    bool named = names.len > 0;
    if (named)
        nb_json_begin_object(w);
    else
        nb_json_begin_array(w);
    while (nb_csv_field(arena, &line, &field)) {
        if (named && !nb_csv_field(arena, &names, &name))
            break;
        if (named)
            nb_json_key(w, name);
        nb_json_put_str(w, field);
    }
    if (named)
        nb_json_end_object(w);
    else
        nb_json_end_array(w);
}

static void put_error(const nb_output_row *row, nb_json_writer *w)
{
    nb_json_key(w, NB_STR("error"));
    nb_json_begin_object(w);
    if (row->status > 0)
        nb_json_member_int(w, "status", row->status);
    nb_json_member_str(w, "message", nb_str_from(row->error));
    nb_json_end_object(w);
}

static void put_members(const nb_predict_output *output, nb_arena *arena, const nb_output_row *row,
                        nb_json_writer *w)
{
    bool keep = output->options.keep;
    nb_json_begin_object(w);
    if (keep)
        nb_json_key(w, NB_STR("instance"));
    if (keep && output->options.form == NB_ROWS_CSV)
        put_csv_instance(output, arena, row->instance, w);
    else if (keep && row->prediction.len == 0 && row->status == 0) /* it may be no JSON at all */
        nb_json_put_str(w, row->instance);
    else if (keep)
        nb_json_put_raw(w, nb_json_one_line(arena, row->instance));
    if (row->prediction.len == 0)
        put_error(row, w);
    else
        nb_json_key(w, NB_STR("prediction"));
    if (row->prediction.len > 0)
        nb_json_put_raw(w, nb_json_one_line(arena, row->prediction));
    nb_json_end_object(w);
}

static void put_json(nb_predict_output *output, const nb_output_row *row)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    bool lines = output->options.format == NB_PREDICT_JSON_LINES;
    nb_json_writer w = NB_JSON_WRITER(&output->text, 0);
    if (!lines)
        nb_buf_putz(&output->text, output->rows > 1 ? ",\n" : "\n");
    if (row->prediction.len > 0 && !output->options.keep)
        nb_buf_put(&output->text, nb_json_one_line(&arena, row->prediction));
    else
        put_members(output, &arena, row, &w);
    if (lines)
        nb_buf_putc(&output->text, '\n');
}

nb_code nb_predict_output_put(nb_predict_output *output, const nb_output_row *row, nb_error *err)
{
    output->rows++;
    if (output->options.format == NB_PREDICT_CSV)
        return put_csv(output, row, err);
    put_json(output, row);
    return NB_OK;
}

/* --- the end -------------------------------------------------------------------------------------- */

nb_code nb_predict_output_finish(nb_predict_output *output, nb_error *err)
{
    if (output->options.format == NB_PREDICT_CSV && !output->has_shape)
        learn_shape(output, NB_STR("0"));
    if (output->options.format == NB_PREDICT_JSON)
        nb_buf_putz(&output->text, output->rows > 0 ? "\n]}\n" : "]}\n");
    nb_code code = write_text(output, err);
    if (code == NB_OK && output->stream && fflush(output->stream) != 0)
        code = nb_fail_errno(err, "cannot write the predictions");
    if (code == NB_OK && output->file)
        code = nb_replacing_finish(NB_TAKE(output->file), err);
    nb_predict_output_drop(output);
    return code;
}

void nb_predict_output_drop(nb_predict_output *output)
{
    if (!output)
        return;
    nb_replacing_drop(output->file);
    if (output->stream_is_ours && output->stream)
        (void)fclose(output->stream);
    nb_buf_release(&output->text);
    nb_buf_release(&output->early);
    nb_arena_release(&output->arena);
    free(output);
}
