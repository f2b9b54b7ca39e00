// Debian's libgloo-dev leaves out gloo/common/memory.h, which gloo/transport/tcp/pair.h includes. These are stand-ins of
// the same sizes, never called; they come after the system's folders, so that a package that has the header wins.
#pragma once

#include <memory>

namespace gloo {

template <typename T>
class NonOwningPtr {
  std::shared_ptr<T> pointer;
};

template <typename T>
class WeakNonOwningPtr {
  std::weak_ptr<T> pointer;
};

template <typename T>
class ShareableNonOwningPtr {
  std::shared_ptr<T> pointer;
};

}  // namespace gloo
