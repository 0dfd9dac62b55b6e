#include "tools/epa/serve/telnet_site.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/status_macros.h"
#include "tools/epa/serve/login_report.h"
#include "tools/epa/serve/policy_warnings.h"
#include "tools/epa/serve/telnet_shell.h"

namespace epa::tool {
namespace {

// The same to all who do not get in.
constexpr std::string_view kRefusal = "This server is for authenticated logins (NTLM).\r\n";

bool IsOurFault(const absl::Status& reason) {
  return !reason.ok() && !absl::IsPermissionDenied(reason) && !absl::IsUnauthenticated(reason) &&
         !absl::IsInvalidArgument(reason);
}

void Queue(std::string_view text, std::vector<uint8_t>& out) {
  const std::vector<uint8_t> octets =
      telnet::EscapeData({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  out.insert(out.end(), octets.begin(), octets.end());
}

class TelnetConversation final : public Conversation {
 public:
  TelnetConversation(std::shared_ptr<const telnet::ServerConfig> config, Channel channel,
                     std::string peer)
      : config_(std::move(config)),
        telnet_(config_, std::move(channel), std::move(peer)),
        greeting_(telnet_.Start()) {}

  void Receive(std::span<const uint8_t> octets) override {
    input_.insert(input_.end(), octets.begin(), octets.end());
  }
  Turn Next() override;
  Turn Resume(std::unique_ptr<PendingWork> work) override {
    return Apply(telnet_.Resume(std::move(work)));
  }
  Standing standing() const override { return {.logged_in = shell_.has_value()}; }

 private:
  Turn Apply(telnet::ServerOutput output);
  void Enter(std::vector<uint8_t>& out);

  const std::shared_ptr<const telnet::ServerConfig> config_;
  telnet::ServerConnection telnet_;
  std::vector<uint8_t> greeting_;
  std::vector<uint8_t> input_;
  std::optional<TelnetShell> shell_;
  // What the user typed and `unanswered_`, the part that the shell has not seen.
  std::vector<uint8_t> typed_;
  std::string_view unanswered_;
};

// A line typed ahead is answered when the answer to the line before it is sent.
Turn TelnetConversation::Next() {
  Turn turn{.send = std::exchange(greeting_, {})};
  while (turn.empty()) {
    if (!unanswered_.empty() && shell_.has_value()) {
      Queue(shell_->Next(unanswered_), turn.send);
      turn.close = shell_->ended();
    } else if (!input_.empty()) {
      turn = Apply(telnet_.Receive(std::exchange(input_, {})));
    } else {
      break;
    }
  }
  return turn;
}

Turn TelnetConversation::Apply(telnet::ServerOutput output) {
  Turn turn{.send = std::move(output.send), .work = std::move(output.pending_work)};
  if (IsOurFault(output.reason)) {
    turn.fault = output.reason;
  }
  typed_ = std::move(output.data);
  unanswered_ = {reinterpret_cast<const char*>(typed_.data()), typed_.size()};
  turn.close = output.close;
  if (turn.close && !shell_.has_value()) {
    Queue(kRefusal, turn.send);
  } else if (!shell_.has_value() && telnet_.context() != nullptr) {
    Enter(turn.send);
  }
  return turn;
}

void TelnetConversation::Enter(std::vector<uint8_t>& out) {
  std::string report = LoginReport(*telnet_.context(), *config_->options().policy);
  report.pop_back();  // the line end
  shell_.emplace(std::move(report));
  Queue(shell_->Greeting(), out);
}

}  // namespace

TelnetSite::TelnetSite(std::unique_ptr<ServerTransport> transport,
                       std::shared_ptr<const telnet::ServerConfig> config)
    : transport_(std::move(transport)), config_(std::move(config)) {}

absl::StatusOr<std::shared_ptr<const TelnetSite>> TelnetSite::Create(
    ServerTransportOptions transport, std::shared_ptr<const telnet::ServerConfig> config,
    const Site* predecessor) {
  // Telnet has no name in TLS (RFC 7301): who asks for a protocol means another server.
  EPA_ASSIGN_OR_RETURN(
      auto created,
      ServerTransport::Create(std::move(transport), "",
                              predecessor == nullptr ? nullptr : &predecessor->transport()));
  return std::shared_ptr<const TelnetSite>(new TelnetSite(std::move(created), std::move(config)));
}

std::unique_ptr<Conversation> TelnetSite::Begin(Channel channel, std::string peer) const {
  return std::make_unique<TelnetConversation>(config_, std::move(channel), std::move(peer));
}

std::vector<std::string> TelnetSite::Warnings() const {
  std::vector<std::string> warnings = PolicyWarnings(*config_->options().policy);
  for (std::string& warning : transport_->Warnings()) {
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace epa::tool
