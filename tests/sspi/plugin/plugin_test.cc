// Packages of plug-ins: evidence for the policy, and answers that are not believed.
#include "epa/sspi/plugin.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <thread>

#include "epa/core/security_context.h"
#include "lib/sspi/plugin/answers.h"
#include "tests/sspi/plugin/fake_plugin.h"
#include "tests/support/status_matchers.h"

namespace epa::sspi {
namespace {

using test::FakePlugin;
using test::FakeStep;
using test::IsOkAndHolds;
using test::StatusIs;
using ::testing::HasSubstr;

constexpr ULONG kSupport = SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT;
constexpr ULONG kAbsent = SEC_CHANNEL_BINDINGS_RESULT_ABSENT;
constexpr ULONG kMatched = kSupport | SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED;
constexpr ULONG kMismatch = kSupport | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH;

ChannelBindings SomeBindings() {
  return *ChannelBindings::FromApplicationData(std::vector<uint8_t>{'x', ':', 'y'});
}

std::shared_ptr<const ExtendedProtectionPolicy> PolicyOf(ExtendedProtectionMode mode) {
  ExtendedProtectionOptions options;
  options.mode = mode;
  options.no_service_name_check = true;
  return std::make_shared<const ExtendedProtectionPolicy>(
      *ExtendedProtectionPolicy::Create(std::move(options)));
}

std::unique_ptr<SecurityContext> Accept(
    const PluginOptions& options, ExtendedProtectionMode mode = ExtendedProtectionMode::kRequire,
    Channel channel = Channel::Tls(SomeBindings())) {
  AcceptOptions accept;
  accept.credentials = *CreateAcceptorCredentials(options);
  accept.policy = PolicyOf(mode);
  accept.channel = std::move(channel);
  accept.audit = NoAudit();
  return *SecurityContext::Accept(std::move(accept));
}

std::vector<uint8_t> Octets(std::string_view text) { return {text.begin(), text.end()}; }

// One step of an acceptor whose plug-in reports `flags` and is content.
absl::StatusOr<StepResult> LogIn(ULONG flags, ExtendedProtectionMode mode, Reason* reason) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_E_OK, "done", flags, nullptr}};
  const auto context = Accept(plugin.Options(), mode);
  auto result = context->Step(Octets("hello"));
  *reason = context->reason();
  return result;
}

TEST(PluginEvidence, IsReadFromTheResultAndContradictionsAreNotBelieved) {
  using E = BindingEvidence;
  EXPECT_EQ(EvidenceOfResult(kMatched, true), E::kMatched);
  EXPECT_EQ(EvidenceOfResult(SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED, true), E::kMatched);
  EXPECT_EQ(EvidenceOfResult(kMatched, false), E::kNotChecked);
  EXPECT_EQ(EvidenceOfResult(kMismatch, true), E::kMismatched);
  EXPECT_EQ(EvidenceOfResult(kSupport | SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY, false),
            E::kMismatched);
  EXPECT_EQ(
      EvidenceOfResult(kSupport | kAbsent | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING, true),
      E::kExplicitNone);
  EXPECT_EQ(EvidenceOfResult(kAbsent | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING, true),
            E::kAbsent);
  EXPECT_EQ(EvidenceOfResult(kAbsent | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING, true),
            E::kAbsent);
  EXPECT_EQ(EvidenceOfResult(0, true), E::kNotChecked);
  EXPECT_EQ(EvidenceOfResult(kSupport, true), E::kNotChecked);
  EXPECT_EQ(EvidenceOfResult(kMatched | kAbsent, true), E::kNotChecked);
  EXPECT_EQ(EvidenceOfResult(kMatched | kMismatch, true), E::kNotChecked);
  EXPECT_EQ(EvidenceOfResult(kMatched | 0x80, true), E::kNotChecked);
}

