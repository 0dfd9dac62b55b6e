#include "tools/epa/serve/smb_site.h"

#include <map>
#include <utility>
#include <vector>

#include "epa/smb2/framing.h"
#include "tools/epa/serve/policy_warnings.h"

namespace epa::tool {
namespace {

class SmbConversation final : public Conversation {
 public:
  SmbConversation(std::shared_ptr<const smb2::ServerConfig> config,
                  std::shared_ptr<const SmbShare> share, const SmbFilesLimits& limits,
                  std::string peer)
      : share_(std::move(share)), limits_(limits), smb_(std::move(config), std::move(peer)) {}

  void Receive(std::span<const uint8_t> octets) override { frames_.Append(octets); }
  Turn Next() override;
  Turn Resume(std::unique_ptr<PendingWork> work) override {
    return Answer(smb_.Resume(std::move(work)));
  }
  Standing standing() const override {
    return {.logged_in = logged_in_,
            .in_message = frames_.buffered() > 0,
            .in_login = smb_.dialect().has_value() && smb_.session_count() == 0};
  }

 private:
  Turn Answer(smb2::ServerOutput output);
  void AnswerRequests(const std::vector<smb2::ServerRequest>& requests, std::vector<uint8_t>& out);

  const std::shared_ptr<const SmbShare> share_;
  const SmbFilesLimits limits_;
  smb2::ServerConnection smb_;
  smb2::FrameReader frames_;
  std::map<uint64_t, SmbFiles> files_;  // by session
  bool logged_in_ = false;
};

Turn SmbConversation::Next() {
  Turn turn;
  while (turn.empty()) {
    auto message = frames_.Next(smb_.max_message_size());
    if (!message.ok()) {
      return Turn{.close = true};
    }
    if (!message->has_value()) {
      break;
    }
    turn = Answer(smb_.OnMessage(**message));
  }
  return turn;
}

Turn SmbConversation::Answer(smb2::ServerOutput output) {
  logged_in_ = logged_in_ || smb_.session_count() > 0;
  Turn turn{.send = std::move(output.send), .work = std::move(output.pending_work)};
  if (!absl::IsInvalidArgument(output.reason) && !absl::IsPermissionDenied(output.reason) &&
      !absl::IsResourceExhausted(output.reason)) {
    turn.fault = output.reason;
  }
  AnswerRequests(output.requests, turn.send);
  for (const uint64_t session : output.ended_sessions) {
    files_.erase(session);
  }
  turn.close = output.close;
  return turn;
}

void SmbConversation::AnswerRequests(const std::vector<smb2::ServerRequest>& requests,
                                     std::vector<uint8_t>& out) {
  for (const smb2::ServerRequest& request : requests) {
    SmbFiles& files = files_.try_emplace(request.session->id(), share_, limits_).first->second;
    SmbFileRequest wanted;
    wanted.command = request.header.command;
    wanted.tree = request.header.tree_id;
    wanted.related = request.related;
    wanted.credit_charge = request.header.credit_charge;
    wanted.body = request.body;
    const SmbFileReply reply = files.Handle(wanted);
    smb2::ServerResponse response;
    response.status = reply.status;
    response.body = reply.body;
    response.tree_id = reply.tree;
    smb_.Respond(request, response, out);
  }
}

}  // namespace

SmbSite::SmbSite(std::shared_ptr<const smb2::ServerConfig> config,
                 std::shared_ptr<const SmbShare> share, SmbFilesLimits limits)
    : config_(std::move(config)),
      share_(std::move(share)),
      limits_(limits),
      transport_(ServerTransport::Clear()) {}

std::unique_ptr<Conversation> SmbSite::Begin(Channel /*channel*/, std::string peer) const {
  return std::make_unique<SmbConversation>(config_, share_, limits_, std::move(peer));
}

std::vector<std::string> SmbSite::Warnings() const {
  return PolicyWarnings(*config_->options().policy);
}

}  // namespace epa::tool
