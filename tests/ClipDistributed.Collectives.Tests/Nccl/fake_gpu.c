// One member's NCCL and CUDA runtime without a GPU: streams run at once, events happen after some questions, and a peer
// that is not there (STUCK) keeps an event waiting until the communicator is aborted.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, INVALID = 4, IN_PROGRESS = 7, NOT_READY = 600 };

typedef struct { char bytes[128]; } Id;
typedef struct { size_t size; unsigned magic, version; int blocking; } Config;
typedef struct { int rank, busy, aborted; } Comm;

static Comm comm;
static int questions;

int ncclGetUniqueId(Id* id) { memset(id->bytes, 42, sizeof(id->bytes)); return SUCCESS; }
const char* ncclGetErrorString(int result) { return result == INVALID ? "invalid argument" : "another error"; }

int ncclCommInitRankConfig(Comm** made, int world, Id id, int rank, Config* config) {
  if (world < 1 || config->size != sizeof(Config) || config->magic != 0xcafebeef || config->blocking != 0) return INVALID;
  for (int i = 0; i < 128; i++) if (id.bytes[i] != 42) return INVALID;
  comm.rank = rank;
  comm.busy = 3;
  *made = &comm;
  return IN_PROGRESS;
}

int ncclCommGetAsyncError(Comm* of, int* state) {
  if (of != &comm) return INVALID;
  *state = of->busy > 0 ? IN_PROGRESS : SUCCESS;
  if (of->busy > 0) of->busy--;
  return SUCCESS;
}

static size_t size(int type) { return type == 7 ? 4 : type == 9 ? 2 : 1; }

int ncclAllReduce(const void* from, void* to, size_t count, int type, int sum, Comm* of, void* stream) {
  if (of != &comm || sum != 0 || stream != (void*)7) return INVALID;
  memmove(to, from, count * size(type));
  of->busy = 2;
  return IN_PROGRESS;
}

int ncclBroadcast(const void* from, void* to, size_t count, int type, int root, Comm* of, void* stream) {
  if (of != &comm || stream != (void*)7) return INVALID;
  if (root == of->rank) memmove(to, from, count * size(type));
  else memset(to, 100 + root, count * size(type));
  of->busy = 2;
  return IN_PROGRESS;
}

int ncclGroupStart(void) { return SUCCESS; }
int ncclGroupEnd(void) { return IN_PROGRESS; }
int ncclCommFinalize(Comm* of) { of->busy = 2; return IN_PROGRESS; }
int ncclCommDestroy(Comm* of) { return of == &comm ? SUCCESS : INVALID; }
int ncclCommAbort(Comm* of) { of->aborted = 1; return SUCCESS; }

int cudaSetDevice(int device) { return device == 0 ? SUCCESS : 101; }
int cudaStreamCreateWithFlags(void** stream, unsigned flags) { *stream = (void*)7; return flags == 1 ? SUCCESS : 1; }
int cudaStreamDestroy(void* stream) { return stream == (void*)7 ? SUCCESS : 1; }
int cudaStreamWaitEvent(void* stream, void* event, unsigned flags) { (void)stream; (void)flags; return event ? SUCCESS : 1; }
int cudaEventCreateWithFlags(void** event, unsigned flags) { *event = malloc(1); return flags == 2 ? SUCCESS : 1; }
int cudaEventRecord(void* event, void* stream) { (void)stream; return event ? SUCCESS : 1; }
int cudaEventQuery(void* event) {
  if (!event) return 1;
#ifdef STUCK
  if (!comm.aborted) return NOT_READY;
#endif
  return ++questions % 4 ? NOT_READY : SUCCESS;
}
int cudaEventDestroy(void* event) { free(event); return SUCCESS; }
const char* cudaGetErrorString(int error) { return error == 101 ? "invalid device ordinal" : "another error"; }
