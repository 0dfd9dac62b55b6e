// Whatever one level reads must be written the same; what is inside is read as one level, too.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "fuzz/reach.h"
#include "lib/asn1/der_reader.h"
#include "lib/asn1/der_writer.h"

namespace {

epa::fuzz::ReachPoint element_read("an element");
epa::fuzz::ReachPoint deep("an element six levels deep");

constexpr int kDepth = 8;

void ReadLevel(std::span<const uint8_t> octets, int depth) {
  epa::asn1::DerReader reader(octets);
  epa::asn1::DerElement element;
  while (depth > 0 && reader.Read(element)) {
    element_read.Reach();
    deep.Reach(depth <= kDepth - 5);
    const std::vector<uint8_t> written = epa::asn1::Element(element.tag, element.content);
    if (!std::ranges::equal(written, element.encoded)) {
      std::abort();
    }
    ReadLevel(element.content, depth - 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ReadLevel({data, size}, kDepth);
  return 0;
}
