// SmbServerNameHardeningLevel, cell by cell: over the wire at every dialect, and by the policy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/smb2/raw_server.h"
#include "tests/smb2/smb2_pair.h"
#include "tests/support/fake_package.h"
#include "tests/support/status_matchers.h"

namespace epa::smb2 {
namespace {

using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The columns: no target name, an empty one, one of ours, and the rest.
struct Column {
  std::string what;
  std::optional<std::string> target_name;
};

std::vector<Column> Ours() {
  std::vector<Column> columns;
  for (const char* name :
       {"cifs/FILES", "cifs/files.example.com", "CIFS/Files.Example.COM", "cifs/EXAMPLE",
        "cifs/example.com", "cifs/SHARE", "cifs/localhost", "cifs/192.0.2.7", "cifs/127.0.0.1",
        "cifs/2001:db8::7", "cifs/2001:DB8:0::7", "cifs/::1"}) {
    columns.push_back({name, name});
  }
  return columns;
}

std::vector<Column> Others() {
  std::vector<Column> columns;
  for (const char* name : {"cifs/other.example.com",
                           "cifs/files.example.co",
                           "cifs/files.example.com.",
                           "cifs/files.example.com:445",
                           "cifs/files.example.com/share",
                           "cifs/files@EXAMPLE.COM",
                           "HOST/files.example.com",
                           "HTTP/files.example.com",
                           "files.example.com",
                           "cifs/",
                           "/",
                           "/FILES",
                           "cifs/192.0.2.8",
                           "cifs/0.0.2.7",
                           "cifs/192.0.2.7.",
                           "cifs/2001:db8::8",
                           "cifs//FILES",
                           "cifs/FILES ",
                           " cifs/FILES",
                           "cifsx/FILES"}) {
    columns.push_back({name, name});
  }
  return columns;
}

// What the server answers to a client that means `target_name`.
NtStatus StatusAt(uint32_t level, const std::optional<std::string>& target_name, Dialect dialect,
                  std::vector<AuditEvent>* events = nullptr) {
  ClientOptions client = DefaultClient();
  client.dialects = {dialect};
  if (target_name.has_value()) {
    client.parameters.target_name = *target_name;
  } else {
    client.parameters.binding = BindingRequest::kOmit;  // leaves the name out as well
    client.parameters.target_name.clear();
  }
  ServerOptions server = DefaultServer();
  server.policy = TestPolicy({.level = level});
  Pair pair(std::move(client), std::move(server));
  pair.LogIn();
  if (events != nullptr) {
    *events = pair.server_audit->events;
  }
  EXPECT_NE(pair.client().established(), pair.client().refusal().has_value());
  EXPECT_EQ(pair.server().session_count(), pair.client().established() ? 1u : 0u);
  return pair.client().established() ? kStatusSuccess : pair.client().refusal()->status;
}

const std::vector<Dialect> kAllDialects = {Dialect::k202, Dialect::k210, Dialect::k300,
                                           Dialect::k302, Dialect::k311};

// A client of ours cannot say "the empty name" over the wire; the policy hears it directly.
bool PolicyAccepts(uint32_t level, const std::optional<std::string>& target_name,
                   TargetNameVoucher voucher) {
  ExtendedProtectionEvidence evidence;
  evidence.target_name = target_name;
  evidence.target_name_voucher = voucher;
  return EvaluateExtendedProtection(*TestPolicy({.level = level}), Channel::Plain(),
                                    IdentityKind::kUser, evidence)
      .accepted;
}

TEST(NameHardening, Level0AcceptsEveryName) {
  for (const Dialect dialect : kAllDialects) {
    EXPECT_EQ(StatusAt(0, std::nullopt, dialect), kStatusSuccess);
    for (const auto& columns : {Ours(), Others()}) {
      for (const Column& column : columns) {
        EXPECT_EQ(StatusAt(0, column.target_name, dialect), kStatusSuccess) << column.what;
      }
    }
  }
  EXPECT_TRUE(PolicyAccepts(0, "", TargetNameVoucher::kClient));
}

TEST(NameHardening, Level1RefusesAnotherName) {
  for (const Dialect dialect : kAllDialects) {
    EXPECT_EQ(StatusAt(1, std::nullopt, dialect), kStatusSuccess);
    for (const Column& column : Ours()) {
      EXPECT_EQ(StatusAt(1, column.target_name, dialect), kStatusSuccess) << column.what;
    }
    for (const Column& column : Others()) {
      EXPECT_EQ(StatusAt(1, column.target_name, dialect), kStatusAccessDenied) << column.what;
    }
  }
  EXPECT_TRUE(PolicyAccepts(1, "", TargetNameVoucher::kClient));
}

TEST(NameHardening, Level2WantsOneOfOurNames) {
  for (const Dialect dialect : kAllDialects) {
    EXPECT_EQ(StatusAt(2, std::nullopt, dialect), kStatusAccessDenied);
    for (const Column& column : Ours()) {
      EXPECT_EQ(StatusAt(2, column.target_name, dialect), kStatusSuccess) << column.what;
    }
    for (const Column& column : Others()) {
      EXPECT_EQ(StatusAt(2, column.target_name, dialect), kStatusAccessDenied) << column.what;
    }
  }
  EXPECT_FALSE(PolicyAccepts(2, "", TargetNameVoucher::kClient));
}

TEST(NameHardening, ANameTheClientDoesNotTrustCountsAsNone) {
  for (const char* name : {"cifs/FILES", "cifs/other"}) {
    EXPECT_TRUE(PolicyAccepts(0, name, TargetNameVoucher::kUnsureClient));
    EXPECT_TRUE(PolicyAccepts(1, name, TargetNameVoucher::kUnsureClient));
    EXPECT_FALSE(PolicyAccepts(2, name, TargetNameVoucher::kUnsureClient));
  }
}

std::string FieldOf(const WindowsEvent& event, std::string_view name) {
  for (const WindowsEventField& field : event.fields) {
    if (field.name == name) {
      return field.value;
    }
  }
  return "no such field";
}

TEST(NameHardening, ARefusalIsEvent5168) {
  std::vector<AuditEvent> events;
  EXPECT_EQ(StatusAt(2, "cifs/other", Dialect::k311, &events), kStatusAccessDenied);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].reason, Reason::kServiceNameMismatch);
  EXPECT_EQ(events[0].user, "alice");
  ASSERT_TRUE(events[0].windows_event.has_value());
  const WindowsEvent& event = *events[0].windows_event;
  EXPECT_EQ(event.id, 5168);
  EXPECT_EQ(FieldOf(event, "SpnName"), "cifs/other");
  EXPECT_EQ(FieldOf(event, "ErrorCode"), "0xc0000022");
  EXPECT_EQ(FieldOf(event, "ServerNames"),
            "FILES;files.example.com;EXAMPLE;example.com;LocalHost;");
  EXPECT_EQ(FieldOf(event, "ConfiguredNames"), "SHARE;");
  EXPECT_EQ(FieldOf(event, "IpAddresses"), "192.0.2.7;2001:db8::7;127.0.0.1;::1;");
}

