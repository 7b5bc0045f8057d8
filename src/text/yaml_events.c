#include "text/yaml_events.h"

#include "text/secret.h"
#include "text/utf8.h"
#include "text/yaml.h"
#include "text/yaml_message.h"

#include <libfyaml.h>

enum { LONGEST_SHOWN_LINE = 200 };

typedef struct bracket { /* an open list or map */
    bool flow;           /* written with [ or { */
    unsigned line, column;
} bracket;

typedef struct line_cursor { /* goes forward line by line, as events do */
    size_t at;               /* offset of the line's first byte */
    unsigned line;
    unsigned shown_line; /* the line that `shown` is, 0 for none */
    nb_str shown;
} line_cursor;

struct nb_yaml_events {
    nb_arena *arena;
    nb_str text, path;
    nb_str read; /* what libfyaml reads: the text, surrogate pairs joined */
    struct fy_diag *diag;
    struct fy_parser *parser;
    line_cursor cursor;
    size_t last_end; /* offset in `read` just after what came last */
    unsigned depth;
    bracket open[NB_YAML_MAX_DEPTH];
};

/* --- lines and places --- */

static size_t line_length(nb_str rest)
{
    size_t len = 0;
    while (len < rest.len && rest.at[len] != '\n' && rest.at[len] != '\r')
        len++;
    return len;
}

static void next_line(const nb_yaml_events *events, line_cursor *cursor)
{
    nb_str text = events->text;
    size_t at = cursor->at + line_length(nb_str_from_at(text, cursor->at));
    if (at + 1 < text.len && text.at[at] == '\r' && text.at[at + 1] == '\n')
        at++;
    cursor->at = at < text.len ? at + 1 : at;
    cursor->line++;
}

static void go_to_line(const nb_yaml_events *events, line_cursor *cursor, unsigned line)
{
    if (line < cursor->line) {
        cursor->at = 0;
        cursor->line = 1;
    }
    while (cursor->line < line && cursor->at < events->text.len)
        next_line(events, cursor);
}

static nb_str line_text(nb_yaml_events *events, unsigned line)
{
    go_to_line(events, &events->cursor, line);
    if (events->cursor.line != line)
        return NB_STR("");
    nb_str rest = nb_str_from_at(events->text, events->cursor.at);
    return nb_str_slice(rest, 0, line_length(rest));
}

static nb_str shown_line(nb_yaml_events *events, unsigned line)
{
    line_cursor *cursor = &events->cursor;
    if (cursor->shown_line == line)
        return cursor->shown;
    nb_str text = line_text(events, line);
    cursor->shown_line = line;
    cursor->shown =
        text.len > LONGEST_SHOWN_LINE ? NB_STR("") : nb_secret_mask_line(events->arena, text);
    return cursor->shown;
}

/* --- surrogate pairs --- */

enum { PAIR_LENGTH = 12 };

