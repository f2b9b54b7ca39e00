#include "clipd_gloo.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <gloo/allgatherv.h>
#include <gloo/allreduce.h>
#include <gloo/broadcast.h>
#include <gloo/context.h>
#include <gloo/transport/tcp/context.h>
#include <gloo/transport/tcp/device.h>
#include <gloo/transport/tcp/pair.h>

#include "reduce.h"

namespace {

using gloo::transport::tcp::Pair;

// Access to two protected members of Gloo's pair: the standard does not check access in an explicit instantiation.
template <typename Tag, typename Tag::Member member>
struct Expose {
  friend typename Tag::Member memberOf(Tag) { return member; }
};
struct PairSocket {
  using Member = int Pair::*;
  friend Member memberOf(PairSocket);
};
struct PairLock {
  using Member = std::mutex Pair::*;
  friend Member memberOf(PairLock);
};
template struct Expose<PairSocket, &Pair::fd_>;
template struct Expose<PairLock, &Pair::m_>;

// The pair's socket, duplicated: the number stays ours when Gloo closes its own.
int duplicateSocket(gloo::transport::Pair& base) {
  auto& pair = static_cast<Pair&>(base);
  std::lock_guard<std::mutex> lock(pair.*memberOf(PairLock()));
  int socket = fcntl(pair.*memberOf(PairSocket()), F_DUPFD_CLOEXEC, 0);
  if (socket < 0) throw std::runtime_error("the peer went away while the group connected");
  int type = 0;
  socklen_t length = sizeof(type);
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM) {
    close(socket);
    throw std::runtime_error("this version of libgloo keeps its sockets elsewhere; use Gloo 0.5");
  }
  return socket;
}

// What gloo::rendezvous::Context does, without its host names; and the pairs can be reached while they connect.
struct Mesh : gloo::Context {
  Mesh(int rank, int size) : gloo::Context(rank, size) {}

  void listen(std::shared_ptr<gloo::transport::Device> device, std::chrono::milliseconds timeout) {
    device_ = std::move(device);
    transportContext_ = device_->createContext(rank, size);
    // Gloo waits five times this long for a pair to connect.
    transportContext_->setTimeout(timeout / 5 + std::chrono::milliseconds(1));
    for (int peer = 0; peer < size; peer++)
      if (peer != rank) transportContext_->createPair(peer);
    transportContext_->setTimeout(timeout);
    setTimeout(timeout);
  }
};

struct Aborted : std::runtime_error {
  Aborted() : std::runtime_error("the group was aborted") {}
};

}  // namespace

struct clipd_gloo_context {
  std::shared_ptr<Mesh> mesh;
  std::vector<int> sockets;  // one per peer once connected
  std::atomic<bool> aborted{false};
  std::atomic<bool> broken{false};

  std::mutex lock;  // guards what follows, and sockets
  std::condition_variable connectEnded;
  bool connecting = false;

  // A broken group is broken for all its members at once: they would wait for each other.
  void shutSockets() {
    broken = true;
    std::lock_guard<std::mutex> held(lock);
    for (int socket : sockets) shutdown(socket, SHUT_RDWR);
  }

  void throwIfAborted() const {
    if (aborted) throw Aborted();
  }

  ~clipd_gloo_context() {
    mesh.reset();
    for (int socket : sockets) close(socket);
  }
};