TEST(PluginEvidence, ThePolicyDecidesAlthoughThePluginIsContent) {
  const struct {
    ULONG flags;
    ExtendedProtectionMode mode;
    StepState state;
    Reason reason;
  } cases[] = {
      {kMatched, ExtendedProtectionMode::kRequire, StepState::kEstablished,
       Reason::kBindingMatched},
      {kMismatch, ExtendedProtectionMode::kRequire, StepState::kRejected, Reason::kBindingMismatch},
      {kMismatch, ExtendedProtectionMode::kLegacy, StepState::kEstablished, Reason::kLegacyMode},
      {kAbsent | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING, ExtendedProtectionMode::kAllow,
       StepState::kEstablished, Reason::kBindingMissingAllowed},
      {kAbsent | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING, ExtendedProtectionMode::kRequire,
       StepState::kRejected, Reason::kBindingMissing},
      {0, ExtendedProtectionMode::kRequire, StepState::kRejected, Reason::kBindingNotChecked},
      {0, ExtendedProtectionMode::kAllow, StepState::kRejected, Reason::kBindingNotChecked},
      {0, ExtendedProtectionMode::kLegacy, StepState::kEstablished, Reason::kLegacyMode},
  };
  for (const auto& c : cases) {
    Reason reason = Reason::kNone;
    const auto result = LogIn(c.flags, c.mode, &reason);
    ASSERT_OK(result);
    EXPECT_EQ(result->state, c.state) << c.flags;
    EXPECT_EQ(reason, c.reason) << c.flags;
    EXPECT_EQ(result->token.empty(), c.state == StepState::kRejected);
  }
}

TEST(PluginAcceptor, GivesTheBindingForTheRecordAndReadsWhoTheClientIs) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_E_OK, "done", kMatched, nullptr}};
  plugin.state().target = u"HTTP/www.example.com";
  const auto context = Accept(plugin.Options());
  ASSERT_OK_AND_ASSIGN(const StepResult result, context->Step(Octets("hello")));
  EXPECT_EQ(result.state, StepState::kEstablished);
  EXPECT_EQ(result.token, Octets("done"));
  EXPECT_EQ(plugin.state().token, "hello");
  EXPECT_EQ(plugin.state().bindings,
            SomeBindings().ToSecChannelBindingsEx(kSecChannelBindingsAuditBindings));
  EXPECT_EQ(context->peer()->account()->user, "alice");
  EXPECT_EQ(context->peer()->account()->domain, "DEMO");
  EXPECT_EQ(context->evidence()->target_name, "HTTP/www.example.com");
  EXPECT_EQ(context->evidence()->matched_binding, 0u);
  EXPECT_THAT(context->package_name(), IsOkAndHolds("Fake"));
  ASSERT_OK_AND_ASSIGN(const SecretBytes key, context->ExportSessionKey());
  EXPECT_EQ(key.size(), 16u);
}

TEST(PluginAcceptor, BehindATrustedProxyAsksForSomeBinding) {
  FakePlugin plugin;
  plugin.state().steps = {
      {SEC_E_OK, "", kSupport | SEC_CHANNEL_BINDINGS_RESULT_VALID_PROXY, nullptr}};
  ExtendedProtectionOptions options;
  options.scenario = ProtectionScenario::kTrustedProxy;
  options.no_service_name_check = options.nothing_to_check = true;
  AcceptOptions accept;
  accept.credentials = *CreateAcceptorCredentials(plugin.Options());
  accept.policy = std::make_shared<const ExtendedProtectionPolicy>(
      *ExtendedProtectionPolicy::Create(std::move(options)));
  accept.channel = Channel::TrustedProxy();
  accept.audit = NoAudit();
  const auto context = *SecurityContext::Accept(std::move(accept));
  ASSERT_OK_AND_ASSIGN(const StepResult result, context->Step(Octets("hello")));
  EXPECT_EQ(result.state, StepState::kEstablished);
  EXPECT_EQ(plugin.state().flags, ASC_REQ_PROXY_BINDINGS | ASC_REQ_ALLOW_MISSING_BINDINGS);
  EXPECT_TRUE(plugin.state().bindings.empty());
}

TEST(PluginAcceptor, ANullSessionIsAnonymousAndRefused) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_E_OK, "", kMatched, nullptr}};
  plugin.state().attributes = ASC_RET_NULL_SESSION;
  const auto context = Accept(plugin.Options());
  ASSERT_OK_AND_ASSIGN(const StepResult result, context->Step(Octets("hello")));
  EXPECT_EQ(result.state, StepState::kRejected);
  EXPECT_EQ(context->reason(), Reason::kAnonymousRefused);
}