static int hex_digit(char c)
{
    if (nb_is_digit(c))
        return c - '0';
    char small = (char)(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

static uint32_t hex_unit(nb_str text) /* of \uXXXX at its start; 0 when there is none */
{
    uint32_t unit = 0;
    if (text.len < 6 || text.at[0] != '\\' || text.at[1] != 'u')
        return 0;
    for (size_t i = 2; i < 6; i++) {
        int digit = hex_digit(text.at[i]);
        if (digit < 0)
            return 0;
        unit = unit * 16 + (uint32_t)digit;
    }
    return unit;
}

/* The character that \uD83D\uDE00 at the start of the text stands for; 0 when there is no such pair. */
static uint32_t surrogate_pair(nb_str text)
{
    uint32_t high = hex_unit(text), low = hex_unit(nb_str_from_at(text, PAIR_LENGTH / 2));
    if (high < 0xD800 || high > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return 0;
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

static bool is_json(nb_str text)
{
    text = nb_str_trim(text);
    return text.len > 0 && (text.at[0] == '{' || text.at[0] == '[');
}

/* JSON writers (json.dumps is one) escape characters beyond U+FFFF as two surrogates, which YAML does not know. So in text that
 * begins as JSON does the pairs become the characters themselves. */
static nb_str join_surrogates(nb_arena *arena, nb_str text)
{
    if (!is_json(text) || !nb_str_contains(text, NB_STR("\\u")))
        return text;
    NB_AUTO(nb_buf) out = NB_BUF_INIT(NB_YAML_MAX_BYTES + 1);
    for (size_t i = 0; i < text.len;) {
        nb_str rest = nb_str_from_at(text, i);
        uint32_t code = surrogate_pair(rest);
        size_t taken = rest.at[0] == '\\' ? 2 : 1;
        if (code)
            nb_utf8_put(&out, code);
        else
            nb_buf_put(&out, nb_str_slice(rest, 0, taken));
        i += code ? PAIR_LENGTH : taken;
    }
    return nb_arena_str(arena, nb_buf_view(&out));
}

/* The column in the text of a column that libfyaml counted in what it read. */
static unsigned written_column(nb_yaml_events *events, unsigned line, unsigned column)
{
    if (events->read.at == events->text.at)
        return column;
    nb_str text = line_text(events, line);
    unsigned written = 1;
    for (size_t i = 0; i < text.len && column > 1; column--) {
        if (surrogate_pair(nb_str_from_at(text, i))) {
            i += PAIR_LENGTH;
            written += PAIR_LENGTH;
        } else {
            (void)nb_utf8_next(text, &i);
            written++;
        }
    }
    return written + column - 1;
}

/* --- what libfyaml need not see --- */

static size_t bad_character(nb_str text) /* offset of a control character, or text.len */
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
        bool c1 = c == 0xC2 && (unsigned char)text.at[i + 1] < 0xA0 && text.at[i + 1] != '\x85';
        if (control || c1)
            return i;
    }
    return text.len;
}

static void place_of_offset(nb_yaml_events *events, size_t offset, unsigned *line, unsigned *column)
{
    line_cursor *cursor = &events->cursor;
    if (offset < cursor->at)
        go_to_line(events, cursor, 1);
    for (;;) {
        line_cursor next = *cursor;
        next_line(events, &next);
        if (next.at > offset || next.at == cursor->at)
            break;
        *cursor = next;
    }
    *line = cursor->line;
    nb_str before = nb_str_slice(events->text, cursor->at, offset);
    *column = (unsigned)nb_utf8_count(nb_str_slice(before, 0, nb_utf8_valid(before))) + 1;
}

static nb_code fail_at_offset(nb_yaml_events *events, size_t offset, nb_error *err,
                              const char *what)
{
    unsigned line, column;
    place_of_offset(events, offset, &line, &column);
    nb_fail(err, NB_ERR_CONFIG, "%s", what);
    nb_error_at(err, (nb_place){events->path, line, column, {0}});
    return err->code;
}

static nb_code check_text(nb_yaml_events *events, nb_error *err)
{
    nb_str text = events->text;
    if (text.len > NB_YAML_MAX_BYTES) {
        nb_fail(err, NB_ERR_CONFIG, "the file has %zu bytes, more than the %d that are allowed",
                text.len, NB_YAML_MAX_BYTES);
        nb_error_at(err, (nb_place){.path = events->path});
        return err->code;
    }
    size_t valid = nb_utf8_valid(text);
    if (valid < text.len) {
        fail_at_offset(events, valid, err, "this is not UTF-8");
        nb_error_hint(err, "save the file as UTF-8");
        return err->code;
    }
    size_t bad = bad_character(text);
    if (bad == text.len)
        return NB_OK;
    fail_at_offset(events, bad, err, "a control character, which YAML does not allow");
    nb_error_hint(err, "remove it, or write it as an escape in double quotes");
    return err->code;
}

/* --- errors --- */

nb_code nb_yaml_events_fail(nb_yaml_events *events, const nb_yaml_event *at, nb_error *err,
                            const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    nb_str message = nb_arena_vprintf(events->arena, fmt, args);
    va_end(args);
    nb_fail(err, NB_ERR_CONFIG, NB_STR_FMT, NB_STR_ARG(message));
    nb_error_at(err, (nb_place){events->path, at->line, at->column, at->source});
    return err->code;
}

static nb_code fail_here(nb_yaml_events *events, unsigned line, unsigned column, nb_error *err,
                         const char *what)
{
    nb_yaml_event at = {.line = line, .column = written_column(events, line, column)};
    at.source = shown_line(events, line);
    return nb_yaml_events_fail(events, &at, err, "%s", what);
}

/* A line from `line` on that is indented with a tab, as far as `count` lines; 0 when there is none. */
static unsigned tabbed_line(nb_yaml_events *events, unsigned line, unsigned count)
{
    for (unsigned n = line; n < line + count; n++) {
        nb_str text = line_text(events, n);
        size_t i = 0;
        while (i < text.len && text.at[i] == ' ')
            i++;
        if (i < text.len && text.at[i] == '\t')
            return n;
    }
    return 0;
}

/* The text has ended before this line. */
static bool nothing_from(nb_yaml_events *events, unsigned line)
{
    go_to_line(events, &events->cursor, line);
    return nb_str_trim(nb_str_from_at(events->text, events->cursor.at)).len == 0;
}

static const bracket *open_flow(const nb_yaml_events *events)
{
    if (events->depth == 0 || !events->open[events->depth - 1].flow)
        return NULL;
    return &events->open[events->depth - 1];
}

/* A reference such as ${HOME} is at this place: its brace means a mapping to YAML. */
static bool is_reference(nb_yaml_events *events, unsigned line, unsigned column)
{
    nb_str text = line_text(events, line);
    size_t at = 0;
    while (column > 1 && at < text.len) {
        (void)nb_utf8_next(text, &at);
        column--;
    }
    return at > 0 && nb_str_starts(nb_str_from_at(text, at - 1), NB_STR("${"));
}

static nb_code fail_as_known(nb_yaml_events *events, const struct fy_diag_error *theirs,
                             nb_error *err)
{
    unsigned line = (unsigned)theirs->line, column = (unsigned)theirs->column;
    const nb_yaml_message *known = nb_yaml_message_find(theirs->msg);
    const bracket *open = open_flow(events);
    if (open && is_reference(events, line, column)) {
        fail_here(events, line, column - 1, err, "a '${' between brackets needs quotes");
        nb_error_hint(err, "put the value in quotes");
        return err->code;
    }
    if (!known)
        return fail_here(events, line, column, err, theirs->msg);
    if (known->spot == NB_YAML_SPOT_OPEN && open)
        fail_here(events, open->line, open->column, err, known->ours);
    else
        fail_here(events, line, column - (known->spot == NB_YAML_SPOT_QUOTE), err, known->ours);
    if (known->hint)
        nb_error_hint(err, "%s", known->hint);
    return err->code;
}

static const struct fy_diag_error *first_error(struct fy_diag *diag)
{
    void *iterator = NULL;
    const struct fy_diag_error *error;
    do
        error = fy_diag_errors_iterate(diag, &iterator);
    while (error && error->type < FYET_ERROR); /* warnings are collected too */
    return error;
}

static nb_code fail_as_told(nb_yaml_events *events, nb_error *err)
{
    const struct fy_diag_error *theirs = first_error(events->diag);
    unsigned line, column;
    if (!theirs) { /* some of its errors come without a place */
        place_of_offset(events, events->last_end, &line, &column);
        return fail_here(events, line, column, err, "cannot read what follows as YAML");
    }
    line = (unsigned)theirs->line;
    unsigned tabbed = tabbed_line(events, line, 2);
    if (tabbed) {
        nb_str text = line_text(events, tabbed);
        column = (unsigned)nb_str_find_char(text, '\t') + 1;
        fail_here(events, tabbed, column, err, "a tab in the indentation");
        nb_error_hint(err, "indent with blanks");
        return err->code;
    }
    const bracket *open = open_flow(events);
    if (open && nothing_from(events, line)) {
        fail_here(events, open->line, open->column, err, "this bracket is never closed");
        nb_error_hint(err, "write the closing bracket");
        return err->code;
    }
    return fail_as_known(events, theirs, err);
}

/* --- events --- */

static void silent(struct fy_diag *diag, void *user, const char *text, size_t len)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)len;
}

