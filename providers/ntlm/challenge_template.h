// A server's CHALLENGE messages, prepared once: only three fields differ between them.
#ifndef EPA_PROVIDERS_NTLM_CHALLENGE_TEMPLATE_H_
#define EPA_PROVIDERS_NTLM_CHALLENGE_TEMPLATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/ntlm/authority.h"
#include "providers/ntlm/messages/av_pairs.h"

namespace epa::ntlm {

// What makes one challenge differ from another: enough to write it again for its MIC.
struct IssuedChallenge {
  uint32_t flags = 0;
  std::array<uint8_t, 8> server_challenge{};
  FileTime time = 0;
  MonotonicTime issued_at = 0;  // for its age; `time` travels
};

// Immutable; shared by all exchanges of an acceptor's credentials. Moved, never copied: it has
// views into itself.
class ChallengeTemplate {
 public:
  ChallengeTemplate(ChallengeTemplate&&) = default;
  ChallengeTemplate& operator=(ChallengeTemplate&&) = default;

  // `target_is_domain`: TARGET_TYPE_DOMAIN and the domain's name instead of the server's.
  static absl::StatusOr<ChallengeTemplate> Create(const ChallengeNames& names,
                                                  bool target_is_domain);

  // The flags of the answer to a client's NEGOTIATE flags ([MS-NLMP] 3.2.5.1.1).
  uint32_t AnswerFlags(uint32_t offered) const;

  std::vector<uint8_t> Write(const IssuedChallenge& issued) const;

  // The first AV pair of a challenge of `time` that `response` does not carry unchanged, or null.
  const AvPair* FirstPairNotEchoed(FileTime time, const AvPairs& response) const;

 private:
  ChallengeTemplate() = default;
  absl::Status Prepare(const std::vector<uint8_t>& target_name, bool unicode,
                       std::vector<uint8_t>& message);

  uint32_t target_type_ = 0;
  std::vector<uint8_t> target_info_;
  AvPairs pairs_;  // of target_info_
  std::vector<uint8_t> unicode_message_;
  std::vector<uint8_t> oem_message_;
};

}  // namespace epa::ntlm

#endif  // EPA_PROVIDERS_NTLM_CHALLENGE_TEMPLATE_H_
