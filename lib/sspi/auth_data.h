// pAuthData of AcquireCredentialsHandle, whichever structure it is.
#ifndef EPA_LIB_SSPI_AUTH_DATA_H_
#define EPA_LIB_SSPI_AUTH_DATA_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "epa/base/secret.h"
#include "epa/core/audit.h"
#include "epa/core/extended_protection.h"
#include "epa/kerberos/kerberos.h"
#include "epa/ntlm/authority.h"
#include "epa/sspi/epa_sspi.h"

namespace epa::sspi {

// Text is UTF-8; empty is not given. Copies share the secrets.
struct AuthData {
  ULONG flags = 0;  // EPA_AUTH_*
  std::string package_list;

  std::string user;
  std::string domain;
  std::shared_ptr<const SecretBytes> password;  // may be null
  std::string workstation;
  std::string credential_cache;
  std::string client_keytab;
  uint32_t suppress_extended_protection = 0;

  std::vector<std::string> account_sources;
  std::shared_ptr<const SecretBytes> accounts;  // may be null
  ntlm::ChallengeNames names;
  std::string keytab;
  std::vector<std::string> service_principals;

  kerberos::Configuration configuration;
  std::shared_ptr<const ExtendedProtectionPolicy> policy;  // may be null
  std::shared_ptr<AuditSink> audit;                        // may be null

  // Whether there is something that only a client, or only a server, has a use for.
  bool HasClient() const {
    return (flags & EPA_AUTH_ANONYMOUS) != 0 || !user.empty() || password != nullptr ||
           !credential_cache.empty() || !client_keytab.empty();
  }
  bool HasServer() const {
    return !account_sources.empty() || accounts != nullptr || !keytab.empty();
  }
};

// The first members of every structure but the plain identity, which begins with a pointer.
struct Heading {
  ULONG version;
  ULONG length;
};
Heading HeadingOf(const void* data);

// EPA_AUTH_DATA, which has places for both roles; an identity is a client's.
bool IsEpaAuthData(const void* data);

// InvalidArgument for anything but one of the known structures, said without its content. A user
// "DOMAIN\user" comes apart.
absl::Status ReadAuthData(const void* data, AuthData& out);

// Where an EPA_AUTH_DATA wants the reason of a failure to be written. Data of another kind:
// nothing.
void WriteFaultText(const void* data, const absl::Status& fault);
// Into the caller's room, terminated and cut where it does not fit. No room: nothing.
void WriteText(std::string_view text, std::span<char> room);

// One for each family of structures.
absl::Status ReadEpaAuthData(const EPA_AUTH_DATA& data, AuthData& out);
absl::Status ReadIdentity(const void* data, AuthData& out);
absl::Status ReadIdentityEx2(const void* data, AuthData& out);

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_AUTH_DATA_H_
