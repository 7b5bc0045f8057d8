/* proposer.h - what is known of each cell while sections are proposed. Private to propose*.c. */
#ifndef NB_GRAPH_PROPOSER_H
#define NB_GRAPH_PROPOSER_H

#include "graph/flow.h"
#include "graph/propose.h"
#include "graph/purpose.h"

typedef struct nb_cell_state {
    nb_source_cell *cell;
    size_t first, end;          /* its statements: [first, end) */
    bool included;              /* some of it is needed, or it is what others are needed for */
    bool tagged;                /* by hand: never touched */
    bool runs;                  /* every name it reads at once is bound above */
    bool used;                  /* what it binds is saved, or asked about new data */
    bool again;                 /* does once more what was done above, with other settings */
    nb_str needed_name;         /* why it is included: a name ... */
    const nb_statement *reader; /* ... and who reads it; NULL when it is there for itself */
    unsigned sections;          /* what is proposed, or what the tags say */
} nb_cell_state;

typedef struct nb_proposer {
    const nb_source *source;
    nb_arena *arena;
    const nb_intent *intents;
    nb_flow *flow;
    nb_cell_state *cells; /* as source->cells */
    unsigned *readers; /* by statement index: bits of nb_section of those that read what it binds */
    nb_map constants;  /* how often a literal is assigned to a name, small letters: size_t */
    NB_VEC(size_t) queue; /* cells to look at */
} nb_proposer;

static inline const nb_intent *nb_intent_of(const nb_proposer *p, const nb_statement *s)
{
    return &p->intents[s->index];
}

static inline const nb_statement *nb_statement_at(const nb_proposer *p, const nb_cell_state *state,
                                                  size_t i)
{
    return state->first < state->end ? p->source->statements + i : NULL;
}

#define NB_EACH_STATEMENT(p, state, s)                                              \
    for (const nb_statement *s = nb_statement_at((p), (state), (state)->first),     \
                            *s##_end = nb_statement_at((p), (state), (state)->end); \
         s != s##_end; s++)

bool nb_cell_has_purpose(const nb_proposer *p, const nb_cell_state *state, nb_purpose purpose);
/* Nothing but imports and what may stand beside them: options, seeds. */
bool nb_cell_only_imports(const nb_proposer *p, const nb_cell_state *state);

/* Chooses the sections of each included cell (propose_sections.c). */
void nb_propose_sections(nb_proposer *p);
/* Why a cell has its sections, or has none (propose_reasons.c). */
nb_str nb_propose_reason(const nb_proposer *p, const nb_cell_state *state);

#endif
