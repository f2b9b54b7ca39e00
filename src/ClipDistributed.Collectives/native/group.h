// A group's connections, made such that whatever waits for a peer can be woken.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <gloo/context.h>
#include <gloo/transport/context.h>
#include <gloo/transport/tcp/device.h>
#include <gloo/transport/tcp/pair.h>
#include <gloo/transport/unbound_buffer.h>

#include "clipd_gloo.h"

namespace clipd {

class WatchedBuffer;

// Gloo 0.5 wakes waiting calls when a connection is lost, except for a message that is half sent or half received: a
// call that waits for it waits until the timeout. So every buffer is known here, and when the group breaks all are woken.
class Breakage {
 public:
  void add(WatchedBuffer* buffer);
  void remove(WatchedBuffer* buffer);

  // Duplicated sockets, one per peer, which this owns; cut when the group breaks, so that the peers notice at once.
  void add(int socket);

  // From any thread, more than once; the first reason stays.
  void set(const std::string& reason);
  bool isSet() const { return broken; }
  void throwIfSet();

  ~Breakage();

 private:
  std::atomic<bool> broken{false};
  std::mutex lock;  // guards what follows
  std::string why;
  std::set<WatchedBuffer*> buffers;
  std::vector<int> sockets;
};

// Gloo's buffer, whose waits end when the group breaks.
class WatchedBuffer : public gloo::transport::UnboundBuffer {
 public:
  WatchedBuffer(std::unique_ptr<gloo::transport::UnboundBuffer> inner, Breakage& breakage);
  ~WatchedBuffer() override;

  bool waitRecv(int* rank, std::chrono::milliseconds timeout) override;
  bool waitSend(int* rank, std::chrono::milliseconds timeout) override;
  void abortWaitRecv() override { inner->abortWaitRecv(); }
  void abortWaitSend() override { inner->abortWaitSend(); }
  void send(int rank, uint64_t slot, size_t offset, size_t bytes) override { inner->send(rank, slot, offset, bytes); }
  void recv(int rank, uint64_t slot, size_t offset, size_t bytes) override { inner->recv(rank, slot, offset, bytes); }
  void recv(std::vector<int> ranks, uint64_t slot, size_t offset, size_t bytes) override {
    inner->recv(std::move(ranks), slot, offset, bytes);
  }

 private:
  std::unique_ptr<gloo::transport::UnboundBuffer> inner;
  Breakage& breakage;
};

// Gloo's transport, which gives out watched buffers.
class WatchedTransport : public gloo::transport::Context {
 public:
  WatchedTransport(std::shared_ptr<gloo::transport::Context> inner, Breakage& breakage)
      : gloo::transport::Context(inner->rank, inner->size), inner(std::move(inner)), breakage(breakage) {}

  std::unique_ptr<gloo::transport::Pair>& getPair(int peer) override { return inner->getPair(peer); }
  std::unique_ptr<gloo::transport::Pair>& createPair(int peer) override { return inner->createPair(peer); }
  std::unique_ptr<gloo::transport::UnboundBuffer> createUnboundBuffer(void* memory, size_t size) override {
    return std::make_unique<WatchedBuffer>(inner->createUnboundBuffer(memory, size), breakage);
  }

 private:
  std::shared_ptr<gloo::transport::Context> inner;
  Breakage& breakage;
};

// Sees, on Gloo's own thread, a connection that ends amid a message.
class Watch : public gloo::transport::tcp::Handler {
 public:
  Watch(gloo::transport::tcp::Device& device, gloo::transport::tcp::Pair& pair, int socket, int peer, Breakage& breakage);
  ~Watch() override;
  void handleEvents(int events) override;

 private:
  void arm();

  gloo::transport::tcp::Device& device;
  gloo::transport::tcp::Pair& pair;
  const int socket, peer;
  Breakage& breakage;
};

// What Gloo's algorithms run on. It connects as gloo::rendezvous::Context does, without host names; and its pairs can be
// reached meanwhile.
class Mesh : public gloo::Context {
 public:
  // Listens for every peer.
  Mesh(int rank, int size, const char* address, std::chrono::milliseconds timeout, Breakage& breakage);

  // One set and size - 1 gets of the store, then a connection with every peer.
  void connect(const clipd_gloo_store& store);

  // From any thread: a call that waits for a connection returns.
  void closePairs();

 private:
  std::vector<char> ownAddresses();
  std::vector<char> addressAt(int peer, const clipd_gloo_store& store);
  void watch(int peer);

  Breakage& breakage;
  std::vector<std::unique_ptr<Watch>> watches;
};

}  // namespace clipd
