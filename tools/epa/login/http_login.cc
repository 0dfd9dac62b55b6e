#include "tools/epa/login/http_login.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "tools/epa/login/https_client.h"
#include "tools/epa/login/login_output.h"

namespace epa::tool {
namespace {

using ActionKind = http::ClientAction::Kind;

constexpr int kServerErrors = 500;
// NTLM takes three requests, and interim responses are rare; nothing honest takes this many.
constexpr int kMostReplies = 20;

// One connection and the login on it.
class Login {
 public:
  explicit Login(const HttpLoginOptions& options) : options_(options) {}

  absl::StatusOr<HttpLoginOutcome> Run();

 private:
  absl::Status Connect();
  absl::StatusOr<http::ClientAction> React(const HttpReply& reply);
  HttpLoginOutcome Conclude(const http::ClientAction& last, HttpReply reply) const;

  const HttpLoginOptions& options_;
  std::unique_ptr<HttpsClient> client_;
  Channel channel_ = Channel::Plain();
  BindingRequest binding_ = BindingRequest::kFromChannel;
  std::unique_ptr<http::ClientAuthenticator> authenticator_;
};

absl::Status Login::Connect() {
  EPA_ASSIGN_OR_RETURN(client_, HttpsClient::Connect(options_.url, options_.ca_file));
  if (options_.channel.has_value()) {
    channel_ = *options_.channel;
  } else {
    EPA_ASSIGN_OR_RETURN(channel_, ClientChannelOf(client_->ssl(), options_.parameters.binding,
                                                   options_.undefined_hash));
  }
  http::ClientOptions client_options;
  client_options.schemes = options_.schemes;
  client_options.channel = channel_;
  client_options.parameters = options_.parameters;
  binding_ = options_.parameters.binding;
  if (binding_ == BindingRequest::kFromChannel && channel_.kind() == ChannelKind::kTls &&
      !channel_.has_bindings()) {
    binding_ = BindingRequest::kOmit;
  }
  client_options.parameters.binding = binding_;
  EPA_ASSIGN_OR_RETURN(authenticator_,
                       http::ClientAuthenticator::Create(std::move(client_options)));
  return absl::OkStatus();
}

absl::StatusOr<http::ClientAction> Login::React(const HttpReply& reply) {
  http::ResponseView view;
  view.status = reply.status;
  view.challenges.assign(reply.challenges.begin(), reply.challenges.end());
  view.persistent_auth = reply.persistent_auth;
  view.closes = reply.closes;
  EPA_ASSIGN_OR_RETURN(http::ClientAction action, authenticator_->OnResponse(view));
  if (action.kind == ActionKind::kReconnect) {
    EPA_RETURN_IF_ERROR(Connect());
    view.closes = false;
    EPA_ASSIGN_OR_RETURN(action, authenticator_->OnResponse(view));
  }
  while (action.kind == ActionKind::kPending) {
    action.pending_work->Run();
    EPA_ASSIGN_OR_RETURN(action, authenticator_->Resume(std::move(action.pending_work)));
  }
  return action;
}

HttpLoginOutcome Login::Conclude(const http::ClientAction& last, HttpReply reply) const {
  HttpLoginOutcome outcome;
  outcome.status = reply.status;
  outcome.scheme = authenticator_->scheme();
  outcome.body = std::move(reply.body);
  outcome.channel = channel_;
  outcome.binding = binding_;
  const SecurityContext* const context = authenticator_->context();
  if (context != nullptr) {
    outcome.passed_over = context->passed_over();
  }
  if (last.kind == ActionKind::kFailed) {
    outcome.reason = last.reason;
    outcome.refusal = ReasonInWords(last.reason, last.detail);
  } else if (last.logged_in) {
    outcome.accepted = true;
    outcome.package = context->package_name().value_or("");
    const absl::StatusOr<ServerIdentity> server = context->server();
    outcome.server_proved = server.ok() && server->mutually_authenticated;
  } else if (context == nullptr && outcome.status < 400) {
    outcome.refusal = "the server asked for no login";
  } else {
    outcome.reason = Reason::kRefusedByPeer;
    outcome.refusal = ReasonInWords(outcome.reason, "HTTP status " + std::to_string(reply.status));
  }
  if (!outcome.accepted && outcome.status >= kServerErrors) {
    outcome.refusal = "the server failed (" + std::to_string(outcome.status) + ")";
  }
  return outcome;
}

absl::StatusOr<HttpLoginOutcome> Login::Run() {
  EPA_RETURN_IF_ERROR(Connect());
  EPA_RETURN_IF_ERROR(client_->Ask(std::nullopt));
  for (int replies = 0; replies < kMostReplies; ++replies) {
    EPA_ASSIGN_OR_RETURN(HttpReply reply, client_->ReadReply());
    EPA_ASSIGN_OR_RETURN(const http::ClientAction action, React(reply));
    if (action.kind == ActionKind::kSend) {
      EPA_RETURN_IF_ERROR(client_->Ask(action.header));
    } else if (action.kind != ActionKind::kInterim) {
      return Conclude(action, std::move(reply));
    }
  }
  return absl::UnavailableError("the login of " + options_.url.ToString() + " does not end");
}

}  // namespace

absl::StatusOr<HttpLoginOutcome> LogInOverHttp(const HttpLoginOptions& options) {
  return Login(options).Run();
}

}  // namespace epa::tool
