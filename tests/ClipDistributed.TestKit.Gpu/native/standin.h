// A stand-in for the parts of the CUDA runtime and of NCCL that a group uses, on a machine without a GPU. Streams are threads;
// memory of the device cannot be read by the host; communicators of several threads or processes really sum, through a file
// that they share. As with NCCL, a peer that is gone is not noticed: what waits for it waits until it is aborted.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SUCCESS = 0, CUDA_INVALID = 1, CUDA_OUT_OF_MEMORY = 2, CUDA_NO_DEVICE = 101, CUDA_WRONG_CONTEXT = 201, CUDA_NOT_READY = 600 };

// What tests set; the same for all groups of the process.
extern int standin_hangs;    // an abort never returns
extern int standin_lingers;  // milliseconds that an aborted operation still runs and writes
extern int standin_version;  // of NCCL

// One line of the log: the calling thread, its device, and what it called.
void standin_log(const char* format, ...) __attribute__((format(printf, 1, 2)));

// The device of the calling thread.
int standin_device(void);

// What the devices answer from now on, SUCCESS where they work.
int standin_broken(void);

// Queues work behind what the stream holds; 0 is the default stream.
int standin_launch(void* stream, void (*run)(void*), void* argument);

// Where the host finds what lies at an address of the device; the address itself for memory of the host.
void* standin_reach(const void* address);

int cudaMemGetInfo(size_t* free_bytes, size_t* total_bytes);
