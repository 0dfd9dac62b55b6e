#include "tools/epa/serve/ldap_site.h"

#include <optional>
#include <string_view>
#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/common/ldap_messages.h"
#include "tools/epa/serve/policy_warnings.h"

namespace epa::tool {
namespace {

bool IsOurFault(const absl::Status& reason) {
  return !reason.ok() && !absl::IsPermissionDenied(reason) && !absl::IsInvalidArgument(reason);
}

// RFC 4513 5.2.1.8, as Windows answers "Who am I?".
std::string AuthorizationIdentity(const sasl::ServerExchange* login) {
  if (login == nullptr) {
    return "";
  }
  const absl::StatusOr<PeerIdentity> peer = login->context()->peer();
  const AccountIdentity* const account = peer.ok() ? peer->account() : nullptr;
  return account == nullptr ? "" : "u:" + account->domain + "\\" + account->user;
}

class LdapConversation final : public Conversation {
 public:
  LdapConversation(std::shared_ptr<const sasl::LdapServerConfig> config, Channel channel,
                   std::string peer, bool may_start_tls)
      : config_(std::move(config)),
        peer_(std::move(peer)),
        binds_(config_, std::move(channel), peer_),
        may_start_tls_(may_start_tls) {}

  void Receive(std::span<const uint8_t> octets) override;
  Turn Next() override;
  Turn Resume(std::unique_ptr<PendingWork> work) override {
    return AfterBind(binds_.Resume(std::move(work)));
  }
  Standing standing() const override {
    return {
        .logged_in = logged_in_, .in_message = !input_.empty(), .in_login = binds_.in_progress()};
  }
  void OnTls(Channel channel) override;

 private:
  Turn OnMessage(std::span<const uint8_t> message);
  Turn OnSearch(const LdapRequest& request);
  Turn OnExtended(const LdapRequest& request);
  Turn StartTls(const LdapRequest& request);
  Turn OnBind(std::span<const uint8_t> message);
  Turn AfterBind(sasl::LdapServerOutput output);
  // Inside the layer, where there is one.
  Turn Answer(std::vector<uint8_t> message);
  static Turn Close() { return {.close = true}; }
  std::vector<uint8_t> RootDse(const LdapRequest& request) const;

