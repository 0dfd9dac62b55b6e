#include "epa/sasl/ldap_client.h"

#include <utility>

#include "lib/base/status_macros.h"
#include "lib/sasl/ldap_diagnostics.h"
#include "lib/sasl/ldap_messages.h"

namespace epa::sasl {
namespace {

// One line for people: what a server says may end in a NUL, or go on over lines.
std::string Line(std::string_view text) {
  std::string line(text.substr(0, text.find('\0')));
  for (char& c : line) {
    const auto octet = static_cast<unsigned char>(c);
    c = octet < 0x20 || octet == 0x7F ? ' ' : c;
  }
  return line;
}

// What the server does not like about our binding.
Reason BindingReasonOf(const ClientOptions& options) {
  if (options.parameters.binding == BindingRequest::kOmit) {
    return Reason::kBindingMissing;
  }
  return options.parameters.binding == BindingRequest::kExplicitNone ||
                 !options.channel->has_bindings()
             ? Reason::kBindingExplicitlyNone
             : Reason::kBindingMismatch;
}

Reason ReasonOf(const LdapBindResponse& response, Reason of_binding) {
  if (response.result == LdapResult::kInvalidCredentials && SaysBadBindings(response.diagnostic)) {
    return of_binding;
  }
  return response.result == LdapResult::kStrongerAuthRequired ? Reason::kSecurityLayerRequired
                                                              : Reason::kRefusedByPeer;
}

}  // namespace

class LdapClient::Impl {
 public:
  Impl(LdapClientOptions options, std::unique_ptr<ClientExchange> exchange)
      : mechanism_(options.exchange.mechanism),
        sicily_(options.sicily),
        reason_of_binding_(BindingReasonOf(options.exchange)),
        exchange_(std::move(exchange)),
        next_message_id_(options.first_message_id) {}

  absl::StatusOr<LdapClientOutput> Begin();
  absl::StatusOr<LdapClientOutput> Receive(std::span<const uint8_t> message);
  absl::StatusOr<LdapClientOutput> Resume(std::unique_ptr<PendingWork> work);

  bool logged_in() const { return exchange_->complete(); }
  const std::optional<LdapClientRefusal>& refusal() const { return refusal_; }
  int32_t next_message_id() const { return next_message_id_; }
  const SecurityContext* context() const { return exchange_->context(); }
  SecurityLayer* layer() const { return exchange_->layer(); }

 private:
  absl::StatusOr<LdapClientOutput> Conclude(absl::StatusOr<ClientStep> step);
  absl::StatusOr<LdapClientOutput> OnResponse(const LdapBindResponse& response);
  std::vector<uint8_t> Request(const std::optional<std::vector<uint8_t>>& credentials) const;
  LdapClientOutput Refuse(LdapClientRefusal refusal);

