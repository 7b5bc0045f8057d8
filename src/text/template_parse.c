/* Text to nodes: one pass, recursive in sections. Deciding which tags stand alone on their line, and what happens to that
 * line's blanks, is most of the work; see template_ast.h for how lines are marked. */
#include "text/template_ast.h"

enum { MAX_NESTING = 100 };

typedef struct node_list {
    nb_node *first, *last;
} node_list;

typedef struct tag {
    char sigil;     /* '#', '^', '/', ... ; 0 for a variable */
    nb_str name;    /* trimmed contents */
    size_t at, end; /* offsets of the opening delimiter and of what follows the closing one */
} tag;

typedef struct parser {
    nb_arena *arena;
    nb_str text, path;
    nb_template_options options;
    nb_str open, close; /* delimiters at this moment */
    size_t at;          /* next unread byte */
    nb_str blanks; /* blanks that begin the line, unwritten until it is known whether they stay */
    nb_str strip;  /* what standalone blocks around take off the front of each line */
    bool fresh;    /* at the start of a line */
    bool clear;    /* nothing but blanks so far on this line */
    bool only_structure; /* nothing but blanks, parents and blocks so far on this line */
    bool opened;         /* a block was opened on this line */
    unsigned depth;
    nb_error *err;
} parser;

static nb_code parse_nodes(parser *p, const tag *opened_by, node_list *out);

static nb_code fail_at(parser *p, size_t at, nb_str message)
{
    return nb_template_fail(p->text, p->path, at, message, p->err);
}

static nb_code fail_text(parser *p, size_t at, const char *message)
{
    return fail_at(p, at, nb_str_from(message));
}

static nb_node *add_node(parser *p, node_list *list, nb_node_kind kind, size_t at, nb_str text)
{
    nb_node *node = NB_NEW(p->arena, nb_node);
    node->kind = kind;
    node->at = at;
    node->text = text;
    if (list->last)
        list->last->next = node;
    else
        list->first = node;
    list->last = node;
    return node;
}

/* --- lines ----------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t skip_blanks(nb_str text, size_t at)
{
    while (at < text.len && is_blank(text.at[at]))
        at++;
    return at;
}

/* Where the next line starts, when only blanks remain on this one; else 0. */
static size_t clear_to_line_end(nb_str text, size_t at)
{
    at = skip_blanks(text, at);
    if (at == text.len)
        return at;
    if (text.at[at] == '\n')
        return at + 1;
    if (text.at[at] == '\r' && at + 1 < text.len && text.at[at + 1] == '\n')
        return at + 2;
    return 0;
}

static void start_line(parser *p)
{
    p->blanks = (nb_str){0};
    p->fresh = p->clear = p->only_structure = true;
    p->opened = false;
}

/* The blanks without what the blocks around take off. */
static nb_str stripped(const parser *p, nb_str blanks)
{
    size_t same = 0;
    while (same < blanks.len && same < p->strip.len && blanks.at[same] == p->strip.at[same])
        same++;
    return nb_str_from_at(blanks, same);
}

/* Writes the blanks that were held back: the line goes on with something that does not stand alone. */
static void write_blanks(parser *p, node_list *out)
{
    if (!p->fresh)
        return;
    add_node(p, out, NB_NODE_TEXT, p->at, stripped(p, p->blanks))->line_start = true;
    p->fresh = false;
}

static void write_text(parser *p, node_list *out, nb_str piece)
{
    write_blanks(p, out);
    add_node(p, out, NB_NODE_TEXT, p->at, piece);
    p->clear = p->only_structure = false;
}

/* Nothing but a line break: such a line stays empty, whatever the indentation. */
static bool is_empty_line(nb_str line)
{
    return nb_str_eqz(line, "\n") || nb_str_eqz(line, "\r\n");
}

/* Plain text up to byte `end`, line by line; blanks at the start of a line are held back. */
static void take_text(parser *p, size_t end, node_list *out)
{
    while (p->at < end) {
        if (p->fresh && p->blanks.len == 0 && is_blank(p->text.at[p->at])) {
            size_t word = skip_blanks(p->text, p->at);
            p->blanks = nb_str_slice(p->text, p->at, word < end ? word : end);
            p->at += p->blanks.len;
            continue;
        }
        nb_str rest = nb_str_slice(p->text, p->at, end);
        ptrdiff_t newline = nb_str_find_char(rest, '\n');
        nb_str line = newline < 0 ? rest : nb_str_slice(rest, 0, (size_t)newline + 1);
        if (p->fresh && is_empty_line(line)) {
            add_node(p, out, NB_NODE_TEXT, p->at, stripped(p, p->blanks));
            p->fresh = false;
        }
        write_text(p, out, line);
        p->at += line.len;
        if (newline >= 0)
            start_line(p);
    }
}