  const std::shared_ptr<const sasl::LdapServerConfig> config_;
  const std::string peer_;
  sasl::LdapServer binds_;
  std::vector<uint8_t> input_;
  bool may_start_tls_;
  bool waits_for_tls_ = false;
  bool logged_in_ = false;
  bool broken_ = false;
};

void LdapConversation::Receive(std::span<const uint8_t> octets) {
  sasl::SecurityLayer* const layer = binds_.layer();
  if (layer == nullptr) {
    input_.insert(input_.end(), octets.begin(), octets.end());
  } else if (!layer->Unwrap(octets, input_).ok()) {
    broken_ = true;  // and no answer: there is nobody to trust at the other end
  }
}

Turn LdapConversation::Next() {
  if (broken_) {
    return Close();
  }
  if (waits_for_tls_) {
    return {};
  }
  const std::optional<size_t> size = LdapMessageSize(input_);
  if (!size.has_value() || (*size > input_.size() && *size <= kLongestLdapMessage)) {
    return {};
  }
  if (*size == 0 || *size > kLongestLdapMessage) {
    return Close();
  }
  const std::vector<uint8_t> message(input_.begin(),
                                     input_.begin() + static_cast<ptrdiff_t>(*size));
  input_.erase(input_.begin(), input_.begin() + static_cast<ptrdiff_t>(*size));
  return OnMessage(message);
}

Turn LdapConversation::OnMessage(std::span<const uint8_t> message) {
  const std::optional<LdapRequest> request = ParseLdapRequest(message);
  if (!request.has_value() || request->kind == LdapRequest::Kind::kUnbind) {
    return Close();
  }
  if (request->kind == LdapRequest::Kind::kBind) {
    return OnBind(message);
  }
  if (request->kind == LdapRequest::Kind::kAbandon) {
    if (binds_.in_progress()) {
      binds_.Abort();
    }
    return {};
  }
  if (binds_.in_progress()) {
    return Answer(LdapResultTo(*request, LdapCode::kOperationsError, "a bind is in progress"));
  }
  if (request->kind == LdapRequest::Kind::kSearch) {
    return OnSearch(*request);
  }
  return request->kind == LdapRequest::Kind::kExtended
             ? OnExtended(*request)
             : Answer(LdapResultTo(*request, LdapCode::kUnwillingToPerform, ""));
}

Turn LdapConversation::OnSearch(const LdapRequest& request) {
  if (!request.name.empty() || !request.base_search) {
    return Answer(LdapResultTo(request,
                               logged_in_ ? LdapCode::kNoSuchObject : LdapCode::kInsufficientAccess,
                               "this directory has only a rootDSE"));
  }
  std::vector<uint8_t> answer = RootDse(request);
  const std::vector<uint8_t> done = LdapResultTo(request, LdapCode::kSuccess, "");
  answer.insert(answer.end(), done.begin(), done.end());
  return Answer(std::move(answer));
}

std::vector<uint8_t> LdapConversation::RootDse(const LdapRequest& request) const {
  std::vector<std::string_view> extensions = {kLdapWhoAmI};
  if (may_start_tls_) {
    extensions.push_back(kLdapStartTls);
  }
  std::vector<LdapAttribute> attributes = {
      {"objectClass", {"top"}},
      {"supportedLDAPVersion", {"3"}},
      {"supportedSASLMechanisms", binds_.SupportedMechanisms()},
      {"supportedExtension", std::move(extensions)}};
  std::erase_if(attributes, [&](const LdapAttribute& one) { return !request.Wants(one.name); });
  return LdapEntry(request.message_id, attributes);
}

Turn LdapConversation::OnExtended(const LdapRequest& request) {
  if (request.name == kLdapStartTls) {
    return StartTls(request);
  }
  if (request.name == kLdapWhoAmI) {
    return Answer(
        LdapExtendedResponse(request.message_id, "", AuthorizationIdentity(binds_.login())));
  }
  return Answer(LdapResultTo(request, LdapCode::kProtocolError, "an unknown extended operation"));
}

Turn LdapConversation::StartTls(const LdapRequest& request) {
  if (!may_start_tls_ || binds_.layer() != nullptr) {
    return Answer(LdapResultTo(request, LdapCode::kOperationsError, "TLS cannot begin here"));
  }
  // What came with the request was never protected.
  if (!input_.empty()) {
    return Close();
  }
  waits_for_tls_ = true;
  Turn turn = Answer(LdapExtendedResponse(request.message_id, kLdapStartTls, std::nullopt));
  turn.start_tls = true;
  return turn;
}

Turn LdapConversation::OnBind(std::span<const uint8_t> message) {
  if (binds_.layer() == nullptr) {
    return AfterBind(binds_.Receive(message));
  }
  // Refused inside the layer, which stays.
  sasl::LdapServerOutput output = binds_.Receive(message);
  return output.close ? Close() : Answer(std::move(output.send));
}

Turn LdapConversation::AfterBind(sasl::LdapServerOutput output) {
  Turn turn{.send = std::move(output.send), .work = std::move(output.pending_work)};
  if (IsOurFault(output.reason)) {
    turn.fault = output.reason;
  }
  turn.close = output.close;
  logged_in_ = logged_in_ || binds_.login() != nullptr;
  // From here on all is wrapped; what came before its time is not.
  broken_ = broken_ || (binds_.layer() != nullptr && !input_.empty());
  return turn;
}

Turn LdapConversation::Answer(std::vector<uint8_t> message) {
  sasl::SecurityLayer* const layer = binds_.layer();
  if (layer == nullptr) {
    return {.send = std::move(message)};
  }
  absl::StatusOr<std::vector<uint8_t>> wrapped = layer->Wrap(message);
  if (!wrapped.ok()) {
    return {.close = true, .fault = wrapped.status()};
  }
  return {.send = *std::move(wrapped)};
}

void LdapConversation::OnTls(Channel channel) {
  binds_ = sasl::LdapServer(config_, std::move(channel), peer_);
  input_.clear();
  may_start_tls_ = false;
  waits_for_tls_ = false;
}

}  // namespace

LdapSite::LdapSite(std::unique_ptr<ServerTransport> transport, bool start_tls,
                   std::shared_ptr<const sasl::LdapServerConfig> config)
    : transport_(std::move(transport)), start_tls_(start_tls), config_(std::move(config)) {}

absl::StatusOr<std::shared_ptr<const LdapSite>> LdapSite::Create(
    ServerTransportOptions transport, bool start_tls,
    std::shared_ptr<const sasl::LdapServerConfig> config, const Site* predecessor) {
  EPA_ASSIGN_OR_RETURN(
      auto created,
      ServerTransport::Create(std::move(transport), "",
                              predecessor == nullptr ? nullptr : &predecessor->transport()));
  return std::shared_ptr<const LdapSite>(
      new LdapSite(std::move(created), start_tls, std::move(config)));
}

std::unique_ptr<Conversation> LdapSite::Begin(Channel channel, std::string peer) const {
  return std::make_unique<LdapConversation>(config_, std::move(channel), std::move(peer),
                                            start_tls_ && transport_->has_tls());
}

std::vector<std::string> LdapSite::Warnings() const {
  std::vector<std::string> warnings = PolicyWarnings(*config_->sasl()->options().policy);
  for (std::string& warning : transport_->Warnings()) {
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace epa::tool
