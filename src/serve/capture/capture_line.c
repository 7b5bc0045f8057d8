#include "serve/capture/capture_line.h"

#include "serve/contract/media.h"
#include "text/json_write.h"
#include "text/utf8.h"

#include <time.h>

static void put_base64(nb_json_writer *w, nb_str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    NB_AUTO(nb_buf) out = NB_BUF_INIT(bytes.len / 3 * 4 + 16);
    nb_buf_putc(&out, '"');
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned a = (unsigned char)bytes.at[i];
        unsigned b = left > 1 ? (unsigned char)bytes.at[i + 1] : 0;
        unsigned c = left > 2 ? (unsigned char)bytes.at[i + 2] : 0;
        nb_buf_putc(&out, digits[a >> 2]);
        nb_buf_putc(&out, digits[(a & 3) << 4 | b >> 4]);
        nb_buf_putc(&out, left > 1 ? digits[(b & 15) << 2 | c >> 6] : '=');
        nb_buf_putc(&out, left > 2 ? digits[c & 63] : '=');
    }
    nb_buf_putc(&out, '"');
    nb_json_put_raw(w, nb_buf_view(&out));
}

static void put_side(nb_json_writer *w, const char *name, const char *mode,
                     const nb_capture_side *side)
{
    nb_str type = side->type, data = side->body;
    bool is_text = nb_utf8_valid(data) == data.len;
    bool is_csv = is_text && nb_media_is(type, "text/csv");
    bool is_json = is_text && nb_media_is(type, "application/json");
    nb_json_key(w, nb_str_from(name));
    nb_json_begin_object(w);
    nb_json_member_str(w, "observedContentType", type.at ? type : NB_STR(""));
    nb_json_member_str(w, "mode", nb_str_from(mode));
    nb_json_key(w, NB_STR("data"));
    if (is_csv || is_json)
        nb_json_put_str(w, data);
    else
        put_base64(w, data);
    nb_json_member_str(w, "encoding", nb_str_from(is_csv ? "CSV" : is_json ? "JSON" : "BASE64"));
    nb_json_end_object(w);
}

void nb_capture_put_line(nb_buf *out, const nb_capture_line *line)
{
    time_t seconds = (time_t)(line->at_ms / 1000);
    struct tm utc = {0};
    char when[32];
    nb_json_writer w = NB_JSON_WRITER(out, 0);
    gmtime_r(&seconds, &utc);
    when[strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc)] = '\0';
    nb_json_begin_object(&w);
    nb_json_key(&w, NB_STR("captureData"));
    nb_json_begin_object(&w);
    put_side(&w, "endpointInput", "INPUT", &line->input);
    put_side(&w, "endpointOutput", "OUTPUT", &line->output);
    nb_json_end_object(&w);
    nb_json_key(&w, NB_STR("eventMetadata"));
    nb_json_begin_object(&w);
    nb_json_member_str(&w, "eventId", line->id);
    nb_json_member_str(&w, "inferenceTime", nb_str_from(when));
    nb_json_end_object(&w);
    nb_json_member_str(&w, "eventVersion", NB_STR("0"));
    nb_json_end_object(&w);
    nb_buf_putc(out, '\n');
}