TEST(PluginAcceptor, FailuresOfTheClientAreRefusalsAndOthersAreFaults) {
  const struct {
    SECURITY_STATUS status;
    Reason reason;
  } refusals[] = {{SEC_E_LOGON_DENIED, Reason::kWrongPassword},
                  {SEC_E_INVALID_TOKEN, Reason::kMalformedToken},
                  {SEC_E_INCOMPLETE_MESSAGE, Reason::kMalformedToken},
                  {SEC_E_ILLEGAL_MESSAGE, Reason::kMalformedToken},
                  {SEC_E_OUT_OF_SEQUENCE, Reason::kUnexpectedMessage},
                  {SEC_E_BAD_BINDINGS, Reason::kBindingMismatch},
                  {SEC_E_MESSAGE_ALTERED, Reason::kMicInvalid},
                  {SEC_E_DOWNGRADE_DETECTED, Reason::kNegotiationAltered},
                  {SEC_E_TIME_SKEW, Reason::kClockSkew},
                  {SEC_E_CONTEXT_EXPIRED, Reason::kTicketExpired},
                  {SEC_E_WRONG_PRINCIPAL, Reason::kMutualAuthenticationFailed},
                  {SEC_E_TARGET_UNKNOWN, Reason::kTargetUnknown},
                  {SEC_E_NO_CREDENTIALS, Reason::kNoCredentials}};
  for (const auto& c : refusals) {
    FakePlugin plugin;
    plugin.state().steps = {{c.status, "a token that stays here", 0, nullptr}};
    const auto context = Accept(plugin.Options());
    ASSERT_OK_AND_ASSIGN(const StepResult result, context->Step(Octets("hello")));
    EXPECT_EQ(result.state, StepState::kRejected);
    EXPECT_TRUE(result.token.empty());
    EXPECT_EQ(context->reason(), c.reason);
    EXPECT_THAT(context->reason_detail(), HasSubstr("0x80090"));
  }
  for (const SECURITY_STATUS status :
       {SEC_E_INTERNAL_ERROR, SEC_I_RENEGOTIATE, static_cast<SECURITY_STATUS>(5)}) {
    FakePlugin plugin;
    plugin.state().steps = {{status, "", kMatched, nullptr}};
    EXPECT_THAT(Accept(plugin.Options())->Step(Octets("hello")),
                StatusIs(absl::StatusCode::kInternal));
  }
  FakePlugin plugin;
  plugin.state().steps = {{SEC_E_NO_AUTHENTICATING_AUTHORITY, "", 0, nullptr}};
  EXPECT_THAT(Accept(plugin.Options())->Step(Octets("hello")),
              StatusIs(absl::StatusCode::kUnavailable));
}

// Which binding the refused client had, is what the plug-in reports of it.
TEST(PluginAcceptor, ARefusedBindingHasTheReasonOfItsEvidence) {
  const struct {
    ULONG flags;
    Reason reason;
  } cases[] = {
      {kAbsent | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING, Reason::kBindingMissing},
      {kSupport | kAbsent | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING,
       Reason::kBindingExplicitlyNone},
      {kMismatch, Reason::kBindingMismatch},
      {kMatched, Reason::kBindingMismatch},  // a contradiction
  };
  for (const auto& c : cases) {
    FakePlugin plugin;
    plugin.state().steps = {{SEC_E_BAD_BINDINGS, "", c.flags, nullptr}};
    const auto context = Accept(plugin.Options());
    ASSERT_OK_AND_ASSIGN(const StepResult result, context->Step(Octets("hello")));
    EXPECT_EQ(result.state, StepState::kRejected);
    EXPECT_EQ(context->reason(), c.reason) << c.flags;
  }
}

