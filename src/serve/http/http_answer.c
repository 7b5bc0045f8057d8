#include "serve/http/http_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
    SMALL_BODY = 16 * 1024, /* up to here copying is cheaper than a second piece to send */
    MOST_ANSWER = 64 << 20
};

static const struct {
    unsigned status;
    const char *reason;
} reasons[] = {
    {200, "OK"                             },
    {201, "Created"                        },
    {202, "Accepted"                       },
    {204, "No Content"                     },
    {301, "Moved Permanently"              },
    {302, "Found"                          },
    {304, "Not Modified"                   },
    {307, "Temporary Redirect"             },
    {308, "Permanent Redirect"             },
    {400, "Bad Request"                    },
    {401, "Unauthorized"                   },
    {403, "Forbidden"                      },
    {404, "Not Found"                      },
    {405, "Method Not Allowed"             },
    {406, "Not Acceptable"                 },
    {408, "Request Timeout"                },
    {409, "Conflict"                       },
    {411, "Length Required"                },
    {413, "Content Too Large"              },
    {415, "Unsupported Media Type"         },
    {417, "Expectation Failed"             },
    {421, "Misdirected Request"            },
    {422, "Unprocessable Content"          },
    {424, "Failed Dependency"              },
    {429, "Too Many Requests"              },
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"          },
    {501, "Not Implemented"                },
    {502, "Bad Gateway"                    },
    {503, "Service Unavailable"            },
    {504, "Gateway Timeout"                },
    {505, "HTTP Version Not Supported"     },
    {507, "Insufficient Storage"           },
};

static const char *reason_of(unsigned status)
{
    for (size_t i = 0; i < NB_LEN(reasons); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Status";
}

/* --- the head ------------------------------------------------------------------------------------------------------ */

/* Not strftime: names of days are English whatever the locale. */
static void write_date(char *out, size_t size)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = time(NULL);
    struct tm utc = {0};
    (void)gmtime_r(&now, &utc);
    (void)snprintf(out, size, "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n", days[utc.tm_wday],
                   utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
                   utc.tm_sec);
}

static nb_str date_of(nb_http *http)
{
    int64_t second = nb_loop_now_us(http->loop) / 1000000;
    if (http->date_s != second) {
        http->date_s = second;
        write_date(http->date, sizeof http->date);
    }
    return nb_str_from(http->date);
}

static void put_number(nb_buf *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    nb_buf_put(out, (nb_str){digits + at, sizeof digits - at});
}

