// A client's answer to a challenge, for the tests of authorities.
#ifndef EPA_TESTS_NTLM_NTLM_RESPONSE_MAKER_H_
#define EPA_TESTS_NTLM_NTLM_RESPONSE_MAKER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "epa/ntlm/authority.h"
#include "lib/base/utf16.h"
#include "providers/ntlm/ntlmv2.h"

namespace epa::ntlm {

// Owns what a LogonRequest points into.
class Logon {
 public:
  Logon(std::string domain, std::string user, std::string_view password)
      : Logon(std::move(domain), std::move(user), password, std::nullopt) {}

  // Of a client that takes `upper_user` for the user's name in upper case.
  Logon(std::string domain, std::string user, std::string_view password,
        std::optional<std::string_view> upper_user)
      : domain_(std::move(domain)), user_(std::move(user)) {
    // Version octets, and MsvAvEOL at the end: the shortest valid client challenge.
    std::vector<uint8_t> temp(32);
    temp[0] = 1;
    temp[1] = 1;
    const NtHash hash = NtHashFromPassword(password).value();
    const auto domain_octets = Utf8ToUtf16Le(domain_).value();
    ntowf_ = upper_user.has_value()
                 ? NtowfV2OfUpper(hash, Utf8ToUtf16Le(*upper_user).value(), domain_octets)
                 : NtowfV2(hash, Utf8ToUtf16Le(user_).value(), domain_octets);
    const Secret<16> proof = NtProof(ntowf_, kChallenge, temp);
    response_.assign(proof.Expose().begin(), proof.Expose().end());
    response_.insert(response_.end(), temp.begin(), temp.end());
  }

  LogonRequest Request() const {
    return {.user = user_,
            .domain = domain_,
            .workstation = "WS",
            .server_challenge = kChallenge,
            .nt_response = response_};
  }
  std::vector<uint8_t>& response() { return response_; }
  Secret<16> SessionKey() const {
    return SessionBaseKey(ntowf_, std::span<const uint8_t>(response_).first<16>());
  }

 private:
  static constexpr std::array<uint8_t, 8> kChallenge = {1, 2, 3, 4, 5, 6, 7, 8};

  std::string domain_;
  std::string user_;
  Secret<16> ntowf_;
  std::vector<uint8_t> response_;
};

// For verdicts about any account.
inline std::shared_ptr<const AccountIdentity> SomeAccount() {
  return std::make_shared<const AccountIdentity>(
      AccountIdentity{.user = "alice", .domain = "CORP"});
}

// How the authority refuses; kNone when it does not. A fault is kAuthorityUnavailable.
inline Reason RefusalOf(const NtlmAuthority& authority, const Logon& logon) {
  const auto verdict = authority.Verify(logon.Request());
  return verdict.ok() ? verdict->refusal() : Reason::kAuthorityUnavailable;
}

}  // namespace epa::ntlm

#endif  // EPA_TESTS_NTLM_NTLM_RESPONSE_MAKER_H_