TEST(PluginAcceptor, SeveralStepsAndTheOlderWayOfEndingOne) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_I_COMPLETE_AND_CONTINUE, "challenge", 0, nullptr},
                          {SEC_I_COMPLETE_NEEDED, "done", kMatched, nullptr}};
  const auto context = Accept(plugin.Options());
  ASSERT_OK_AND_ASSIGN(const StepResult challenge, context->Step(Octets("hello")));
  EXPECT_EQ(challenge.state, StepState::kContinue);
  EXPECT_EQ(challenge.token, Octets("challenge"));
  ASSERT_OK_AND_ASSIGN(const StepResult end, context->Step(Octets("answer")));
  EXPECT_EQ(end.state, StepState::kEstablished);
}

TEST(PluginAcceptor, ATokenToCompleteWithoutTheFunctionIsAFault) {
  FakePlugin plugin;
  plugin.table.CompleteAuthToken = nullptr;
  plugin.state().steps = {{SEC_I_COMPLETE_NEEDED, "done", kMatched, nullptr}};
  EXPECT_THAT(Accept(plugin.Options())->Step(Octets("hello")),
              StatusIs(absl::StatusCode::kInternal));
}

TEST(HostilePlugin, ATokenOutsideItsRoomIsAFault) {
  static char elsewhere[16];
  const std::function<void(SecBufferDesc&)> spoils[] = {
      [](SecBufferDesc& output) { output.pBuffers[0].cbBuffer = 4097; },
      [](SecBufferDesc& output) { output.pBuffers[0].cbBuffer = 0xffffffff; },
      [](SecBufferDesc& output) { output.pBuffers[0].pvBuffer = elsewhere; },
      [](SecBufferDesc& output) { output.pBuffers[0].pvBuffer = nullptr; },
  };
  for (const auto& spoil : spoils) {
    FakePlugin plugin;
    plugin.state().steps = {{SEC_E_OK, "done", kMatched, spoil}};
    EXPECT_THAT(Accept(plugin.Options())->Step(Octets("hello")),
                StatusIs(absl::StatusCode::kInternal));
  }
}

TEST(HostilePlugin, AResultBufferPutElsewhereIsNotRead) {
  static SEC_CHANNEL_BINDINGS_RESULT elsewhere{kMatched};
  FakePlugin plugin;
  plugin.state().steps = {{SEC_E_OK, "done", 0, [](SecBufferDesc& output) {
                             output.pBuffers[1].pvBuffer = &elsewhere;
                           }}};
  const auto context = Accept(plugin.Options());
  ASSERT_OK_AND_ASSIGN(const StepResult result, context->Step(Octets("hello")));
  EXPECT_EQ(result.state, StepState::kRejected);
  EXPECT_EQ(context->reason(), Reason::kBindingNotChecked);
}

TEST(HostilePlugin, AnExchangeWithoutEndIsEnded) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_I_CONTINUE_NEEDED, "again", 0, nullptr}};
  const auto context = Accept(plugin.Options());
  StepState state = StepState::kContinue;
  for (int i = 0; i < 100 && state == StepState::kContinue; ++i) {
    ASSERT_OK_AND_ASSIGN(const StepResult result, context->Step(Octets("hello")));
    state = result.state;
  }
  EXPECT_EQ(state, StepState::kRejected);
  EXPECT_EQ(plugin.state().calls, 32);
}

TEST(HostilePlugin, GoingOnWithNothingToSendIsAFault) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_I_CONTINUE_NEEDED, "", 0, nullptr}};
  EXPECT_THAT(Accept(plugin.Options())->Step(Octets("hello")),
              StatusIs(absl::StatusCode::kInternal));
}

TEST(HostilePlugin, ANameThatCannotBeReadIsAFault) {
  for (const auto& user :
       {std::optional<std::u16string>(), std::optional<std::u16string>(std::u16string(4096, u'a')),
        std::optional<std::u16string>(std::u16string(1, char16_t{0xd800}))}) {
    FakePlugin plugin;
    plugin.state().steps = {{SEC_E_OK, "done", kMatched, nullptr}};
    plugin.state().user = user;
    EXPECT_THAT(Accept(plugin.Options())->Step(Octets("hello")),
                StatusIs(absl::StatusCode::kInternal, HasSubstr("name")));
  }
}