/* Flow content of any indentation, and JSON as YAML reads it. */
static const unsigned parse_flags =
    FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE | FYPCF_SLOPPY_FLOW_INDENTATION;

static nb_code start(nb_yaml_events *events, nb_error *err)
{
    struct fy_diag_cfg talk;
    fy_diag_cfg_default(&talk);
    talk.fp = NULL;
    talk.output_fn = silent;
    talk.colorize = false;
    events->diag = fy_diag_create(&talk);
    if (!events->diag)
        return nb_fail(err, NB_ERR_INTERNAL, "cannot start the YAML reader");
    fy_diag_set_collect_errors(events->diag, true);
    const struct fy_parse_cfg parse = {
        .flags = (enum fy_parse_cfg_flags)parse_flags, /* bits, whatever the type says */
        .diag = events->diag,
    };
    events->parser = fy_parser_create(&parse);
    if (!events->parser ||
        fy_parser_set_string(events->parser, events->read.at, events->read.len) != 0)
        return nb_fail(err, NB_ERR_INTERNAL, "cannot start the YAML reader");
    return NB_OK;
}

void nb_yaml_events_close(nb_yaml_events *events)
{
    if (events->parser)
        fy_parser_destroy(events->parser);
    if (events->diag)
        fy_diag_destroy(events->diag);
    events->parser = NULL;
    events->diag = NULL;
}

nb_code nb_yaml_events_open(nb_arena *arena, nb_str text, nb_str path, nb_yaml_events **out,
                            nb_error *err)
{
    nb_yaml_events *events = NB_NEW(arena, nb_yaml_events);
    *events = (nb_yaml_events){.arena = arena, .text = text, .path = path, .cursor = {.line = 1}};
    if (check_text(events, err) != NB_OK)
        return err->code;
    events->read = text.len > 0 ? join_surrogates(arena, text) : NB_STR("");
    if (start(events, err) != NB_OK) {
        nb_yaml_events_close(events);
        return err->code;
    }
    *out = events;
    return NB_OK;
}

