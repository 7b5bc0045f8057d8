/* http_words.h - what both sides of HTTP read alike: characters of tokens, hexadecimal digits, hosts. */
#ifndef NB_ENDPOINT_HTTP_WORDS_H
#define NB_ENDPOINT_HTTP_WORDS_H

#include "base/str.h"

/* One that names of fields and methods are made of (RFC 9110, 5.6.2). */
bool nb_http_is_token_char(char c);
/* The value of a hexadecimal digit; -1 when it is none. */
int nb_http_hex(char c);
/* Is it an address of IPv4 or IPv6, without brackets, and no name? */
bool nb_host_is_address(nb_str host);
/* "localhost", ::1, an address that begins with 127. (not "127.example.org") */
bool nb_host_is_loopback(nb_str host);

#endif
