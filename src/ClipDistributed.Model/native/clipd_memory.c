/* libtorch asks for memory at multiples of 64 bytes. glibc before 2.38 answers by cutting an aligned piece out of one that
   is larger by the alignment, so that what a tensor gives back is never large enough for the next one of the same size: the
   heap grows far beyond what exists at once. Loaded before glibc, this asks for a plain piece first: most pieces begin at
   such a multiple and end at one, so that the next one does too. */
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { WORTH_A_TRY = 4096, HEADER = sizeof(size_t) };

int posix_memalign(void **memory, size_t alignment, size_t size) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    if (size > PTRDIFF_MAX - 2 * alignment)
        return ENOMEM;
    void *piece = NULL;
    if (size >= WORTH_A_TRY) {
        size = ((size + HEADER + alignment - 1) & ~(alignment - 1)) - HEADER; /* with its header a multiple of the alignment */
        piece = malloc(size);
        if (piece && ((uintptr_t)piece & (alignment - 1)) != 0) {
            free(piece);
            piece = NULL;
        }
    }
    if (!piece)
        piece = memalign(alignment, size);
    if (!piece)
        return ENOMEM;
    *memory = piece;
    return 0;
}