TEST(HostilePlugin, ASessionKeyOfAnyLengthIsNotBelieved) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_E_OK, "done", kMatched, nullptr}};
  plugin.state().session_key_length = 0xffffffff;
  const auto context = Accept(plugin.Options());
  ASSERT_OK(context->Step(Octets("hello")));
  EXPECT_THAT(context->ExportSessionKey(), StatusIs(absl::StatusCode::kInternal));
}

TEST(PluginAcceptor, ATokenLongerThanThePackagesIsNotHandedOn) {
  FakePlugin plugin;
  const auto context = Accept(plugin.Options());
  ASSERT_OK_AND_ASSIGN(const StepResult result, context->Step(std::vector<uint8_t>(4097)));
  EXPECT_EQ(result.state, StepState::kRejected);
  EXPECT_EQ(context->reason(), Reason::kTokenTooLarge);
  EXPECT_EQ(plugin.state().calls, 0);
}

TEST(PluginTable, NeedsAKnownVersionAndTheFunctionsOfEveryLogin) {
  EXPECT_THAT(Plugin::Create(nullptr), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const ULONG version : {0u, 6u, 0xffffffffu}) {
    FakePlugin plugin;
    plugin.table.dwVersion = version;
    EXPECT_THAT(Plugin::Create(&plugin.table),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("version")));
  }
  const std::function<void(SecurityFunctionTableW&)> gaps[] = {
      [](SecurityFunctionTableW& t) { t.QuerySecurityPackageInfoW = nullptr; },
      [](SecurityFunctionTableW& t) { t.AcquireCredentialsHandleW = nullptr; },
      [](SecurityFunctionTableW& t) { t.FreeCredentialsHandle = nullptr; },
      [](SecurityFunctionTableW& t) { t.DeleteSecurityContext = nullptr; },
      [](SecurityFunctionTableW& t) { t.QueryContextAttributesW = nullptr; },
      [](SecurityFunctionTableW& t) { t.FreeContextBuffer = nullptr; },
  };
  for (const auto& take : gaps) {
    FakePlugin plugin;
    take(plugin.table);
    EXPECT_THAT(Plugin::Create(&plugin.table),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has no ")));
  }
}

