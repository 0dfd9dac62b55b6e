// BER of LDAP's BindRequest and BindResponse (RFC 4511 4.2), with Sicily's ([MS-ADTS] 5.1.1.1.3).
#ifndef EPA_LIB_SASL_LDAP_MESSAGES_H_
#define EPA_LIB_SASL_LDAP_MESSAGES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace epa::sasl {

// RFC 4511 4.1.9.
enum class LdapResult : int32_t {
  kSuccess = 0,
  kProtocolError = 2,
  kAuthMethodNotSupported = 7,
  kStrongerAuthRequired = 8,
  kUnavailableCriticalExtension = 12,
  kConfidentialityRequired = 13,
  kSaslBindInProgress = 14,
  kInappropriateAuthentication = 48,
  kInvalidCredentials = 49,
  kUnavailable = 52,
  kUnwillingToPerform = 53,
};

struct LdapBindRequest {
  enum class Kind : uint8_t {
    kSimple,
    kSasl,
    kSicilyDiscovery,  // which packages are there
    kSicilyNegotiate,
    kSicilyResponse,
    kUnknown,  // another authentication choice
  };

  int32_t message_id = 0;
  int32_t version = 3;
  std::string_view name;
  Kind kind = Kind::kUnknown;
  std::string_view mechanism;  // of SASL
  // A password, SASL's or Sicily's credentials. SASL's may be absent.
  std::optional<std::span<const uint8_t>> credentials;
  bool critical_control = false;
};

// What the views point into is `message`.
std::optional<LdapBindRequest> ParseBindRequest(std::span<const uint8_t> message);
// Of SASL, or Sicily's second and third.
std::vector<uint8_t> EncodeBindRequest(const LdapBindRequest& request);
// Whether it is an LDAPMessage with a bind request's tag.
bool HasBindRequest(std::span<const uint8_t> message);

struct LdapBindResponse {
  int32_t message_id = 0;
  LdapResult result = LdapResult::kSuccess;
  std::string_view diagnostic;
  std::optional<std::span<const uint8_t>> credentials;
  // Sicily's credentials stand where the matched DN does.
  bool sicily = false;
};

std::vector<uint8_t> EncodeBindResponse(const LdapBindResponse& response);
// `sicily`: as the answer to a request of Sicily's; then there are always credentials, maybe empty.
std::optional<LdapBindResponse> ParseBindResponse(std::span<const uint8_t> message,
                                                  bool sicily = false);

}  // namespace epa::sasl

#endif  // EPA_LIB_SASL_LDAP_MESSAGES_H_
