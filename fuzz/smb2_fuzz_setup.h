// Frames of a fuzzer's input, and the ends that take them.
#ifndef EPA_FUZZ_SMB2_FUZZ_SETUP_H_
#define EPA_FUZZ_SMB2_FUZZ_SETUP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "epa/smb2/client_connection.h"
#include "epa/smb2/header.h"
#include "epa/smb2/server_connection.h"
#include "lib/smb2/outgoing.h"
#include "lib/smb2/session_security.h"

namespace epa::fuzz {

// The messages of an input, each behind its length (two octets, little-endian).
std::vector<std::vector<uint8_t>> SplitMessages(std::span<const uint8_t> input);

// A server over the fake package. Bits of `options`: 0 signing is required, 1 encryption is
// required, 2 guests and anonymous clients are let in (without 0 and 1), 7 everybody is a guest
// (with 2).
std::shared_ptr<const smb2::ServerConfig> SmbServer(uint8_t options);
// The same over another package.
std::shared_ptr<const smb2::ServerConfig> SmbServer(uint8_t options,
                                                    std::shared_ptr<const Credentials> credentials);

// A client over the fake package. Bits of `options`: 0 signing is required, 1 encryption is
// required, 2 guests are accepted, 3 the credentials are anonymous; 4 to 6 the one dialect that it
// offers: 1 is 2.0.2, 5 is 3.1.1, all of them for other numbers.
std::unique_ptr<smb2::ClientConnection> SmbClient(uint8_t options);
std::unique_ptr<smb2::ClientConnection> SmbClient(uint8_t options,
                                                  std::shared_ptr<const Credentials> credentials);

// A client that is logged in on a server, and what it can make of an input's messages, so that a
// fuzzer need not guess ids, signatures and keys.
class LoggedInClient {
 public:
  // Logs in. Where the settings do not let it, every message is sent as it is.
  LoggedInClient(smb2::ServerConnection& server, uint8_t options);

  // What `message` becomes; its first octet says how:
  //   0  all behind it, as it is
  //   1  the same, from this session and with the next message id
  //   2  the same, signed where that needs no more than the session's key (below 3.1.1)
  //   3  the same, encrypted likewise (3.0, 3.0.2)
  //   4  a request of the client: a command, and the body behind it
  // Nothing where it is too short for that.
  std::optional<std::vector<uint8_t>> Send(std::span<const uint8_t> message);
  // Gives the client the answer to a request of its own that Send made; what it says to that.
  std::optional<std::vector<uint8_t>> OnAnswer(std::vector<uint8_t> frames);

 private:
  std::optional<std::vector<uint8_t>> FromSession(std::span<const uint8_t> message,
                                                  smb2::Protection protection);

  std::unique_ptr<smb2::ClientConnection> client_;
  std::optional<smb2::SessionSecurity> security_;
  // Beyond those that the client itself uses.
  uint64_t next_id_ = 40;
  bool asked_ = false;
};

// A server on which a client is logged in, and what it can make of an input's messages.
class LoggedInServer {
 public:
  // Logs the client in. Where the settings do not let it, every message is sent as it is.
  LoggedInServer(smb2::ClientConnection& client, uint8_t options);

  // Takes a request of the client.
  void OnRequest(std::vector<uint8_t> frame);
  // What `message` becomes; its first octet says how:
  //   0  all behind it, as it is
  //   1  the same, as the answer to the client's last request
  //   2  the same, signed where that needs no more than the session's key (below 3.1.1)
  //   3  the same, encrypted likewise (3.0, 3.0.2)
  //   4  the server's own answer to that request: a tree, to TREE_CONNECT
  // Nothing where it is too short for that, or there was no request.
  std::optional<std::vector<uint8_t>> Send(std::span<const uint8_t> message);

 private:
  std::optional<std::vector<uint8_t>> Answer(std::span<const uint8_t> message,
                                             smb2::Protection protection);

  smb2::ServerConnection server_;
  std::optional<smb2::SessionSecurity> security_;
  std::vector<uint8_t> last_request_;  // as it arrived
  std::optional<smb2::Header> last_header_;
};

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_SMB2_FUZZ_SETUP_H_
