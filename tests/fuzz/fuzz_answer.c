/* An answer reads the same in one piece and byte by byte; what it takes is never more than it was given, and its limits hold. */
#include "endpoint/answer.h"

#include <stdlib.h>

enum { LIMIT = 2000 };

static void check(bool holds)
{
    if (!holds)
        abort();
}

static nb_code feed(nb_answer *answer, nb_str text, size_t step, size_t *taken)
{
    NB_AUTO(nb_error) err = NB_ERROR_INIT;
    *taken = 0;
    while (*taken < text.len && answer->state != NB_ANSWER_DONE) {
        size_t used = 0;
        nb_str piece = nb_str_slice(text, *taken, *taken + step);
        nb_code code = nb_answer_feed(answer, piece, &used, &err);
        check(code != NB_OK || (used <= piece.len && used > 0));
        check(code != NB_OK || used == piece.len || answer->state == NB_ANSWER_DONE);
        if (code != NB_OK)
            return code;
        *taken += used;
    }
    return nb_answer_end(answer, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    nb_str text = {(const char *)data, size};
    nb_answer whole, pieces;
    size_t taken[2];
    nb_answer_init(&whole, LIMIT);
    nb_answer_init(&pieces, LIMIT);
    nb_code code = feed(&whole, text, size ? size : 1, &taken[0]);
    check(feed(&pieces, text, 1, &taken[1]) == code);
    check(whole.body.len <= LIMIT && whole.head.len <= NB_ANSWER_HEAD);
    if (code == NB_OK) {
        check(taken[0] == taken[1] && whole.status == pieces.status && whole.keep == pieces.keep);
        check(nb_str_eq(nb_buf_view(&whole.body), nb_buf_view(&pieces.body)));
        check(nb_str_eq(nb_buf_view(&whole.head), nb_buf_view(&pieces.head)));
        check(whole.status >= 200 && whole.status < 600);
    }
    nb_answer_release(&whole);
    nb_answer_release(&pieces);
    return 0;
}
