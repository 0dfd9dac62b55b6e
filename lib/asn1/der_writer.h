// Writes DER from the inside out.
#ifndef EPA_LIB_ASN1_DER_WRITER_H_
#define EPA_LIB_ASN1_DER_WRITER_H_

#include <cstdint>
#include <span>
#include <vector>

namespace epa::asn1 {

// One element: identifier, shortest length, content. `content` is shorter than 4 GiB.
std::vector<uint8_t> Element(uint8_t tag, std::span<const uint8_t> content);
// Appends an element to `out`.
void AppendElement(uint8_t tag, std::span<const uint8_t> content, std::vector<uint8_t>& out);

}  // namespace epa::asn1

#endif  // EPA_LIB_ASN1_DER_WRITER_H_
