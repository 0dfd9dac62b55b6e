#include "tests/support/fake_package.h"

#include <utility>

namespace epa::test {
namespace {

using Outcome = std::function<absl::StatusOr<MechanismResult>(FakeLogin&)>;

struct FakeWork : PendingWork {
  explicit FakeWork(Outcome outcome) : then(std::move(outcome)) {}
  void Run() override { ran = true; }

  Outcome then;
  bool ran = false;
};

class FakeMechanism : public Mechanism {
 public:
  FakeMechanism(FakeScript script, FakeLogin login, std::string_view name)
      : script_(std::move(script)), login_(std::move(login)), name_(name) {}

  absl::StatusOr<MechanismResult> Step(std::span<const uint8_t> token) override {
    return script_(FakeTokenText(token), step_++, login_);
  }
  absl::StatusOr<MechanismResult> Resume(std::unique_ptr<PendingWork> work) override {
    const auto& fake = static_cast<const FakeWork&>(*work);
    if (!fake.ran) {
      return absl::FailedPreconditionError("the pending work did not run");
    }
    return fake.then(login_);
  }
  std::string_view package_name() const override { return name_; }
  const PeerIdentity& identity() const override { return login_.identity; }
  const ExtendedProtectionEvidence& evidence() const override { return login_.evidence; }
  absl::StatusOr<SecretBytes> ExportSessionKey() const override {
    return SecretBytes::FromText("fake session key");
  }
  absl::StatusOr<MessageProtection*> message_protection() override {
    return absl::FailedPreconditionError("the fake package protects no messages");
  }

 private:
  FakeScript script_;
  FakeLogin login_;
  std::string_view name_;
  int step_ = 0;
};

class FakeCredentials : public Credentials {
 public:
  explicit FakeCredentials(FakePackageOptions options) : options_(std::move(options)) {}

  const PackageInfo& package() const override { return options_.info; }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateAcceptor(const Channel&) const override {
    return Make(options_.acceptor);
  }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateInitiator(const Channel&,
                                                             InitiatorParameters) const override {
    return Make(options_.initiator);
  }
  bool RecognizesToken(std::span<const uint8_t>) const override { return true; }

 private:
  absl::StatusOr<std::unique_ptr<Mechanism>> Make(const FakeScript& script) const {
    if (!options_.creation.ok()) {
      return options_.creation;
    }
    if (options_.created != nullptr) {
      ++*options_.created;
    }
    return std::make_unique<FakeMechanism>(script, options_.login, options_.info.name);
  }

  FakePackageOptions options_;
};

MechanismResult VerifiedAs(std::string user, std::string_view token, FakeLogin& login) {
  login.identity.user = std::move(user);
  login.identity.domain = "LAB";
  return MechanismResult::Verified(FakeToken(token));
}

// The user of "VERB USER", or nothing where the verb is another.
std::optional<std::string> UserAfter(std::string_view verb, std::string_view token) {
  if (token.substr(0, verb.size()) != verb || token.substr(verb.size(), 1) != " ") {
    return std::nullopt;
  }
  return std::string(token.substr(verb.size() + 1));
}

}  // namespace

std::vector<uint8_t> FakeToken(std::string_view text) { return {text.begin(), text.end()}; }
std::string FakeTokenText(std::span<const uint8_t> octets) {
  return {octets.begin(), octets.end()};
}

MechanismResult FakePending(Outcome then) {
  return MechanismResult::Pending(std::make_unique<FakeWork>(std::move(then)));
}

absl::StatusOr<MechanismResult> FakeAcceptorScript(std::string_view token, int /*step*/,
                                                   FakeLogin& login) {
  if (token == "hello") {
    return MechanismResult::Continue(FakeToken("challenge"));
  }
  if (token == "ask-hello") {
    return FakePending(
        [](FakeLogin&) { return MechanismResult::Continue(FakeToken("challenge")); });
  }
  if (token == "wrong") {
    return MechanismResult::Rejected(Reason::kWrongPassword);
  }
  if (token == "wrong-token") {
    MechanismResult rejected = MechanismResult::Rejected(Reason::kMicInvalid, "detail");
    rejected.token = FakeToken("telltale");
    return rejected;
  }
  if (token == "fault") {
    return absl::UnavailableError("the accounts cannot be read");
  }
  if (std::optional<std::string> user = UserAfter("login", token)) {
    return VerifiedAs(*user, "", login);
  }
  if (std::optional<std::string> user = UserAfter("mutual", token)) {
    return VerifiedAs(*user, "welcome", login);
  }
  if (std::optional<std::string> user = UserAfter("ask", token)) {
    return FakePending([user](FakeLogin& later) { return VerifiedAs(*user, "", later); });
  }
  return MechanismResult::Rejected(Reason::kMalformedToken, "not a token of the fake package");
}

FakeScript FakeInitiatorScript(std::string user) {
  return [user = std::move(user)](std::string_view token, int step,
                                  FakeLogin&) -> absl::StatusOr<MechanismResult> {
    if (step == 0 && token.empty()) {
      return MechanismResult::Continue(FakeToken("hello"));
    }
    if (step == 1 && token == "challenge") {
      return MechanismResult::Verified(FakeToken("login " + user));
    }
    return MechanismResult::Rejected(Reason::kMalformedToken, "not the fake package's challenge");
  };
}

std::shared_ptr<const Credentials> MakeFakeCredentials(FakePackageOptions options) {
  return std::make_shared<FakeCredentials>(std::move(options));
}

}  // namespace epa::test
