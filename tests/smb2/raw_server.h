// A server that is sent messages written by hand.
#ifndef EPA_TESTS_SMB2_RAW_SERVER_H_
#define EPA_TESTS_SMB2_RAW_SERVER_H_

#include <gtest/gtest.h>

#include <string_view>
#include <utility>
#include <vector>

#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/outgoing.h"
#include "tests/smb2/smb2_pair.h"
#include "tests/support/fake_package.h"

namespace epa::smb2 {

// A server without a client of ours: messages are written by hand.
class RawServer {
 public:
  explicit RawServer(ServerOptions options = DefaultServer())
      : server_(ServerConfig::Create(std::move(options)).value(), "192.0.2.1:1") {}

  ServerOutput Send(Header header, std::span<const uint8_t> body) {
    header.message_id = next_id_;
    header.credits = 8;
    ++next_id_;
    return SendAsIs(header, body);
  }
  ServerOutput SendAsIs(const Header& header, std::span<const uint8_t> body) {
    Octets frame;
    AppendFrame(header, body, Protection::kNone, nullptr, frame);
    frame.erase(frame.begin(), frame.begin() + kFrameHeaderSize);
    return SendOctets(std::move(frame));
  }
  ServerOutput SendOctets(Octets message) {
    kept_.push_back(std::move(message));
    return server_.OnMessage(kept_.back());
  }

  ServerOutput Negotiate(std::vector<uint16_t> dialects = {0x0210}) {
    NegotiateRequest request;
    request.security_mode = kSigningEnabled;
    request.dialects = std::move(dialects);
    return Send({.command = Command::kNegotiate}, WriteNegotiateRequest(request));
  }
  ServerOutput SetUp(std::string_view token, uint64_t session_id = 0, uint8_t flags = 0) {
    const Octets octets = test::FakeToken(token);
    SessionSetupRequest request;
    request.flags = flags;
    request.token = octets;
    return Send({.command = Command::kSessionSetup, .session_id = session_id},
                WriteSessionSetupRequest(request));
  }
  void SkipId() { ++next_id_; }
  ServerConnection& connection() { return server_; }

 private:
  ServerConnection server_;
  uint64_t next_id_ = 0;
  std::vector<Octets> kept_;
};

// The header of the only message, or of the first.
inline Header HeaderOf(const ServerOutput& output) {
  if (output.send.size() < kFrameHeaderSize + kHeaderSize) {
    ADD_FAILURE() << "nothing was sent: " << output.reason;
    return {};
  }
  return ParseHeader(std::span(output.send).subspan(kFrameHeaderSize)).value();
}

inline NtStatus StatusOf(const ServerOutput& output) { return HeaderOf(output).status; }

inline void ExpectClosed(const ServerOutput& output) {
  EXPECT_TRUE(output.close);
  EXPECT_FALSE(output.reason.ok());
  EXPECT_TRUE(output.requests.empty());
}

}  // namespace epa::smb2

#endif  // EPA_TESTS_SMB2_RAW_SERVER_H_
