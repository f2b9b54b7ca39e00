#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "group.h"

namespace clipd {

namespace {

using gloo::transport::tcp::Pair;

// Gloo keeps these to itself and to derived classes.
struct OpenPair : Pair {
  static constexpr int Pair::*socket = &OpenPair::fd_;
  static constexpr std::mutex Pair::*lock = &OpenPair::m_;
  static constexpr gloo::transport::tcp::Op Pair::*receiving = &OpenPair::rx_;
  static constexpr std::deque<gloo::transport::tcp::Op> Pair::*sending = &OpenPair::tx_;
};

// The pair's socket under a number of ours, which stays when Gloo closes its own.
int duplicateSocket(Pair& pair) {
  std::lock_guard<std::mutex> held(pair.*OpenPair::lock);
  int socket = fcntl(pair.*OpenPair::socket, F_DUPFD_CLOEXEC, 0);
  // Gloo's own would stay open in our children, and our death would not be seen.
  fcntl(pair.*OpenPair::socket, F_SETFD, FD_CLOEXEC);
  if (socket < 0) throw std::runtime_error("a peer disconnected while the group connected");
  int type = 0;
  socklen_t length = sizeof(type);
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM) return socket;
  close(socket);
  throw std::runtime_error("this libgloo keeps its sockets elsewhere than its headers say");
}

}  // namespace

Watch::Watch(gloo::transport::tcp::Device& device, Pair& pair, int socket, int peer, Breakage& breakage)
    : device(device), pair(pair), socket(socket), peer(peer), breakage(breakage) {
  arm();
}

Watch::~Watch() {
  try {
    device.unregisterDescriptor(socket, this);
  } catch (const std::exception&) {
    // It is not registered; nothing calls this any more.
  }
}

// Once per event: one that stays would keep Gloo's thread busy.
void Watch::arm() { device.registerDescriptor(socket, EPOLLRDHUP | EPOLLONESHOT, this); }

void Watch::handleEvents(int events) {
  bool lost = (events & (EPOLLHUP | EPOLLERR)) != 0;
  if (!lost) {
    // The peer ended its side. It may have left after the last operation; then Gloo reads what is still there and closes.
    // The thread that closes a pair holds its lock until this thread has run, so it must not be waited for.
    std::unique_lock<std::mutex> held(pair.*OpenPair::lock, std::try_to_lock);
    if (!held || pair.*OpenPair::socket >= 0) return arm();
    lost = !(pair.*OpenPair::sending).empty() || (pair.*OpenPair::receiving).nread > 0;
  }
  if (lost) breakage.set("the connection to rank " + std::to_string(peer) + " was lost");
}

Mesh::Mesh(int rank, int size, const char* address, std::chrono::milliseconds timeout, Breakage& breakage)
    : gloo::Context(rank, size), breakage(breakage) {
  device_ = gloo::transport::tcp::CreateDevice(gloo::transport::tcp::attr(address));
  auto transport = device_->createContext(rank, size);
  // Gloo waits five times this long for a pair to connect.
  transport->setTimeout(timeout / 5 + std::chrono::milliseconds(1));
  for (int peer = 0; peer < size; peer++)
    if (peer != rank) transport->createPair(peer);
  transport->setTimeout(timeout);
  setTimeout(timeout);
  transportContext_ = std::make_shared<WatchedTransport>(std::move(transport), breakage);
}

void Mesh::connect(const clipd_gloo_store& store) {
  auto own = ownAddresses();
  if (store.set(store.user, rank, reinterpret_cast<const uint8_t*>(own.data()), own.size()) != 0)
    throw std::runtime_error("the addresses could not be published");
  // All addresses first: from then on all members are present, and connecting does not have to wait long.
  std::vector<std::vector<char>> addresses(size);
  for (int peer = 0; peer < size; peer++)
    if (peer != rank) addresses[peer] = addressAt(peer, store);
  for (int peer = 0; peer < size; peer++) {
    if (peer == rank) continue;
    breakage.throwIfSet();
    getPair(peer)->connect(addresses[peer]);
    breakage.throwIfSet();
    watch(peer);
  }
}

// One per peer in rank order: each pair listens on a port of its own.
std::vector<char> Mesh::ownAddresses() {
  std::vector<char> all;
  for (int peer = 0; peer < size; peer++) {
    if (peer == rank) continue;
    auto bytes = getPair(peer)->address().bytes();
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

std::vector<char> Mesh::addressAt(int peer, const clipd_gloo_store& store) {
  const size_t each = getPair(peer)->address().bytes().size();
  std::vector<char> all(each * (size - 1));
  size_t length = 0;
  if (store.get(store.user, peer, reinterpret_cast<uint8_t*>(all.data()), all.size(), &length) != 0)
    throw std::runtime_error("rank " + std::to_string(peer) + " did not come");
  if (length != all.size()) throw std::runtime_error("rank " + std::to_string(peer) + " published addresses of another size");
  const auto place = all.begin() + (rank < peer ? rank : rank - 1) * each;
  return std::vector<char>(place, place + each);
}

void Mesh::watch(int peer) {
  auto& pair = static_cast<Pair&>(*getPair(peer));
  int socket = duplicateSocket(pair);
  breakage.add(socket);
  watches.push_back(std::make_unique<Watch>(static_cast<gloo::transport::tcp::Device&>(*device_), pair, socket, peer, breakage));
}

void Mesh::closePairs() {
  for (int peer = 0; peer < size; peer++)
    if (peer != rank) getPair(peer)->close();
}

}  // namespace clipd
