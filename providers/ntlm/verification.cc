#include "providers/ntlm/verification.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/byte_reader.h"
#include "lib/base/status_macros.h"
#include "lib/base/upper_case.h"
#include "lib/base/utf16.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/openssl_library.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/ntlmv2.h"
#include "providers/ntlm/proof_check.h"

namespace epa::ntlm {
namespace {

// [MS-NLMP] 2.2.2.6 NTLM_RESPONSE, the response of version 1.
constexpr size_t kNtlmV1ResponseSize = 24;
// NTLMv2_CLIENT_CHALLENGE with the one AV pair that cannot be missing, MsvAvEOL (2.2.2.1).
constexpr size_t kMinTempSize = kClientChallengeHeaderSize + 4;

// The session base key, where the proof was made with `ntowf`.
std::optional<Secret<16>> KeyOf(const Secret<16>& ntowf, const LogonRequest& request,
                                std::span<const uint8_t, kNtProofSize> proof,
                                std::span<const uint8_t> temp) {
  const Secret<16> ours = NtProof(ntowf, request.server_challenge, temp);
  return ProofMatches(ours.Expose(), proof) ? std::optional(SessionBaseKey(ntowf, proof))
                                            : std::nullopt;
}

// Peers that do not have Windows' table compute their proof with another upper case of a name
// that is not ASCII; it takes the same password.
LogonVerdict VerifyHash(const NtHash& hash, const LogonRequest& request,
                        std::shared_ptr<const AccountIdentity> account) {
  ByteReader reader(request.nt_response);
  std::array<uint8_t, kNtProofSize> proof{};
  if (!reader.ReadArray(std::span(proof)) || reader.remaining() < kMinTempSize) {
    return LogonVerdict::Refused(request.nt_response.size() == kNtlmV1ResponseSize
                                     ? Reason::kNtlmV1Refused
                                     : Reason::kMalformedToken);
  }
  const std::optional<Utf16Name> user = Utf8ToUtf16Name(request.user);
  const std::optional<Utf16Name> domain = Utf8ToUtf16Name(request.domain);
  if (!user.has_value() || !domain.has_value()) {
    return LogonVerdict::Refused(Reason::kMalformedToken);
  }
  const auto temp = reader.rest();
  std::optional<Secret<16>> key = KeyOf(NtowfV2(hash, *user, *domain), request, proof, temp);
  const auto others =
      key.has_value() ? std::vector<std::vector<uint8_t>>() : OtherUppercasesOf(*user);
  for (size_t i = 0; i < others.size() && !key.has_value(); ++i) {
    key = KeyOf(NtowfV2OfUpper(hash, others[i], *domain), request, proof, temp);
  }
  return key.has_value() ? LogonVerdict::Verified(*key, std::move(account))
                         : LogonVerdict::Refused(Reason::kWrongPassword);
}

// Stands in for an account that is not there. Whatever it verifies is thrown away.
const NtHash& StandInHash() {
  static const NtHash hash{std::array<uint8_t, 16>{1}};
  return hash;
}

}  // namespace

bool IsUnsetHash(const NtHash& hash) { return hash == NtHash(); }

LogonVerdict VerifyAccount(const AccountTable::Record* account, const LogonRequest& request) {
  const bool usable = account != nullptr && !account->disabled && !IsUnsetHash(account->nt_hash);
  LogonVerdict verdict = VerifyHash(usable ? account->nt_hash : StandInHash(), request,
                                    usable ? account->identity : nullptr);
  if (usable || verdict.refusal() == Reason::kNtlmV1Refused ||
      verdict.refusal() == Reason::kMalformedToken) {
    return verdict;
  }
  return LogonVerdict::Refused(account == nullptr ? Reason::kUnknownUser
                                                  : Reason::kAccountDisabled);
}

absl::StatusOr<NtHash> NtHashFromPassword(std::string_view password_utf8) {
  EPA_RETURN_IF_ERROR(crypto::OpenSslLibrary::Get().RequireNtlm());
  std::optional<std::vector<uint8_t>> password = Utf8ToUtf16Le(password_utf8);
  if (!password.has_value()) {
    return absl::InvalidArgumentError("the password is not UTF-8");
  }
  NtHash hash = crypto::Md4({*password});
  WipeMemory(*password);
  return hash;
}

absl::StatusOr<LogonVerdict> VerifyWithNtHash(const NtHash& hash, const LogonRequest& request,
                                              std::shared_ptr<const AccountIdentity> account) {
  if (account == nullptr) {
    return absl::InvalidArgumentError("a verdict needs the account it is about");
  }
  EPA_RETURN_IF_ERROR(crypto::OpenSslLibrary::Get().RequireMd5());
  if (IsUnsetHash(hash)) {
    return absl::FailedPreconditionError("the NT hash is all zero: it was never set");
  }
  return VerifyHash(hash, request, std::move(account));
}

}  // namespace epa::ntlm
