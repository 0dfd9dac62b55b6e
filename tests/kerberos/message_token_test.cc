#include "providers/kerberos/message_token.h"

#include <gtest/gtest.h>

#include "tests/support/test_data.h"

namespace epa::kerberos {
namespace {

using test::ToHex;

TEST(TokenHeaderTest, IsLaidOutAsTheSpecificationSays) {
  EXPECT_EQ(ToHex(WriteTokenHeader({.kind = TokenKind::kMic,
                                    .sender = Party::kAcceptor,
                                    .acceptor_subkey = true,
                                    .sequence = 0x0102})),
            "040405ffffffffff0000000000000102");
  EXPECT_EQ(ToHex(WriteTokenHeader({.kind = TokenKind::kSealedWrap,
                                    .sender = Party::kInitiator,
                                    .extra_count = 0x0304,
                                    .rotation = 0x1c,
                                    .sequence = 7})),
            "050402ff0304001c0000000000000007");
  EXPECT_EQ(ToHex(WriteTokenHeader({.kind = TokenKind::kSignedWrap,
                                    .sender = Party::kAcceptor,
                                    .extra_count = 12,
                                    .sequence = 7})),
            "050401ff000c00000000000000000007");
}

TEST(TokenHeaderTest, ComesBackAsItWasWritten) {
  for (const TokenKind kind : {TokenKind::kMic, TokenKind::kSignedWrap, TokenKind::kSealedWrap}) {
    for (const Party sender : {Party::kInitiator, Party::kAcceptor}) {
      for (const bool subkey : {false, true}) {
        const TokenHeader header = {.kind = kind,
                                    .sender = sender,
                                    .acceptor_subkey = subkey,
                                    .sequence = uint64_t{1} << 40};
        EXPECT_EQ(ReadTokenHeader(WriteTokenHeader(header)), header);
      }
    }
  }
}

TEST(TokenHeaderTest, OtherIdsFillersAndFlagsAreRefused) {
  for (const TokenKind kind : {TokenKind::kMic, TokenKind::kSealedWrap}) {
    const TokenHeaderOctets right = WriteTokenHeader({.kind = kind});
    const size_t fillers_end = kind == TokenKind::kMic ? 8 : 4;
    for (const size_t place : {size_t{0}, size_t{1}}) {
      TokenHeaderOctets octets = right;
      octets[place] ^= 0x80;
      EXPECT_EQ(ReadTokenHeader(octets), std::nullopt);
    }
    for (size_t place = 3; place < fillers_end; ++place) {
      TokenHeaderOctets octets = right;
      octets[place] = 0xFE;
      EXPECT_EQ(ReadTokenHeader(octets), std::nullopt) << place;
    }
    TokenHeaderOctets octets = right;
    octets[2] |= 0x08;
    EXPECT_EQ(ReadTokenHeader(octets), std::nullopt);
  }
  TokenHeaderOctets sealed_mic = WriteTokenHeader({.kind = TokenKind::kMic});
  sealed_mic[2] |= 0x02;
  EXPECT_EQ(ReadTokenHeader(sealed_mic), std::nullopt);
}

}  // namespace
}  // namespace epa::kerberos
