/* The files beside installed packages: readers stay inside the text, and a RECORD lists a file exactly when one of its rows starts with it. */
#include "requirements/metadata.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same question, asked row by row. */
static bool lists_slowly(nb_str record, nb_str file)
{
    nb_str row = NB_STR("");
    while (nb_str_split(&record, '\n', &row)) {
        bool quoted = nb_str_starts(row, NB_STR("\""));
        nb_str path = nb_str_from_at(row, quoted);
        char next = path.len > file.len ? path.at[file.len] : '\n';
        bool ends = next == ',' || next == '\n' || next == '\r' || (quoted && next == '"');
        if (nb_str_starts(path, file) && ends)
            return true;
        if (quoted && nb_str_starts(row, file) && row.len > file.len &&
            (row.at[file.len] == ',' || row.at[file.len] == '\r'))
            return true;
        if (quoted && nb_str_eq(row, file))
            return true;
    }
    return false;
}

static void check_version(nb_str version)
{
    nb_str once = nb_version_published(version);
    if (!nb_str_eq(nb_version_published(once), once) || !nb_str_starts(version, once))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    NB_AUTO(nb_arena) arena = NB_ARENA_INIT;
    nb_str rest = nb_arena_str(&arena, (nb_str){(const char *)data, size}), file;
    nb_str text = rest;
    bool local = false;
    nb_str name = nb_metadata_header(text, "Name");
    if (name.len > 0 && (name.at < text.at || name.at + name.len > text.at + text.len))
        abort();
    check_version(text);
    nb_str address = nb_direct_address(&arena, text, &local);
    if (nb_str_find_char(address, '\n') >= 0 || nb_str_find_char(address, ' ') >= 0)
        abort();
    (void)nb_str_split(&rest, '\n', &file);
    if (file.len > 0 && nb_record_lists(rest, file) != lists_slowly(rest, file))
        abort();
    return 0;
}
