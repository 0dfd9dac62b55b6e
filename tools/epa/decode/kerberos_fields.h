// Fields that Kerberos' messages share (RFC 4120 5.2), as documents have them.
#ifndef EPA_TOOLS_EPA_DECODE_KERBEROS_FIELDS_H_
#define EPA_TOOLS_EPA_DECODE_KERBEROS_FIELDS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tools/epa/common/output.h"
#include "tools/epa/decode/der_walk.h"

namespace epa::tool {

struct SealedPart {
  std::optional<int64_t> type;
  std::optional<int64_t> version;
  std::span<const uint8_t> cipher;
};

// Each reads the one value within `field`; without one there is no value, and a fault.
std::optional<int64_t> ReadNumber(const DerWalk& walk, const DerNode& field, std::string_view name);
std::optional<std::string> ReadText(const DerWalk& walk, const DerNode& field,
                                    std::string_view name);
// "2026-11-22T03:00:51Z".
std::optional<std::string> ReadTime(const DerWalk& walk, const DerNode& field);
// The parts of a PrincipalName with slashes between them.
std::optional<std::string> ReadName(const DerWalk& walk, const DerNode& field);
SealedPart ReadEncryptedData(const DerWalk& walk, const DerNode& field, std::string_view name);

// Without a value nothing is added.
void AddNumber(Json& document, const char* key, std::optional<int64_t> value);
void AddText(Json& document, const char* key, const std::optional<std::string>& value);
// "0x20000000".
std::string HexNumber(uint32_t value);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_KERBEROS_FIELDS_H_
