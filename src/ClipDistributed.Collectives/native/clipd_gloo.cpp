#include "clipd_gloo.h"

#include <string.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include <gloo/allgatherv.h>
#include <gloo/allreduce.h>
#include <gloo/broadcast.h>

#include "group.h"
#include "reduce.h"

struct clipd_gloo_context {
  clipd::Breakage breakage;  // outlives the mesh
  std::shared_ptr<clipd::Mesh> mesh;
  std::atomic<bool> aborted{false};

  std::mutex lock;  // guards connecting
  std::condition_variable connectEnded;
  bool connecting = false;
};

namespace {

void write(clipd_gloo_message message, const char* what) {
  // Gloo puts "[/its/source/file.cc:123] " in front.
  if (what[0] == '[')
    if (const char* end = strstr(what, "] ")) what = end + 2;
  if (message.capacity == 0) return;
  strncpy(message.text, what, message.capacity - 1);
  message.text[message.capacity - 1] = 0;
}

// Runs body if the group is whole. A failure breaks the group for all members: they would wait for each other.
template <typename Body>
clipd_gloo_status guard(clipd_gloo_context& context, clipd_gloo_message message, Body body) {
  try {
    context.breakage.throwIfSet();
    body();
    if (context.aborted) context.breakage.throwIfSet();
    return CLIPD_GLOO_OK;
  } catch (const std::exception& failure) {
    write(message, failure.what());
    try {
      context.breakage.set(failure.what());
      // Else Gloo's thread would spin on a message whose buffer is gone.
      context.mesh->closePairs();
    } catch (const std::exception&) {
      // The first failure is the one to tell.
    }
  }
  return context.aborted ? CLIPD_GLOO_ABORTED : CLIPD_GLOO_FAILED;
}

}  // namespace

clipd_gloo_status clipd_gloo_create(int32_t rank, int32_t world, const char* address, int64_t timeout_ms,
                                    clipd_gloo_context** context, clipd_gloo_message message) {
  try {
    auto made = std::make_unique<clipd_gloo_context>();
    made->mesh = std::make_shared<clipd::Mesh>(rank, world, address, std::chrono::milliseconds(timeout_ms), made->breakage);
    *context = made.release();
    return CLIPD_GLOO_OK;
  } catch (const std::exception& failure) {
    write(message, failure.what());
    return CLIPD_GLOO_FAILED;
  }
}

clipd_gloo_status clipd_gloo_connect(clipd_gloo_context* context, const clipd_gloo_store* store, clipd_gloo_message message) {
  {
    std::lock_guard<std::mutex> held(context->lock);
    context->connecting = true;
  }
  auto status = guard(*context, message, [&] { context->mesh->connect(*store); });
  std::lock_guard<std::mutex> held(context->lock);
  context->connecting = false;
  context->connectEnded.notify_all();
  return status;
}

clipd_gloo_status clipd_gloo_allgatherv(clipd_gloo_context* context, const void* own, void* all, const int64_t* bytes,
                                        uint32_t tag, clipd_gloo_message message) {
  return guard(*context, message, [&] {
    const auto& mesh = context->mesh;
    std::vector<size_t> counts(bytes, bytes + mesh->size);
    size_t before = 0;
    for (int peer = 0; peer < mesh->rank; peer++) before += counts[peer];
    auto place = static_cast<uint8_t*>(all) + before;
    if (place != own && counts[mesh->rank] > 0) memcpy(place, own, counts[mesh->rank]);
    if (mesh->size == 1) return;
    gloo::AllgathervOptions options(mesh);
    options.setOutput(static_cast<uint8_t*>(all), std::move(counts));
    options.setTag(tag);
    gloo::allgatherv(options);
  });
}

clipd_gloo_status clipd_gloo_allreduce(clipd_gloo_context* context, void* data, int64_t count, clipd_gloo_type type,
                                       uint32_t tag, clipd_gloo_message message) {
  return guard(*context, message, [&] {
    if (context->mesh->size == 1 || count == 0) return;
    gloo::AllreduceOptions options(context->mesh);
    if (type == CLIPD_GLOO_FLOAT32) {
      options.setOutput(static_cast<float*>(data), count);
      options.setReduceFunction(clipd::addFloat32);
    } else {
      options.setOutput(static_cast<uint16_t*>(data), count);
      options.setReduceFunction(clipd::addBFloat16);
    }
    options.setAlgorithm(gloo::AllreduceOptions::Algorithm::RING);
    options.setTag(tag);
    gloo::allreduce(options);
  });
}

clipd_gloo_status clipd_gloo_broadcast(clipd_gloo_context* context, void* data, int64_t bytes, int32_t root, uint32_t tag,
                                       clipd_gloo_message message) {
  return guard(*context, message, [&] {
    if (context->mesh->size == 1) return;
    gloo::BroadcastOptions options(context->mesh);
    options.setOutput(static_cast<uint8_t*>(data), bytes);
    options.setRoot(root);
    options.setTag(tag);
    gloo::broadcast(options);
  });
}

void clipd_gloo_abort(clipd_gloo_context* context) {
  context->aborted = true;
  context->breakage.set("the group was aborted");
  // Closing a pair that still connects wakes the call that waits for it; the next may then have begun.
  std::unique_lock<std::mutex> held(context->lock);
  while (context->connecting) {
    held.unlock();
    try {
      context->mesh->closePairs();
    } catch (const std::exception&) {
      // A pair changed its socket just then: the next round closes it.
    }
    held.lock();
    context->connectEnded.wait_for(held, std::chrono::milliseconds(20), [&] { return !context->connecting; });
  }
}

void clipd_gloo_destroy(clipd_gloo_context* context) { delete context; }
