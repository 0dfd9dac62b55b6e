// Readers and writers of single messages, and the cutting of frames.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "epa/smb2/framing.h"
#include "epa/smb2/header.h"
#include "lib/smb2/message_cipher.h"
#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/messages/smb1_negotiate.h"
#include "lib/smb2/messages/validate_negotiate.h"
#include "lib/smb2/sequence_window.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::smb2 {
namespace {

using ::testing::HasSubstr;
using Octets = std::vector<uint8_t>;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

Octets WithHeader(std::span<const uint8_t> body) {
  Octets message(kHeaderSize);
  WriteHeader(Header(), std::span(message).first<kHeaderSize>());
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

// Every message that is cut short is refused, and none is read past its end.
void ExpectEveryPrefixRefused(const Octets& whole,
                              const std::function<bool(std::span<const uint8_t>)>& parses) {
  EXPECT_TRUE(parses(whole));
  for (size_t size = 0; size < whole.size(); ++size) {
    const Octets prefix(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(parses(prefix)) << size;
  }
}

TEST(HeaderMessage, BothFormsComeBack) {
  Header header;
  header.credit_charge = 3;
  header.status = kStatusAccessDenied;
  header.command = Command::kIoctl;
  header.credits = 7;
  header.flags = kFlagResponse | kFlagSigned;
  header.next_command = 128;
  header.message_id = 0x0102030405060708;
  header.tree_id = 9;
  header.session_id = 0x1112131415161718;
  header.signature.fill(0xAB);
  for (const bool async : {false, true}) {
    header.flags |= async ? kFlagAsync : 0;
    header.async_id = async ? 0x2122232425262728 : 0;
    header.tree_id = async ? 0 : 9;
    Octets message(kHeaderSize);
    WriteHeader(header, std::span(message).first<kHeaderSize>());
    ASSERT_OK_AND_ASSIGN(const Header read, ParseHeader(message));
    EXPECT_EQ(read.credit_charge, header.credit_charge);
    EXPECT_EQ(read.status, header.status);
    EXPECT_EQ(read.command, header.command);
    EXPECT_EQ(read.credits, header.credits);
    EXPECT_EQ(read.flags, header.flags);
    EXPECT_EQ(read.next_command, header.next_command);
    EXPECT_EQ(read.message_id, header.message_id);
    EXPECT_EQ(read.tree_id, header.tree_id);
    EXPECT_EQ(read.async_id, header.async_id);
    EXPECT_EQ(read.session_id, header.session_id);
    EXPECT_EQ(read.signature, header.signature);
    ExpectEveryPrefixRefused(message, [](auto octets) { return ParseHeader(octets).ok(); });
  }
}

TEST(HeaderMessage, OtherProtocolsAndSizesAreRefused) {
  Octets message = WithHeader({});
  message[4] = 65;
  EXPECT_THAT(ParseHeader(message), test::StatusIs(kInvalid, HasSubstr("offset")));
  message[4] = 64;
  message[0] = 0xFF;
  EXPECT_THAT(ParseHeader(message), test::StatusIs(kInvalid, HasSubstr("offset 0")));
}

NegotiateRequest FullRequest() {
  NegotiateRequest request;
  request.security_mode = kSigningRequired;
  request.capabilities = kCapabilityEncryption;
  request.client_guid.fill(5);
  request.dialects = {0x0202, 0x0311};
  request.contexts = NegotiateContexts{{kHashSha512}, {1, 2, 3}, {{1, 2}}, {{2, 1, 0}}};
  return request;
}

TEST(NegotiateMessage, RequestsComeBack) {
  const Octets message = WithHeader(WriteNegotiateRequest(FullRequest()));
  ASSERT_OK_AND_ASSIGN(const NegotiateRequest read, ParseNegotiateRequest(message));
  EXPECT_EQ(read.security_mode, kSigningRequired);
  EXPECT_EQ(read.capabilities, kCapabilityEncryption);
  EXPECT_EQ(read.client_guid, FullRequest().client_guid);
  EXPECT_EQ(read.dialects, FullRequest().dialects);
  ASSERT_TRUE(read.contexts.has_value());
  EXPECT_EQ(read.contexts->hashes, std::vector<uint16_t>{kHashSha512});
  EXPECT_EQ(read.contexts->salt, (Octets{1, 2, 3}));
  EXPECT_EQ(read.contexts->ciphers, (std::vector<uint16_t>{1, 2}));
  EXPECT_EQ(read.contexts->signing_algorithms, (std::vector<uint16_t>{2, 1, 0}));
  ExpectEveryPrefixRefused(message, [](auto octets) { return ParseNegotiateRequest(octets).ok(); });
}

TEST(NegotiateMessage, ResponsesComeBack) {
  const Octets token = {9, 8, 7};
  NegotiateResponse response;
  response.security_mode = kSigningEnabled;
  response.dialect = 0x0311;
  response.server_guid.fill(6);
  response.max_read_size = 70000;
  response.system_time = 12345;
  response.token = token;
  response.contexts = NegotiateContexts{{kHashSha512}, {4}, {{2}}, {{1}}};
  const Octets message = WithHeader(WriteNegotiateResponse(response));
  ASSERT_OK_AND_ASSIGN(const NegotiateResponse read, ParseNegotiateResponse(message));
  EXPECT_EQ(read.dialect, 0x0311);
  EXPECT_EQ(read.server_guid, response.server_guid);
  EXPECT_EQ(read.max_read_size, 70000u);
  EXPECT_EQ(read.system_time, 12345u);
  EXPECT_EQ(Octets(read.token.begin(), read.token.end()), token);
  ASSERT_TRUE(read.contexts.has_value());
  EXPECT_EQ(read.contexts->signing_algorithms, std::vector<uint16_t>{1});
  ExpectEveryPrefixRefused(message,
                           [](auto octets) { return ParseNegotiateResponse(octets).ok(); });
}

// [MS-SMB2] 3.3.5.4: what makes a list of contexts invalid.
TEST(NegotiateMessage, ContextsThatContradictThemselvesAreRefused) {
  const auto parses = [](const NegotiateContexts& contexts) {
    NegotiateRequest request = FullRequest();
    request.contexts = contexts;
    return ParseNegotiateRequest(WithHeader(WriteNegotiateRequest(request))).ok();
  };
  EXPECT_TRUE(parses({{kHashSha512}, {}, std::nullopt, std::nullopt}));
  EXPECT_FALSE(parses({{}, {}, {{1}}, {{1}}}));  // no hash
  const std::vector<uint16_t> none;
  EXPECT_FALSE(parses({{kHashSha512}, {}, none, std::nullopt}));  // no cipher
  EXPECT_FALSE(parses({{kHashSha512}, {}, std::nullopt, none}));  // no algorithm
  EXPECT_FALSE(parses({std::vector<uint16_t>(kMaxAlgorithms + 1, 1), {}, {}, {}}));
}

// Appends a context to a request by hand and counts it.
Octets WithContext(Octets message, uint16_t type, const Octets& data) {
  constexpr size_t kCountOffset = kHeaderSize + 32;  // 2.2.3: NegotiateContextCount
  ++message[kCountOffset];
  message.resize((message.size() + 7) / 8 * 8);
  message.insert(message.end(), {static_cast<uint8_t>(type), static_cast<uint8_t>(type >> 8),
                                 static_cast<uint8_t>(data.size()), 0, 0, 0, 0, 0});
  message.insert(message.end(), data.begin(), data.end());
  return message;
}

TEST(NegotiateMessage, UnknownContextsArePassedOverAndKnownOnesOccurOnce) {
  const Octets message = WithHeader(WriteNegotiateRequest(FullRequest()));
  EXPECT_OK(ParseNegotiateRequest(WithContext(message, 0x0005, {'n', 0})));
  EXPECT_OK(ParseNegotiateRequest(WithContext(message, 0x7777, {})));
  EXPECT_THAT(ParseNegotiateRequest(WithContext(message, 0x0001, {1, 0, 0, 0, 1, 0})),
              test::StatusIs(kInvalid));
  EXPECT_THAT(ParseNegotiateRequest(WithContext(message, 0x0002, {1, 0, 1, 0})),
              test::StatusIs(kInvalid));
  EXPECT_THAT(ParseNegotiateRequest(WithContext(message, 0x0008, {1, 0, 1, 0})),
              test::StatusIs(kInvalid));
  Octets many = message;
  for (size_t i = 0; i < kMaxNegotiateContexts; ++i) {
    many = WithContext(many, 0x7777, {});
  }
  EXPECT_THAT(ParseNegotiateRequest(many), test::StatusIs(kInvalid, HasSubstr("too many")));
}

TEST(NegotiateMessage, ContextsBelow311AreNotLookedAt) {
  NegotiateRequest request = FullRequest();
  request.dialects = {0x0302};
  request.contexts.reset();
  Octets message = WithHeader(WriteNegotiateRequest(request));
  message[kHeaderSize + 28] = 0xFF;  // where NegotiateContextOffset would be: ClientStartTime
  ASSERT_OK_AND_ASSIGN(const NegotiateRequest read, ParseNegotiateRequest(message));
  EXPECT_FALSE(read.contexts.has_value());
}

TEST(SessionSetupMessage, RequestsAndResponsesComeBack) {
  const Octets token = {1, 2, 3, 4};
  SessionSetupRequest request;
  request.security_mode = 2;
  request.previous_session_id = 77;
  request.token = token;
  const Octets message = WithHeader(WriteSessionSetupRequest(request));
  ASSERT_OK_AND_ASSIGN(const SessionSetupRequest read, ParseSessionSetupRequest(message));
  EXPECT_EQ(read.security_mode, 2);
  EXPECT_EQ(read.previous_session_id, 77u);
  EXPECT_EQ(Octets(read.token.begin(), read.token.end()), token);
  ExpectEveryPrefixRefused(message,
                           [](auto octets) { return ParseSessionSetupRequest(octets).ok(); });
  const Octets answer = WithHeader(WriteSessionSetupResponse({kSessionIsGuest, token}));
  ASSERT_OK_AND_ASSIGN(const SessionSetupResponse answered, ParseSessionSetupResponse(answer));
  EXPECT_EQ(answered.session_flags, kSessionIsGuest);
  EXPECT_EQ(Octets(answered.token.begin(), answered.token.end()), token);
  ExpectEveryPrefixRefused(answer,
                           [](auto octets) { return ParseSessionSetupResponse(octets).ok(); });
}

// [MS-SMB2] 2.2: a structure of another size is another structure.
TEST(Messages, StructureSizesAreChecked) {
  NegotiateResponse negotiated;
  negotiated.dialect = 0x0302;
  ValidateNegotiateRequest validate;
  validate.dialects = {0x0302};
  struct Row {
    Octets body;
    std::function<bool(std::span<const uint8_t>)> parses;
  };
  const std::vector<Row> rows = {
      {WriteNegotiateRequest(FullRequest()), [](auto m) { return ParseNegotiateRequest(m).ok(); }},
      {WriteNegotiateResponse(negotiated), [](auto m) { return ParseNegotiateResponse(m).ok(); }},
      {WriteSessionSetupRequest({}), [](auto m) { return ParseSessionSetupRequest(m).ok(); }},
      {WriteSessionSetupResponse({}), [](auto m) { return ParseSessionSetupResponse(m).ok(); }},
      {WriteValidateNegotiateRequest(validate),
       [](auto m) { return ParseValidateNegotiateRequest(m).ok(); }},
      {WriteValidateNegotiateResponse({}),
       [](auto m) { return ParseValidateNegotiateResponse(m).ok(); }},
  };
  for (const Row& row : rows) {
    Octets message = WithHeader(row.body);
    EXPECT_TRUE(row.parses(message));
    for (const int change : {1, -1}) {
      Octets changed = message;
      changed[kHeaderSize] = static_cast<uint8_t>(changed[kHeaderSize] + change);
      EXPECT_FALSE(row.parses(changed));
    }
    message[kHeaderSize + 1] = 1;
    EXPECT_FALSE(row.parses(message));
  }
}

TEST(NegotiateMessage, DialectsAreAtLeastOneAndAtMost64) {
  for (const size_t count : {size_t{0}, size_t{1}, size_t{64}, size_t{65}}) {
    NegotiateRequest request;
    request.dialects.assign(count, 0x0210);
    EXPECT_EQ(ParseNegotiateRequest(WithHeader(WriteNegotiateRequest(request))).ok(),
              count >= 1 && count <= 64);
  }
}

TEST(SessionSetupMessage, ATokenInsideTheHeaderIsRefused) {
  const Octets token = {1, 2, 3, 4};
  SessionSetupRequest request;
  request.token = token;
  Octets message = WithHeader(WriteSessionSetupRequest(request));
  message[kHeaderSize + 12] = 0;  // SecurityBufferOffset
  EXPECT_THAT(ParseSessionSetupRequest(message), test::StatusIs(kInvalid));
}

TEST(ValidateNegotiateMessage, RequestsAndResponsesComeBack) {
  ValidateNegotiateRequest request;
  request.capabilities = 5;
  request.client_guid.fill(3);
  request.security_mode = 1;
  request.dialects = {0x0202, 0x0302};
  const Octets message = WithHeader(WriteValidateNegotiateRequest(request));
  EXPECT_EQ(IoctlCode(message), kFsctlValidateNegotiateInfo);
  ASSERT_OK_AND_ASSIGN(const auto read, ParseValidateNegotiateRequest(message));
  EXPECT_EQ(read, request);
  ExpectEveryPrefixRefused(message,
                           [](auto octets) { return ParseValidateNegotiateRequest(octets).ok(); });
  ValidateNegotiateResponse response;
  response.capabilities = 4;
  response.server_guid.fill(2);
  response.security_mode = 3;
  response.dialect = 0x0302;
  const Octets answer = WithHeader(WriteValidateNegotiateResponse(response));
  ASSERT_OK_AND_ASSIGN(const auto answered, ParseValidateNegotiateResponse(answer));
  EXPECT_EQ(answered, response);
  ExpectEveryPrefixRefused(answer,
                           [](auto octets) { return ParseValidateNegotiateResponse(octets).ok(); });
}

TEST(ValidateNegotiateMessage, AnotherControlCodeOrTooLittleRoomIsRefused) {
  constexpr size_t kCodeOffset = kHeaderSize + 4;
  constexpr size_t kMaxOutputOffset = kHeaderSize + 44;
  ValidateNegotiateRequest asked;
  asked.dialects = {0x0302};
  Octets request = WithHeader(WriteValidateNegotiateRequest(asked));
  Octets response = WithHeader(WriteValidateNegotiateResponse({}));
  request[kCodeOffset] ^= 1;
  response[kCodeOffset] ^= 1;
  EXPECT_THAT(ParseValidateNegotiateRequest(request), test::StatusIs(kInvalid));
  EXPECT_THAT(ParseValidateNegotiateResponse(response), test::StatusIs(kInvalid));
  request[kCodeOffset] ^= 1;
  EXPECT_OK(ParseValidateNegotiateRequest(request));
  --request[kMaxOutputOffset];
  EXPECT_THAT(ParseValidateNegotiateRequest(request), test::StatusIs(kInvalid));
}

TEST(Smb1NegotiateMessage, WhatItOffersIsRead) {
  // As Windows 7 sends it: "NT LM 0.12", "SMB 2.002", "SMB 2.???".
  const Octets message = test::FromHex(
      "ff534d4272000000001853c80000000000000000000000000000fffe0000000000220002"
      "4e54204c4d20302e31320002534d4220322e3030320002534d4220322e3f3f3f00");
  ASSERT_OK_AND_ASSIGN(const Smb1Negotiate read, ParseSmb1Negotiate(message));
  EXPECT_TRUE(read.offers_2_0_2);
  EXPECT_TRUE(read.offers_wildcard);
  ExpectEveryPrefixRefused(message, [](auto octets) { return ParseSmb1Negotiate(octets).ok(); });
}

TEST(TransformMessage, TheHeaderSaysWhatFollows) {
  Octets message(kTransformHeaderSize + 70);
  TransformHeader header;
  header.original_size = 70;
  header.session_id = 42;
  header.nonce.fill(1);
  WriteTransformHeader(header, std::span(message).first<kTransformHeaderSize>());
  ASSERT_OK_AND_ASSIGN(const TransformHeader read, ParseTransformHeader(message));
  EXPECT_EQ(read.session_id, 42u);
  EXPECT_EQ(read.nonce, header.nonce);
  message.push_back(0);
  EXPECT_THAT(ParseTransformHeader(message), test::StatusIs(kInvalid));
  message.resize(kTransformHeaderSize + 69);
  EXPECT_THAT(ParseTransformHeader(message), test::StatusIs(kInvalid));
}

TEST(FrameReader, CutsWhatArrivesInPieces) {
  const Octets stream = {0, 0, 0, 3, 'a', 'b', 'c', 0, 0, 0, 0, 0, 0, 0, 1, 'd'};
  FrameReader reader;
  std::vector<std::string> messages;
  for (const uint8_t octet : stream) {
    reader.Append({&octet, 1});
    for (;;) {
      ASSERT_OK_AND_ASSIGN(const auto next, reader.Next(3));
      if (!next.has_value()) {
        break;
      }
      messages.emplace_back(next->begin(), next->end());
    }
  }
  EXPECT_EQ(messages, (std::vector<std::string>{"abc", "", "d"}));
  EXPECT_EQ(reader.buffered(), 0u);
}

TEST(FrameReader, RefusesALengthBeforeTheMessageArrives) {
  FrameReader reader;
  reader.Append(Octets{0, 0, 0, 4});
  EXPECT_THAT(reader.Next(3), test::StatusIs(kInvalid));
  FrameReader netbios;
  netbios.Append(Octets{0x81});  // a NetBIOS session request, RFC 1002 4.3.2
  EXPECT_THAT(netbios.Next(1000), test::StatusIs(kInvalid));
}

TEST(SequenceWindow, EveryIdIsGrantedAndUsedOnce) {
  SequenceWindow window(4);
  EXPECT_FALSE(window.Consume(1, 1));
  EXPECT_TRUE(window.Consume(0, 1));
  EXPECT_FALSE(window.Consume(0, 1));
  EXPECT_EQ(window.Grant(100), 4);
  EXPECT_EQ(window.Grant(1), 0);
  EXPECT_TRUE(window.Consume(3, 1));
  EXPECT_FALSE(window.Consume(3, 1)) << "used, though not the lowest";
  EXPECT_FALSE(window.Consume(2, 2)) << "one of them is used";
  EXPECT_TRUE(window.Consume(1, 2));
  EXPECT_FALSE(window.Consume(2, 1));
  EXPECT_FALSE(window.Consume(4, 2));
  EXPECT_EQ(window.Grant(0), 1);
  EXPECT_TRUE(window.Consume(4, 2));
  EXPECT_FALSE(window.Consume(~uint64_t{0}, 1));
  EXPECT_FALSE(window.Consume(6, 65535));
}

TEST(SequenceWindow, AnIdLeftUnusedStopsTheGrantsInTheEnd) {
  SequenceWindow window(1024);
  (void)window.Grant(1024);
  uint64_t id = 1;
  while (window.Consume(id, 1)) {
    (void)window.Grant(1);
    ++id;
  }
  EXPECT_EQ(id, 2048u);
  EXPECT_TRUE(window.Consume(0, 1));
  EXPECT_GT(window.Grant(10), 0);
}

}  // namespace
}  // namespace epa::smb2
