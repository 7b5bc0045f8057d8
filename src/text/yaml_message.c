#include "text/yaml_message.h"

#define QUOTE_IT "put the value in quotes"
#define LINE_UP  "line the keys of one mapping up below each other"

static const nb_yaml_message messages[] = {
    {"invalid multiline plain key",                   "this text goes on in the next line, which holds another key",
     LINE_UP ", and write ':' after each key",                                                                                                   NB_YAML_SPOT_HERE },
    {"invalid nested block mapping on the same line", "a second ':' makes this value a mapping",
     QUOTE_IT ", or begin the mapping on a line of its own",                                                                                     NB_YAML_SPOT_HERE },
    {"invalid indentation in mapping",                "this line fits no mapping above by its indentation",
     LINE_UP,                                                                                                                                    NB_YAML_SPOT_HERE },
    {"wrong indendation in sequence",                 "this line fits no list above by its indentation",
     "line the '-' of one list up below each other",                                                                                             NB_YAML_SPOT_HERE },
    {"did not find expected '-' indicator",           "this line fits no list above by its indentation",
     LINE_UP ", and begin each entry of a list with '- '",                                                                                       NB_YAML_SPOT_HERE },
    {"wrongly indented sequence item",                "this line fits no list above by its indentation",
     "line the '-' of one list up below each other",                                                                                             NB_YAML_SPOT_HERE },
    {"invalid scalar at the end of block sequence",   "text after a list, where another '-' is due",
     "begin the line with '- ', or indent it as the key that holds the list",                                                                    NB_YAML_SPOT_HERE },
    {"flow sequence without a closing bracket",       "this '[' is never closed",                                    "write ']'",
     NB_YAML_SPOT_OPEN                                                                                                                                             },
    {"missing comma in flow",                         "a ',' is missing between two entries",                        "write ','",
     NB_YAML_SPOT_HERE                                                                                                                                             },
    {"flow sequence with invalid extra closing",      "a bracket closes nothing",                                    "remove it",
     NB_YAML_SPOT_HERE                                                                                                                                             },
    {"flow mapping with invalid extra closing",       "a bracket closes nothing",                                    "remove it",
     NB_YAML_SPOT_HERE                                                                                                                                             },
    {"plain scalar cannot start with",                "a value without quotes cannot start with this character",
     QUOTE_IT,                                                                                                                                   NB_YAML_SPOT_HERE },
    {"double-quoted scalar without closing quote",    "this \" is never closed",
     "write the closing \"",                                                                                                                     NB_YAML_SPOT_QUOTE},
    {"single-quoted scalar without closing quote",    "this ' is never closed",                                      "write the closing '",
     NB_YAML_SPOT_QUOTE                                                                                                                                            },
    {"invalid trailing content after single-quoted",  "text after the closing quote",
     "double a ' inside of single quotes: 'it''s'",                                                                                              NB_YAML_SPOT_HERE },
    {"invalid trailing content after double-quoted",  "text after the closing quote",
     "write \\\" for a quote inside of double quotes",                                                                                           NB_YAML_SPOT_HERE },
    {"invalid escape",                                "unknown escape in double quotes",
     "write \\\\ for a backslash, or use single quotes",                                                                                         NB_YAML_SPOT_HERE },
    {"double-quoted scalar has invalid",              "this escape in double quotes is no character",
     "write the character itself",                                                                                                               NB_YAML_SPOT_HERE },
    {"missing document start",                        "text that belongs to no key or list above",
     "write a blank after ':', and " LINE_UP,                                                                                                    NB_YAML_SPOT_HERE },
    {"could not find expected ':'",                   "a key without ':'",                                           "write ': ' after the key",
     NB_YAML_SPOT_HERE                                                                                                                                             },
    {"did not find expected key",                     "a key is expected here",                                      LINE_UP,                    NB_YAML_SPOT_HERE },
    {"missing explicit document end marker",          "a directive after the beginning of the document",
     "remove the line",                                                                                                                          NB_YAML_SPOT_HERE },
};

const nb_yaml_message *nb_yaml_message_find(const char *theirs)
{
    nb_str text = nb_str_from(theirs);
    for (size_t i = 0; i < NB_LEN(messages); i++)
        if (nb_str_starts(text, nb_str_from(messages[i].theirs)))
            return &messages[i];
    return NULL;
}