static nb_str token_text(nb_arena *arena, struct fy_token *token)
{
    size_t len = 0;
    const char *text = token ? fy_token_get_text(token, &len) : NULL;
    return text ? nb_arena_str(arena, (nb_str){text, len}) : NB_STR("");
}

/* A value that is not written stands at the '-' or ':' that announces it. */
static void place_implied(nb_yaml_events *events, nb_yaml_event *out)
{
    size_t at = events->last_end;
    bool comment = false;
    for (; at < events->read.len; at++) {
        char c = events->read.at[at];
        comment = (comment || c == '#') && c != '\n';
        if (!comment && (c == '-' || c == ':' || c == ','))
            break;
    }
    out->implied = true;
    place_of_offset(events, at, &out->line, &out->column);
    events->last_end = at + 1;
}

static void place_event(nb_yaml_events *events, struct fy_event *event, nb_yaml_event *out)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    const struct fy_mark *end = fy_event_end_mark(event);
    if (!mark) {
        place_implied(events, out);
    } else {
        enum fy_node_style style = fy_event_get_node_style(event);
        bool after = style == FYNS_DOUBLE_QUOTED || style == FYNS_SINGLE_QUOTED ||
                     style == FYNS_ALIAS; /* the mark is after the quote or the '*' */
        out->line = (unsigned)mark->line + 1;
        out->column = written_column(events, out->line, (unsigned)mark->column + 1 - after);
        events->last_end =
            end && out->kind == NB_YAML_EVENT_SCALAR ? end->input_pos : mark->input_pos;
    }
    out->source = shown_line(events, out->line);
}

static nb_code open_bracket(nb_yaml_events *events, struct fy_event *event, nb_yaml_event *out,
                            nb_error *err)
{
    if (events->depth == NB_YAML_MAX_DEPTH)
        return nb_yaml_events_fail(events, out, err, "nested deeper than %d levels",
                                   NB_YAML_MAX_DEPTH);
    bool flow = fy_event_get_node_style(event) == FYNS_FLOW;
    events->open[events->depth++] = (bracket){flow, out->line, out->column};
    return NB_OK;
}

static nb_yaml_event_kind kind_of(const struct fy_event *event)
{
    switch (event->type) {
    case FYET_DOCUMENT_START: return NB_YAML_EVENT_DOCUMENT;
    case FYET_SCALAR: return NB_YAML_EVENT_SCALAR;
    case FYET_ALIAS: return NB_YAML_EVENT_ALIAS;
    case FYET_SEQUENCE_START: return NB_YAML_EVENT_LIST;
    case FYET_MAPPING_START: return NB_YAML_EVENT_MAP;
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END: return NB_YAML_EVENT_CLOSE;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END: break;
    }
    return NB_YAML_EVENT_END;
}

static nb_code translate(nb_yaml_events *events, struct fy_event *event, nb_yaml_event *out,
                         nb_error *err)
{
    *out = (nb_yaml_event){.kind = kind_of(event)};
    place_event(events, event, out);
    if (out->kind == NB_YAML_EVENT_SCALAR)
        out->text = token_text(events->arena, event->scalar.value);
    if (out->kind == NB_YAML_EVENT_ALIAS)
        out->text = token_text(events->arena, event->alias.anchor);
    out->plain = out->implied || fy_event_get_node_style(event) == FYNS_PLAIN;
    out->tag = token_text(events->arena, fy_event_get_tag_token(event));
    if (out->kind != NB_YAML_EVENT_ALIAS)
        out->anchor = token_text(events->arena, fy_event_get_anchor_token(event));
    if (out->kind == NB_YAML_EVENT_LIST || out->kind == NB_YAML_EVENT_MAP)
        return open_bracket(events, event, out, err);
    if (out->kind == NB_YAML_EVENT_CLOSE)
        events->depth--;
    return NB_OK;
}

nb_code nb_yaml_events_next(nb_yaml_events *events, nb_yaml_event *out, nb_error *err)
{
    for (;;) {
        struct fy_event *event = fy_parser_parse(events->parser);
        if (!event || fy_diag_got_error(events->diag)) {
            fy_parser_event_free(events->parser, event);
            return fail_as_told(events, err);
        }
        enum fy_event_type type = event->type;
        nb_code code = NB_OK;
        if (type == FYET_STREAM_END)
            *out = (nb_yaml_event){.kind = NB_YAML_EVENT_END};
        else if (type != FYET_STREAM_START && type != FYET_DOCUMENT_END)
            code = translate(events, event, out, err);
        fy_parser_event_free(events->parser, event);
        if (code != NB_OK || (type != FYET_STREAM_START && type != FYET_DOCUMENT_END))
            return code;
    }
}
