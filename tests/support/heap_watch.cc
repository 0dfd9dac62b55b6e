#include "tests/support/heap_watch.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

namespace epa::test {
namespace {

// Kept masked, so that the watch does not find its own.
constexpr uint8_t kMask = 0xA5;

struct Watched {
  const char* name = nullptr;
  std::array<uint8_t, kMaxWatchedSize> masked{};
  size_t size = 0;
  bool released = false;
  bool present = false;
};

// Before every block, in a ring.
struct alignas(std::max_align_t) Header {
  Header* previous;
  Header* next;
  size_t size;
};

struct Heap {
  std::mutex mutex;
  Header ring{&ring, &ring, 0};
  bool watching = false;
  std::array<Watched, kMaxWatchedSecrets> watched;
  size_t count = 0;
};

// Never destroyed: blocks are released until the process ends.
Heap& TheHeap() {
  alignas(Heap) static std::array<unsigned char, sizeof(Heap)> memory;
  static Heap& heap = *new (memory.data()) Heap();
  return heap;
}

bool Contains(std::span<const uint8_t> block, const Watched& watched) {
  for (size_t at = 0; at + watched.size <= block.size(); ++at) {
    size_t same = 0;
    while (same < watched.size && (block[at + same] ^ kMask) == watched.masked[same]) {
      ++same;
    }
    if (same == watched.size) {
      return true;
    }
  }
  return false;
}

std::span<const uint8_t> BlockOf(const Header& header) {
  return {reinterpret_cast<const uint8_t*>(&header + 1), header.size};
}

void LookAt(Heap& heap, const Header& header, bool Watched::*finding) {
  for (size_t i = 0; i < heap.count; ++i) {
    Watched& watched = heap.watched.at(i);
    if (!(watched.*finding)) {
      watched.*finding = Contains(BlockOf(header), watched);
    }
  }
}

void* Allocate(size_t size) {
  auto* const header = static_cast<Header*>(std::malloc(sizeof(Header) + size));
  if (header == nullptr) {
    return nullptr;
  }
  Heap& heap = TheHeap();
  const std::lock_guard lock(heap.mutex);
  *header = {&heap.ring, heap.ring.next, size};
  header->next->previous = header;
  heap.ring.next = header;
  return header + 1;
}

void Release(void* block) {
  if (block == nullptr) {
    return;
  }
  Header* const header = static_cast<Header*>(block) - 1;
  Heap& heap = TheHeap();
  {
    const std::lock_guard lock(heap.mutex);
    if (heap.watching) {
      LookAt(heap, *header, &Watched::released);
    }
    header->previous->next = header->next;
    header->next->previous = header->previous;
  }
  std::free(header);
}

void* AllocateForOpenSsl(size_t size, const char*, int) { return Allocate(size); }
void ReleaseForOpenSsl(void* block, const char*, int) { Release(block); }
void* ReallocateForOpenSsl(void* block, size_t size, const char*, int) {
  void* const moved = Allocate(size);
  if (moved != nullptr && block != nullptr) {
    std::memcpy(moved, block, std::min(size, (static_cast<Header*>(block) - 1)->size));
    Release(block);
  }
  return moved;
}

// Before anything of OpenSSL's is used.
const bool kOpenSslIsWatched =
    CRYPTO_set_mem_functions(AllocateForOpenSsl, ReallocateForOpenSsl, ReleaseForOpenSsl) == 1;

}  // namespace

void WatchHeapFor(const char* name, std::span<const uint8_t> secret) {
  Heap& heap = TheHeap();
  const std::lock_guard lock(heap.mutex);
  if (secret.size() < 8 || secret.size() > kMaxWatchedSize || heap.count == kMaxWatchedSecrets) {
    std::abort();
  }
  Watched& watched = heap.watched.at(heap.count++);
  watched.name = name;
  watched.size = secret.size();
  std::transform(secret.begin(), secret.end(), watched.masked.begin(),
                 [](uint8_t octet) { return octet ^ kMask; });
}

void BeginHeapWatch() {
  if (!kOpenSslIsWatched) {
    std::abort();
  }
  Heap& heap = TheHeap();
  const std::lock_guard lock(heap.mutex);
  heap.watching = true;
}

std::vector<std::string> EndHeapWatch() {
  Heap& heap = TheHeap();
  {
    const std::lock_guard lock(heap.mutex);
    heap.watching = false;
    for (const Header* header = heap.ring.next; header != &heap.ring; header = header->next) {
      LookAt(heap, *header, &Watched::present);
    }
  }
  std::vector<std::string> findings;
  for (const Watched& watched : std::span(heap.watched).first(heap.count)) {
    if (watched.released) {
      findings.push_back(std::string(watched.name) + " in a released block");
    }
    if (watched.present) {
      findings.push_back(std::string(watched.name) + " in a block that is still there");
    }
  }
  heap.watched = {};
  heap.count = 0;
  return findings;
}

}  // namespace epa::test

void* operator new(size_t size) {
  void* const block = epa::test::Allocate(size);
  if (block == nullptr) {
    std::abort();
  }
  return block;
}
void operator delete(void* block) noexcept { epa::test::Release(block); }
void operator delete(void* block, size_t) noexcept { epa::test::Release(block); }
