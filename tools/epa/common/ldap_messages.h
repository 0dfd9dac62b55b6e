// What the commands need of LDAP (RFC 4511) beside Bind: whole messages, the rootDSE, StartTLS,
// "Who am I?".
#ifndef EPA_TOOLS_EPA_COMMON_LDAP_MESSAGES_H_
#define EPA_TOOLS_EPA_COMMON_LDAP_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace epa::tool {

// RFC 4511 4.14, RFC 4532 2.
inline constexpr std::string_view kLdapStartTls = "1.3.6.1.4.1.1466.20037";
inline constexpr std::string_view kLdapWhoAmI = "1.3.6.1.4.1.4203.1.11.3";

// RFC 4511 4.1.9.
enum class LdapCode : uint8_t {
  kSuccess = 0,
  kOperationsError = 1,
  kProtocolError = 2,
  kNoSuchObject = 32,
  kInsufficientAccess = 50,
  kUnwillingToPerform = 53,
};

// How many octets the message has that `octets` begin with: no value where that is not known yet,
// 0 where they begin no message.
std::optional<size_t> LdapMessageSize(std::span<const uint8_t> octets);

struct LdapRequest {
  enum class Kind : uint8_t { kBind, kUnbind, kAbandon, kSearch, kExtended, kOther };

  int32_t message_id = 0;
  Kind kind = Kind::kOther;
  uint8_t tag = 0;           // of the operation
  std::string_view name;     // of a search: the base; of an extended operation: its OID
  bool base_search = false;  // of the base alone
  // What a search asks for (RFC 4511 4.5.1.8). None: everything.
  std::vector<std::string_view> attributes;

  // Whether the search asks for it; "*" and "+" are everything here.
  bool Wants(std::string_view attribute) const;
};
// No value: not an LDAP request. Views are into `message`.
std::optional<LdapRequest> ParseLdapRequest(std::span<const uint8_t> message);

// An answer of the operation's own kind, with a result and nothing more.
std::vector<uint8_t> LdapResultTo(const LdapRequest& request, LdapCode code,
                                  std::string_view diagnostic);

struct LdapAttribute {
  std::string_view name;
  std::vector<std::string_view> values;
};
std::vector<uint8_t> LdapEntry(int32_t message_id, std::span<const LdapAttribute> attributes);

// An extended operation without a value, and the answer to one, which names `oid` unless that is
// empty.
std::vector<uint8_t> LdapExtendedRequest(int32_t message_id, std::string_view oid);
std::vector<uint8_t> LdapExtendedResponse(int32_t message_id, std::string_view oid,
                                          std::optional<std::string_view> value);

struct LdapExtendedResult {
  int32_t code = 0;
  std::string_view diagnostic;
  std::string_view value;
};
std::optional<LdapExtendedResult> ParseLdapExtendedResponse(std::span<const uint8_t> message,
                                                            int32_t message_id);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_LDAP_MESSAGES_H_
