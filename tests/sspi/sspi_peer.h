// Logins through the C interface alone, both ends in one process.
#ifndef EPA_TESTS_SSPI_SSPI_PEER_H_
#define EPA_TESTS_SSPI_SSPI_PEER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "epa/sspi/epa_sspi.h"

namespace epa::test {

using Octets = std::vector<uint8_t>;

enum class Form { kA, kW };

std::u16string Wide(std::string_view ascii);
// A terminated answer of a W function as ASCII.
std::string Narrow(const SEC_WCHAR* text);

// SEC_CHANNEL_BINDINGS of a tls-server-end-point whose hash is made of `seed`.
Octets SecBindings(uint8_t seed);
// The same as SEC_CHANNEL_BINDINGS_EX.
Octets SecBindingsEx(uint8_t seed, ULONG flags);

// The three packages, and Negotiate where NTLM is all it may offer.
struct LoginKind {
  std::string name;     // of the test
  std::string package;  // of AcquireCredentialsHandle
  std::string carrier;  // that the login comes to
  std::string target;
};
std::ostream& operator<<(std::ostream& out, const LoginKind& kind);
std::vector<LoginKind> NtlmKinds();      // need no realm
std::vector<LoginKind> KerberosKinds();  // need one, and start it
std::vector<LoginKind> AllKinds();

// EPA_AUTH_DATA for the package, with strings that live as long as the program: alice.
EPA_AUTH_DATA ServerData(const LoginKind& kind);
EPA_AUTH_DATA ClientData(const LoginKind& kind);

// A credentials handle, released at the end. A failure ends the test program.
class CredentialsHandle {
 public:
  CredentialsHandle(const std::string& package, ULONG use, void* auth_data, Form form = Form::kW);
  ~CredentialsHandle();
  CredentialsHandle(const CredentialsHandle&) = delete;
  CredentialsHandle& operator=(const CredentialsHandle&) = delete;
  PCredHandle get() { return &handle_; }

 private:
  CredHandle handle_;
};
SECURITY_STATUS Acquire(Form form, std::string package, ULONG use, void* auth_data,
                        PCredHandle handle, PTimeStamp expiry = nullptr);

struct SideOptions {
  Form form = Form::kW;
  ULONG request = 0;
  std::string target;  // a client's
  Octets bindings;     // empty: none are passed
  ULONG room = 0x12000;
};

// One end of a login.
class Side {
 public:
  static Side Client(PCredHandle credentials, SideOptions options);
  static Side Server(PCredHandle credentials, SideOptions options);
  ~Side();
  Side(Side&& other) noexcept;
  Side& operator=(Side&&) = delete;

  // One call. `reply` is what is to be sent.
  SECURITY_STATUS Step(std::span<const uint8_t> token);

  PCtxtHandle context() { return has_context ? &handle : nullptr; }
  // The package that carries the login, by SECPKG_ATTR_PACKAGE_INFO.
  std::string Carrier();
  // The name of SECPKG_ATTR_NAMES, by the options' form.
  std::string UserName();

  SideOptions options;
  Octets reply;
  ULONG attributes = 0;
  TimeStamp expiry{};
  std::optional<ULONG> result;  // SEC_CHANNEL_BINDINGS_RESULT.flags; no value: not written
  CtxtHandle handle{};
  bool has_context = false;

 private:
  Side(PCredHandle credentials, SideOptions side_options, bool acceptor);

  PCredHandle credentials_;
  bool acceptor_;
};

struct Outcome {
  SECURITY_STATUS client = SEC_E_OK;
  SECURITY_STATUS server = SEC_E_OK;
  bool succeeded() const { return client == SEC_E_OK && server == SEC_E_OK; }
};
// Until both are done or one of them refuses.
Outcome RunLogin(Side& client, Side& server);

// Both ends of one login with their credentials.
struct Login {
  Login(const LoginKind& kind, SideOptions client_options, SideOptions server_options,
        EPA_AUTH_DATA client_data, EPA_AUTH_DATA server_data);
  Login(const LoginKind& kind, SideOptions client_options, SideOptions server_options)
      : Login(kind, std::move(client_options), std::move(server_options), ClientData(kind),
              ServerData(kind)) {}

  CredentialsHandle client_credentials;
  CredentialsHandle server_credentials;
  Side client;
  Side server;
};

}  // namespace epa::test

#endif  // EPA_TESTS_SSPI_SSPI_PEER_H_
