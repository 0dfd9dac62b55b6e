// A client and a server of SMB, logged in by NTLM, with somebody between them. The first two octets
// choose the settings of the server and the client, the rest is what becomes of the messages
// (Tampering). In dialect 3.1.1 no request is answered once a single octet is changed, and in none
// one that would not have been.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "epa/smb2/framing.h"
#include "fuzz/ntlm_fuzz_setup.h"
#include "fuzz/pair_setup.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "fuzz/smb2_fuzz_setup.h"

namespace {

using epa::fuzz::ReachPoint;
using epa::fuzz::Require;
using epa::fuzz::Tampering;
using epa::smb2::Dialect;

ReachPoint talked("a request and its answer");
ReachPoint talked_311("a request and its answer in dialect 3.1.1");
ReachPoint encrypted("a session that encrypts");
ReachPoint refused("a login that is refused");
ReachPoint changed("a message that was changed");
ReachPoint lost_311("a session of dialect 3.1.1 that a change ended");

// Anonymous clients, guests and a client without a name prove nothing that could be broken.
constexpr uint8_t kServerOptions = 3;
constexpr uint8_t kClientOptions = 0x73;

struct Outcome {
  bool logged_in = false;  // at the server
  bool talked = false;     // a request reached it, and its answer the client
  bool encrypts = false;
  std::optional<Dialect> dialect;
};

// The two ends, and what passes between them.
class Pair {
 public:
  Pair(uint8_t server_options, uint8_t client_options, Tampering& tampering)
      : server_(epa::fuzz::SmbServer(server_options & kServerOptions,
                                     epa::fuzz::AcceptorCredentialsOf(0)),
                "fuzzer"),
        client_(epa::fuzz::SmbClient(client_options & kClientOptions,
                                     epa::fuzz::InitiatorCredentialsOf(0))),
        tampering_(tampering) {}

  Outcome Run() {
    Carry(client_->Start());
    Outcome outcome;
    outcome.logged_in = server_.session_count() > 0;
    outcome.dialect = client_->dialect();
    if (client_->established()) {
      outcome.encrypts = client_->encrypts();
      if (auto request = client_->SendRequest(epa::smb2::Command::kTreeConnect, 0, kPath);
          request.ok()) {
        Carry(*std::move(request));
      }
    }
    outcome.talked = answered_;
    return outcome;
  }

 private:
  // TREE_CONNECT: nine octets, and a path of no length.
  static constexpr std::array<uint8_t, 8> kPath = {9, 0, 0, 0, 72, 0, 0, 0};
  static constexpr std::array<uint8_t, 16> kTree = {16, 0, 1};

  static std::span<const uint8_t> WithoutFrame(std::span<const uint8_t> frame) {
    return frame.subspan(epa::smb2::kFrameHeaderSize);
  }

  std::vector<uint8_t> Deliver(std::span<const uint8_t> frame) {
    const auto message = WithoutFrame(frame);
    return tampering_.Deliver({message.begin(), message.end()});
  }

  // From the client on, until nobody says more.
  void Carry(std::vector<uint8_t> frame) {
    while (!frame.empty()) {
      std::vector<uint8_t> message = Deliver(frame);
      epa::smb2::ServerOutput output = server_.OnMessage(message);
      for (const epa::smb2::ServerRequest& request : output.requests) {
        Require(request.session != nullptr && request.session->context().established());
        server_.Respond(request, {.body = kTree, .tree_id = 1}, output.send);
      }
      if (output.send.empty()) {
        return;
      }
      message = Deliver(output.send);
      auto next = client_->OnMessage(message);
      if (!next.ok()) {
        return;
      }
      answered_ = answered_ || !next->responses.empty();
      frame = std::move(next->send);
    }
  }

  epa::smb2::ServerConnection server_;
  std::unique_ptr<epa::smb2::ClientConnection> client_;
  Tampering& tampering_;
  bool answered_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) {
    return 0;
  }
  Tampering none({});
  const Outcome expected = Pair(data[0], data[1], none).Run();
  Require(!expected.talked || expected.logged_in);
  const bool is_311 = expected.dialect == Dialect::k311;
  talked.Reach(expected.talked);
  talked_311.Reach(expected.talked && is_311);
  encrypted.Reach(expected.encrypts);
  refused.Reach(!expected.logged_in);

  Tampering tampering(std::span(data, size).subspan(2));
  const Outcome outcome = Pair(data[0], data[1], tampering).Run();
  if (epa::fuzz::kProofsAreChecked) {
    Require(!outcome.talked || (expected.talked && (!is_311 || !tampering.happened())));
  }
  changed.Reach(tampering.happened());
  lost_311.Reach(expected.talked && is_311 && !outcome.talked);
  return 0;
}
