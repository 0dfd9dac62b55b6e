// What the audit event says about a negotiation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "epa/core/security_context.h"
#include "epa/negotiate/negotiate.h"
#include "tests/negotiate/fake_mechanisms.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::negotiate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The object identifier of UnknownOid.
constexpr char kUnknown[] = "1.2.3.3";

// "mechanism: reason" for each.
std::vector<std::string> PassedOver(const NegotiationRecord& record) {
  std::vector<std::string> texts;
  for (const PassedOverMechanism& passed_over : record.passed_over) {
    texts.push_back(passed_over.mechanism + ": " +
                    std::string(PassedOverReasonName(passed_over.reason)));
  }
  return texts;
}

NegotiationRecord RecordAfter(const std::vector<uint8_t>& token,
                              std::vector<test::FakePackageOptions> packages) {
  const auto server = MakeSide(true, std::move(packages));
  (void)StepOf(*server, token);
  const auto record = server->negotiation();
  EXPECT_TRUE(record.has_value());
  return record.value_or(NegotiationRecord());
}

TEST(NegotiationRecord, BothSidesPreferTheSame) {
  const auto record = RecordAfter(Init({AlphaOid(), BetaOid()}, "hello"), {Alpha(), Beta()});
  EXPECT_THAT(record.offered, ElementsAre("Alpha", "Beta"));
  EXPECT_EQ(record.taken, "Alpha");
  EXPECT_THAT(record.passed_over, IsEmpty());
}

TEST(NegotiationRecord, TheClientDoesNotOfferTheBetterOne) {
  const auto record = RecordAfter(Init({BetaOid()}, "hello"), {Alpha(), Beta()});
  EXPECT_THAT(record.offered, ElementsAre("Beta"));
  EXPECT_EQ(record.taken, "Beta");
  EXPECT_THAT(PassedOver(record), ElementsAre("Alpha: not_offered"));
}

TEST(NegotiationRecord, TheClientPrefersTheWorseOne) {
  const auto record = RecordAfter(Init({BetaOid(), AlphaOid()}, "hello"), {Alpha(), Beta()});
  EXPECT_THAT(record.offered, ElementsAre("Beta", "Alpha"));
  EXPECT_EQ(record.taken, "Beta");
  EXPECT_THAT(PassedOver(record), ElementsAre("Alpha: offered_later"));
}

TEST(NegotiationRecord, ThisSideDoesNotHaveTheClientsFirst) {
  const auto record = RecordAfter(Init({UnknownOid(), BetaOid()}), {Alpha(), Beta()});
  EXPECT_THAT(record.offered, ElementsAre(kUnknown, "Beta"));
  EXPECT_EQ(record.taken, "Beta");
  EXPECT_THAT(PassedOver(record),
              ElementsAre(std::string(kUnknown) + ": not_supported", "Alpha: not_offered"));
}

TEST(NegotiationRecord, NothingInCommon) {
  const auto record = RecordAfter(Init({UnknownOid()}, "hello"), {Alpha()});
  EXPECT_EQ(record.taken, "");
  EXPECT_THAT(PassedOver(record),
              ElementsAre(std::string(kUnknown) + ": not_supported", "Alpha: not_offered"));
}

TEST(NegotiationRecord, ABareTokenWasNotNegotiated) {
  test::FakePackageOptions alpha = Alpha();
  alpha.recognizes = [](std::string_view) { return false; };
  const auto record = RecordAfter(test::FakeToken("hello"), {alpha, Beta()});
  EXPECT_THAT(record.offered, IsEmpty());
  EXPECT_EQ(record.taken, "Beta");
  EXPECT_THAT(PassedOver(record), ElementsAre("Alpha: not_negotiated"));
}

TEST(NegotiationRecord, TwoSpellingsOfOneMechanismAreOneOffer) {
  test::FakePackageOptions alpha = Alpha();
  alpha.info.mechanism_oids.push_back(test::FromHex("06032a0309"));
  const auto record =
      RecordAfter(Init({test::FromHex("06032a0309"), AlphaOid(), BetaOid()}, "hello"), {alpha});
  EXPECT_THAT(record.offered, ElementsAre("Alpha", "1.2.3.2"));
}

TEST(NegotiationRecord, IdentifiersOfAnyLengthAreNamedInBounds) {
  std::vector<uint8_t> long_oid = test::FromHex("068220002a");
  long_oid.resize(5 + 0x1fff, 1);
  const auto record = RecordAfter(Init({long_oid, AlphaOid()}), {Alpha()});
  ASSERT_EQ(record.offered.size(), 2u);
  EXPECT_LE(record.offered[0].size(), 256u);
}

TEST(NegotiationRecord, NothingIsSaidBeforeAListCame) {
  const auto server = MakeSide(true, {Alpha()});
  EXPECT_FALSE(server->negotiation().has_value());
  (void)StepOf(*server, {});
  EXPECT_FALSE(server->negotiation().has_value());
}

TEST(NegotiationRecord, IsPartOfTheAuditEvent) {
  class Sink : public AuditSink {
   public:
    void OnEvent(const AuditEvent& event) override { events.push_back(event); }
    std::vector<AuditEvent> events;
  };
  AcceptOptions options;
  options.credentials = CreateAcceptorCredentials(
                            {test::MakeFakeCredentials(Alpha()), test::MakeFakeCredentials(Beta())})
                            .value();
  options.policy = std::make_shared<const ExtendedProtectionPolicy>(
      ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kLegacy}).value());
  options.channel = Channel::Plain();
  const auto sink = std::make_shared<Sink>();
  options.audit = sink;
  auto context = SecurityContext::Accept(std::move(options)).value();
  ASSERT_OK(context->Step(Init({BetaOid()}, "hello")));
  context.reset();
  ASSERT_EQ(sink->events.size(), 1u);
  const AuditEvent& event = sink->events[0];
  ASSERT_TRUE(event.negotiation.has_value());
  EXPECT_THAT(PassedOver(*event.negotiation), ElementsAre("Alpha: not_offered"));
  EXPECT_EQ(event.package, "Beta");
  // Given up half-way: nobody's error.
  EXPECT_EQ(event.outcome, AuditOutcome::kAbandoned);
  EXPECT_EQ(event.status, SecurityStatus::kContinueNeeded);
}

}  // namespace
}  // namespace epa::negotiate
