// Blocks that the caller gives back with FreeContextBuffer.
#ifndef EPA_LIB_SSPI_MEMORY_H_
#define EPA_LIB_SSPI_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace epa::sspi {

// Null when there is no memory. Zeroed, and never of size 0.
void* AllocateBlock(size_t size);
// A copy. Null when there is no memory.
void* AllocateCopy(std::span<const uint8_t> octets);
// Wipes and frees. Null is nothing to do.
void FreeBlock(void* block);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_MEMORY_H_
