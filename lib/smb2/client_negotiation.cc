#include "lib/smb2/client_negotiation.h"

#include <algorithm>
#include <string>
#include <utility>

namespace epa::smb2 {
namespace {

constexpr size_t kSaltSize = 32;

template <typename Id>
std::vector<uint16_t> NumbersOf(const std::vector<Id>& ids) {
  std::vector<uint16_t> numbers;
  numbers.reserve(ids.size());
  for (const Id id : ids) {
    numbers.push_back(static_cast<uint16_t>(id));
  }
  return numbers;
}

template <typename Id>
std::optional<Id> Find(const std::vector<Id>& ids, uint16_t number) {
  const auto found = std::find(ids.begin(), ids.end(), static_cast<Id>(number));
  return found != ids.end() ? std::optional(*found) : std::nullopt;
}

bool OffersEncryption(const ClientOptions& options) {
  return options.encryption != EncryptionPolicy::kOff;
}

ClientRefusal Refuse(ClientRefusal::Kind kind, std::string detail) {
  ClientRefusal refusal;
  refusal.kind = kind;
  refusal.detail = std::move(detail);
  return refusal;
}

// No value where what the server chose is what was offered (3.2.5.2).
std::optional<ClientRefusal> JudgeContexts(const ClientOptions& options,
                                           const NegotiateContexts& chosen, Agreement& agreement) {
  using Kind = ClientRefusal::Kind;
  if (chosen.hashes != std::vector<uint16_t>{kHashSha512}) {
    return Refuse(Kind::kProtocol, "the server chose another preauth hash than SHA-512");
  }
  if (chosen.ciphers.has_value() && chosen.ciphers->front() != 0) {
    agreement.cipher = Find(options.ciphers, chosen.ciphers->front());
    if (chosen.ciphers->size() != 1 || !OffersEncryption(options) ||
        !agreement.cipher.has_value()) {
      return Refuse(Kind::kProtocol, "the server chose a cipher that was not offered");
    }
  }
  const uint16_t signing = chosen.signing_algorithms.has_value()
                               ? chosen.signing_algorithms->front()
                               : static_cast<uint16_t>(SigningAlgorithm::kAesCmac);
  const auto known = Find(options.signing_algorithms, signing);
  const bool one_choice =
      !chosen.signing_algorithms.has_value() || chosen.signing_algorithms->size() == 1;
  if (!known.has_value() || !one_choice) {
    return Refuse(Kind::kSecurity, "the server signs with an algorithm that was not offered");
  }
  agreement.signing = *known;
  return std::nullopt;
}

}  // namespace

NegotiateRequest OfferOf(const ClientOptions& options, const RandomSource& random) {
  NegotiateRequest request;
  request.security_mode = options.require_signing ? kSigningRequired : kSigningEnabled;
  const Dialect greatest = *std::max_element(options.dialects.begin(), options.dialects.end());
  if (greatest >= Dialect::k300) {  // 2.2.3: below, there is nothing to say
    request.capabilities =
        kCapabilityLargeMtu | (OffersEncryption(options) ? kCapabilityEncryption : 0);
  }
  random.Fill(request.client_guid);
  request.dialects = NumbersOf(options.dialects);
  std::sort(request.dialects.begin(), request.dialects.end());
  if (greatest == Dialect::k311) {
    NegotiateContexts& contexts = request.contexts.emplace();
    contexts.hashes = {kHashSha512};
    contexts.salt.resize(kSaltSize);
    random.Fill(contexts.salt);
    if (OffersEncryption(options)) {
      contexts.ciphers = NumbersOf(options.ciphers);
    }
    contexts.signing_algorithms = NumbersOf(options.signing_algorithms);
  }
  return request;
}

std::variant<ClientNegotiation, ClientRefusal> JudgeNegotiateResponse(
    const ClientOptions& options, const NegotiateRequest& request,
    const NegotiateResponse& response) {
  using Kind = ClientRefusal::Kind;
  const auto dialect = Find(options.dialects, response.dialect);
  if (!dialect.has_value()) {
    return Refuse(Kind::kProtocol, "the server chose a dialect that was not offered");
  }
  ClientNegotiation negotiation;
  Agreement& agreement = negotiation.agreement;
  agreement.dialect = *dialect;
  agreement.signing = DefaultSigning(*dialect);
  agreement.peer_requires_signing = (response.security_mode & kSigningRequired) != 0;
  if (*dialect == Dialect::k311) {
    if (auto refusal = JudgeContexts(options, *response.contexts, agreement); refusal.has_value()) {
      return *std::move(refusal);
    }
  } else if (*dialect >= Dialect::k300 && OffersEncryption(options) &&
             (response.capabilities & kCapabilityEncryption) != 0) {
    agreement.cipher = Find(options.ciphers, static_cast<uint16_t>(Cipher::kAes128Ccm));
  }
  if (options.encryption == EncryptionPolicy::kRequired && !agreement.cipher.has_value()) {
    return Refuse(Kind::kSecurity, "encryption is required and the server offers none");
  }
  negotiation.client = {request.capabilities, request.client_guid, request.security_mode,
                        request.dialects};
  negotiation.server = {response.capabilities, response.server_guid, response.security_mode,
                        response.dialect};
  negotiation.max_transact_size = response.max_transact_size;
  negotiation.max_read_size = response.max_read_size;
  return negotiation;
}

}  // namespace epa::smb2
