/* worker_words.h - what a version's workers say while it loads, read from the endpoint's log and told in terms of the notebook. */
#ifndef NB_LOCAL_WORKER_WORDS_H
#define NB_LOCAL_WORKER_WORDS_H

#include "origin/translate.h"
#include "provider/local/serve_parts.h"

typedef struct nb_worker_words {
    const nb_progress *progress;
    nb_arena *arena;
    nb_str path;   /* of the log */
    nb_str prefix; /* of its lines, behind the time: "v3 worker " */
    off_t at;      /* read so far: whole lines */
    nb_origin_map map;
    nb_origins origins;
    nb_translator translator;
} nb_worker_words;

/* From the log's end on. Stays where it is. */
void nb_worker_words_open(nb_worker_words *words, const nb_local_deploying *deploying);
/* Gives what has come to the progress' `output`; an idle hook (talk.h), whose ctx is the words. */
void nb_worker_words_pass_on(void *ctx);
/* Nothing more will come. */
void nb_worker_words_end(nb_worker_words *words);
/* Where in the notebook the last traceback arose: "cell 6, line 3"; empty when it is not known. */
nb_str nb_worker_words_place(const nb_worker_words *words, nb_arena *arena);
void nb_worker_words_close(nb_worker_words *words);

#endif
