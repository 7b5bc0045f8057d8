#include "cli/convert_task.h"

#include "base/pool.h"

/* --- one experiment --------------------------------------------------------------------------------------------- */

static nb_code write_files(const nb_task *t, nb_diags *diags, const nb_conversion *conversion,
                           const nb_task_pool *p, nb_error *err)
{
    if (conversion->plan->up_to_date || p->check || p->diff)
        return NB_OK;
    size_t before = nb_diags_count(diags, NB_SEVERITY_ERROR);
    if (!p->force)
        nb_plan_report_edited(conversion->plan, diags);
    if (nb_diags_count(diags, NB_SEVERITY_ERROR) > before)
        return nb_fail(err, NB_ERR_EXISTS,
                       "cannot convert '" NB_STR_FMT "': generated files were edited by hand",
                       NB_STR_ARG(t->target.experiment->name));
    return nb_plan_apply(conversion->plan, conversion->manifest, err);
}

static void keep_diags(nb_arena *kept, nb_task *t, const nb_diags *diags)
{
    t->diags.list.at = NB_NEW_ARRAY(kept, nb_diag, diags->list.count);
    t->diags.list.count = diags->list.count;
    t->diags.silenced = diags->silenced;
    for (size_t i = 0; i < diags->list.count; i++) {
        nb_diag *diag = &t->diags.list.at[i];
        *diag = diags->list.at[i];
        diag->spot.path = nb_arena_str(kept, diag->spot.path);
        diag->spot.source = nb_arena_str(kept, diag->spot.source);
        diag->spot.cell_id = nb_arena_str(kept, diag->spot.cell_id);
        diag->message = nb_arena_str(kept, diag->message);
        diag->help = nb_arena_str(kept, diag->help);
    }
}

static void keep_plan(nb_arena *kept, nb_task *t, const nb_plan *plan, bool with_diff)
{
    t->up_to_date = plan->up_to_date;
    t->stale = plan->up_to_date ? 0 : nb_plan_stale(plan);
    for (size_t i = 0; i < plan->files.count; i++) {
        const nb_plan_file *file = &plan->files.at[i];
        nb_vec_push(kept, &t->files,
                    (nb_told_file){nb_arena_str(kept, file->path), file->state,
                                   !nb_plan_tells(plan, file)});
    }
    if (!with_diff)
        return;
    NB_AUTO(nb_buf) diff = NB_BUF_INIT(NB_BUF_TEXT);
    nb_plan_diff(plan, &diff);
    t->diff = nb_arena_str(kept, nb_buf_view(&diff));
}

/* A task on its way: given, converted, told. */
typedef struct slot {
    nb_task *task;
    nb_arena
        arena; /* of the conversion; goes as soon as what is told of it was kept: a thousand need no more than a few */
    nb_diags diags;
    nb_conversion conversion;
} slot;

static bool give(void *pool, void *slot_)
{
    nb_task_pool *p = pool;
    slot *s = slot_;
    if (p->next == p->count)
        return false;
    *s = (slot){.task = &p->tasks[p->next++]};
    return true;
}

static void work(void *pool, void *slot_)
{
    const nb_task_pool *p = pool;
    slot *s = slot_;
    nb_task *t = s->task;
    s->diags.arena = &s->arena;
    t->code = nb_convert(&s->arena, t->target.config, t->target.experiment, p->options, p->env,
                         &s->diags, &s->conversion, &t->err);
    if (t->code == NB_OK)
        t->code = write_files(t, &s->diags, &s->conversion, p, &t->err);
}

static void take(void *pool, void *slot_)
{
    nb_task_pool *p = pool;
    slot *s = slot_;
    if (s->task->code == NB_OK)
        keep_plan(&p->kept, s->task, s->conversion.plan, p->diff);
    keep_diags(&p->kept, s->task, &s->diags);
    nb_arena_release(&s->arena);
}

void nb_tasks_run(nb_task_pool *p)
{
    const nb_pool pool = {
        .ctx = p, .slot_size = sizeof(slot), .give = give, .work = work, .take = take};
    nb_pool_run(&pool);
}

void nb_tasks_release(nb_task_pool *p)
{
    for (size_t i = 0; i < p->count; i++)
        nb_error_release(&p->tasks[i].err);
    nb_arena_release(&p->kept);
}
