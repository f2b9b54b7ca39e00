#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "standin.h"

enum { UNHANDLED_CUDA = 1, INVALID = 4, INVALID_USAGE = 5, IN_PROGRESS = 7 };
enum { MEMBERS = 8, SLOTS = 2, SLOT_BYTES = 64 << 20 };
enum { UINT8 = 1, FLOAT32 = 7, BFLOAT16 = 9 };
enum { ALL_REDUCE, BROADCAST };

typedef struct { char bytes[128]; } Id;
typedef struct { size_t size; unsigned magic, version; int blocking; } Config;
typedef struct { int kind, type, root, unused; size_t count; } Operation;  // without padding: compared as bytes

// At the start of the shared file; behind it lie the slots of all members.
typedef struct {
  atomic_int joined, left;
  struct {
    atomic_long arrived, finished;  // numbers of operations
    Operation operations[SLOTS];
  } members[MEMBERS];
} Shared;

typedef struct {
  Shared* shared;
  char path[128];
  int rank, world, device;
  long launched;
  atomic_int asked;  // how often the caller still hears that a call is in progress
  atomic_int aborted, error, pending;
} Comm;

typedef struct { Comm* comm; long number; Operation operation; const void* from; void* to; } Launch;

enum { BUFFERS = 1 << 20 };  // of a communicator, on the device

static __thread int depth;  // of ncclGroupStart
static const char* last = "";  // what went wrong last

static size_t element(int type) { return type == FLOAT32 ? 4 : type == BFLOAT16 ? 2 : 1; }
static size_t whole(void) { return sizeof(Shared) + (size_t)MEMBERS * SLOTS * SLOT_BYTES; }

static char* slot(Comm* comm, int rank, long number) {
  return (char*)(comm->shared + 1) + ((size_t)rank * SLOTS + number % SLOTS) * SLOT_BYTES;
}

static void rest(int milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L + (milliseconds ? 0 : 20000)};
  nanosleep(&time, NULL);
}

static int all(Comm* comm, int finished, long number) {
  for (int rank = 0; rank < comm->world; rank++) {
    long now = finished ? comm->shared->members[rank].finished : comm->shared->members[rank].arrived;
    if (now < number) return 0;
  }
  return 1;
}

static int await(Comm* comm, int finished, long number) {
  while (!all(comm, finished, number)) {
    if (comm->aborted) return 0;
    rest(0);
  }
  return 1;
}

static float widen(uint16_t value) {
  uint32_t bits = (uint32_t)value << 16;
  float wide;
  memcpy(&wide, &bits, sizeof(wide));
  return wide;
}

