// Writes DER into one buffer: the sizes inside are known before a header is written.
#ifndef EPA_LIB_ASN1_DER_WRITER_H_
#define EPA_LIB_ASN1_DER_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace epa::asn1 {

// Octets of an element whose content has `content_size` octets.
size_t ElementSize(size_t content_size);
// Appends the identifier and the shortest length of an element; its content is to follow.
void AppendHeader(uint8_t tag, size_t content_size, std::vector<uint8_t>& out);
// One element: identifier, shortest length, content. `content` is shorter than 4 GiB.
std::vector<uint8_t> Element(uint8_t tag, std::span<const uint8_t> content);
// Appends an element to `out`.
void AppendElement(uint8_t tag, std::span<const uint8_t> content, std::vector<uint8_t>& out);

}  // namespace epa::asn1

#endif  // EPA_LIB_ASN1_DER_WRITER_H_
