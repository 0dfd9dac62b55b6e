// Entries of tests/data/ntlm for the tests of the NTLMv2 computations.
#ifndef EPA_TESTS_NTLM_NTLM_VECTORS_H_
#define EPA_TESTS_NTLM_NTLM_VECTORS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "epa/base/secret.h"
#include "lib/base/byte_reader.h"
#include "tests/support/test_data.h"

namespace epa::ntlm {

inline nlohmann::json ReadEntries(const std::string& file) {
  return test::ReadTestJson("ntlm/" + file).at("entries");
}

inline bool Has(const nlohmann::json& object, const char* key) {
  return object.contains(key) && !object.at(key).is_null();
}

inline std::vector<uint8_t> Octets(const nlohmann::json& hex) {
  return test::FromHex(hex.get<std::string>());
}

inline Secret<16> Key(const nlohmann::json& hex) {
  const std::vector<uint8_t> octets = Octets(hex);
  return Secret<16>(std::span<const uint8_t, 16>(octets));
}

// A field of an AUTHENTICATE message by the position of its descriptor ([MS-NLMP] 2.2.1.3).
inline std::span<const uint8_t> AuthenticateField(std::span<const uint8_t> message,
                                                  size_t descriptor) {
  ByteReader reader(message);
  uint16_t size = 0;
  uint32_t offset = 0;
  std::span<const uint8_t> field;
  const bool found = reader.Skip(descriptor) && reader.ReadU16(size) && reader.Skip(2) &&
                     reader.ReadU32(offset) && reader.SpanAt(offset, size, field);
  return found ? field : std::span<const uint8_t>();
}
inline constexpr size_t kNtResponseDescriptor = 20;
inline constexpr size_t kDomainDescriptor = 28;
inline constexpr size_t kUserDescriptor = 36;
inline constexpr size_t kSessionKeyDescriptor = 52;
inline constexpr size_t kFlagsOffset = 60;
inline constexpr size_t kMicOffset = 72;

}  // namespace epa::ntlm

#endif  // EPA_TESTS_NTLM_NTLM_VECTORS_H_
