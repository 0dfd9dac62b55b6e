#include "tools/epa/serve/mail_site.h"

#include <optional>
#include <string_view>
#include <utility>

#include "lib/base/status_macros.h"
#include "tools/epa/common/line_reader.h"
#include "tools/epa/serve/login_report.h"
#include "tools/epa/serve/mail_commands.h"
#include "tools/epa/serve/policy_warnings.h"

namespace epa::tool {
namespace {

// RFC 5321 4.5.3.1.4 has 512, IMAP none.
constexpr size_t kLongestCommand = sasl::kMaxMailLine;

bool IsOurFault(const absl::Status& reason) {
  return !reason.ok() && !absl::IsPermissionDenied(reason) && !absl::IsCancelled(reason) &&
         !absl::IsInvalidArgument(reason);
}

class MailConversation final : public Conversation {
 public:
  MailConversation(std::shared_ptr<const sasl::ServerConfig> config, sasl::MailProtocol protocol,
                   Channel channel, std::string peer, bool may_start_tls)
      : config_(std::move(config)),
        protocol_(protocol),
        peer_(std::move(peer)),
        commands_(CreateMailCommands(protocol)),
        login_(config_, protocol, std::move(channel), peer_),
        greeting_(commands_->Greeting()),
        may_start_tls_(may_start_tls) {}

  void Receive(std::span<const uint8_t> octets) override { lines_.Take(octets); }
  Turn Next() override;
  Turn Resume(std::unique_ptr<PendingWork> work) override {
    return Apply(login_.Resume(std::move(work)));
  }
  Standing standing() const override {
    return {.logged_in = login_.login() != nullptr,
            .in_message = !lines_.empty(),
            .in_login = login_.in_progress()};
  }
  void OnTls(Channel channel) override;
  void Leave() override { leaving_ = true; }

 private:
  Turn OnLine(const LineReader::Line& line);
  Turn OnCommand(std::string_view line);
  Turn Apply(sasl::MailServerOutput output) const;
  MailStanding StandingNow() const;

  const std::shared_ptr<const sasl::ServerConfig> config_;
  const sasl::MailProtocol protocol_;
  const std::string peer_;
  std::unique_ptr<MailCommands> commands_;
  sasl::MailServer login_;
  LineReader lines_;
  std::string greeting_;
  bool may_start_tls_;
  bool waits_for_tls_ = false;
  bool leaving_ = false;
};

std::vector<uint8_t> OctetsOf(std::string_view text) { return {text.begin(), text.end()}; }

Turn MailConversation::Next() {
  if (!greeting_.empty()) {
    return {.send = OctetsOf(std::exchange(greeting_, ""))};
  }
  const std::optional<LineReader::Line> line =
      waits_for_tls_ ? std::nullopt : lines_.Next(kLongestCommand);
  return line.has_value() ? OnLine(*line) : Turn();
}

Turn MailConversation::OnLine(const LineReader::Line& line) {
  if (login_.in_progress()) {
    return Apply(line.too_long ? login_.ReceiveTooLong() : login_.Receive(line.text));
  }
  if (line.too_long) {
    return {.send = OctetsOf(commands_->TooLong())};
  }
  if (leaving_) {
    return {.send = OctetsOf(commands_->Goodbye()), .close = true};
  }
  return OnCommand(line.text);
}

Turn MailConversation::OnCommand(std::string_view line) {
  const MailAnswer answer = commands_->Answer(line, StandingNow());
  Turn turn{.send = OctetsOf(answer.send)};
  switch (answer.next) {
    case MailAnswer::Next::kStay:
      break;
    case MailAnswer::Next::kLogIn:
      return Apply(login_.Begin(answer.arguments, answer.tag));
    case MailAnswer::Next::kStartTls:
      // What came with the command was never protected (CVE-2011-0411).
      turn.start_tls = lines_.empty();
      turn.close = !turn.start_tls;
      waits_for_tls_ = true;
      break;
    case MailAnswer::Next::kClose:
      turn.close = true;
      break;
  }
  return turn;
}

Turn MailConversation::Apply(sasl::MailServerOutput output) const {
  Turn turn{.send = OctetsOf(output.send), .work = std::move(output.pending_work)};
  if (IsOurFault(output.reason)) {
    turn.fault = output.reason;
  }
  turn.close = output.close;
  return turn;
}

void MailConversation::OnTls(Channel channel) {
  commands_ = CreateMailCommands(protocol_);
  login_ = sasl::MailServer(config_, protocol_, std::move(channel), peer_);
  lines_ = LineReader();
  may_start_tls_ = false;
  waits_for_tls_ = false;
}

MailStanding MailConversation::StandingNow() const {
  MailStanding standing;
  standing.capability = login_.Capability();
  standing.may_start_tls = may_start_tls_ && login_.login() == nullptr;
  if (login_.login() != nullptr) {
    standing.report = LoginReport(*login_.login()->context(), *config_->options().policy);
    standing.report.pop_back();  // the line end
  }
  return standing;
}

// As ALPN has it (RFC 7301): SMTP has no name there.
std::string ApplicationProtocol(sasl::MailProtocol protocol) {
  switch (protocol) {
    case sasl::MailProtocol::kImap:
      return "imap";
    case sasl::MailProtocol::kPop3:
      return "pop3";
    case sasl::MailProtocol::kSmtp:
      break;
  }
  return "";
}

}  // namespace

MailSite::MailSite(sasl::MailProtocol protocol, std::unique_ptr<ServerTransport> transport,
                   bool start_tls, std::shared_ptr<const sasl::ServerConfig> config)
    : protocol_(protocol),
      transport_(std::move(transport)),
      start_tls_(start_tls),
      config_(std::move(config)) {}

absl::StatusOr<std::shared_ptr<const MailSite>> MailSite::Create(
    sasl::MailProtocol protocol, ServerTransportOptions transport, bool start_tls,
    std::shared_ptr<const sasl::ServerConfig> config, const Site* predecessor) {
  EPA_ASSIGN_OR_RETURN(
      auto created,
      ServerTransport::Create(std::move(transport), ApplicationProtocol(protocol),
                              predecessor == nullptr ? nullptr : &predecessor->transport()));
  return std::shared_ptr<const MailSite>(
      new MailSite(protocol, std::move(created), start_tls, std::move(config)));
}

std::unique_ptr<Conversation> MailSite::Begin(Channel channel, std::string peer) const {
  return std::make_unique<MailConversation>(config_, protocol_, std::move(channel), std::move(peer),
                                            start_tls_ && transport_->has_tls());
}

std::vector<std::string> MailSite::Warnings() const {
  std::vector<std::string> warnings = PolicyWarnings(*config_->options().policy);
  for (std::string& warning : transport_->Warnings()) {
    warnings.push_back(std::move(warning));
  }
  return warnings;
}

}  // namespace epa::tool
