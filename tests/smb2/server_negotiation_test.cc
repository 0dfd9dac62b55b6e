// What a server makes of NEGOTIATE, in SMB 2 and in SMB 1.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/short_messages.h"
#include "tests/smb2/raw_server.h"
#include "tests/smb2/smb2_pair.h"
#include "tests/support/test_data.h"

namespace epa::smb2 {
namespace {

TEST(ServerMultiProtocol, TheWildcardIsAnsweredAndTheDialectSettledNext) {
  const Octets smb1 = test::FromHex(
      "ff534d4272000000001853c80000000000000000000000000000fffe0000000000220002"
      "4e54204c4d20302e31320002534d4220322e3030320002534d4220322e3f3f3f00");
  RawServer server;
  const ServerOutput first = server.SendOctets(smb1);
  EXPECT_EQ(StatusOf(first), kStatusSuccess);
  const auto response =
      ParseNegotiateResponse(std::span(first.send).subspan(kFrameHeaderSize)).value();
  EXPECT_EQ(response.dialect, 0x02FF);
  EXPECT_FALSE(server.connection().dialect().has_value());
  server.SkipId();
  EXPECT_EQ(StatusOf(server.Negotiate({0x0210})), kStatusSuccess);
  EXPECT_EQ(server.connection().dialect(), Dialect::k210);
  ExpectClosed(server.SendOctets(smb1));
}

TEST(ServerMultiProtocol, OnlySmb1IsRefused) {
  // "NT LM 0.12" alone.
  const Octets smb1 = test::FromHex(
      "ff534d4272000000001853c80000000000000000000000000000fffe00000000000c0002"
      "4e54204c4d20302e313200");
  RawServer server;
  ExpectClosed(server.SendOctets(smb1));
}

TEST(ServerMultiProtocol, IsOffWhenSwitchedOff) {
  ServerOptions options = DefaultServer();
  options.multi_protocol = false;
  RawServer server(std::move(options));
  ExpectClosed(server.SendOctets(
      test::FromHex("ff534d4272000000001853c80000000000000000000000000000fffe00000000000c0002"
                    "534d4220322e3f3f3f00")));
}

TEST(ServerMultiProtocol, AClientOf202IsAnsweredAtOnce) {
  const Octets smb1 = test::FromHex(
      "ff534d4272000000001853c80000000000000000000000000000fffe00000000000b0002"
      "534d4220322e30303200");
  RawServer server;
  EXPECT_EQ(StatusOf(server.SendOctets(smb1)), kStatusSuccess);
  EXPECT_EQ(server.connection().dialect(), Dialect::k202);
}

TEST(ServerNegotiation, A311ClientWithoutSha512HasNothingInCommon) {
  NegotiateRequest request;
  request.dialects = {0x0311};
  request.contexts = NegotiateContexts{{0x0002}, {}, std::nullopt, std::nullopt};
  RawServer server;
  const ServerOutput output =
      server.Send({.command = Command::kNegotiate}, WriteNegotiateRequest(request));
  EXPECT_EQ(StatusOf(output), 0xC05D0000u);
  ExpectClosed(output);
}

// What a server with these algorithms answers to a 3.1.1 client that offers those.
ServerOutput SigningAnswer(std::vector<SigningAlgorithm> ours,
                           std::optional<std::vector<uint16_t>> theirs) {
  ServerOptions options = DefaultServer();
  options.signing_algorithms = std::move(ours);
  NegotiateRequest request;
  request.dialects = {0x0311};
  request.contexts = NegotiateContexts{{kHashSha512}, {}, std::nullopt, std::move(theirs)};
  return RawServer(std::move(options))
      .Send({.command = Command::kNegotiate}, WriteNegotiateRequest(request));
}

std::optional<std::vector<uint16_t>> SigningIn(const ServerOutput& output) {
  EXPECT_EQ(StatusOf(output), kStatusSuccess);
  return ParseNegotiateResponse(std::span(output.send).subspan(kFrameHeaderSize))
      .value()
      .contexts->signing_algorithms;
}

TEST(ServerNegotiation, WithoutACommonSigningAlgorithmItIsAesCmac) {
  using enum SigningAlgorithm;
  const std::vector<uint16_t> cmac = {1};
  EXPECT_EQ(SigningIn(SigningAnswer({kAesGmac, kAesCmac}, {{2, 1}})), std::vector<uint16_t>{2});
  EXPECT_EQ(SigningIn(SigningAnswer({kAesGmac, kAesCmac}, {{7, 1}})), cmac);
  EXPECT_EQ(SigningIn(SigningAnswer({kAesGmac, kAesCmac}, {{7, 0}})), cmac);
  EXPECT_EQ(SigningIn(SigningAnswer({kAesGmac, kAesCmac}, std::nullopt)), std::nullopt);
}

TEST(ServerNegotiation, ASigningAlgorithmThatIsNotAcceptedIsNotUsedByDefault) {
  using enum SigningAlgorithm;
  for (const auto& theirs : {std::optional<std::vector<uint16_t>>{{1}}, {}}) {
    const ServerOutput output = SigningAnswer({kAesGmac}, theirs);
    EXPECT_EQ(StatusOf(output), kStatusNotSupported);
    ExpectClosed(output);
  }
}

// 3.0 and 3.0.2: both sides have to say that they can encrypt.
TEST(ServerNegotiation, Below311EncryptionIsACapabilityOfBoth) {
  for (const uint16_t dialect : std::vector<uint16_t>{0x0210, 0x0300, 0x0302}) {
    for (const bool client_can : {false, true}) {
      for (const bool server_can : {false, true}) {
        ServerOptions options = DefaultServer();
        options.encryption = server_can ? EncryptionPolicy::kAvailable : EncryptionPolicy::kOff;
        NegotiateRequest request;
        request.dialects = {dialect};
        request.capabilities = client_can ? kCapabilityEncryption : 0;
        const ServerOutput output =
            RawServer(std::move(options))
                .Send({.command = Command::kNegotiate}, WriteNegotiateRequest(request));
        const auto answer =
            ParseNegotiateResponse(std::span(output.send).subspan(kFrameHeaderSize)).value();
        EXPECT_EQ((answer.capabilities & kCapabilityEncryption) != 0,
                  client_can && server_can && dialect >= 0x0300);
      }
    }
  }
}

TEST(ServerNegotiation, ASignedNegotiateIsRefused) {
  NegotiateRequest request;
  request.dialects = {0x0210};
  RawServer server;
  const ServerOutput output = server.Send({.command = Command::kNegotiate, .flags = kFlagSigned},
                                          WriteNegotiateRequest(request));
  EXPECT_EQ(StatusOf(output), kStatusInvalidParameter);
  ExpectClosed(output);
}

TEST(ServerNegotiation, EachAnswerHasASaltOfItsOwn) {
  std::vector<Octets> salts;
  for (int i = 0; i < 2; ++i) {
    const ServerOutput output = SigningAnswer({SigningAlgorithm::kAesCmac}, std::nullopt);
    salts.push_back(ParseNegotiateResponse(std::span(output.send).subspan(kFrameHeaderSize))
                        .value()
                        .contexts->salt);
    EXPECT_EQ(salts.back().size(), 32u);
  }
  EXPECT_NE(salts[0], salts[1]);
}

TEST(ServerNegotiation, MalformedRequestsAreAnsweredAndClosed) {
  RawServer server;
  const ServerOutput output = server.Send({.command = Command::kNegotiate}, kShortBody);
  EXPECT_EQ(StatusOf(output), kStatusInvalidParameter);
  ExpectClosed(output);
}

}  // namespace
}  // namespace epa::smb2