  const MechanismType mechanism_;
  const bool sicily_;
  const Reason reason_of_binding_;
  const std::unique_ptr<ClientExchange> exchange_;
  int32_t next_message_id_;
  bool begun_ = false;
  bool pending_ = false;
  bool challenged_ = false;  // by Sicily
  std::optional<LdapClientRefusal> refusal_;
};

absl::StatusOr<LdapClientOutput> LdapClient::Impl::Begin() {
  begun_ = true;
  return Conclude(exchange_->Begin());
}

absl::StatusOr<LdapClientOutput> LdapClient::Impl::Receive(std::span<const uint8_t> message) {
  if (!begun_ || pending_ || refusal_.has_value() || logged_in()) {
    return absl::FailedPreconditionError("no answer of the server is due");
  }
  const std::optional<LdapBindResponse> response = ParseBindResponse(message, sicily_);
  if (!response.has_value() || response->message_id != next_message_id_ - 1) {
    return Refuse({.reason = Reason::kMalformedToken, .detail = "not an answer to our bind"});
  }
  return OnResponse(*response);
}

absl::StatusOr<LdapClientOutput> LdapClient::Impl::OnResponse(const LdapBindResponse& response) {
  const bool success = response.result == LdapResult::kSuccess;
  // Sicily's challenge comes with success ([MS-ADTS] 5.1.1.1.3).
  const bool challenge = sicily_ ? success && !std::exchange(challenged_, true)
                                 : response.result == LdapResult::kSaslBindInProgress;
  if (challenge) {
    return Conclude(exchange_->Step(response.credentials.value_or(std::span<const uint8_t>())));
  }
  if (success) {
    return Conclude(exchange_->Conclude(response.credentials));
  }
  return Refuse({.reason = ReasonOf(response, reason_of_binding_),
                 .result_code = static_cast<int32_t>(response.result),
                 .detail = Line(response.diagnostic)});
}

absl::StatusOr<LdapClientOutput> LdapClient::Impl::Resume(std::unique_ptr<PendingWork> work) {
  if (!std::exchange(pending_, false) || work == nullptr) {
    return absl::FailedPreconditionError("no work is pending");
  }
  return Conclude(exchange_->Resume(std::move(work)));
}

absl::StatusOr<LdapClientOutput> LdapClient::Impl::Conclude(absl::StatusOr<ClientStep> step) {
  EPA_RETURN_IF_ERROR(step.status());
  LdapClientOutput output;
  if (step->state == ClientStep::State::kPending) {
    pending_ = true;
    output.pending_work = std::move(step->pending_work);
  } else if (step->state == ClientStep::State::kRefused) {
    return Refuse({.reason = exchange_->reason(), .detail = exchange_->reason_detail()});
  } else if (!logged_in()) {
    output.send = Request(step->data);
    ++next_message_id_;
  }
  return output;
}

std::vector<uint8_t> LdapClient::Impl::Request(
    const std::optional<std::vector<uint8_t>>& credentials) const {
  LdapBindRequest request = {.message_id = next_message_id_, .credentials = credentials};
  if (!sicily_) {
    request.kind = LdapBindRequest::Kind::kSasl;
    request.mechanism = MechanismName(mechanism_);
  } else if (!challenged_) {
    request.kind = LdapBindRequest::Kind::kSicilyNegotiate;
    request.name = MechanismName(mechanism_);  // of the package
  } else {
    request.kind = LdapBindRequest::Kind::kSicilyResponse;
  }
  return EncodeBindRequest(request);
}

LdapClientOutput LdapClient::Impl::Refuse(LdapClientRefusal refusal) {
  refusal_ = std::move(refusal);
  return {};
}

LdapClient::LdapClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LdapClient::~LdapClient() = default;

absl::StatusOr<std::unique_ptr<LdapClient>> LdapClient::Create(LdapClientOptions options) {
  constexpr int32_t kMostFirst = 1'000'000'000;  // and room for those after it
  if (options.first_message_id < 1 || options.first_message_id > kMostFirst) {
    return absl::InvalidArgumentError("a message ID is from 1 to 1000000000");
  }
  if (options.sicily && options.exchange.mechanism != MechanismType::kNtlm) {
    return absl::InvalidArgumentError("Sicily carries NTLM alone");
  }
  EPA_ASSIGN_OR_RETURN(auto exchange, ClientExchange::Create(options.exchange));
  return std::unique_ptr<LdapClient>(
      new LdapClient(std::make_unique<Impl>(std::move(options), std::move(exchange))));
}

absl::StatusOr<LdapClientOutput> LdapClient::Begin() { return impl_->Begin(); }
absl::StatusOr<LdapClientOutput> LdapClient::Receive(std::span<const uint8_t> message) {
  return impl_->Receive(message);
}
absl::StatusOr<LdapClientOutput> LdapClient::Resume(std::unique_ptr<PendingWork> work) {
  return impl_->Resume(std::move(work));
}
bool LdapClient::logged_in() const { return impl_->logged_in(); }
const std::optional<LdapClientRefusal>& LdapClient::refusal() const { return impl_->refusal(); }
int32_t LdapClient::next_message_id() const { return impl_->next_message_id(); }
const SecurityContext* LdapClient::context() const { return impl_->context(); }
SecurityLayer* LdapClient::layer() { return impl_->layer(); }

}  // namespace epa::sasl
