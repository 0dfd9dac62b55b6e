#include "lib/smb2/server_negotiation.h"

#include <algorithm>
#include <utility>

namespace epa::smb2 {
namespace {

constexpr NtStatus kStatusNoPreauthHashOverlap = 0xC05D0000;  // [MS-ERREF] 2.3.1
// 3.3.5.4: what a connection without multi-credit operations may move at once.
constexpr uint32_t kSmallTransfer = 65536;
constexpr uint16_t kNoCipher = 0x0000;
constexpr size_t kSaltSize = 32;

template <typename Id>
std::optional<Id> FirstCommon(const std::vector<Id>& preferred,
                              const std::vector<uint16_t>& offered) {
  for (const Id id : preferred) {
    if (std::find(offered.begin(), offered.end(), static_cast<uint16_t>(id)) != offered.end()) {
      return id;
    }
  }
  return std::nullopt;
}

std::optional<Dialect> GreatestCommon(std::vector<Dialect> accepted,
                                      const std::vector<uint16_t>& offered) {
  std::sort(accepted.rbegin(), accepted.rend());
  return FirstCommon(accepted, offered);
}

bool Accepts(const ServerOptions& options, Dialect dialect) {
  return std::find(options.dialects.begin(), options.dialects.end(), dialect) !=
         options.dialects.end();
}

NegotiateResponse ResponseOf(const ServerConfig& config, uint16_t dialect) {
  const ServerOptions& options = config.options();
  NegotiateResponse response;
  response.security_mode =
      static_cast<uint16_t>(kSigningEnabled | (options.require_signing ? kSigningRequired : 0));
  response.dialect = dialect;
  response.server_guid = options.server_guid;
  response.capabilities = dialect == static_cast<uint16_t>(Dialect::k202) ? 0 : kCapabilityLargeMtu;
  const uint32_t transfer = response.capabilities == 0 ? kSmallTransfer : options.max_transfer_size;
  response.max_transact_size = response.max_read_size = response.max_write_size = transfer;
  response.system_time = options.clock->Now();
  response.token = config.mechanism_hint();
  return response;
}

// 3.0 and 3.0.2: a capability of both sides.
void NegotiateOldEncryption(const ServerOptions& options, const NegotiateRequest& request,
                            Agreement& agreement, NegotiateResponse& response) {
  const bool has_cipher = std::find(options.ciphers.begin(), options.ciphers.end(),
                                    Cipher::kAes128Ccm) != options.ciphers.end();
  if (options.encryption != EncryptionPolicy::kOff && has_cipher &&
      (request.capabilities & kCapabilityEncryption) != 0) {
    agreement.cipher = Cipher::kAes128Ccm;
    response.capabilities |= kCapabilityEncryption;
  }
}

// 3.1.1: AES-CMAC where the client names none that is accepted here, unless that is not either.
std::optional<SigningAlgorithm> SigningOf(const ServerOptions& options,
                                          const NegotiateContexts& offered) {
  const std::vector<uint16_t> named = offered.signing_algorithms.value_or(std::vector<uint16_t>());
  if (const auto common = FirstCommon(options.signing_algorithms, named); common.has_value()) {
    return common;
  }
  return FirstCommon(options.signing_algorithms,
                     {static_cast<uint16_t>(DefaultSigning(Dialect::k311))});
}

// 3.1.1: the contexts. Each that was offered is answered with what was chosen.
NtStatus NegotiateContextsOf(const ServerOptions& options, const NegotiateContexts& offered,
                             Agreement& agreement, NegotiateContexts& chosen) {
  if (std::find(offered.hashes.begin(), offered.hashes.end(), kHashSha512) ==
      offered.hashes.end()) {
    return kStatusNoPreauthHashOverlap;
  }
  chosen.hashes = {kHashSha512};
  chosen.salt.resize(kSaltSize);
  options.random->Fill(chosen.salt);
  if (offered.ciphers.has_value() && options.encryption != EncryptionPolicy::kOff) {
    agreement.cipher = FirstCommon(options.ciphers, *offered.ciphers);
    chosen.ciphers = {agreement.cipher.has_value() ? static_cast<uint16_t>(*agreement.cipher)
                                                   : kNoCipher};
  }
  const std::optional<SigningAlgorithm> signing = SigningOf(options, offered);
  if (!signing.has_value()) {
    return kStatusNotSupported;
  }
  agreement.signing = *signing;
  if (offered.signing_algorithms.has_value()) {
    chosen.signing_algorithms = {static_cast<uint16_t>(*signing)};
  }
  return kStatusSuccess;
}

ValidateNegotiateRequest WhatTheClientSaid(const NegotiateRequest& request) {
  return {request.capabilities, request.client_guid, request.security_mode, request.dialects};
}

ValidateNegotiateResponse WhatTheServerSaid(const NegotiateResponse& response) {
  return {response.capabilities, response.server_guid, response.security_mode, response.dialect};
}

}  // namespace

NegotiationAnswer AnswerNegotiate(const ServerConfig& config, const NegotiateRequest& request) {
  const ServerOptions& options = config.options();
  NegotiationAnswer answer;
  const std::optional<Dialect> dialect = GreatestCommon(options.dialects, request.dialects);
  if (!dialect.has_value()) {
    answer.status = kStatusNotSupported;
    return answer;
  }
  Agreement& agreement = answer.negotiation.agreement;
  agreement.dialect = *dialect;
  agreement.signing = DefaultSigning(*dialect);
  agreement.peer_requires_signing = (request.security_mode & kSigningRequired) != 0;
  NegotiateResponse response = ResponseOf(config, static_cast<uint16_t>(*dialect));
  if (*dialect == Dialect::k300 || *dialect == Dialect::k302) {
    NegotiateOldEncryption(options, request, agreement, response);
  } else if (*dialect == Dialect::k311) {
    answer.status =
        NegotiateContextsOf(options, *request.contexts, agreement, response.contexts.emplace());
  }
  if (answer.status == kStatusSuccess) {
    answer.negotiation.client = WhatTheClientSaid(request);
    answer.negotiation.server = WhatTheServerSaid(response);
    answer.body = WriteNegotiateResponse(response);
  }
  return answer;
}

Smb1Answer AnswerSmb1Negotiate(const ServerConfig& config, const Smb1Negotiate& request) {
  const ServerOptions& options = config.options();
  const bool later_dialects = std::any_of(options.dialects.begin(), options.dialects.end(),
                                          [](Dialect dialect) { return dialect > Dialect::k202; });
  Smb1Answer answer;
  if (request.offers_wildcard && later_dialects) {
    answer.body = WriteNegotiateResponse(ResponseOf(config, kDialectWildcard));
    return answer;
  }
  if (!request.offers_2_0_2 || !Accepts(options, Dialect::k202)) {
    answer.status = kStatusNotSupported;
    return answer;
  }
  const NegotiateResponse response = ResponseOf(config, static_cast<uint16_t>(Dialect::k202));
  answer.negotiation.emplace();
  answer.negotiation->agreement.dialect = Dialect::k202;
  answer.negotiation->server = WhatTheServerSaid(response);
  answer.body = WriteNegotiateResponse(response);
  return answer;
}

bool ConfirmsNegotiation(const ServerConfig& config, const ServerNegotiation& negotiation,
                         const ValidateNegotiateRequest& said) {
  if (GreatestCommon(config.options().dialects, said.dialects) != negotiation.agreement.dialect) {
    return false;
  }
  const std::optional<ValidateNegotiateRequest>& first = negotiation.client;
  return !first.has_value() ||
         (said.capabilities == first->capabilities && said.client_guid == first->client_guid &&
          said.security_mode == first->security_mode);
}

}  // namespace epa::smb2
