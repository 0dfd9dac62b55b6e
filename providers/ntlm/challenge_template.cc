#include "providers/ntlm/challenge_template.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/ascii.h"
#include "lib/base/byte_writer.h"
#include "lib/base/endian.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "providers/ntlm/messages/challenge_message.h"
#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

// [MS-NLMP] 2.2.1.2: NegotiateFlags, ServerChallenge.
constexpr size_t kFlagsOffset = 20;
constexpr size_t kServerChallengeOffset = 24;
// The time stamp's value ends where the end marker begins.
constexpr size_t kTimeFromEnd = 8 + kAvPairHeaderSize;

// Longer names fit no host and no domain; DNS allows 255 octets.
constexpr size_t kMaxNameOctets = 2 * 255;

// What a server agrees to when the client asks for it.
constexpr uint32_t kGrantedFlags =
    kNegotiateSign | kNegotiateSeal | kNegotiateAlwaysSign | kNegotiateExtendedSessionSecurity |
    kNegotiate128 | kNegotiate56 | kNegotiateKeyExchange | kNegotiateVersion | kRequestTarget;

absl::StatusOr<std::vector<uint8_t>> NameOctets(const std::string& name) {
  auto octets = Utf8ToUtf16Le(name);
  if (!octets.has_value()) {
    return absl::InvalidArgumentError("a target name is not UTF-8");
  }
  if (octets->size() > kMaxNameOctets) {
    return absl::InvalidArgumentError("the target name '" + name + "' is too long");
  }
  return *std::move(octets);
}

}  // namespace

absl::StatusOr<ChallengeTemplate> ChallengeTemplate::Create(const ChallengeNames& names,
                                                            bool target_is_domain) {
  // Windows' order.
  const std::array<std::pair<AvId, const std::string*>, 5> pairs = {{
      {AvId::kNbDomainName, &names.netbios_domain},
      {AvId::kNbComputerName, &names.netbios_computer},
      {AvId::kDnsDomainName, &names.dns_domain},
      {AvId::kDnsComputerName, &names.dns_computer},
      {AvId::kDnsTreeName, &names.dns_tree},
  }};
  ByteWriter info;
  for (const auto& [id, name] : pairs) {
    EPA_ASSIGN_OR_RETURN(const auto octets, NameOctets(*name));
    if (!octets.empty() && !WriteAvPair(id, octets, info)) {
      return absl::InvalidArgumentError("a target name is too long");
    }
  }
  WriteAvTimestamp(0, info);
  WriteAvEol(info);

  ChallengeTemplate result;
  result.target_type_ = target_is_domain ? kTargetTypeDomain : kTargetTypeServer;
  result.target_info_ = std::move(info).Take();
  const std::string& target = target_is_domain ? names.netbios_domain : names.netbios_computer;
  EPA_ASSIGN_OR_RETURN(const auto unicode_name, NameOctets(target));
  EPA_RETURN_IF_ERROR(result.Prepare(unicode_name, true, result.unicode_message_));
  std::vector<uint8_t> oem_name;
  if (IsAscii(target)) {
    oem_name.assign(target.begin(), target.end());
  }
  EPA_RETURN_IF_ERROR(result.Prepare(oem_name, false, result.oem_message_));
  EPA_ASSIGN_OR_RETURN(result.pairs_, ParseAvPairs(result.target_info_, AvTrailer::kNothing));
  return result;
}

absl::Status ChallengeTemplate::Prepare(const std::vector<uint8_t>& target_name, bool unicode,
                                        std::vector<uint8_t>& message) {
  ChallengeMessage challenge;
  challenge.flags = unicode ? kNegotiateUnicode : kNegotiateOem;
  challenge.target_name = target_name;
  challenge.target_info = target_info_;
  challenge.version = kOurVersion;
  EPA_ASSIGN_OR_RETURN(message, WriteChallengeMessage(challenge));
  return absl::OkStatus();
}

uint32_t ChallengeTemplate::AnswerFlags(uint32_t offered) const {
  uint32_t flags = (offered & kGrantedFlags) | kNegotiateNtlm | kNegotiateTargetInfo | target_type_;
  // Both set: Unicode it is.
  flags |= (offered & kNegotiateUnicode) != 0 ? kNegotiateUnicode : kNegotiateOem;
  return flags;
}

std::vector<uint8_t> ChallengeTemplate::Write(const IssuedChallenge& issued) const {
  std::vector<uint8_t> message =
      (issued.flags & kNegotiateUnicode) != 0 ? unicode_message_ : oem_message_;
  const std::span<uint8_t> octets(message);
  PutLittleEndian(issued.flags, octets.subspan(kFlagsOffset, 4));
  std::copy(issued.server_challenge.begin(), issued.server_challenge.end(),
            octets.subspan(kServerChallengeOffset).begin());
  PutLittleEndian(issued.time, octets.subspan(octets.size() - kTimeFromEnd, 8));
  return message;
}

const AvPair* ChallengeTemplate::FirstPairNotEchoed(FileTime time, const AvPairs& response) const {
  for (const AvPair& sent : pairs_.pairs()) {
    const AvPair* echoed = response.Find(sent.id);
    const bool unchanged =
        echoed != nullptr &&
        (sent.id == AvId::kTimestamp ? response.timestamp() == time
                                     : std::ranges::equal(sent.value, echoed->value));
    if (!unchanged) {
      return &sent;
    }
  }
  return nullptr;
}

}  // namespace epa::ntlm