/* --- tags ------------------------------------------------------------------------------------ */

static nb_code find_close(parser *p, tag *t, size_t from, char before)
{
    nb_str close = p->close;
    if (before)
        close = nb_arena_printf(p->arena, "%c" NB_STR_FMT, before, NB_STR_ARG(p->close));
    ptrdiff_t found = nb_str_find(nb_str_from_at(p->text, from), close);
    if (found < 0)
        return fail_at(p, t->at,
                       nb_arena_printf(p->arena, "this tag is never closed by '" NB_STR_FMT "'",
                                       NB_STR_ARG(close)));
    t->name = nb_str_trim(nb_str_slice(p->text, from, from + (size_t)found));
    t->end = from + (size_t)found + close.len;
    return NB_OK;
}

static nb_code check_name(parser *p, const tag *t)
{
    if (t->name.len == 0)
        return fail_text(p, t->at, "this tag has no name");
    for (size_t i = 0; i < t->name.len; i++)
        if (is_blank(t->name.at[i]) || t->name.at[i] == '\n')
            return fail_text(p, t->at, "a name in a tag holds no blanks");
    return NB_OK;
}

/* Reads the tag whose opening delimiter is at p->at; the parser stays there. */
static nb_code read_tag(parser *p, tag *t)
{
    *t = (tag){.at = p->at};
    size_t from = skip_blanks(p->text, p->at + p->open.len);
    char c = '\0';
    if (from < p->text.len)
        c = p->text.at[from];
    if (c != '\0' && strchr("#^/>{&!=<$", c) &&
        !nb_str_starts(nb_str_from_at(p->text, from), p->close))
        t->sigil = c;
    char before = '\0'; /* what stands before the closing delimiter as well */
    if (t->sigil == '{')
        before = '}';
    if (t->sigil == '=')
        before = '=';
    if (find_close(p, t, from + (t->sigil != 0), before) != NB_OK)
        return p->err->code;
    return t->sigil == '!' || t->sigil == '=' ? NB_OK : check_name(p, t);
}

static nb_code set_delimiters(parser *p, const tag *t)
{
    size_t cut = 0;
    while (cut < t->name.len && !is_blank(t->name.at[cut]))
        cut++;
    nb_str open = nb_str_slice(t->name, 0, cut), close = nb_str_trim(nb_str_from_at(t->name, cut));
    bool usable = open.len > 0 && close.len > 0 && nb_str_find_char(close, ' ') < 0 &&
                  nb_str_find_char(t->name, '=') < 0;
    if (!usable)
        return fail_text(p, t->at, "new delimiters are two words without '='");
    p->open = open;
    p->close = close;
    return NB_OK;
}

/* A variable's name may end in "|filter". */
static nb_code add_variable(parser *p, const tag *t, node_list *out)
{
    nb_node *node = add_node(p, out, NB_NODE_VARIABLE, t->at, t->name);
    node->filter = p->options.html && t->sigil == 0 ? NB_FILTER_HTML : NB_FILTER_NONE;
    ptrdiff_t bar = nb_str_rfind_char(t->name, '|');
    if (bar < 0)
        return NB_OK;
    nb_str filter = nb_str_from_at(t->name, (size_t)bar + 1);
    node->text = nb_str_slice(t->name, 0, (size_t)bar);
    if (node->text.len > 0 && nb_filter_find(filter, &node->filter))
        return NB_OK;
    return fail_at(p, t->at,
                   nb_arena_printf(p->arena,
                                   "there is no filter '" NB_STR_FMT
                                   "' (there are: py, comment, docstring)",
                                   NB_STR_ARG(filter)));
}

/* When the tag stands alone on its line, moves past that line; else writes the blanks before it and moves past
 * the tag. */
static bool pass_tag(parser *p, const tag *t, node_list *out)
{
    size_t next = p->clear ? clear_to_line_end(p->text, t->end) : 0;
    if (next > 0) {
        p->at = next;
        start_line(p);
        return true;
    }
    write_blanks(p, out);
    p->at = t->end;
    p->clear = p->only_structure = false;
    return false;
}

