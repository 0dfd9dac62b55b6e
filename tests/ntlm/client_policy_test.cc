// What a client sends, what it refuses to answer, and which settings it does not take.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/utf16.h"
#include "providers/ntlm/messages/authenticate_message.h"
#include "providers/ntlm/messages/challenge_message.h"
#include "tests/support/ntlm_client_forge.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::ntlm {
namespace {

using test::Bindings;
using test::Exchange;
using test::ExchangeSetup;
using test::StatusIs;
using ::testing::HasSubstr;

constexpr char kName[] = "HTTP/server.example.com";

InitiatorOptions Alice() {
  InitiatorOptions options;
  options.user = "alice";
  options.domain = "EXAMPLE";
  options.password = SecretBytes::FromText("secret-alice");
  return options;
}

absl::Status CreateWith(const ClientPolicy& policy) {
  InitiatorOptions options = Alice();
  options.policy = policy;
  return CreateInitiatorCredentials(std::move(options)).status();
}

// The AV pairs of the AUTHENTICATE of a good exchange.
struct Sent {
  explicit Sent(ExchangeSetup setup) : exchange(RunExchange(std::move(setup))) {
    const auto fault = ReadAuthenticateMessage(exchange.authenticate, message);
    EXPECT_FALSE(fault.has_value());
  }
  const AvPairs& pairs() const { return message.v2.av_pairs; }
  std::string user() const { return Utf16LeToUtf8(message.user).value(); }
  std::string domain() const { return Utf16LeToUtf8(message.domain).value(); }

