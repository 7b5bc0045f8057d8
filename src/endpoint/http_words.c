#include "endpoint/http_words.h"

#include <arpa/inet.h>

bool nb_http_is_token_char(char c)
{
    return nb_is_digit(c) || nb_is_alpha(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

int nb_http_hex(char c)
{
    if (nb_is_digit(c))
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool nb_host_is_address(nb_str host)
{
    char text[64];
    unsigned char address[16];
    if (host.len >= sizeof text || host.len == 0)
        return false;
    memcpy(text, host.at, host.len);
    text[host.len] = '\0';
    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

bool nb_host_is_loopback(nb_str host)
{
    return nb_str_eqz(host, "localhost") || nb_str_eqz(host, "::1") ||
           (nb_str_starts(host, NB_STR("127.")) && nb_host_is_address(host));
}