static nb_code parse_children(parser *p, const tag *t, nb_node *node)
{
    node_list children = {0};
    if (p->depth == MAX_NESTING)
        return fail_text(p, t->at, "tags are nested too deeply");
    p->depth++;
    nb_code code = parse_nodes(p, t, &children);
    p->depth--;
    node->child = children.first;
    return code;
}

static nb_code parse_section(parser *p, const tag *t, node_list *out)
{
    pass_tag(p, t, out);
    nb_node_kind kind = t->sigil == '#' ? NB_NODE_SECTION : NB_NODE_INVERTED;
    return parse_children(p, t, add_node(p, out, kind, t->at, t->name));
}

static nb_code parse_partial(parser *p, const tag *t, node_list *out)
{
    nb_str indent = stripped(p, p->blanks);
    bool alone = pass_tag(p, t, out);
    nb_node *node = add_node(p, out, NB_NODE_PARTIAL, t->at, t->name);
    if (alone)
        node->indent = indent;
    return NB_OK;
}

/* --- parents and blocks ---------------------------------------------------------------------- */

/* Of what was inside a parent tag only the blocks count. */
static nb_node *only_blocks(nb_node *node)
{
    nb_node *first = NULL, **link = &first;
    for (; node; node = node->next) {
        if (node->kind != NB_NODE_BLOCK)
            continue;
        *link = node;
        link = &node->next;
    }
    *link = NULL;
    return first;
}

/* A parent stands alone when nothing precedes its opening tag and nothing follows its closing tag, whatever lies
 * between; so its blanks are held back until the end is known. */
static nb_code parse_parent(parser *p, const tag *t, node_list *out)
{
    bool clear = p->clear && p->fresh;
    nb_str indent = stripped(p, p->blanks);
    if (!clear)
        write_blanks(p, out);
    p->fresh = p->clear = false;
    p->at = t->end;

    nb_node parsed = {0};
    if (parse_children(p, t, &parsed) != NB_OK)
        return p->err->code;
    size_t next = clear ? clear_to_line_end(p->text, p->at) : 0;
    if (clear && next == 0)
        add_node(p, out, NB_NODE_TEXT, t->at, indent)->line_start = true;
    nb_node *node = add_node(p, out, NB_NODE_PARENT, t->at, t->name);
    node->child = only_blocks(parsed.child);
    if (next > 0) {
        node->indent = indent;
        p->at = next;
        start_line(p);
    }
    return NB_OK;
}

static void close_parent(parser *p, const tag *t)
{
    p->fresh = p->clear = false;
    p->at = t->end;
}

/* The indentation of a standalone block whose content starts at `at`: that of its first line with something on it, or
 * of its own tag when it is empty. */
static nb_str block_indent(const parser *p, size_t at, nb_str own)
{
    for (size_t next; (next = clear_to_line_end(p->text, at)) > at && next < p->text.len;)
        at = next;
    size_t word = skip_blanks(p->text, at);
    nb_str rest = nb_str_from_at(p->text, word);
    if (nb_str_starts(rest, p->open)) {
        size_t sigil = skip_blanks(rest, p->open.len);
        if (sigil < rest.len && rest.at[sigil] == '/')
            return own;
    }
    return nb_str_slice(p->text, at, word);
}

static nb_code parse_block(parser *p, const tag *t, node_list *out)
{
    size_t next = p->only_structure ? clear_to_line_end(p->text, t->end) : 0;
    nb_str outer = p->strip, own = p->clear ? p->blanks : (nb_str){0};
    nb_str inner = next > 0 ? block_indent(p, next, own) : outer;
    nb_str indent = stripped(p, next > 0 ? inner : own);
    if (next > 0) {
        p->at = next;
        start_line(p);
    } else {
        write_blanks(p, out);
        p->at = t->end;
        p->clear = false;
    }
    p->opened = next == 0;
    nb_node *node = add_node(p, out, NB_NODE_BLOCK, t->at, t->name);
    node->standalone = next > 0;
    node->indent = indent;
    p->strip = inner;
    nb_code code = parse_children(p, t, node);
    p->strip = outer;
    return code;
}

/* Only closing and opening tags of parents and blocks remain on the line. */
static bool only_structure_follows(const parser *p, size_t at)
{
    while (clear_to_line_end(p->text, at) == 0) {
        nb_str rest = nb_str_from_at(p->text, skip_blanks(p->text, at));
        ptrdiff_t end = nb_str_find(rest, p->close);
        bool structure = nb_str_starts(rest, p->open) && end >= 0 && rest.len > p->open.len &&
                         strchr("/<$", rest.at[p->open.len]) && rest.at[p->open.len] != '\0';
        if (!structure)
            return false;
        at = p->text.len - rest.len + (size_t)end + p->close.len;
    }
    return true;
}