TEST(PluginTable, IsLoadedFromAPathOnly) {
  EXPECT_THAT(Plugin::Load("libc.so.6"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Plugin::Load("./no-such-plugin.so"), StatusIs(absl::StatusCode::kNotFound));
}

TEST(PluginCredentials, NeedWhatTheRoleNeeds) {
  FakePlugin plugin;
  PluginOptions options = plugin.Options();
  plugin.table.AcceptSecurityContext = nullptr;
  EXPECT_THAT(CreateAcceptorCredentials(options), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_OK(CreateInitiatorCredentials(options));
  plugin.table.InitializeSecurityContextW = nullptr;
  EXPECT_THAT(CreateInitiatorCredentials(options), StatusIs(absl::StatusCode::kInvalidArgument));
  options.package.clear();
  EXPECT_THAT(CreateAcceptorCredentials(options), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CreateAcceptorCredentials({}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(PluginCredentials, FailWhereThePluginDoes) {
  FakePlugin plugin;
  plugin.state().package_status = SEC_E_SECPKG_NOT_FOUND;
  EXPECT_THAT(CreateAcceptorCredentials(plugin.Options()),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("0x80090305")));
  plugin.state().package_status = SEC_E_OK;
  plugin.state().acquire_status = SEC_E_NO_CREDENTIALS;
  EXPECT_THAT(CreateAcceptorCredentials(plugin.Options()),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("0x8009030e")));
}

TEST(PluginCredentials, ALongestTokenOfNothingOrOfGigabytesIsRefused) {
  for (const ULONG longest : {0u, (1u << 20) + 1, 0xffffffffu}) {
    FakePlugin plugin;
    plugin.state().longest_token = longest;
    EXPECT_THAT(CreateAcceptorCredentials(plugin.Options()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("longest token")));
  }
}

TEST(PluginCredentials, ServeTheirRoleAndRecogniseTheirPrefix) {
  FakePlugin plugin;
  PluginOptions options = plugin.Options();
  options.token_prefix = Octets("FAKE");
  ASSERT_OK_AND_ASSIGN(const auto credentials, CreateAcceptorCredentials(options));
  EXPECT_TRUE(credentials->RecognizesToken(Octets("FAKE1")));
  EXPECT_FALSE(credentials->RecognizesToken(Octets("FAK")));
  EXPECT_THAT(credentials->CreateInitiator(Channel::Plain(), {}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK_AND_ASSIGN(const auto silent, CreateInitiatorCredentials(plugin.Options()));
  EXPECT_FALSE(silent->RecognizesToken(Octets("FAKE1")));
  EXPECT_THAT(silent->CreateAcceptor(Channel::Plain()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(PluginInitiator, SaysTargetBindingAndWishes) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_I_CONTINUE_NEEDED, "hello", 0, nullptr}, {SEC_E_OK, "", 0, nullptr}};
  InitiateOptions options;
  options.credentials = *CreateInitiatorCredentials(plugin.Options());
  options.channel = Channel::Tls(SomeBindings());
  options.parameters.target_name =
      "HTTP/b\xc3\xbc"
      "cher.example";
  options.parameters.target_name_untrusted = true;
  options.parameters.want_sealing = true;
  const auto context = *SecurityContext::Initiate(std::move(options));
  ASSERT_OK_AND_ASSIGN(const StepResult hello, context->Step({}));
  EXPECT_EQ(hello.token, Octets("hello"));
  EXPECT_EQ(plugin.state().target_name, u"HTTP/b\u00fccher.example");
  EXPECT_EQ(plugin.state().bindings, SomeBindings().ToSecChannelBindings());
  EXPECT_EQ(plugin.state().flags, ISC_REQ_MUTUAL_AUTH | ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT |
                                      ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY |
                                      ISC_REQ_UNVERIFIED_TARGET_NAME);
  ASSERT_OK_AND_ASSIGN(const StepResult end, context->Step(Octets("welcome")));
  EXPECT_EQ(end.state, StepState::kEstablished);
  EXPECT_EQ(plugin.state().token, "welcome");
}

TEST(PluginInitiator, AChannelLearntLateIsGivenFromThenOn) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_I_CONTINUE_NEEDED, "hello", 0, nullptr}, {SEC_E_OK, "", 0, nullptr}};
  InitiateOptions options;
  options.credentials = *CreateInitiatorCredentials(plugin.Options());
  options.channel = Channel::Plain();
  const auto context = *SecurityContext::Initiate(std::move(options));
  ASSERT_OK(context->Step({}));
  EXPECT_TRUE(plugin.state().bindings.empty());
  ASSERT_OK(context->SetChannel(Channel::Tls(SomeBindings())));
  ASSERT_OK(context->Step(Octets("welcome")));
  EXPECT_EQ(plugin.state().bindings, SomeBindings().ToSecChannelBindings());
}

TEST(PluginInitiator, WhatIsRequiredMustHaveBeenAgreedOn) {
  const auto reason_for = [](ULONG granted, bool signing, bool sealing) {
    FakePlugin plugin;
    plugin.state().steps = {{SEC_E_OK, "hello", 0, nullptr}};
    plugin.state().attributes = granted;
    InitiateOptions options;
    options.credentials = *CreateInitiatorCredentials(plugin.Options());
    options.channel = Channel::Tls(SomeBindings());
    options.parameters.require_signing = signing;
    options.parameters.require_sealing = sealing;
    const auto context = *SecurityContext::Initiate(std::move(options));
    EXPECT_TRUE(context->Step({}).ok());
    EXPECT_EQ((plugin.state().flags & ISC_REQ_CONFIDENTIALITY) != 0, sealing);
    return context->reason();
  };
  EXPECT_EQ(reason_for(0, false, false), Reason::kNone);
  EXPECT_EQ(reason_for(0, true, false), Reason::kServerFlagsUnacceptable);
  EXPECT_EQ(reason_for(ISC_RET_INTEGRITY, true, false), Reason::kNone);
  EXPECT_EQ(reason_for(ISC_RET_INTEGRITY, false, true), Reason::kServerFlagsUnacceptable);
  EXPECT_EQ(reason_for(ISC_RET_INTEGRITY | ISC_RET_CONFIDENTIALITY, true, true), Reason::kNone);
}

TEST(PluginInitiator, AnExplicitNoneIsNoBindingAndSilenceCannotBeSaid) {
  FakePlugin plugin;
  ASSERT_OK_AND_ASSIGN(const auto credentials, CreateInitiatorCredentials(plugin.Options()));
  const Channel channel = Channel::Tls(SomeBindings());
  InitiatorParameters parameters;
  parameters.binding = BindingRequest::kOmit;
  EXPECT_THAT(credentials->CreateInitiator(channel, parameters),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  parameters.binding = BindingRequest::kExplicitNone;
  ASSERT_OK_AND_ASSIGN(const auto mechanism, credentials->CreateInitiator(channel, parameters));
  ASSERT_OK(mechanism->Step({}));
  EXPECT_TRUE(plugin.state().bindings.empty());
  EXPECT_TRUE(plugin.state().target_name.empty());
}

TEST(PluginWork, ABlockingPluginRunsOnAnyThread) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_E_OK, "done", kMatched, nullptr}};
  PluginOptions options = plugin.Options();
  options.blocks = true;
  const auto context = Accept(options);
  ASSERT_OK_AND_ASSIGN(StepResult pending, context->Step(Octets("hello")));
  ASSERT_EQ(pending.state, StepState::kPending);
  EXPECT_EQ(plugin.state().calls, 0);
  std::thread([&pending] { pending.pending_work->Run(); }).join();
  ASSERT_OK_AND_ASSIGN(const StepResult end, context->Resume(std::move(pending.pending_work)));
  EXPECT_EQ(end.state, StepState::kEstablished);
  EXPECT_EQ(context->peer()->account()->user, "alice");
}

