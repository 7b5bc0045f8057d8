#include "notebook/sniff.h"

/* Files that begin with these bytes, and what they are. The first row that fits counts. */
static const struct {
    nb_str start;
    const char *what, *hint;
} starts[] = {
    {NB_STR_ROW("\xFF\xFE\0\0"),                             "it is UTF-32, not UTF-8",                 "save the file as UTF-8"                  },
    {NB_STR_ROW("\0\0\xFE\xFF"),                             "it is UTF-32, not UTF-8",                 "save the file as UTF-8"                  },
    {NB_STR_ROW("\xFF\xFE"),                                 "it is UTF-16, not UTF-8",                 "save the file as UTF-8"                  },
    {NB_STR_ROW("\xFE\xFF"),                                 "it is UTF-16, not UTF-8",                 "save the file as UTF-8"                  },
    {NB_STR_ROW("{\0"),                                      "it is UTF-16, not UTF-8",                 "save the file as UTF-8"                  },
    {NB_STR_ROW("\0{"),                                      "it is UTF-16, not UTF-8",                 "save the file as UTF-8"                  },
    {NB_STR_ROW("version https://git-lfs.github.com/spec/"),
     "it is a Git LFS pointer, not the notebook itself",                                                "run 'git lfs pull' to fetch the notebook"},
    {NB_STR_ROW("PK\x03\x04"),                               "it is a zip archive",
     "unpack the archive and name the notebook in it"                                                                                             },
    {NB_STR_ROW("\x1F\x8B"),                                 "it is compressed with gzip",              "unpack the file with 'gzip -d'"          },
    {NB_STR_ROW("\0"),                                       "it holds NUL bytes where text should be",
     "restore the file, for example from the folder .ipynb_checkpoints beside it"                                                                 },
};

static nb_code refuse(nb_error *err, nb_str path, const char *what, const char *hint)
{
    nb_fail(err, NB_ERR_NOTEBOOK, "cannot read '" NB_STR_FMT "': %s", NB_STR_ARG(path), what);
    nb_error_hint(err, "%s", hint);
    return err->code;
}

nb_code nb_sniff(nb_str bytes, nb_str path, nb_error *err)
{
    for (size_t i = 0; i < NB_LEN(starts); i++)
        if (nb_str_starts(bytes, starts[i].start))
            return refuse(err, path, starts[i].what, starts[i].hint);
    size_t at = nb_str_starts(bytes, NB_STR("\xEF\xBB\xBF")) ? 3 : 0;
    nb_str text = nb_str_trim(nb_str_from_at(bytes, at));
    if (text.len == 0)
        return refuse(
            err, path, "it is empty",
            "save the notebook again, or restore it from the folder .ipynb_checkpoints beside it");
    if (text.at[0] == '<' && !nb_str_starts(text, NB_STR("<<<<<<<")))
        return refuse(err, path, "it is a web page, not a notebook",
                      "download the raw file instead of the page that shows it");
    return NB_OK;
}
