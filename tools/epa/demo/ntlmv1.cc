#include "tools/epa/demo/ntlmv1.h"

#include <array>
#include <span>

#include "lib/base/byte_writer.h"
#include "lib/base/utf16.h"

namespace epa::tool {
namespace {

// [MS-NLMP] 2.2.2.5: unicode, NTLM, always sign, extended session security.
constexpr uint32_t kFlags = 0x00088201;
constexpr std::array<uint8_t, 8> kSignature = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};
// [MS-NLMP] 2.2.1.3 without Version and MIC.
constexpr size_t kAuthenticateHeaderSize = 64;
constexpr size_t kNtlmV1ResponseSize = 24;

}  // namespace

std::vector<uint8_t> PlainNegotiateToken() {
  ByteWriter writer;
  writer.WriteBytes(kSignature);
  writer.WriteU32(1);
  writer.WriteU32(kFlags);
  writer.WriteZeros(16);  // no domain, no workstation
  return std::move(writer).Take();
}

std::vector<uint8_t> NtlmV1AuthenticateToken(std::string_view user) {
  const size_t separator = user.find('\\');
  const std::vector<uint8_t> responses(kNtlmV1ResponseSize, 0x5a);
  // LM, NT, domain, user, workstation, session key: the order of the fields and of the payload.
  const std::array<std::vector<uint8_t>, 6> payload = {
      responses,
      responses,
      Utf8ToUtf16Le(user.substr(0, separator)).value_or(std::vector<uint8_t>{}),
      Utf8ToUtf16Le(user.substr(separator + 1)).value_or(std::vector<uint8_t>{}),
      {},
      {}};
  ByteWriter writer;
  writer.WriteBytes(kSignature);
  writer.WriteU32(3);
  size_t offset = kAuthenticateHeaderSize;
  for (const std::vector<uint8_t>& part : payload) {
    writer.WriteU16(static_cast<uint16_t>(part.size()));
    writer.WriteU16(static_cast<uint16_t>(part.size()));
    writer.WriteU32(static_cast<uint32_t>(offset));
    offset += part.size();
  }
  writer.WriteU32(kFlags);
  for (const std::vector<uint8_t>& part : payload) {
    writer.WriteBytes(part);
  }
  return std::move(writer).Take();
}

}  // namespace epa::tool
