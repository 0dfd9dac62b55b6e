#include "epa/smb2/client_connection.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "epa/core/windows_event.h"
#include "lib/base/status_macros.h"
#include "lib/crypto/openssl_library.h"
#include "lib/smb2/client_impl.h"
#include "lib/smb2/messages/short_messages.h"
#include "lib/smb2/option_checks.h"

namespace epa::smb2 {
namespace {

// Before the login the server has nothing long to say.
constexpr size_t kMaxSizeBeforeLogin = 2 * 65536;
// What surrounds the data of one response.
constexpr size_t kMaxOverhead = 65536;
// A server may say anything; more than this is not taken.
constexpr uint32_t kMaxTransfer = 8 * 1024 * 1024;

void TellSetting(const ClientOptions& options) {
  if (options.audit == nullptr || !options.allow_insecure_guest ||
      options.insecure_guest_by_default) {
    return;
  }
  AuditEvent event;
  event.time = options.clock->Now();
  event.outcome = AuditOutcome::kNoticed;
  event.reason = Reason::kGuestSettingNotDefault;
  event.windows_event = InsecureGuestSettingEvent();
  options.audit->OnEvent(event);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClientConnection>> ClientConnection::Create(ClientOptions options) {
  EPA_RETURN_IF_ERROR(crypto::OpenSslLibrary::Get().RequireSmb());
  EPA_RETURN_IF_ERROR(CheckAlgorithms(options.dialects, options.ciphers, options.signing_algorithms,
                                      options.encryption));
  if (options.max_rounds < 1) {
    return absl::InvalidArgumentError("max_rounds is 1 or more");
  }
  options.clock = options.clock != nullptr ? options.clock : &SystemClock();
  options.random = options.random != nullptr ? options.random : &SystemRandom();
  InitiateOptions initiate;
  initiate.credentials = options.credentials;
  initiate.channel = Channel::Plain();
  initiate.parameters = options.parameters;
  EPA_ASSIGN_OR_RETURN(auto context, SecurityContext::Initiate(std::move(initiate)));
  TellSetting(options);
  return std::unique_ptr<ClientConnection>(
      new ClientConnection(std::make_unique<Impl>(std::move(options), std::move(context))));
}

ClientConnection::ClientConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ClientConnection::~ClientConnection() = default;

std::vector<uint8_t> ClientConnection::Start() { return impl_->Start(); }

absl::StatusOr<ClientOutput> ClientConnection::OnMessage(std::span<uint8_t> message) {
  return impl_->OnMessage(message);
}

absl::StatusOr<ClientOutput> ClientConnection::Resume(std::unique_ptr<PendingWork> work) {
  return impl_->Resume(std::move(work));
}

absl::StatusOr<std::vector<uint8_t>> ClientConnection::SendRequest(Command command,
                                                                   uint32_t tree_id,
                                                                   std::span<const uint8_t> body,
                                                                   uint16_t credit_charge) {
  return impl_->SendRequest(command, tree_id, body, credit_charge);
}

absl::StatusOr<std::vector<uint8_t>> ClientConnection::LogOff() {
  return impl_->SendRequest(Command::kLogoff, 0, kShortBody, 1);
}

bool ClientConnection::established() const { return impl_->established(); }

const std::optional<ClientRefusal>& ClientConnection::refusal() const { return impl_->refusal(); }

size_t ClientConnection::max_message_size() const {
  return established()
             ? std::min(std::max(max_transact_size(), max_read_size()), kMaxTransfer) + kMaxOverhead
             : kMaxSizeBeforeLogin;
}

std::optional<Dialect> ClientConnection::dialect() const {
  const ClientNegotiation* negotiation = impl_->negotiation();
  return negotiation != nullptr ? std::optional(negotiation->agreement.dialect) : std::nullopt;
}

std::optional<SigningAlgorithm> ClientConnection::signing_algorithm() const {
  return is_signed() ? std::optional(impl_->negotiation()->agreement.signing) : std::nullopt;
}

std::optional<Cipher> ClientConnection::cipher() const {
  return encrypts() ? impl_->negotiation()->agreement.cipher : std::nullopt;
}

GrantedSession ClientConnection::granted() const { return impl_->granted(); }

bool ClientConnection::is_signed() const { return impl_->is_signed(); }

bool ClientConnection::encrypts() const { return impl_->encrypts(); }

uint64_t ClientConnection::session_id() const { return impl_->session_id(); }

uint32_t ClientConnection::max_transact_size() const {
  return impl_->negotiation() != nullptr ? impl_->negotiation()->max_transact_size : 0;
}

uint32_t ClientConnection::max_read_size() const {
  return impl_->negotiation() != nullptr ? impl_->negotiation()->max_read_size : 0;
}

const SecurityContext& ClientConnection::context() const { return impl_->context(); }

}  // namespace epa::smb2
