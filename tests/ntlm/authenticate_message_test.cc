#include "providers/ntlm/messages/authenticate_message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lib/base/hex.h"
#include "providers/ntlm/messages/flags.h"

namespace epa::ntlm {
namespace {

constexpr size_t kLmField = 12;
constexpr size_t kNtField = 20;
constexpr size_t kDomainField = 28;
constexpr size_t kUserField = 36;
constexpr size_t kKeyField = 52;

std::vector<uint8_t> Hex(std::string_view text) { return DecodeHex(text).value(); }

// Proof, the 28 octets ahead of the pairs, the pairs.
std::vector<uint8_t> V2Response(std::string_view pairs_hex) {
  return Hex(
      "000102030405060708090a0b0c0d0e0f"
      "0101000000000000"
      "8877665544332211"
      "a0a1a2a3a4a5a6a7"
      "00000000" +
      std::string(pairs_hex));
}

struct Sample {
  std::vector<uint8_t> lm = std::vector<uint8_t>(24);
  std::vector<uint8_t> nt = V2Response(
      "0600040002000000"
      "00000000");
  std::vector<uint8_t> domain = Hex("4c0041004200");
  std::vector<uint8_t> user = Hex("620006f6");
  std::vector<uint8_t> workstation = Hex("5700");
  std::vector<uint8_t> key = std::vector<uint8_t>(16, 0x4B);
  uint32_t flags = kNegotiateUnicode | kNegotiateSign | kNegotiateKeyExchange;
  std::optional<Version> version = Version{10, 0, 19041, kNtlmRevision};

  std::vector<uint8_t> Write() const {
    AuthenticateMessage message;
    message.flags = flags;
    message.lm_response = lm;
    message.nt_response = nt;
    message.domain = domain;
    message.user = user;
    message.workstation = workstation;
    message.encrypted_session_key = key;
    message.version = version;
    return WriteAuthenticateMessage(message).value().octets;
  }
};

void SetField(std::vector<uint8_t>& octets, size_t field, uint16_t length, uint32_t offset) {
  ByteWriter writer(8);
  writer.WriteU16(length);
  writer.WriteU16(length);
  writer.WriteU32(offset);
  std::copy(writer.written().begin(), writer.written().end(),
            octets.begin() + static_cast<std::ptrdiff_t>(field));
}

MessageFault FaultOf(std::span<const uint8_t> octets) {
  AuthenticateMessage message;
  const std::optional<MessageFault> fault = ReadAuthenticateMessage(octets, message);
  EXPECT_TRUE(fault.has_value());
  return fault.value_or(MessageFault{FaultKind::kMalformed, 9999, "accepted"});
}

TEST(AuthenticateMessage, ReadsWhatIsWritten) {
  const Sample sample;
  const std::vector<uint8_t> octets = sample.Write();
  const auto message = ParseAuthenticateMessage(octets);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->flags, sample.flags | kNegotiateVersion);
  EXPECT_EQ(EncodeHex(message->domain), EncodeHex(sample.domain));
  EXPECT_EQ(EncodeHex(message->user), EncodeHex(sample.user));
  EXPECT_EQ(EncodeHex(message->workstation), EncodeHex(sample.workstation));
  EXPECT_EQ(EncodeHex(message->encrypted_session_key), EncodeHex(sample.key));
  EXPECT_EQ(message->lm_kind, LmResponseKind::kZeros);
  EXPECT_EQ(message->nt_kind, NtResponseKind::kNtlmV2);
  EXPECT_EQ(EncodeHex(message->v2.proof), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(message->v2.time, 0x1122334455667788u);
  EXPECT_EQ(EncodeHex(message->v2.client_challenge), "a0a1a2a3a4a5a6a7");
  EXPECT_EQ(message->v2.av_pairs.flags(), kAvFlagMicPresent);
  EXPECT_EQ(message->v2.temp.size(), sample.nt.size() - kNtProofSize);
  EXPECT_EQ(message->version, sample.version);
  EXPECT_EQ(message->mic_offset, 72u);
  EXPECT_EQ(EncodeHex(MicOf(*message, octets)), std::string(32, '0'));
  EXPECT_FALSE(message->anonymous());
}

TEST(AuthenticateMessage, WriterMakesOneBufferOfExactSizeAndNamesTheMic) {
  AuthenticateMessage message;
  const WrittenAuthenticate written = WriteAuthenticateMessage(message).value();
  EXPECT_EQ(written.octets.size(), 88u);
  EXPECT_EQ(written.mic_offset, 72u);
}

// CVE-2020-11087, CVE-2020-11086: an AUTHENTICATE, and the response in it, read past the end.
TEST(AuthenticateMessage, EveryTruncationIsRefused) {
  const std::vector<uint8_t> whole = Sample().Write();
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParseAuthenticateMessage(std::span(whole).first(size)).ok()) << size;
  }
}