TEST(NameHardening, WithoutANameTheEventSaysNotApplicable) {
  std::vector<AuditEvent> events;
  EXPECT_EQ(StatusAt(2, std::nullopt, Dialect::k210, &events), kStatusAccessDenied);
  ASSERT_EQ(events.size(), 1u);
  ASSERT_TRUE(events[0].windows_event.has_value());
  EXPECT_EQ(FieldOf(*events[0].windows_event, "SpnName"), "N/A");
}

// Each way a name can be wrong, as a package may report it: one answer and one event.
TEST(NameHardening, EveryRefusalOfANameIsAnAccessDeniedAndEvent5168) {
  struct Row {
    std::optional<std::string> name;
    TargetNameVoucher voucher;
    Reason reason;
  };
  using enum TargetNameVoucher;
  for (const Row& row : {Row{std::nullopt, kClient, Reason::kServiceNameMissing},
                         Row{"", kClient, Reason::kServiceNameEmpty},
                         Row{"cifs/FILES", kUnsureClient, Reason::kServiceNameUntrusted},
                         Row{"cifs/FILES", kNobody, Reason::kServiceNameNotVouchedFor},
                         Row{"cifs/FILES", kExclusiveKey, Reason::kServiceKeyShared},
                         Row{"cifs/other", kClient, Reason::kServiceNameMismatch},
                         Row{"cifs/other", kNobody, Reason::kServiceNameMismatch}}) {
    test::FakePackageOptions package;
    package.login.evidence.target_name = row.name;
    package.login.evidence.target_name_voucher = row.voucher;
    const auto audit = std::make_shared<test::RecordingAuditSink>();
    ServerOptions options = DefaultServer();
    options.credentials = test::MakeFakeCredentials(std::move(package));
    options.policy = TestPolicy({.level = 2});
    options.audit = audit;
    RawServer server(std::move(options));
    server.Negotiate();
    EXPECT_EQ(StatusOf(server.SetUp("login alice")), kStatusAccessDenied);
    ASSERT_EQ(audit->events.size(), 1u);
    EXPECT_EQ(audit->events[0].reason, row.reason);
    ASSERT_TRUE(audit->events[0].windows_event.has_value());
    EXPECT_EQ(audit->events[0].windows_event->id, 5168);
    // Who does not know the password does not learn which names are ours.
    EXPECT_EQ(StatusOf(server.SetUp("wrong")), kStatusLogonFailure);
    EXPECT_FALSE(audit->events[1].windows_event.has_value());
  }
}