static uint16_t narrow(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

// In rank order: the same bits everywhere.
static void sum(Launch* launch, void* to) {
  memcpy(to, slot(launch->comm, 0, launch->number), launch->operation.count * element(launch->operation.type));
  for (int rank = 1; rank < launch->comm->world; rank++) {
    const char* other = slot(launch->comm, rank, launch->number);
    for (size_t i = 0; i < launch->operation.count; i++)
      if (launch->operation.type == FLOAT32) ((float*)to)[i] += ((const float*)other)[i];
      else ((uint16_t*)to)[i] = narrow(widen(((uint16_t*)to)[i]) + widen(((const uint16_t*)other)[i]));
  }
}

static void exchange(Launch* launch) {
  Comm* comm = launch->comm;
  long number = launch->number;
  size_t bytes = launch->operation.count * element(launch->operation.type);
  if (!await(comm, 1, number - SLOTS)) return;
  memcpy(slot(comm, comm->rank, number), standin_reach(launch->from), bytes);
  comm->shared->members[comm->rank].operations[number % SLOTS] = launch->operation;
  comm->shared->members[comm->rank].arrived = number;
  if (!await(comm, 0, number)) return;
  for (int rank = 0; rank < comm->world; rank++)
    if (memcmp(&comm->shared->members[rank].operations[number % SLOTS], &launch->operation, sizeof(Operation)) != 0)
      comm->error = INVALID_USAGE;  // NCCL would hang or mix the data up
  if (launch->operation.kind == ALL_REDUCE) sum(launch, standin_reach(launch->to));
  else memcpy(standin_reach(launch->to), slot(comm, launch->operation.root, number), bytes);
  comm->shared->members[comm->rank].finished = number;
}

static void run(void* of) {
  Launch* launch = of;
  exchange(launch);
  if (launch->comm->aborted && standin_lingers) {
    rest(standin_lingers);
    memset(standin_reach(launch->to), 0xff, launch->operation.count * element(launch->operation.type));
  }
  launch->comm->pending--;
  free(launch);
}

static int launch(Comm* comm, Operation operation, const void* from, void* to, void* stream) {
  if (comm->aborted || (comm->asked && !depth) || operation.count * element(operation.type) > SLOT_BYTES) return INVALID;
  if (comm->device != standin_device()) return INVALID;
  Launch* made = malloc(sizeof(Launch));
  *made = (Launch){comm, ++comm->launched, operation, from, to};
  comm->pending++;
  standin_log("%s %d %zu %d", operation.kind == ALL_REDUCE ? "all-reduce" : "broadcast", operation.type, operation.count, operation.root);
  if (standin_launch(stream, run, made) != SUCCESS) return UNHANDLED_CUDA;
  comm->asked = 2;
  return IN_PROGRESS;
}

int ncclGetVersion(int* version) { *version = standin_version; return SUCCESS; }

static Id ids[64];  // that this process made
static atomic_int made;

// A group that never connected leaves its file behind.
__attribute__((destructor)) static void clean(void) {
  for (int i = 0; i < made && i < 64; i++) unlink(ids[i].bytes);
}

int ncclGetUniqueId(Id* id) {
  int mine = made++;
  memset(id, 0, sizeof(*id));
  const char* folder = getenv("TMPDIR");
  snprintf(id->bytes, sizeof(id->bytes), "%s/standin-%d-%d", folder ? folder : "/tmp", getpid(), mine);
  ids[mine % 64] = *id;
  int file = open(id->bytes, O_RDWR | O_CREAT | O_EXCL, 0600);
  if (file < 0 || ftruncate(file, whole()) != 0) return INVALID;
  close(file);
  return SUCCESS;
}

int ncclCommInitRankConfig(Comm** made, int world, Id id, int rank, Config* config) {
  if (world < 1 || world > MEMBERS || rank < 0 || rank >= world) return INVALID;
  if (config->size != sizeof(Config) || config->magic != 0xcafebeef || config->blocking != 0) return INVALID;
  size_t free_bytes, total_bytes;
  if (cudaMemGetInfo(&free_bytes, &total_bytes) == SUCCESS && free_bytes < BUFFERS) {
    last = "Cuda failure 2 'out of memory'";
    return UNHANDLED_CUDA;
  }
  int file = open(id.bytes, O_RDWR);
  if (file < 0) return INVALID;
  Comm* comm = calloc(1, sizeof(Comm));
  memcpy(comm->path, id.bytes, sizeof(comm->path) - 1);
  comm->rank = rank;
  comm->world = world;
  comm->device = standin_device();
  comm->shared = mmap(NULL, whole(), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  comm->shared->joined++;
  standin_log("init %d of %d", rank, world);
  *made = comm;
  return IN_PROGRESS;
}

int ncclCommGetAsyncError(Comm* comm, int* state) {
  int connected = comm->shared->joined >= comm->world;
  if (connected && comm->rank == 0) unlink(comm->path);
  if (connected && comm->asked > 0) comm->asked--;
  *state = comm->error ? comm->error : connected && comm->asked == 0 ? SUCCESS : IN_PROGRESS;
  return SUCCESS;
}

int ncclAllReduce(const void* from, void* to, size_t count, int type, int how, Comm* comm, void* stream) {
  return how == 0 ? launch(comm, (Operation){ALL_REDUCE, type, 0, 0, count}, from, to, stream) : INVALID;
}

int ncclBroadcast(const void* from, void* to, size_t count, int type, int root, Comm* comm, void* stream) {
  return launch(comm, (Operation){BROADCAST, type, root, 0, count}, from, to, stream);
}

int ncclGroupStart(void) { depth++; return SUCCESS; }
int ncclGroupEnd(void) { return depth-- > 0 ? IN_PROGRESS : INVALID_USAGE; }

int ncclCommFinalize(Comm* comm) { comm->asked = 2; return IN_PROGRESS; }

int ncclCommDestroy(Comm* comm) {
  standin_log("destroy");
  return comm->pending == 0 ? SUCCESS : INVALID_USAGE;
}

int ncclCommAbort(Comm* comm) {
  standin_log("abort");
  while (standin_hangs) rest(1000);
  unlink(comm->path);
  comm->aborted = 1;
  return SUCCESS;
}

const char* ncclGetErrorString(int result) {
  return result == INVALID ? "invalid argument" : result == INVALID_USAGE ? "invalid usage" : "unhandled cuda error";
}

const char* ncclGetLastError(Comm* comm) { return last; }
