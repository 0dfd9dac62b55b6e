#include "epa/sasl/security_layer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sasl/sasl_test_support.h"
#include "tests/support/status_matchers.h"

namespace epa::sasl {
namespace {

using ::testing::StartsWith;

constexpr LayerLimits kLimits = {.incoming = 4096, .outgoing = 4096};

// An established context of the fake package.
std::unique_ptr<SecurityContext> Established(FakePackageOptions package) {
  package.protects_messages = true;
  InitiateOptions options;
  options.credentials = FakeOf("Fake", std::move(package));
  options.channel = Channel::Plain();
  auto context = SecurityContext::Initiate(std::move(options)).value();
  context->Step({}).IgnoreError();
  context->Step(OctetsOf("challenge")).IgnoreError();
  EXPECT_TRUE(context->established());
  return context;
}

std::string Text(const std::vector<uint8_t>& octets) { return {octets.begin(), octets.end()}; }

std::vector<uint8_t> Frame(std::string_view wrapped) {
  std::vector<uint8_t> frame = {0, 0, static_cast<uint8_t>(wrapped.size() >> 8),
                                static_cast<uint8_t>(wrapped.size())};
  frame.insert(frame.end(), wrapped.begin(), wrapped.end());
  return frame;
}

TEST(SecurityLayer, PutsTheLengthBeforeEachMessage) {
  const auto context = Established({});
  const auto layer = SecurityLayer::Create(*context, Layer::kIntegrity, kLimits).value();
  EXPECT_EQ(layer->Wrap(OctetsOf("abc")).value(), Frame("signed 0 abc"));
  EXPECT_EQ(layer->Wrap({}).value(), std::vector<uint8_t>());
  const auto sealing = Established({});
  EXPECT_EQ(SecurityLayer::Create(*sealing, Layer::kConfidentiality, kLimits)
                .value()
                ->Wrap(OctetsOf("abc"))
                .value(),
            Frame("sealed 0 abc"));
}

TEST(SecurityLayer, CutsWhatThePeerCannotTakeWithWhatSealingAdds) {
  const auto context = Established({});
  const auto layer =
      SecurityLayer::Create(*context, Layer::kConfidentiality,
                            {.incoming = 4096, .outgoing = test::kFakeSealOverhead + 2})
          .value();
  std::vector<uint8_t> expected = Frame("sealed 0 ab");
  const std::vector<uint8_t> rest = Frame("sealed 1 c");
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(layer->Wrap(OctetsOf("abc")).value(), expected);
}

TEST(SecurityLayer, CutsWhatThePeerCannotTake) {
  const auto context = Established({});
  const auto layer = SecurityLayer::Create(*context, Layer::kIntegrity,
                                           {.incoming = 4096, .outgoing = test::kFakeOverhead + 2})
                         .value();
  std::vector<uint8_t> expected;
  for (const char* piece : {"signed 0 ab", "signed 1 cd", "signed 2 e"}) {
    const std::vector<uint8_t> frame = Frame(piece);
    expected.insert(expected.end(), frame.begin(), frame.end());
  }
  EXPECT_EQ(layer->Wrap(OctetsOf("abcde")).value(), expected);
}

TEST(SecurityLayer, TakesOctetsCutAnywhere) {
  std::vector<uint8_t> stream = Frame("signed 0 abc");
  const std::vector<uint8_t> second = Frame("signed 1 ");
  const std::vector<uint8_t> third = Frame("signed 2 de");
  stream.insert(stream.end(), second.begin(), second.end());
  stream.insert(stream.end(), third.begin(), third.end());
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    const auto context = Established({});
    const auto layer = SecurityLayer::Create(*context, Layer::kIntegrity, kLimits).value();
    std::vector<uint8_t> out;
    EXPECT_OK(layer->Unwrap(std::span(stream).first(cut), out));
    EXPECT_OK(layer->Unwrap(std::span(stream).subspan(cut), out));
    EXPECT_EQ(Text(out), "abcde");
  }
}

TEST(SecurityLayer, EndsWithTheFirstFault) {
  const std::vector<std::vector<uint8_t>> faults = {
      Frame("sealed 0 abc"),         // the other kind
      Frame("signed 1 abc"),         // one was left out
      Frame("plain"),                // nothing that was wrapped
      {0, 0, 0, 0},                  // no message
      {0, 0, 0x10, 1},               // longer than agreed
      {0xFF, 0xFF, 0xFF, 0xFF},      //
      OctetsOf("\x30\x0c\x02\x01"),  // plain LDAP
  };
  for (const std::vector<uint8_t>& fault : faults) {
    const auto context = Established({});
    const auto layer = SecurityLayer::Create(*context, Layer::kIntegrity, kLimits).value();
    std::vector<uint8_t> out;
    EXPECT_FALSE(layer->Unwrap(fault, out).ok());
    EXPECT_FALSE(layer->Unwrap(Frame("signed 0 abc"), out).ok());
    EXPECT_TRUE(out.empty());
  }
}

TEST(SecurityLayer, AMessagePlayedAgainIsRefused) {
  const auto context = Established({});
  const auto layer = SecurityLayer::Create(*context, Layer::kIntegrity, kLimits).value();
  std::vector<uint8_t> out;
  EXPECT_OK(layer->Unwrap(Frame("signed 0 abc"), out));
  EXPECT_FALSE(layer->Unwrap(Frame("signed 0 abc"), out).ok());
  EXPECT_EQ(Text(out), "abc");
}

TEST(SecurityLayer, WhatSealsByAgreementAloneSealsAllTheSame) {
  FakePackageOptions package;
  package.seals_by_agreement = true;
  package.agreed = {.signing = true};
  const auto context = Established(std::move(package));
  const auto layer = SecurityLayer::Create(*context, Layer::kIntegrity, kLimits).value();
  EXPECT_EQ(layer->layer(), Layer::kIntegrity);
  EXPECT_EQ(layer->Wrap(OctetsOf("abc")).value(), Frame("sealed 0 abc"));
}

TEST(SecurityLayer, RefusesLimitsWithoutRoom) {
  const auto context = Established({});
  EXPECT_FALSE(SecurityLayer::Create(*context, Layer::kNone, kLimits).ok());
  EXPECT_FALSE(SecurityLayer::Create(*context, Layer::kIntegrity,
                                     {.incoming = 4096, .outgoing = test::kFakeOverhead})
                   .ok());
  EXPECT_FALSE(SecurityLayer::Create(*context, Layer::kIntegrity,
                                     {.incoming = test::kFakeOverhead, .outgoing = 4096})
                   .ok());
}

// --- NTLM's own: what an NTLM client and server that agreed to sign alone put on LDAP's wire.

test::Exchange SigningExchange() {
  test::ExchangeSetup setup;
  setup.policy.mode = ExtendedProtectionMode::kLegacy;
  setup.server_channel = Channel::Plain();
  setup.client_channel = Channel::Plain();
  setup.parameters.want_signing = true;
  return test::RunExchange(std::move(setup));
}

TEST(SecurityLayer, NtlmThatSignsIsSealedOnTheWire) {
  test::Exchange exchange = SigningExchange();
  ASSERT_TRUE(exchange.client->agreed_protection().value().signing);
  ASSERT_FALSE(exchange.client->agreed_protection().value().sealing);
  const auto client = SecurityLayer::Create(*exchange.client, Layer::kIntegrity, kLimits).value();
  const auto server = SecurityLayer::Create(*exchange.server, Layer::kIntegrity, kLimits).value();
  const std::string request = "a request in the clear would be read here";
  const std::vector<uint8_t> frame = client->Wrap(OctetsOf(request)).value();
  ASSERT_EQ(frame.size(), 4 + 16 + request.size());
  EXPECT_THAT(test::ToHex(frame), StartsWith("0000003901000000"));
  EXPECT_EQ(test::ToHex(std::span(frame).subspan(16, 4)), "00000000") << "the first number is 0";
  EXPECT_EQ(Text(frame).find("request"), std::string::npos);
  std::vector<uint8_t> out;
  EXPECT_OK(server->Unwrap(frame, out));
  EXPECT_EQ(Text(out), request);
  out.clear();
  EXPECT_OK(client->Unwrap(server->Wrap(OctetsOf("answer")).value(), out));
  EXPECT_EQ(Text(out), "answer");
  EXPECT_FALSE(server->Unwrap(frame, out).ok()) << "played again";
}

TEST(SecurityLayer, ABitThatWasFlippedIsFound) {
  test::Exchange exchange = SigningExchange();
  const auto client = SecurityLayer::Create(*exchange.client, Layer::kIntegrity, kLimits).value();
  const auto server = SecurityLayer::Create(*exchange.server, Layer::kIntegrity, kLimits).value();
  std::vector<uint8_t> frame = client->Wrap(OctetsOf("abc")).value();
  frame.back() ^= 1;
  std::vector<uint8_t> out;
  EXPECT_FALSE(server->Unwrap(frame, out).ok());
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace epa::sasl
