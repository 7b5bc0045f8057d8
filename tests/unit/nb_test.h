/* nb_test.h - what every unit test includes: cmocka (with the headers it wants first) and short assertions for our types. */
#ifndef NB_TEST_H
#define NB_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/str.h"

/* A view against a C string, with both printed when they differ. */
#define assert_str(got_, want_)                                               \
    do {                                                                      \
        nb_str got__ = (got_);                                                \
        char *z__ = strndup(got__.at ? got__.at : "", got__.len);             \
        if (strcmp(z__, (want_)) != 0)                                        \
            print_error("want: %s\n got: %s\n", (want_), z__);                \
        int same__ = strcmp(z__, (want_)) == 0 && strlen(want_) == got__.len; \
        free(z__);                                                            \
        assert_true(same__);                                                  \
    } while (0)

/* A call that must succeed; its error is printed otherwise. */
#define assert_ok(call_, err_)              \
    do {                                    \
        if ((call_) != NB_OK) {             \
            nb_error_print((err_), stderr); \
            fail_msg("%s failed", #call_);  \
        }                                   \
    } while (0)

#endif
