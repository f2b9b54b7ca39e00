#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "group.h"

namespace clipd {

namespace {

// Resets the connection, which the peer takes for a loss; an orderly end would look like a member that is done and leaves.
// The shutdown then wakes Gloo's thread on this side.
void cut(int socket) {
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  connect(socket, &none, sizeof(none));
  shutdown(socket, SHUT_RDWR);
}

}  // namespace

void Breakage::add(WatchedBuffer* buffer) {
  std::lock_guard<std::mutex> held(lock);
  buffers.insert(buffer);
}

void Breakage::remove(WatchedBuffer* buffer) {
  std::lock_guard<std::mutex> held(lock);
  buffers.erase(buffer);
}

void Breakage::add(int socket) {
  std::lock_guard<std::mutex> held(lock);
  sockets.push_back(socket);
  if (broken) cut(socket);
}

void Breakage::set(const std::string& reason) {
  std::lock_guard<std::mutex> held(lock);
  if (!broken) why = reason;
  broken = true;
  for (int socket : sockets) cut(socket);
  for (WatchedBuffer* buffer : buffers) {
    buffer->abortWaitRecv();
    buffer->abortWaitSend();
  }
}

void Breakage::throwIfSet() {
  if (!broken) return;
  std::lock_guard<std::mutex> held(lock);
  throw std::runtime_error(why);
}

Breakage::~Breakage() {
  for (int socket : sockets) close(socket);
}

WatchedBuffer::WatchedBuffer(std::unique_ptr<gloo::transport::UnboundBuffer> inner, Breakage& breakage)
    : gloo::transport::UnboundBuffer(inner->ptr, inner->size), inner(std::move(inner)), breakage(breakage) {
  breakage.add(this);
}

WatchedBuffer::~WatchedBuffer() { breakage.remove(this); }

// A breakage between the check and the wait is kept by the inner buffer, whose wait then returns false.
bool WatchedBuffer::waitRecv(int* rank, std::chrono::milliseconds timeout) {
  breakage.throwIfSet();
  if (!inner->waitRecv(rank, timeout)) breakage.throwIfSet();
  return true;
}

bool WatchedBuffer::waitSend(int* rank, std::chrono::milliseconds timeout) {
  breakage.throwIfSet();
  if (!inner->waitSend(rank, timeout)) breakage.throwIfSet();
  return true;
}

}  // namespace clipd
