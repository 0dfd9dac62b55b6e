// Whatever one level reads must read the same once written again, in no more octets; what is inside
// is read as one level, too.
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz/reach.h"
#include "fuzz/require.h"
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
    std::span<const uint8_t> again;
    epa::fuzz::Require(written.size() <= element.encoded.size());
    epa::fuzz::Require(epa::asn1::ReadOnlyElement(written, element.tag, again));
    epa::fuzz::Require(std::ranges::equal(again, element.content));
    ReadLevel(element.content, depth - 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ReadLevel({data, size}, kDepth);
  return 0;
}
