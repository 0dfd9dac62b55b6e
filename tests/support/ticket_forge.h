// A KDC in a few lines: tickets with whatever names and PAC a test wants, under a key of its own.
#ifndef EPA_TESTS_SUPPORT_TICKET_FORGE_H_
#define EPA_TESTS_SUPPORT_TICKET_FORGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "epa/base/secret.h"

namespace epa::test {

// What a directory says of the account in a ticket.
struct ForgedPac {
  // KERB_VALIDATION_INFO ([MS-PAC] 2.5): EffectiveName, LogonDomainName, UserId of the domain
  // S-1-5-21-1-2-3. No name: no such buffer.
  std::optional<std::string> logon_name;
  std::string logon_domain = "CORP";
  uint32_t user_id = 1105;
  bool signed_with_another_key = false;
  bool of_another_client = false;  // PAC_CLIENT_INFO (2.7)
  bool of_another_time = false;    // the same
  bool torn_container = false;     // the AD-IF-RELEVANT around it lacks its last octet
};

struct ForgedTicket {
  std::vector<std::string> client = {"alice"};
  std::string client_realm = "CORP.EXAMPLE.COM";
  std::optional<ForgedPac> pac;
};

class TicketForge {
 public:
  static constexpr const char* kRealm = "CORP.EXAMPLE.COM";
  static constexpr const char* kService = "HTTP/web.corp.example.com";

  static constexpr uint16_t kAes256 = 18;
  static constexpr uint16_t kCamellia256 = 26;  // RFC 6803; no key of Windows
  static constexpr uint32_t kKeyVersion = 3;

  // The service's and the session's keys have this encryption type, and 32 octets.
  explicit TicketForge(uint16_t encryption_type = kAes256);

  // A keytab with the service's key, which tickets say is of version kKeyVersion.
  SecretBytes Keytab() const;
  // The same key, as that of HTTP/`host` and of another version.
  SecretBytes KeytabOf(const std::string& host, uint32_t version) const;
  // An AP-REQ without frame: the client's login to the service, bound to nothing. Set-up faults end
  // the test program.
  std::vector<uint8_t> Request(const ForgedTicket& ticket) const;
  // Puts the ticket in a new credential cache, such as "MEMORY:name" for clients of this process.
  void Store(const ForgedTicket& ticket, const std::string& cache_name) const;

 private:
  uint16_t encryption_type_;
  std::vector<uint8_t> key_;
};

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_TICKET_FORGE_H_