// CVE-2018-8789, CVE-2023-25563: offset + length wraps or leaves the message.
TEST(AuthenticateMessage, EveryFieldIsHeldInsideTheMessage) {
  const std::vector<uint8_t> whole = Sample().Write();
  const auto size = static_cast<uint32_t>(whole.size());
  for (size_t field = kLmField; field <= kKeyField; field += 8) {
    for (const auto& [length, offset] : std::vector<std::pair<uint16_t, uint32_t>>{
             {24, 0xFFFFFFFF}, {24, 0xFFFFFFF0}, {24, size - 23}, {65535, 88}, {2, size}}) {
      std::vector<uint8_t> octets = whole;
      SetField(octets, field, length, offset);
      EXPECT_EQ(FaultOf(octets).offset, field) << length << " at " << offset;
    }
  }
}

TEST(AuthenticateMessage, FieldInsideTheHeaderIsRefused) {
  for (uint32_t offset : {0u, 12u, 63u}) {
    std::vector<uint8_t> octets = Sample().Write();
    SetField(octets, kDomainField, 6, offset);
    EXPECT_EQ(FaultOf(octets).offset, kDomainField);
  }
}

TEST(AuthenticateMessage, OffsetOfAnEmptyFieldMeansNothing) {
  std::vector<uint8_t> octets = Sample().Write();
  SetField(octets, kDomainField, 0, 0xFFFFFFFF);
  EXPECT_TRUE(ParseAuthenticateMessage(octets).ok());
  SetField(octets, kDomainField, 0, 0);
  const auto message = ParseAuthenticateMessage(octets);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->mic_offset, 72u);
}

// gss-ntlmssp#60: no user at all.
TEST(AuthenticateMessage, AnonymousIsValid) {
  Sample sample;
  sample.lm = {0};
  sample.nt.clear();
  sample.user.clear();
  sample.domain.clear();
  const std::vector<uint8_t> octets = sample.Write();
  const auto message = ParseAuthenticateMessage(octets);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_TRUE(message->anonymous());
  EXPECT_EQ(message->nt_kind, NtResponseKind::kNone);
  EXPECT_EQ(message->lm_kind, LmResponseKind::kNone);
}

TEST(AuthenticateMessage, ResponseKinds) {
  Sample sample;
  sample.nt = std::vector<uint8_t>(24, 1);
  EXPECT_EQ(ParseAuthenticateMessage(sample.Write())->nt_kind, NtResponseKind::kNtlmV1);
  sample.nt = V2Response("00000000");
  EXPECT_EQ(ParseAuthenticateMessage(sample.Write())->nt_kind, NtResponseKind::kNtlmV2);
  for (size_t size : {1u, 15u, 16u, 23u, 25u, 43u}) {
    sample.nt = V2Response("");
    sample.nt.resize(size);
    AuthenticateMessage message;
    EXPECT_TRUE(ReadAuthenticateMessage(sample.Write(), message).has_value()) << size;
    EXPECT_EQ(message.nt_kind, NtResponseKind::kMalformed) << size;
  }
}

TEST(AuthenticateMessage, LmKinds) {
  EXPECT_EQ(ClassifyLmResponse({}), LmResponseKind::kNone);
  EXPECT_EQ(ClassifyLmResponse(std::vector<uint8_t>(1)), LmResponseKind::kNone);
  EXPECT_EQ(ClassifyLmResponse(std::vector<uint8_t>(24)), LmResponseKind::kZeros);
  EXPECT_EQ(ClassifyLmResponse(std::vector<uint8_t>(24, 1)), LmResponseKind::kResponse);
  EXPECT_EQ(ClassifyLmResponse(std::vector<uint8_t>(23)), LmResponseKind::kOther);
}

TEST(AuthenticateMessage, ResponseVersionsOtherThanOneAreRefused) {
  for (size_t at : {16u, 17u}) {
    for (uint8_t value : {uint8_t{0}, uint8_t{2}}) {
      Sample sample;
      sample.nt.at(at) = value;
      const MessageFault fault = FaultOf(sample.Write());
      EXPECT_EQ(fault.offset, 88 + 6 + 4 + 2 + 24 + at);
    }
  }
}

TEST(AuthenticateMessage, ResponseWithoutAnEndMarkerIsRefused) {
  Sample sample;
  sample.nt = V2Response("");
  EXPECT_EQ(FaultOf(sample.Write()).kind, FaultKind::kMalformed);
  sample.nt = V2Response("0600040002000000");
  EXPECT_EQ(FaultOf(sample.Write()).kind, FaultKind::kMalformed);
}

// CVE-2020-11086: pairs cut off inside a response; CVE-2023-25567: lengths of the values.
TEST(AuthenticateMessage, FaultInThePairsHasTheOffsetInTheMessage) {
  Sample sample;
  sample.nt = V2Response("06000200020000000000");
  EXPECT_EQ(FaultOf(sample.Write()).offset, 88u + 6 + 4 + 2 + 24 + 44);
}

