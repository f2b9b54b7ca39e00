#define _GNU_SOURCE
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "standin.h"

enum { DEVICES = 2 };

typedef struct Task {
  void (*run)(void*);
  void* argument;
  struct Task* next;
} Task;

typedef struct Stream {
  pthread_t thread;
  pthread_mutex_t gate;
  pthread_cond_t changed;
  Task *first, **last;
  long queued, finished;
  int device, closing;
} Stream;

typedef struct { Stream* stream; long position; } Event;

static int broken;  // what the devices answer from now on

int standin_hangs, standin_lingers, standin_version = 22105;

static FILE* logged;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static Stream* defaults[DEVICES];
static __thread int device;

void standin_gpu_log(const char* path) { logged = fopen(path, "a"); }
void standin_gpu_hang_aborts(int hangs) { standin_hangs = hangs; }
void standin_gpu_linger(int milliseconds) { standin_lingers = milliseconds; }
void standin_gpu_break(int error) { broken = error; }
void standin_gpu_version(int version) { standin_version = version; }

void standin_log(const char* format, ...) {
  if (!logged) return;
  char line[256];
  int length = snprintf(line, sizeof(line), "%d %d ", gettid(), device);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line + length, sizeof(line) - length, format, arguments);
  va_end(arguments);
  fprintf(logged, "%s\n", line);
  fflush(logged);
}

int standin_device(void) { return device; }
int standin_broken(void) { return broken; }

static void* work(void* of) {
  Stream* stream = of;
  pthread_mutex_lock(&stream->gate);
  while (1) {
    while (!stream->first && !stream->closing) pthread_cond_wait(&stream->changed, &stream->gate);
    Task* task = stream->first;
    if (!task) break;
    stream->first = task->next;
    if (!stream->first) stream->last = &stream->first;
    pthread_mutex_unlock(&stream->gate);
    task->run(task->argument);
    free(task);
    pthread_mutex_lock(&stream->gate);
    stream->finished++;
    pthread_cond_broadcast(&stream->changed);
  }
  pthread_mutex_unlock(&stream->gate);
  return NULL;
}

static Stream* create(void) {
  Stream* stream = calloc(1, sizeof(Stream));
  stream->device = device;
  stream->last = &stream->first;
  pthread_mutex_init(&stream->gate, NULL);
  pthread_cond_init(&stream->changed, NULL);
  pthread_create(&stream->thread, NULL, work, stream);
  return stream;
}

static Stream* find(void* handle) {
  if (handle) return handle;
  pthread_mutex_lock(&gate);
  if (!defaults[device]) defaults[device] = create();
  pthread_mutex_unlock(&gate);
  return defaults[device];
}

int standin_launch(void* handle, void (*run)(void*), void* argument) {
  Stream* stream = find(handle);
  if (stream->device != device) return CUDA_WRONG_CONTEXT;
  Task* task = malloc(sizeof(Task));
  *task = (Task){run, argument, NULL};
  pthread_mutex_lock(&stream->gate);
  *stream->last = task;
  stream->last = &task->next;
  stream->queued++;
  pthread_cond_broadcast(&stream->changed);
  pthread_mutex_unlock(&stream->gate);
  return SUCCESS;
}

static void await(void* of) {
  Event* event = of;
  pthread_mutex_lock(&event->stream->gate);
  while (event->stream->finished < event->position) pthread_cond_wait(&event->stream->changed, &event->stream->gate);
  pthread_mutex_unlock(&event->stream->gate);
  free(event);
}

int cudaSetDevice(int to) {
  if (to < 0 || to >= DEVICES) return CUDA_NO_DEVICE;
  device = to;
  return SUCCESS;
}

int cudaStreamCreateWithFlags(void** stream, unsigned flags) {
  if (flags != 1) return CUDA_INVALID;  // one that the default stream serialises
  *stream = create();
  return SUCCESS;
}

int cudaStreamDestroy(void* handle) {
  Stream* stream = handle;
  pthread_mutex_lock(&stream->gate);
  stream->closing = 1;
  pthread_cond_broadcast(&stream->changed);
  pthread_mutex_unlock(&stream->gate);
  standin_log("cudaStreamDestroy");
  return SUCCESS;  // its thread ends with its work; events may still name it
}

int cudaStreamQuery(void* handle) {
  Stream* stream = find(handle);
  pthread_mutex_lock(&stream->gate);
  int busy = stream->finished < stream->queued;
  pthread_mutex_unlock(&stream->gate);
  return busy ? CUDA_NOT_READY : SUCCESS;
}

int cudaStreamWaitEvent(void* handle, void* of, unsigned flags) {
  if (!of || flags != 0) return CUDA_INVALID;
  Event* copy = malloc(sizeof(Event));
  *copy = *(Event*)of;
  return standin_launch(handle, await, copy);
}

int cudaEventCreateWithFlags(void** event, unsigned flags) {
  if (flags != 2) return CUDA_INVALID;  // one that takes times
  *event = calloc(1, sizeof(Event));
  return SUCCESS;
}

int cudaEventRecord(void* of, void* handle) {
  Event* event = of;
  event->stream = find(handle);
  if (event->stream->device != device) return CUDA_WRONG_CONTEXT;
  pthread_mutex_lock(&event->stream->gate);
  event->position = event->stream->queued;
  pthread_mutex_unlock(&event->stream->gate);
  return SUCCESS;
}

int cudaEventQuery(void* of) {
  if (broken) return broken;
  Event* event = of;
  pthread_mutex_lock(&event->stream->gate);
  int happened = event->stream->finished >= event->position;
  pthread_mutex_unlock(&event->stream->gate);
  return happened ? SUCCESS : CUDA_NOT_READY;
}

int cudaEventDestroy(void* event) { free(event); return SUCCESS; }

const char* cudaGetErrorString(int error) {
  switch (error) {
    case CUDA_OUT_OF_MEMORY: return "out of memory";
    case CUDA_NO_DEVICE: return "invalid device ordinal";
    case CUDA_WRONG_CONTEXT: return "invalid device context";
    case 214: return "uncorrectable ECC error encountered";
    default: return "invalid argument";
  }
}
