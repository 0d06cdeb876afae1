#ifndef SLUICE_CUNBOUND_SHIM_H
#define SLUICE_CUNBOUND_SHIM_H

#include <stddef.h>
#include <unbound.h>

/* What becomes of one question; `result` belongs to whoever owns the slot. */
struct sluice_dns_slot {
    struct ub_result *result;
    int id;
    int error;
    int is_done;
};

static inline void sluice_dns_take(void *slot, int error, struct ub_result *result) {
    struct sluice_dns_slot *own = (struct sluice_dns_slot *)slot;
    own->error = error;
    own->result = result;
    own->is_done = 1;
}

/* The slot must stay where it is until the question is done or the context is deleted. */
static inline int sluice_dns_ask(struct ub_ctx *context, const char *name, int type, struct sluice_dns_slot *slot) {
    return ub_resolve_async(context, name, type, 1, slot, sluice_dns_take, &slot->id);
}

/* libunbound writes to stderr otherwise, where the log is. */
static inline void sluice_dns_silence(struct ub_ctx *context) {
    ub_ctx_debugout(context, NULL);
}

/* The bytes of one record; NULL behind the last. */
static inline const unsigned char *sluice_dns_record(const struct ub_result *result, int index, int *length) {
    if (result->data == NULL || result->data[index] == NULL) return NULL;
    *length = result->len[index];
    return (const unsigned char *)result->data[index];
}

#endif
