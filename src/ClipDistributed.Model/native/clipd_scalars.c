/* TorchSharp frees a Scalar in its finalizer, and nothing keeps it alive while an operator still reads it: a garbage
   collection at the wrong moment takes it away. This library stands before LibTorchSharp, on which it depends for all other
   functions, and frees each Scalar only when so many others have been given up since. */
#include <stdatomic.h>
#include <stddef.h>

enum { KEPT = 1 << 18 }; /* more than one garbage collection gives up; 48 bytes each */

static _Atomic(void *) kept[KEPT];
static atomic_size_t next;
static void (*dispose)(void *);

void clipd_scalars_dispose_with(void (*original)(void *));
void THSTorch_dispose_scalar(void *scalar);

void clipd_scalars_dispose_with(void (*original)(void *)) {
    dispose = original;
}

void THSTorch_dispose_scalar(void *scalar) {
    void *old = atomic_exchange(&kept[atomic_fetch_add(&next, 1) % KEPT], scalar);
    if (old)
        dispose(old);
}