  Exchange exchange;
  AuthenticateMessage message;
};

ExchangeSetup AllowMode() {
  ExchangeSetup setup;
  setup.policy.mode = ExtendedProtectionMode::kAllow;
  return setup;
}

// The client's answer to a challenge that was altered on its way, or made by `alter` altogether.
enum class Signing : uint8_t { kUnasked, kWanted, kRequired };

Reason ReasonFor(std::function<void(std::vector<uint8_t>&)> alter,
                 Signing signing = Signing::kUnasked, ClientPolicy policy = {}) {
  ExchangeSetup setup;
  setup.initiator.policy = policy;
  setup.parameters.want_signing = signing == Signing::kWanted;
  setup.parameters.require_signing = signing == Signing::kRequired;
  setup.on_challenge = std::move(alter);
  const Exchange exchange = RunExchange(std::move(setup));
  EXPECT_EQ(exchange.client_result.state == StepState::kRejected,
            exchange.client->reason() != Reason::kNone);
  if (exchange.client_result.state == StepState::kRejected) {
    EXPECT_TRUE(exchange.client_result.token.empty());
  }
  return exchange.client->reason();
}

TEST(ClientPolicy, LevelsThatSendNtlmV1AreRefusedByName) {
  for (uint32_t level = 0; level < 3; ++level) {
    EXPECT_THAT(CreateWith({.lm_compatibility_level = level}),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("LmCompatibilityLevel " + std::to_string(level))));
  }
  for (uint32_t level = 3; level <= 5; ++level) {
    EXPECT_OK(CreateWith({.lm_compatibility_level = level}));
  }
  EXPECT_THAT(CreateWith({.lm_compatibility_level = 6}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ClientPolicy, ExtendedProtectionSendsBindingNameAndMic) {
  const Sent sent({});
  EXPECT_TRUE(
      std::ranges::equal(sent.pairs().channel_bindings().value(), Bindings(1).token().octets));
  EXPECT_TRUE(std::ranges::equal(sent.pairs().target_name().value(), test::Utf16(kName)));
  EXPECT_EQ(sent.pairs().flags(), kAvFlagMicPresent);
  EXPECT_EQ(sent.message.lm_kind, LmResponseKind::kZeros);
}

TEST(ClientPolicy, AnEmptyTargetNameIsSentAsSuch) {
  ExchangeSetup setup;
  setup.parameters.target_name.clear();
  const Sent sent(std::move(setup));
  ASSERT_TRUE(sent.pairs().target_name().has_value());
  EXPECT_TRUE(sent.pairs().target_name()->empty());
}

TEST(ClientPolicy, SuppressedExtendedProtectionSendsNeitherBindingNorName) {
  for (const uint32_t suppress : {1u, 3u}) {
    ExchangeSetup setup = AllowMode();
    setup.initiator.policy.suppress_extended_protection = suppress;
    const Sent sent(std::move(setup));
    EXPECT_FALSE(sent.pairs().channel_bindings().has_value()) << suppress;
    EXPECT_FALSE(sent.pairs().target_name().has_value()) << suppress;
    EXPECT_EQ(sent.exchange.server->reason(), Reason::kBindingMissingAllowed) << suppress;
  }
}

TEST(ClientPolicy, OtherValuesOfSuppressExtendedProtectionAreRefused) {
  EXPECT_OK(CreateWith({.suppress_extended_protection = 0}));
  for (const uint32_t suppress : {2u, 4u, 0xFFFFFFFFu}) {
    EXPECT_THAT(CreateWith({.suppress_extended_protection = suppress}),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(ClientPolicy, ExplicitNoneIsSixteenZeros) {
  ExchangeSetup setup = AllowMode();
  setup.parameters.binding = BindingRequest::kExplicitNone;
  const Sent sent(std::move(setup));
  EXPECT_TRUE(
      std::ranges::equal(sent.pairs().channel_bindings().value(), ChannelBindingToken().octets));
  ExpectRefused(sent.exchange, Reason::kBindingExplicitlyNone);
}

TEST(ClientPolicy, AClientOnAClearChannelSaysSo) {
  ExchangeSetup setup;
  setup.client_channel = Channel::Plain();
  const Sent sent(std::move(setup));
  EXPECT_TRUE(
      std::ranges::equal(sent.pairs().channel_bindings().value(), ChannelBindingToken().octets));
}

TEST(ClientPolicy, UntrustedTargetNamesAreMarked) {
  ExchangeSetup setup;
  setup.parameters.target_name_untrusted = true;
  const Sent sent(std::move(setup));
  EXPECT_EQ(sent.pairs().flags(), kAvFlagMicPresent | kAvFlagUntrustedTargetName);
}

// A channel that cannot be bound must not pass for a clear one.
TEST(ClientPolicy, TlsWithoutBindingsIsNotPassedOffAsNone) {
  InitiateOptions options;
  options.credentials = CreateInitiatorCredentials(Alice()).value();
  options.channel = Channel::Tls(std::make_shared<ChannelBindingsList>());
  EXPECT_THAT(SecurityContext::Initiate(options),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no binding")));
  for (const BindingRequest request : {BindingRequest::kExplicitNone, BindingRequest::kOmit}) {
    options.parameters.binding = request;
    EXPECT_OK(SecurityContext::Initiate(options));
  }
}

// CVE-2025-33073: the name sends the client to one host and is registered for another.
TEST(ClientPolicy, MarshalledTargetNamesAreRefused) {
  InitiateOptions options;
  options.credentials = CreateInitiatorCredentials(Alice()).value();
  options.channel = Channel::Plain();
  options.parameters.target_name = "cifs/localhost1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAwbEAYBAAAA";
  EXPECT_THAT(SecurityContext::Initiate(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("marshalled")));
}

TEST(ClientPolicy, TargetNamesMustBeText) {
  InitiateOptions options;
  options.credentials = CreateInitiatorCredentials(Alice()).value();
  options.channel = Channel::Tls(Bindings(1));
  for (const std::string& name : {std::string("HTTP/\xFF"), std::string(4096, 'a')}) {
    options.parameters.target_name = name;
    EXPECT_THAT(SecurityContext::Initiate(options), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(ClientPolicy, ServersWithoutUnicodeAreNotAnswered) {
  EXPECT_EQ(ReasonFor([](auto& challenge) { test::ClearFlags(challenge, kNegotiateUnicode); }),
            Reason::kServerFlagsUnacceptable);
}

TEST(ClientPolicy, SigningNeedsWhatItIsMadeOf) {
  for (const uint32_t flag : {kNegotiateExtendedSessionSecurity, kNegotiate128}) {
    const auto clear = [flag](auto& challenge) { test::ClearFlags(challenge, flag); };
    EXPECT_EQ(ReasonFor(clear, Signing::kWanted), Reason::kServerFlagsUnacceptable) << flag;
    EXPECT_EQ(ReasonFor(clear), Reason::kNone) << flag;
  }
}

// A wish is no demand: impacket's smbserver never signs.
TEST(ClientPolicy, ServersThatDoNotSignAreRefusedWhereSigningIsRequired) {
  const auto clear = [](auto& challenge) {
    test::ClearFlags(challenge, kNegotiateSign | kNegotiateSeal | kNegotiateKeyExchange);
  };
  EXPECT_EQ(ReasonFor(clear, Signing::kWanted), Reason::kNone);
  EXPECT_EQ(ReasonFor(clear, Signing::kRequired), Reason::kServerFlagsUnacceptable);
}

TEST(ClientPolicy, ServersThatSignAndDoNotSealAreRefusedWhereSealingIsRequired) {
  for (const bool required : {true, false}) {
    ExchangeSetup setup;
    setup.parameters.want_sealing = true;
    setup.parameters.require_sealing = required;
    setup.on_challenge = [](auto& challenge) { test::ClearFlags(challenge, kNegotiateSeal); };
    const Exchange exchange = RunExchange(std::move(setup));
    EXPECT_EQ(exchange.client->reason(),
              required ? Reason::kServerFlagsUnacceptable : Reason::kNone);
    if (!required) {
      EXPECT_FALSE(exchange.client->message_protection().value()->can_seal());
    }
  }
}

TEST(ClientPolicy, ShortKeysAreTakenOnlyWhenAskedFor) {
  const auto clear = [](auto& challenge) { test::ClearFlags(challenge, kNegotiate128); };
  EXPECT_EQ(ReasonFor(clear, Signing::kWanted, {.minimum_session_security = 0}), Reason::kNone);
}

// [MS-NLMP] 3.1.5.1.2: both NetBIOS names, or STATUS_LOGON_FAILURE.
TEST(ClientPolicy, SigningNeedsTheServersNames) {
  for (const AvId id : {AvId::kNbComputerName, AvId::kNbDomainName}) {
    const auto drop = [id](auto& challenge) {
      test::EditTargetInfo(challenge, [id](test::ForgedPairs& pairs) { Remove(pairs, id); });
    };
    EXPECT_EQ(ReasonFor(drop, Signing::kWanted), Reason::kTargetInfoMissing);
    EXPECT_EQ(ReasonFor(drop), Reason::kNone);
  }
}

// What was asked for and not granted is done without, and so are the names.
TEST(ClientPolicy, AServerThatGrantsNoSigningNeedsNoNames) {
  const auto drop = [](auto& challenge) {
    test::ClearFlags(challenge, kNegotiateSign);
    test::EditTargetInfo(challenge, [](test::ForgedPairs& pairs) {
      Remove(pairs, AvId::kNbComputerName);
      Remove(pairs, AvId::kNbDomainName);
    });
  };
  EXPECT_EQ(ReasonFor(drop, Signing::kWanted), Reason::kNone);
}

TEST(ClientPolicy, AChallengeWithoutTargetInformationStillGetsBindingAndMic) {
  ExchangeSetup setup;
  setup.on_challenge = [](std::vector<uint8_t>& challenge) {
    ChallengeMessage message;
    message.flags = kNegotiateUnicode | kNegotiateNtlm;
    message.server_challenge = {1, 2, 3, 4, 5, 6, 7, 8};
    challenge = WriteChallengeMessage(message).value();
  };
  const Sent sent(std::move(setup));
  EXPECT_TRUE(sent.pairs().channel_bindings().has_value());
  EXPECT_EQ(sent.pairs().flags(), kAvFlagMicPresent);
}

TEST(ClientPolicy, AChallengeWithAPairTwiceIsNotAnswered) {
  const auto repeat = [](auto& challenge) {
    test::EditTargetInfo(challenge, [](test::ForgedPairs& pairs) {
      pairs.push_back({AvId::kNbDomainName, test::Utf16("EVIL")});
    });
  };
  EXPECT_EQ(ReasonFor(repeat), Reason::kDuplicateAvPair);
}

TEST(ClientIdentity, DomainBackslashUserComesApart) {
  ExchangeSetup setup;
  setup.initiator.user = "EXAMPLE\\alice";
  setup.initiator.password = SecretBytes::FromText("secret-alice");
  const Sent sent(std::move(setup));
  EXPECT_EQ(sent.user(), "alice");
  EXPECT_EQ(sent.domain(), "EXAMPLE");
  ExpectEstablished(sent.exchange);
}

TEST(ClientIdentity, UserAtDomainGoesOutWhole) {
  ExchangeSetup setup;
  setup.initiator.user = "alice@EXAMPLE";
  setup.initiator.password = SecretBytes::FromText("secret-alice");
  const Sent sent(std::move(setup));
  EXPECT_EQ(sent.user(), "alice@EXAMPLE");
  EXPECT_EQ(sent.domain(), "");
  ExpectEstablished(sent.exchange);
}

TEST(ClientIdentity, AnNtHashIsAsGoodAsThePassword) {
  ExchangeSetup setup;
  setup.initiator.user = "alice";
  setup.initiator.domain = "EXAMPLE";
  setup.initiator.nt_hash =
      std::make_shared<const NtHash>(NtHashFromPassword("secret-alice").value());
  ExpectEstablished(RunExchange(std::move(setup)));
}

TEST(ClientIdentity, ContradictoryCredentialsAreRefused) {
  const auto create = [](const std::function<void(InitiatorOptions&)>& edit) {
    InitiatorOptions options = Alice();
    edit(options);
    return CreateInitiatorCredentials(std::move(options)).status();
  };
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(create([](InitiatorOptions& options) {
                options.nt_hash = std::make_shared<const NtHash>(NtHashFromPassword("x").value());
              }),
              refused);
  EXPECT_THAT(create([](InitiatorOptions& options) {
                options.password = SecretBytes();
                options.nt_hash = std::make_shared<const NtHash>();
              }),
              refused);
  EXPECT_THAT(create([](InitiatorOptions& options) { options.user.clear(); }), refused);
  EXPECT_THAT(create([](InitiatorOptions& options) { options.anonymous = true; }), refused);
  EXPECT_THAT(create([](InitiatorOptions& options) { options.user = "\xFF"; }), refused);
}

TEST(ClientIdentity, AnonymousProvesNothingAndIsRefusedByDefault) {
  ExchangeSetup setup;
  setup.initiator.anonymous = true;
  const Sent sent(std::move(setup));
  EXPECT_TRUE(sent.message.anonymous());
  EXPECT_NE(sent.message.flags & kNegotiateAnonymous, 0u);
  ExpectRefused(sent.exchange, Reason::kAnonymousRefused);
}

}  // namespace
}  // namespace epa::ntlm