TEST(PluginWork, MayOutliveItsContext) {
  FakePlugin plugin;
  plugin.state().steps = {{SEC_E_OK, "done", kMatched, nullptr}};
  PluginOptions options = plugin.Options();
  options.blocks = true;
  auto context = Accept(options);
  ASSERT_OK_AND_ASSIGN(StepResult pending, context->Step(Octets("hello")));
  context.reset();
  pending.pending_work->Run();
  EXPECT_EQ(plugin.state().calls, 1);
}

TEST(PluginWork, WorkThatWasNotRunOrIsAnothersIsAnError) {
  FakePlugin plugin;
  PluginOptions options = plugin.Options();
  options.blocks = true;
  const auto context = Accept(options);
  const auto other = Accept(options);
  ASSERT_OK_AND_ASSIGN(StepResult mine, context->Step(Octets("hello")));
  ASSERT_OK_AND_ASSIGN(StepResult theirs, other->Step(Octets("hello")));
  EXPECT_THAT(context->Resume(std::move(theirs.pending_work)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK_AND_ASSIGN(const auto credentials, CreateAcceptorCredentials(options));
  const Channel channel = Channel::Plain();
  ASSERT_OK_AND_ASSIGN(const auto mechanism, credentials->CreateAcceptor(channel));
  ASSERT_OK_AND_ASSIGN(MechanismResult pending, mechanism->Step(Octets("hello")));
  EXPECT_THAT(mechanism->Resume(std::move(pending.work)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(PluginLoad, SaysWhyAFileIsNone) {
  Dl_info loaded = {};
  ASSERT_NE(dladdr(reinterpret_cast<const void*>(&std::terminate), &loaded), 0);
  EXPECT_THAT(Plugin::Load("libc.so.6", "InitSecurityInterfaceW"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a path with a slash")));
  EXPECT_THAT(Plugin::Load("/nowhere/acme.so", "InitSecurityInterfaceW"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/acme.so")));
  // A library, and one that finds the function of another: what it loads is not asked.
  for (const char* const function : {"InitSecurityInterfaceW", "malloc"}) {
    EXPECT_THAT(Plugin::Load(loaded.dli_fname, function),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr(function)));
  }
}

}  // namespace
}  // namespace epa::sspi