TEST(NameHardening, AWrongPasswordForAWrongNameIsAWrongPassword) {
  for (const uint32_t level : {0u, 1u, 2u}) {
    ClientOptions client = DefaultClient();
    client.credentials = CredentialsWithWrongPassword();
    client.parameters.target_name = "cifs/other";
    ServerOptions server = DefaultServer();
    server.policy = TestPolicy({.level = level});
    Pair pair(std::move(client), std::move(server));
    pair.LogIn();
    ASSERT_TRUE(pair.client().refusal().has_value());
    EXPECT_EQ(pair.client().refusal()->status, kStatusLogonFailure);
  }
}

TEST(NameHardening, WrongPasswordsAreNotEvent5168) {
  ClientOptions client = DefaultClient();
  client.credentials = CredentialsWithWrongPassword();
  Pair pair(std::move(client));
  pair.LogIn();
  ASSERT_TRUE(pair.client().refusal().has_value());
  EXPECT_EQ(pair.client().refusal()->status, kStatusLogonFailure);
  ASSERT_EQ(pair.server_audit->events.size(), 1u);
  EXPECT_FALSE(pair.server_audit->events[0].windows_event.has_value());
}

TEST(NameHardening, AuditOnlyRefusesNobody) {
  ClientOptions client = DefaultClient();
  client.parameters.target_name = "cifs/other";
  ServerOptions server = DefaultServer();
  server.policy = TestPolicy({.level = 2, .audit_only = true});
  Pair pair(std::move(client), std::move(server));
  pair.LogIn();
  EXPECT_TRUE(pair.client().established());
  ASSERT_EQ(pair.server_audit->events.size(), 1u);
  EXPECT_EQ(pair.server_audit->events[0].reason, Reason::kServiceNameMismatch);
  EXPECT_EQ(pair.server_audit->events[0].outcome, AuditOutcome::kAccepted);
}

absl::StatusCode CreationAt(uint32_t level, ServerNames names) {
  NameHardeningOptions options;
  options.level = level;
  options.names = std::move(names);
  return CreateNameHardeningPolicy(std::move(options)).status().code();
}

TEST(NameHardening, SettingsThatMeanNothingAreRefused) {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(CreationAt(2, {}), absl::StatusCode::kOk);
  EXPECT_EQ(CreationAt(3, {}), kInvalid);
  EXPECT_EQ(CreationAt(1, {.own_names = {""}}), kInvalid);
  EXPECT_EQ(CreationAt(1, {.own_names = {"cifs/files"}}), kInvalid);
  EXPECT_EQ(CreationAt(1, {.configured_names = {"a/b"}}), kInvalid);
  EXPECT_EQ(CreationAt(1, {.addresses = {"files"}}), kInvalid);
}

TEST(NameHardening, Level2AdmitsNeitherGuestsNorAnonymous) {
  EXPECT_THAT(CreateNameHardeningPolicy({.level = 2, .allow_guest = true}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CreateNameHardeningPolicy({.level = 2, .allow_anonymous = true}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ServerNames, AllowedNamesAreSplitAsWindowsSplitsThem) {
  using std::string_view_literals::operator""sv;
  EXPECT_THAT(SplitAllowedServerNames("one\0two\0\0"sv), ElementsAre("one", "two"));
  EXPECT_THAT(SplitAllowedServerNames("one, two three,,ONE"), ElementsAre("one", "two", "three"));
  EXPECT_THAT(SplitAllowedServerNames(" ,"), IsEmpty());
}

TEST(ServerNames, TheMachineHasANameAndALoopbackAddress) {
  ASSERT_OK_AND_ASSIGN(const ServerNames names, LocalServerNames());
  EXPECT_FALSE(names.own_names.empty());
  const ServerNames all = WithLoopback(names);
  EXPECT_THAT(all.addresses, ::testing::Contains("127.0.0.1"));
  EXPECT_THAT(all.own_names, ::testing::Contains("LocalHost"));
  EXPECT_OK(CreateNameHardeningPolicy({.level = 2, .names = all}));
}

}  // namespace
}  // namespace epa::smb2