/* A field's value can come from a model: line ends in it would start fields of its own. */
static void put_value(nb_buf *out, nb_str value)
{
    size_t start = out->len;
    nb_buf_put(out, value);
    for (size_t i = start; i < out->len; i++) {
        unsigned char c = (unsigned char)out->at[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            out->at[i] = ' ';
    }
}

static void put_field(nb_buf *out, const char *name, nb_str value)
{
    nb_buf_putz(out, name);
    nb_buf_put(out, NB_STR(": "));
    put_value(out, value);
    nb_buf_put(out, NB_STR("\r\n"));
}

static bool has_body(unsigned status)
{
    return status >= 200 && status != 204 && status != 304;
}

static void put_head(nb_http_connection *c, const nb_http_answer *answer, size_t length)
{
    nb_buf *out = &c->out;
    nb_buf_put(out, NB_STR("HTTP/1.1 "));
    put_number(out, answer->status);
    nb_buf_putc(out, ' ');
    nb_buf_putz(out, reason_of(answer->status));
    nb_buf_put(out, NB_STR("\r\n"));
    nb_buf_put(out, date_of(c->http));
    if (answer->content_type.len > 0)
        put_field(out, "Content-Type", answer->content_type);
    if (has_body(answer->status)) {
        nb_buf_put(out, NB_STR("Content-Length: "));
        put_number(out, length);
        nb_buf_put(out, NB_STR("\r\n"));
    }
    for (size_t i = 0; i < answer->header_count; i++)
        put_field(out, answer->headers[i].name, answer->headers[i].value);
    if (!c->keep)
        nb_buf_put(out, NB_STR("Connection: close\r\n"));
    else if (c->request.head.minor == 0)
        nb_buf_put(out, NB_STR("Connection: keep-alive\r\n"));
    nb_buf_put(out, NB_STR("\r\n"));
}

/* --- the body ------------------------------------------------------------------------------------------------------ */

static void put_body(nb_http_connection *c, const nb_http_answer *answer)
{
    if (answer->take && answer->take->len > SMALL_BODY) {
        c->out_body = *answer->take;
        *answer->take = NB_BUF_INIT(answer->take->limit);
        return;
    }
    nb_str body = answer->take ? nb_buf_view(answer->take) : answer->body;
    nb_buf *to = body.len > SMALL_BODY ? &c->out_body : &c->out;
    if (to == &c->out_body)
        c->out_body = NB_BUF_INIT(body.len + 2);
    nb_buf_put(to, body);
}

void nb_http_queue(nb_http_connection *c, const nb_http_answer *answer)
{
    size_t length = answer->take ? answer->take->len : answer->body.len;
    if (length > MOST_ANSWER) {
        nb_http_queue_error(c, 500, "the answer has more than 67108864 bytes");
    } else {
        /* An answer before the end of the body: the rest of it is not read. */
        c->keep = c->keep && !answer->close && !c->http->draining && c->body_whole;
        put_head(c, answer, length);
        if (has_body(answer->status) && !nb_str_eqz(c->request.head.method, "HEAD"))
            put_body(c, answer);
        c->stage = NB_HTTP_SENDS;
        c->sent = 0;
        c->since_us = nb_loop_now_us(c->http->loop);
    }
    if (answer->take)
        nb_buf_release(answer->take);
}

void nb_http_queue_error(nb_http_connection *c, unsigned status, const char *why)
{
    NB_AUTO(nb_buf) body = NB_BUF_INIT(1024);
    nb_buf_printf(&body, "{\"error\": \"%s\"}\n", why);
    const nb_http_header retry = {"Retry-After", NB_STR("1")};
    nb_http_queue(c, &(nb_http_answer){.status = status,
                                       .content_type = NB_STR("application/json"),
                                       .body = nb_buf_view(&body),
                                       .headers = &retry,
                                       .header_count = status == 503});
}

/* --- sending ------------------------------------------------------------------------------------------------------- */

static void watch_out(nb_http_connection *c, bool wanted)
{
    NB_AUTO(nb_error) ignored = NB_ERROR_INIT;
    unsigned events = EPOLLIN | EPOLLRDHUP | EPOLLET | (wanted ? (unsigned)EPOLLOUT : 0);
    if (c->waits_out == wanted)
        return;
    c->waits_out = wanted;
    if (nb_loop_watch(c->http->loop, c->fd, events, nb_http_connection_ready, c, &ignored) != NB_OK)
        c->broken = true;
}

/* What is left of both buffers, as the kernel wants it. */
static int pieces(const nb_http_connection *c, struct iovec *out)
{
    size_t of_head = c->sent < c->out.len ? c->out.len - c->sent : 0;
    size_t at_body = c->sent < c->out.len ? 0 : c->sent - c->out.len;
    int count = 0;
    if (of_head > 0)
        out[count++] = (struct iovec){c->out.at + c->sent, of_head};
    if (at_body < c->out_body.len)
        out[count++] = (struct iovec){c->out_body.at + at_body, c->out_body.len - at_body};
    return count;
}

/* Short answers, nearly all of them, go with the plainest call. */
static ssize_t send_pieces(int fd, struct iovec *list, int count)
{
    if (count == 1)
        return send(fd, list[0].iov_base, list[0].iov_len, MSG_NOSIGNAL);
    struct msghdr message = {.msg_iov = list, .msg_iovlen = (size_t)count};
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

bool nb_http_send(nb_http_connection *c)
{
    while (!c->broken) {
        struct iovec list[2];
        int count = pieces(c, list);
        if (count == 0) {
            watch_out(c, false);
            return true;
        }
        ssize_t sent = send_pieces(c->fd, list, count);
        if (sent >= 0) {
            c->sent += (size_t)sent;
        } else if (errno == EAGAIN) {
            watch_out(c, true);
            return c->broken;
        } else if (errno != EINTR) {
            c->broken = true;
        }
    }
    return true;
}
