#include "tests/support/fake_package.h"

#include <algorithm>
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

class FakeProtection : public MessageProtection {
 public:
  using Codebook = decltype(FakePackageOptions::codebook);

  FakeProtection(bool seals, Codebook codebook) : seals_(seals), codebook_(std::move(codebook)) {}

  size_t signature_size() const override { return kFakeOverhead; }
  size_t seal_signature_size() const override { return kFakeSealOverhead; }
  bool can_seal() const override { return seals_; }
  void SealUnagreed() override { seals_ = true; }
  absl::Status Sign(std::span<const uint8_t>, std::span<uint8_t>) override { return Unused(); }
  absl::Status Verify(std::span<const uint8_t>, std::span<const uint8_t>) override {
    return Unused();
  }
  absl::Status Seal(std::span<uint8_t>, std::span<uint8_t>) override { return Unused(); }
  absl::Status Unseal(std::span<uint8_t>, std::span<const uint8_t>) override { return Unused(); }
  absl::Status AppendWrapped(std::span<const uint8_t> message, WrapKind kind,
                             std::vector<uint8_t>& out) override {
    const auto append = [&out](const std::vector<uint8_t>& wrapped) {
      out.insert(out.end(), wrapped.begin(), wrapped.end());
      return absl::OkStatus();
    };
    if (codebook_.empty()) {
      return append(FakeWrapped(kind, sent_++, message));
    }
    for (const auto& [plain, wrapped] : codebook_) {
      if (std::ranges::equal(plain, message)) {
        return append(wrapped);
      }
    }
    return absl::NotFoundError("not in the codebook");
  }
  absl::StatusOr<std::vector<uint8_t>> Unwrap(std::span<const uint8_t> wrapped,
                                              WrapKind kind) override {
    for (const auto& [plain, other] : codebook_) {
      if (std::ranges::equal(other, wrapped)) {
        return plain;
      }
    }
    const std::vector<uint8_t> head = FakeWrapped(kind, received_, {});
    if (wrapped.size() < head.size() || !std::ranges::equal(wrapped.first(head.size()), head)) {
      return absl::DataLossError("not the next wrapped message of this kind");
    }
    ++received_;
    return std::vector<uint8_t>(wrapped.begin() + kFakeOverhead, wrapped.end());
  }

 private:
  static absl::Status Unused() { return absl::UnimplementedError("the fake package only wraps"); }

  bool seals_;
  const Codebook codebook_;
  int sent_ = 0;
  int received_ = 0;
};

class FakeMechanism : public Mechanism {
 public:
  FakeMechanism(const FakePackageOptions& options, bool acceptor)
      : script_(acceptor ? options.acceptor : options.initiator),
        login_(options.login),
        name_(options.info.name),
        acceptor_(acceptor),
        signs_lists_(options.signs_lists),
        demands_list_mic_(options.demands_list_mic),
        agreed_(options.agreed) {
    if (options.protects_messages) {
      protection_.emplace(!options.seals_by_agreement || agreed_.sealing, options.codebook);
    }
  }

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
  const PeerClaims& claims() const override { return login_.claims; }
  bool anonymous() const override { return login_.anonymous; }
  const ExtendedProtectionEvidence& evidence() const override { return login_.evidence; }
  FileTime expiry_time() const override { return login_.expiry_time; }
  absl::StatusOr<SecretBytes> ExportSessionKey() const override {
    return SecretBytes::FromText("fake session key");
  }
  absl::StatusOr<MessageProtection*> message_protection() override {
    return protection_.has_value()
               ? absl::StatusOr<MessageProtection*>(&*protection_)
               : absl::FailedPreconditionError("the fake package protects no messages");
  }
  AgreedProtection agreed_protection() const override { return agreed_; }
  absl::StatusOr<std::vector<uint8_t>> SignMechanismList(std::span<const uint8_t> list) override {
    return signs_lists_ ? FakeListMic(acceptor_, list) : Mechanism::SignMechanismList(list);
  }
  absl::Status VerifyMechanismList(std::span<const uint8_t> list,
                                   std::span<const uint8_t> mic) override {
    const bool holds = signs_lists_ && std::ranges::equal(mic, FakeListMic(!acceptor_, list));
    return holds ? absl::OkStatus() : absl::DataLossError("not the list that was signed");
  }
  bool demands_mechanism_list_mic() const override { return demands_list_mic_; }

 private:
  FakeScript script_;
  FakeLogin login_;
  std::string_view name_;
  bool acceptor_;
  bool signs_lists_;
  bool demands_list_mic_;
  AgreedProtection agreed_;
  std::optional<FakeProtection> protection_;
  int step_ = 0;
};

class FakeCredentials : public Credentials {
 public:
  explicit FakeCredentials(FakePackageOptions options) : options_(std::move(options)) {}

  const PackageInfo& package() const override { return options_.info; }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateAcceptor(const Channel&) const override {
    return Make(true);
  }
  absl::StatusOr<std::unique_ptr<Mechanism>> CreateInitiator(
      const Channel&, InitiatorParameters parameters) const override {
    if (options_.parameters != nullptr) {
      *options_.parameters = std::move(parameters);
    }
    return Make(false);
  }
  bool RecognizesToken(std::span<const uint8_t> token) const override {
    return options_.recognizes == nullptr || options_.recognizes(FakeTokenText(token));
  }
  bool BeginsExchange(std::span<const uint8_t> token) const override {
    return options_.begins != nullptr && options_.begins(FakeTokenText(token));
  }

 private:
  absl::StatusOr<std::unique_ptr<Mechanism>> Make(bool acceptor) const {
    if (!options_.creation.ok()) {
      return options_.creation;
    }
    if (options_.created != nullptr) {
      ++*options_.created;
    }
    return std::make_unique<FakeMechanism>(options_, acceptor);
  }

  FakePackageOptions options_;
};

MechanismResult VerifiedAs(std::string user, std::string_view token, FakeLogin& login) {
  login.claims.user = user;
  if (login.identity.kind() == IdentityKind::kUser) {
    login.identity = FakeAccount(std::move(user));
  }
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

std::vector<uint8_t> FakeWrapped(WrapKind kind, int number, std::span<const uint8_t> message) {
  std::vector<uint8_t> wrapped = FakeToken((kind == WrapKind::kSealed ? "sealed " : "signed ") +
                                           std::to_string(number % 10) + " ");
  wrapped.insert(wrapped.end(), message.begin(), message.end());
  return wrapped;
}

std::vector<uint8_t> FakeListMic(bool acceptor, std::span<const uint8_t> list) {
  std::vector<uint8_t> mic = FakeToken(acceptor ? "server's mic of " : "client's mic of ");
  mic.insert(mic.end(), list.begin(), list.end());
  return mic;
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