static void close_block(parser *p, const tag *t, node_list *out)
{
    bool alone = p->only_structure && !p->opened && only_structure_follows(p, t->end);
    size_t next = alone ? clear_to_line_end(p->text, t->end) : 0;
    if (!alone)
        write_blanks(p, out);
    p->fresh = p->clear = false;
    p->at = t->end;
    if (next > 0) {
        p->at = next;
        start_line(p);
    }
}

/* --- the loop -------------------------------------------------------------------------------- */

static nb_code close_tag(parser *p, const tag *opened_by, const tag *t, node_list *out)
{
    if (!opened_by)
        return fail_at(p, t->at,
                       nb_arena_printf(p->arena, "'" NB_STR_FMT "' is closed but was never opened",
                                       NB_STR_ARG(t->name)));
    if (!nb_str_eq(opened_by->name, t->name))
        return fail_at(p, t->at,
                       nb_arena_printf(p->arena,
                                       "'" NB_STR_FMT "' is closed where '" NB_STR_FMT "' is open",
                                       NB_STR_ARG(t->name), NB_STR_ARG(opened_by->name)));
    if (opened_by->sigil == '$')
        close_block(p, t, out);
    else if (opened_by->sigil == '<')
        close_parent(p, t);
    else
        pass_tag(p, t, out);
    return NB_OK;
}

static nb_code parse_tag(parser *p, const tag *t, node_list *out)
{
    switch (t->sigil) {
    case '#':
    case '^': return parse_section(p, t, out);
    case '>': return parse_partial(p, t, out);
    case '<': return parse_parent(p, t, out);
    case '$': return parse_block(p, t, out);
    case '!': pass_tag(p, t, out); return NB_OK;
    case '=': pass_tag(p, t, out); return set_delimiters(p, t);
    default:
        write_blanks(p, out);
        p->clear = p->only_structure = false;
        p->at = t->end;
        return add_variable(p, t, out);
    }
}

/* Up to the closing tag of `opened_by`, or to the end of the text when that is NULL. */
static nb_code parse_nodes(parser *p, const tag *opened_by, node_list *out)
{
    for (;;) {
        ptrdiff_t found = nb_str_find(nb_str_from_at(p->text, p->at), p->open);
        take_text(p, found < 0 ? p->text.len : p->at + (size_t)found, out);
        if (found < 0)
            break;
        tag t;
        if (read_tag(p, &t) != NB_OK)
            return p->err->code;
        if (t.sigil == '/')
            return close_tag(p, opened_by, &t, out);
        if (parse_tag(p, &t, out) != NB_OK)
            return p->err->code;
    }
    if (opened_by)
        return fail_at(p, opened_by->at,
                       nb_arena_printf(p->arena, "'" NB_STR_FMT "' is opened but never closed",
                                       NB_STR_ARG(opened_by->name)));
    if (p->blanks.len > 0)
        write_blanks(p, out);
    return NB_OK;
}

static nb_template_options with_defaults(const nb_template_options *options)
{
    nb_template_options all = options ? *options : (nb_template_options){0};
    all.open = all.open ? all.open : "<%";
    all.close = all.close ? all.close : "%>";
    return all;
}

nb_code nb_template_compile(nb_arena *arena, nb_str text, nb_str path,
                            const nb_template_options *options, const nb_template **out,
                            nb_error *err)
{
    nb_template *t = NB_NEW(arena, nb_template);
    t->text = nb_arena_str(arena, text);
    t->path = nb_arena_str(arena, path);
    t->options = with_defaults(options);
    t->options.open = nb_arena_z(arena, nb_str_from(t->options.open));
    t->options.close = nb_arena_z(arena, nb_str_from(t->options.close));
    parser p = {.arena = arena,
                .text = t->text,
                .path = t->path,
                .options = t->options,
                .open = nb_str_from(t->options.open),
                .close = nb_str_from(t->options.close),
                .err = err};
    start_line(&p);
    node_list nodes = {0};
    if (parse_nodes(&p, NULL, &nodes) != NB_OK)
        return err->code;
    t->first = nodes.first;
    *out = t;
    return NB_OK;
}
