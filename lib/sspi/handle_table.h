// Handles of the C interface: numbers that lead to objects, and to nothing once released.
#ifndef EPA_LIB_SSPI_HANDLE_TABLE_H_
#define EPA_LIB_SSPI_HANDLE_TABLE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "epa/base/random.h"
#include "epa/sspi/sspi.h"

namespace epa::sspi {

// dwLower is a place, dwUpper a number that is used once and starts at random: a handle that was
// released, copied from elsewhere or never issued finds nothing. An object that is found stays
// alive as long as its finder holds it. Safe for several threads, which meet in one of sixteen
// places at most.
template <typename Object>
class HandleTable {
 public:
  HandleTable() {
    std::array<uint8_t, sizeof(ULONG_PTR)> seed{};
    SystemRandom().Fill(seed);
    ULONG_PTR first = 0;
    for (const uint8_t octet : seed) {
      first = first << 8 | octet;
    }
    next_number_.store(first, std::memory_order_relaxed);
  }

  SecHandle Insert(std::shared_ptr<Object> object) {
    const ULONG_PTR number = NextNumber();
    const size_t shard_index = number % kShards;
    Shard& shard = shards_[shard_index];
    const std::lock_guard lock(shard.mutex);
    size_t place = shard.slots.size();
    if (shard.free_places.empty()) {
      shard.slots.emplace_back();
      shard.free_places.reserve(shard.slots.capacity());  // so that Remove allocates nothing
    } else {
      place = shard.free_places.back();
      shard.free_places.pop_back();
    }
    shard.slots[place] = {number, std::move(object)};
    return {place * kShards + shard_index, number};
  }

  // Null for a null pointer and for a handle that leads nowhere.
  std::shared_ptr<Object> Find(const SecHandle* handle) {
    if (handle == nullptr) {
      return nullptr;
    }
    Shard& shard = shards_[handle->dwLower % kShards];
    const std::lock_guard lock(shard.mutex);
    const Slot* const slot = shard.SlotOf(*handle);
    return slot != nullptr ? slot->object : nullptr;
  }

  // The same, and the handle is released.
  std::shared_ptr<Object> Remove(const SecHandle* handle) {
    if (handle == nullptr) {
      return nullptr;
    }
    Shard& shard = shards_[handle->dwLower % kShards];
    const std::lock_guard lock(shard.mutex);
    Slot* const slot = shard.SlotOf(*handle);
    if (slot == nullptr) {
      return nullptr;
    }
    shard.free_places.push_back(handle->dwLower / kShards);
    return std::exchange(slot->object, nullptr);
  }

 private:
  static constexpr size_t kShards = 16;

  struct Slot {
    ULONG_PTR number = 0;
    std::shared_ptr<Object> object;
  };

  struct Shard {
    Slot* SlotOf(const SecHandle& handle) {
      const size_t place = handle.dwLower / kShards;
      if (place >= slots.size() || slots[place].object == nullptr ||
          slots[place].number != handle.dwUpper) {
        return nullptr;
      }
      return &slots[place];
    }

    std::mutex mutex;
    std::vector<Slot> slots;
    std::vector<size_t> free_places;
  };

  // Never what SecInvalidateHandle writes.
  ULONG_PTR NextNumber() {
    ULONG_PTR number = UINTPTR_MAX;
    while (number == UINTPTR_MAX) {
      number = next_number_.fetch_add(1, std::memory_order_relaxed);
    }
    return number;
  }

  std::atomic<ULONG_PTR> next_number_;
  std::array<Shard, kShards> shards_;
};

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_HANDLE_TABLE_H_