TEST(AuthenticateMessage, MicIsThereOnlyWhenThePayloadLeavesRoom) {
  Sample sample;
  sample.nt = V2Response("00000000");
  sample.lm.clear();
  sample.domain.clear();
  sample.workstation.clear();
  sample.key.clear();
  sample.flags = kNegotiateUnicode;
  const std::vector<uint8_t> whole = sample.Write();
  for (uint32_t start : {64u, 71u, 72u, 79u, 80u, 87u, 88u}) {
    std::vector<uint8_t> octets(whole.begin(), whole.begin() + start);
    octets.insert(octets.end(), whole.begin() + 88, whole.end());
    SetField(octets, kUserField, 4, start);
    SetField(octets, kNtField, static_cast<uint16_t>(sample.nt.size()), start + 4);
    const auto message = ParseAuthenticateMessage(octets);
    ASSERT_TRUE(message.ok()) << start << message.status();
    EXPECT_EQ(message->version.has_value(), start >= 72) << start;
    EXPECT_EQ(message->mic_offset.has_value(), start == 88) << start;
  }
}

// CVE-2019-1040: the MIC taken out, its promise left in.
TEST(AuthenticateMessage, PromisedMicWithoutRoomIsTellable) {
  std::vector<uint8_t> octets = Sample().Write();
  SetField(octets, kUserField, 4, 80);
  EXPECT_EQ(FaultOf(octets).kind, FaultKind::kMicMissing);
}

TEST(AuthenticateMessage, KeyExchangeNeedsA16OctetKeyWhenSomethingIsProtected) {
  Sample sample;
  sample.key.clear();
  EXPECT_EQ(FaultOf(sample.Write()).kind, FaultKind::kSessionKeyMissing);
  sample.key.assign(15, 1);
  EXPECT_EQ(FaultOf(sample.Write()).kind, FaultKind::kSessionKeyMissing);
  // [MS-NLMP] 3.1.5.1.2: without signing and sealing no key is exchanged, and the field is ignored.
  sample.flags = kNegotiateUnicode | kNegotiateKeyExchange;
  EXPECT_TRUE(ParseAuthenticateMessage(sample.Write()).ok());
  sample.key.clear();
  EXPECT_TRUE(ParseAuthenticateMessage(sample.Write()).ok());
  sample.flags = kNegotiateUnicode | kNegotiateSign;
  EXPECT_TRUE(ParseAuthenticateMessage(sample.Write()).ok());
}

TEST(AuthenticateMessage, NamesNeedACharacterSet) {
  Sample sample;
  sample.flags &= ~kNegotiateUnicode;
  EXPECT_EQ(FaultOf(sample.Write()).offset, 60u);
  sample.flags |= kNegotiateOem;
  EXPECT_TRUE(ParseAuthenticateMessage(sample.Write()).ok());
}

TEST(AuthenticateMessage, UnicodeNameOfOddLengthIsRefused) {
  Sample sample;
  sample.user.push_back(0);
  EXPECT_EQ(FaultOf(sample.Write()).offset, kUserField);
}

// wget declares Unicode and sends OEM names; its NTLMv1 is to be refused as that.
TEST(AuthenticateMessage, OddNamesBesideNtlmV1AreNotTheComplaint) {
  Sample sample;
  sample.user.push_back(0);
  sample.nt.assign(24, 1);
  const std::vector<uint8_t> octets = sample.Write();
  const auto message = ParseAuthenticateMessage(octets);
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->nt_kind, NtResponseKind::kNtlmV1);
}

// CVE-2019-3822, CVE-2019-17455, CVE-2018-14618: responses and names longer than their fields.
TEST(AuthenticateMessage, FieldTooLongToSayIsNotWritten) {
  const std::vector<uint8_t> big(65536);
  for (auto field :
       {&AuthenticateMessage::lm_response, &AuthenticateMessage::nt_response,
        &AuthenticateMessage::domain, &AuthenticateMessage::user, &AuthenticateMessage::workstation,
        &AuthenticateMessage::encrypted_session_key}) {
    AuthenticateMessage message;
    message.*field = big;
    EXPECT_FALSE(WriteAuthenticateMessage(message).ok());
    message.*field = std::span(big).first(65535);
    EXPECT_TRUE(WriteAuthenticateMessage(message).ok());
  }
}

// CVE-2023-25566: the same user name read again and again leaves nothing behind.
TEST(AuthenticateMessage, ReadingTwiceIntoOneObjectForgetsTheFirst) {
  AuthenticateMessage message;
  const std::vector<uint8_t> first = Sample().Write();
  ASSERT_FALSE(ReadAuthenticateMessage(first, message).has_value());
  EXPECT_TRUE(ReadAuthenticateMessage(std::span(first).first(20), message).has_value());
  EXPECT_TRUE(message.user.empty());
  EXPECT_TRUE(message.v2.av_pairs.pairs().empty());
  EXPECT_FALSE(message.mic_offset.has_value());
}

// What could be read stays, whichever field is broken.
TEST(AuthenticateMessage, OtherFieldsAreReadBesideABrokenOne) {
  std::vector<uint8_t> octets = Sample().Write();
  SetField(octets, kLmField, 24, 0xFFFFFFFF);
  AuthenticateMessage message;
  EXPECT_TRUE(ReadAuthenticateMessage(octets, message).has_value());
  EXPECT_EQ(EncodeHex(message.domain), "4c0041004200");
  EXPECT_EQ(message.nt_kind, NtResponseKind::kNtlmV2);
}

}  // namespace
}  // namespace epa::ntlm
