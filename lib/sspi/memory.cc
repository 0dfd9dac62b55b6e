#include "lib/sspi/memory.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "epa/base/secret.h"
#include "epa/sspi/sspi.h"

namespace epa::sspi {

void* AllocateBlock(size_t size) { return std::calloc(1, std::max<size_t>(size, 1)); }

void* AllocateCopy(std::span<const uint8_t> octets) {
  void* block = std::malloc(std::max<size_t>(octets.size(), 1));
  if (block != nullptr && !octets.empty()) {
    std::memcpy(block, octets.data(), octets.size());
  }
  return block;
}

void FreeBlock(void* block) {
  if (block != nullptr) {
    WipeMemory({static_cast<uint8_t*>(block), malloc_usable_size(block)});
    std::free(block);
  }
}

}  // namespace epa::sspi

SECURITY_STATUS SEC_ENTRY epa_FreeContextBuffer(void* pvContextBuffer) noexcept {
  epa::sspi::FreeBlock(pvContextBuffer);
  return SEC_E_OK;
}