namespace {

void write(clipd_gloo_message message, const char* what) {
  // Gloo puts "[/its/source/file.cc:123] " in front.
  if (what[0] == '[' && what[1] == '/')
    if (const char* end = strstr(what, "] ")) what = end + 2;
  if (message.capacity == 0) return;
  strncpy(message.text, what, message.capacity - 1);
  message.text[message.capacity - 1] = 0;
}

template <typename Body>
clipd_gloo_status guard(clipd_gloo_context* context, clipd_gloo_message message, Body body) {
  try {
    if (context) context->throwIfAborted();
    if (context && context->broken) throw std::runtime_error("an earlier operation failed");
    body();
    if (context) context->throwIfAborted();
    return CLIPD_GLOO_OK;
  } catch (const std::exception& failure) {
    write(message, failure.what());
  } catch (...) {
    write(message, "an unknown error");
  }
  if (context == nullptr) return CLIPD_GLOO_FAILED;
  context->shutSockets();
  return context->aborted ? CLIPD_GLOO_ABORTED : CLIPD_GLOO_FAILED;
}

// A member's addresses, one per peer in rank order: each pair listens on its own port.
void publish(Mesh& mesh, const clipd_gloo_store& store) {
  std::vector<char> all;
  for (int peer = 0; peer < mesh.size; peer++) {
    if (peer == mesh.rank) continue;
    auto bytes = mesh.getPair(peer)->address().bytes();
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  if (store.set(store.user, mesh.rank, reinterpret_cast<const uint8_t*>(all.data()), all.size()) != 0)
    throw std::runtime_error("the addresses could not be published");
}

std::vector<char> addressAt(Mesh& mesh, int peer, const clipd_gloo_store& store) {
  const size_t each = mesh.getPair(peer)->address().bytes().size(), expected = each * (mesh.size - 1);
  std::vector<char> all(expected);
  size_t length = 0;
  if (store.get(store.user, peer, reinterpret_cast<uint8_t*>(all.data()), all.size(), &length) != 0)
    throw std::runtime_error("rank " + std::to_string(peer) + " did not publish its addresses");
  if (length != expected) throw std::runtime_error("rank " + std::to_string(peer) + " published addresses of another size");
  const size_t place = (mesh.rank < peer ? mesh.rank : mesh.rank - 1) * each;
  return std::vector<char>(all.begin() + place, all.begin() + place + each);
}

void connectAll(clipd_gloo_context& context, const clipd_gloo_store& store) {
  Mesh& mesh = *context.mesh;
  publish(mesh, store);
  // All addresses first: from then on everyone is there, and connecting does not have to wait long.
  std::vector<std::vector<char>> addresses(mesh.size);
  for (int peer = 0; peer < mesh.size; peer++)
    if (peer != mesh.rank) addresses[peer] = addressAt(mesh, peer, store);
  for (int peer = 0; peer < mesh.size; peer++) {
    if (peer == mesh.rank) continue;
    context.throwIfAborted();
    mesh.getPair(peer)->connect(addresses[peer]);
    context.throwIfAborted();
    int socket = duplicateSocket(*mesh.getPair(peer));
    std::lock_guard<std::mutex> held(context.lock);
    context.sockets.push_back(socket);
  }
}

}  // namespace

clipd_gloo_status clipd_gloo_create(int32_t rank, int32_t world, const char* address, int64_t timeout_ms,
                                    clipd_gloo_context** context, clipd_gloo_message message) {
  return guard(nullptr, message, [&] {
    auto made = std::make_unique<clipd_gloo_context>();
    made->mesh = std::make_shared<Mesh>(rank, world);
    made->mesh->listen(gloo::transport::tcp::CreateDevice(gloo::transport::tcp::attr(address)), std::chrono::milliseconds(timeout_ms));
    *context = made.release();
  });
}

clipd_gloo_status clipd_gloo_connect(clipd_gloo_context* context, const clipd_gloo_store* store, clipd_gloo_message message) {
  {
    std::lock_guard<std::mutex> held(context->lock);
    context->connecting = true;
  }
  auto status = guard(context, message, [&] { connectAll(*context, *store); });
  std::lock_guard<std::mutex> held(context->lock);
  context->connecting = false;
  context->connectEnded.notify_all();
  return status;
}

clipd_gloo_status clipd_gloo_allgatherv(clipd_gloo_context* context, const void* own, void* all, const int64_t* bytes,
                                        uint32_t tag, clipd_gloo_message message) {
  return guard(context, message, [&] {
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
  return guard(context, message, [&] {
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
  return guard(context, message, [&] {
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
  context->shutSockets();
  // A pair that still connects has no socket of ours. Closing it wakes who waits for it; the next pair may then have begun.
  std::unique_lock<std::mutex> held(context->lock);
  while (context->connecting) {
    held.unlock();
    for (int peer = 0; peer < context->mesh->size; peer++)
      if (peer != context->mesh->rank) context->mesh->getPair(peer)->close();
    held.lock();
    context->connectEnded.wait_for(held, std::chrono::milliseconds(20), [&] { return !context->connecting; });
  }
}

void clipd_gloo_destroy(clipd_gloo_context* context) { delete context; }
