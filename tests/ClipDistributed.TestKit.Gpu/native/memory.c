#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "standin.h"

enum { ALLOCATIONS = 256 };

typedef struct { char *device, *host; size_t bytes; int owner; } Allocation;

static Allocation allocations[ALLOCATIONS];
static size_t total = (size_t)16 << 30;  // of each device

void standin_gpu_memory(size_t bytes) { total = bytes; }

static size_t used(void) {
  size_t bytes = 0;
  for (int i = 0; i < ALLOCATIONS; i++)
    if (allocations[i].device && allocations[i].owner == standin_device()) bytes += allocations[i].bytes;
  return bytes;
}

int cudaMemGetInfo(size_t* free_bytes, size_t* total_bytes) {
  if (standin_broken()) return standin_broken();
  *free_bytes = total - used();
  *total_bytes = total;
  return SUCCESS;
}

void* standin_reach(const void* address) {
  const char* at = address;
  for (int i = 0; i < ALLOCATIONS; i++)
    if (allocations[i].device && at >= allocations[i].device && at < allocations[i].device + allocations[i].bytes)
      return allocations[i].host + (at - allocations[i].device);
  return (void*)address;
}

int cudaMalloc(void** address, size_t bytes) {
  if (bytes > total - used()) return CUDA_OUT_OF_MEMORY;
  int file = memfd_create("standin", 0);
  if (file < 0 || ftruncate(file, bytes) != 0) return CUDA_INVALID;
  char* host = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  char* alone = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  close(file);
  for (int i = 0; i < ALLOCATIONS; i++)
    if (!allocations[i].device) {
      allocations[i] = (Allocation){alone, host, bytes, standin_device()};
      *address = alone;
      return SUCCESS;
    }
  return CUDA_INVALID;
}

int cudaFree(void* address) {
  for (int i = 0; i < ALLOCATIONS; i++)
    if (address && allocations[i].device == address) {
      munmap(allocations[i].host, allocations[i].bytes);
      munmap(address, allocations[i].bytes);
      allocations[i].device = NULL;
    }
  return SUCCESS;
}

typedef struct { void* to; char* bytes; size_t count; int milliseconds; } Fill;

static void fill(void* of) {
  Fill* filled = of;
  usleep(filled->milliseconds * 1000);
  memcpy(standin_reach(filled->to), filled->bytes, filled->count);
  free(filled->bytes);
  free(filled);
}

// As a kernel of the default stream that takes its time.
int standin_gpu_fill(void* to, const void* bytes, size_t count, int milliseconds) {
  Fill* filled = malloc(sizeof(Fill));
  *filled = (Fill){to, malloc(count), count, milliseconds};
  memcpy(filled->bytes, bytes, count);
  return standin_launch(NULL, fill, filled);
}

int cudaMallocHost(void** address, size_t bytes) { *address = malloc(bytes); return SUCCESS; }
int cudaFreeHost(void* address) { free(address); return SUCCESS; }

typedef struct { void* to; const void* from; size_t bytes; } Copy;

static void copy(void* of) {
  Copy* copied = of;
  memmove(standin_reach(copied->to), standin_reach(copied->from), copied->bytes);
  free(copied);
}

int cudaMemcpyAsync(void* to, const void* from, size_t bytes, int kind, void* stream) {
  int reads = standin_reach(from) != from, writes = standin_reach(to) != to;
  if (kind != 2 * reads + writes) return CUDA_INVALID;  // to the host 2, to the device 1
  Copy* copied = malloc(sizeof(Copy));
  *copied = (Copy){to, from, bytes};
  standin_log("cudaMemcpyAsync %zu %d", bytes, kind);
  return standin_launch(stream, copy, copied);
}
