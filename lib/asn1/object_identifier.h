// Object identifiers as people write them.
#ifndef EPA_LIB_ASN1_OBJECT_IDENTIFIER_H_
#define EPA_LIB_ASN1_OBJECT_IDENTIFIER_H_

#include <cstdint>
#include <span>
#include <string>

namespace epa::asn1 {

// "1.2.840.113554.1.2.2" of an identifier's content, without tag and length; hexadecimal for what
// is no object identifier of usual size.
std::string DottedOid(std::span<const uint8_t> content);

}  // namespace epa::asn1

#endif  // EPA_LIB_ASN1_OBJECT_IDENTIFIER_H_
