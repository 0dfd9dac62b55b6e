#include "tools/epa/login/http_login.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "tools/epa/login/https_client.h"
#include "tools/epa/login/login_output.h"

namespace epa::tool {
namespace {

constexpr int kServerErrors = 500;
// NTLM takes three requests; nothing honest takes this many.
constexpr int kMostRequests = 10;

absl::StatusOr<http::ClientAction> Next(http::ClientAuthenticator& authenticator,
                                        const HttpReply& reply) {
  http::ResponseView view;
  view.status = reply.status;
  view.challenges.assign(reply.challenges.begin(), reply.challenges.end());
  view.persistent_auth = reply.persistent_auth;
  absl::StatusOr<http::ClientAction> action = authenticator.OnResponse(view);
  while (action.ok() && action->kind == http::ClientAction::Kind::kPending) {
    action->pending_work->Run();
    action = authenticator.Resume(std::move(action->pending_work));
  }
  return action;
}

void Conclude(const http::ClientAuthenticator& authenticator, const http::ClientAction& last,
              HttpLoginOutcome& outcome) {
  outcome.scheme = authenticator.scheme();
  if (last.kind == http::ClientAction::Kind::kFailed) {
    outcome.refusal = ReasonInWords(last.reason, last.detail);
    outcome.own_reason = last.reason;
  } else if (outcome.status >= kServerErrors) {
    outcome.refusal = "the server failed (" + std::to_string(outcome.status) + ")";
  } else if (authenticator.context() == nullptr) {
    outcome.refusal = "the server asked for no login";
  } else {
    outcome.accepted = true;
    if (const auto package = authenticator.context()->package_name(); package.ok()) {
      outcome.package = *package;
    }
  }
}

}  // namespace

absl::StatusOr<HttpLoginOutcome> LogInOverHttp(const HttpLoginOptions& options) {
  auto client = HttpsClient::Connect(options.url, options.ca_file);
  if (!client.ok()) {
    return client.status();
  }
  absl::StatusOr<Channel> channel =
      options.channel.has_value() ? *options.channel
                                  : ClientChannelOf((*client)->ssl(), options.parameters.binding);
  if (!channel.ok()) {
    return channel.status();
  }
  http::ClientOptions client_options;
  client_options.schemes = options.schemes;
  client_options.channel = *channel;
  client_options.parameters = options.parameters;
  auto authenticator = http::ClientAuthenticator::Create(std::move(client_options));
  if (!authenticator.ok()) {
    return authenticator.status();
  }
  HttpLoginOutcome outcome;
  outcome.channel = *std::move(channel);
  std::optional<std::pair<std::string, std::string>> header;
  for (int requests = 0; requests < kMostRequests; ++requests) {
    absl::StatusOr<HttpReply> reply = (*client)->Get(header);
    if (!reply.ok()) {
      return reply.status();
    }
    absl::StatusOr<http::ClientAction> action = Next(**authenticator, *reply);
    if (!action.ok()) {
      return action.status();
    }
    outcome.status = reply->status;
    outcome.body = std::move(reply->body);
    if (action->kind != http::ClientAction::Kind::kSend) {
      Conclude(**authenticator, *action, outcome);
      return outcome;
    }
    header = std::move(action->header);
  }
  return absl::InternalError("the login of " + options.url.ToString() + " does not end");
}

}  // namespace epa::tool
