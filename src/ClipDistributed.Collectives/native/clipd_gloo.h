// Gloo's collectives over TCP, for C#. A context belongs to one group. Operations may be under way on several threads,
// each with its own tag; the tag of an operation is the same on all members. Nothing here throws.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct clipd_gloo_context clipd_gloo_context;

typedef enum {
  CLIPD_GLOO_OK = 0,
  CLIPD_GLOO_FAILED = 1,   // a peer or the network was lost, or memory ran out; the message says more
  CLIPD_GLOO_ABORTED = 2,  // clipd_gloo_abort was called
} clipd_gloo_status;

typedef enum {
  CLIPD_GLOO_FLOAT32 = 2,
  CLIPD_GLOO_BFLOAT16 = 3,
} clipd_gloo_type;

// Where a failed call writes why: zero-terminated UTF-8, cut at capacity.
typedef struct {
  char* text;
  size_t capacity;
} clipd_gloo_message;

// What members tell each other before they are connected. Both return 0, or 1 to give up.
typedef struct {
  void* user;
  int32_t (*set)(void* user, int32_t rank, const uint8_t* value, size_t length);
  // Blocks until that rank has set its value; writes at most capacity bytes and the length.
  int32_t (*get)(void* user, int32_t rank, uint8_t* value, size_t capacity, size_t* length);
} clipd_gloo_store;

// address: an IP address of this machine. timeout: how long an operation may wait for its peers.
clipd_gloo_status clipd_gloo_create(int32_t rank, int32_t world, const char* address, int64_t timeout_ms,
                                    clipd_gloo_context** context, clipd_gloo_message message);

// Connects every member with every other: one set and world - 1 gets.
clipd_gloo_status clipd_gloo_connect(clipd_gloo_context* context, const clipd_gloo_store* store, clipd_gloo_message message);

// bytes[r]: what rank r contributes, 0 or more. all may already contain own at its place.
clipd_gloo_status clipd_gloo_allgatherv(clipd_gloo_context* context, const void* own, void* all, const int64_t* bytes,
                                        uint32_t tag, clipd_gloo_message message);

// In place; a sum of bfloat16 is made in float32 and rounded to the nearest, ties to even, at every addition.
clipd_gloo_status clipd_gloo_allreduce(clipd_gloo_context* context, void* data, int64_t count, clipd_gloo_type type,
                                       uint32_t tag, clipd_gloo_message message);

clipd_gloo_status clipd_gloo_broadcast(clipd_gloo_context* context, void* data, int64_t bytes, int32_t root, uint32_t tag,
                                       clipd_gloo_message message);

// From any thread: whatever is blocked in this context returns, and every later operation fails.
void clipd_gloo_abort(clipd_gloo_context* context);

// Only when no other call is under way.
void clipd_gloo_destroy(clipd_gloo_context* context);

#ifdef __cplusplus
}
#endif
