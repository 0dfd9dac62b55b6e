// A client and a server of SMB in one process, with an attacker between them if need be.
#ifndef EPA_TESTS_SMB2_SMB2_PAIR_H_
#define EPA_TESTS_SMB2_SMB2_PAIR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "epa/ntlm/ntlm.h"
#include "epa/smb2/client_connection.h"
#include "epa/smb2/framing.h"
#include "epa/smb2/server_connection.h"
#include "tests/support/ntlm_exchange.h"

namespace epa::smb2 {

using Octets = std::vector<uint8_t>;

// A server's credentials: Negotiate with NTLM over alice, bob and carol, or over `authority`.
std::shared_ptr<const Credentials> ServerCredentials(
    std::shared_ptr<const ntlm::NtlmAuthority> authority = nullptr);
// A client's: alice of EXAMPLE, who logs in by Negotiate with NTLM.
std::shared_ptr<const Credentials> ClientCredentials(ntlm::InitiatorOptions options = {});
// The same with another password.
std::shared_ptr<const Credentials> CredentialsWithWrongPassword();
std::shared_ptr<const Credentials> AnonymousCredentials();
// Lets every user in as a guest.
std::shared_ptr<const ntlm::NtlmAuthority> GuestAuthority();

// The names of the server FILES at 192.0.2.7, with the alias SHARE.
ServerNames TestNames();
std::shared_ptr<const ExtendedProtectionPolicy> TestPolicy(NameHardeningOptions options);

// The defaults of the library, but for the credentials and a policy of level 1.
ServerOptions DefaultServer();
ClientOptions DefaultClient();
// A server that lets guests and anonymous clients in, and therefore requires no signing.
ServerOptions OpenServer();

// The server's application and the network. Messages go back and forth until nobody has more to
// say.
class Pair {
 public:
  // Set-up faults end the test program.
  explicit Pair(ClientOptions client = DefaultClient(), ServerOptions server = DefaultServer());

  // What an attacker makes of a message on its way, without its frame.
  std::function<void(Octets&)> to_server;
  std::function<void(Octets&)> to_client;

  // From NEGOTIATE to the end of the login.
  void LogIn();
  // A request and all that follows; false where the client cannot send it.
  bool Request(Command command, std::span<const uint8_t> body, uint32_t tree_id = 1);
  // TREE_CONNECT, answered with tree 1.
  bool ConnectTree();
  bool LogOff();
  // Frames as if the client had sent them.
  void Deliver(std::span<const uint8_t> frames);

  ClientConnection& client() { return *client_; }
  ServerConnection& server() { return server_; }

  // The server's sink: every login has one event.
  const std::shared_ptr<test::RecordingAuditSink> server_audit;
  const std::shared_ptr<test::RecordingAuditSink> client_audit;

  // What the application of either side was given.
  std::vector<Header> requests;
  std::vector<Octets> request_bodies;
  std::vector<Header> responses;
  std::vector<Octets> response_bodies;
  // Messages as they went over the wire.
  std::vector<Octets> sent_to_server;
  std::vector<Octets> sent_to_client;
  std::vector<uint64_t> ended_sessions;
  bool server_closed = false;
  absl::Status server_reason;
  bool client_closed = false;

 private:
  void ServerTakes(Octets message);
  void ClientTakes(Octets message);
  void Answer(const ServerRequest& request, Octets& out);

  std::unique_ptr<ClientConnection> client_;
  ServerConnection server_;
};

// The body of a request of TREE_CONNECT for \\FILES\share.
Octets TreeConnectBody();

}  // namespace epa::smb2

#endif  // EPA_TESTS_SMB2_SMB2_PAIR_H_
