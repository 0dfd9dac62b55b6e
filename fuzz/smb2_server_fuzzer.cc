// A sequence of messages into one server. The first octet chooses the set-up; its bit 3 has a
// client of ours log in first, which then makes of the messages what LoggedInClient says. Only
// sessions that are logged in reach the application, and nothing is answered after the end.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "epa/smb2/framing.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "fuzz/smb2_fuzz_setup.h"
#include "lib/smb2/messages/smb1_negotiate.h"

namespace {

using epa::fuzz::ReachPoint;
using epa::fuzz::Require;
using epa::smb2::Command;

ReachPoint smb1("an SMB1 NEGOTIATE that is answered");
ReachPoint negotiated("a NEGOTIATE that is answered");
ReachPoint half_open("a login that goes on");
ReachPoint logged_in("a login, message by message");
ReachPoint guest("a session without a key");
ReachPoint refused("a login that is refused");
ReachPoint pending("pending work");
ReachPoint request_in_clear("a request on a session, neither signed nor encrypted");
ReachPoint request_signed("a signed request on a session");
ReachPoint request_encrypted("an encrypted request on a session");
ReachPoint request_related("a related request on a session");
ReachPoint request_denied("a request that its session does not admit");
ReachPoint validated("a negotiation that is validated");
ReachPoint logged_off("a log-off");
ReachPoint logged_in_again("another login on a session");
ReachPoint error_on_session("an error on a session");

void ReachAnswer(const epa::smb2::Header& answer, const epa::smb2::ServerConnection& server,
                 bool had_session) {
  const bool ok = answer.status == epa::smb2::kStatusSuccess;
  if (answer.command == Command::kNegotiate) {
    negotiated.Reach(ok && server.dialect().has_value());
  } else if (answer.command == Command::kSessionSetup) {
    half_open.Reach(answer.status == epa::smb2::kStatusMoreProcessingRequired);
    refused.Reach(answer.status == epa::smb2::kStatusLogonFailure);
    logged_in.Reach(ok && !had_session);
    logged_in_again.Reach(ok && had_session);
  } else {
    validated.Reach(ok && answer.command == Command::kIoctl);
    request_denied.Reach(answer.status == epa::smb2::kStatusAccessDenied);
    error_on_session.Reach(!ok && answer.is_signed());
  }
}

void ReachAnswers(const std::vector<uint8_t>& frames, const epa::smb2::ServerConnection& server,
                  bool had_session) {
  epa::smb2::FrameReader reader;
  reader.Append(frames);
  for (auto message = reader.Next(frames.size()); message.ok() && message->has_value();
       message = reader.Next(frames.size())) {
    if (const auto header = epa::smb2::ParseHeader(**message); header.ok()) {
      ReachAnswer(*header, server, had_session);
    }
  }
}

void CheckRequest(const epa::smb2::ServerRequest& request, epa::smb2::ServerConnection& server) {
  Require(server.session(request.header.session_id) == request.session);
  Require(request.session != nullptr && request.session->context().established());
  const bool is_protected = request.encrypted || request.header.is_signed();
  Require(!request.session->signing_required() || is_protected);
  Require(!request.session->encryption_required() || request.encrypted);
  guest.Reach(!request.session->ApplicationKey().ok());
  request_in_clear.Reach(!is_protected);
  request_signed.Reach(request.header.is_signed() && !request.encrypted);
  request_encrypted.Reach(request.encrypted);
  request_related.Reach(request.related);
}

// One server, and what it was asked so far.
class Run {
 public:
  explicit Run(uint8_t options) : server_(epa::fuzz::SmbServer(options), "fuzzer") {}

  epa::smb2::ServerConnection& server() { return server_; }

  // Everything that is sent in answer.
  std::vector<uint8_t> Take(std::vector<uint8_t>& message) {
    const bool had_session = server_.session_count() > 0;
    const bool is_smb1 = epa::smb2::IsSmb1(message);
    const size_t size = message.size();
    epa::smb2::ServerOutput output = server_.OnMessage(message);
    while (output.pending_work != nullptr) {
      pending.Reach();
      output.pending_work->Run();
      output = server_.Resume(std::move(output.pending_work));
    }
    Require(!closed_ || (output.close && output.send.empty()));
    closed_ = closed_ || output.close;
    smb1.Reach(is_smb1 && !output.close);
    logged_off.Reach(!output.ended_sessions.empty());
    ReachAnswers(output.send, server_, had_session);
    for (const epa::smb2::ServerRequest& request : output.requests) {
      CheckRequest(request, server_);
      Respond(request, output.send);
    }
    // A response is no longer than what it answers and a header.
    Require(output.send.size() < 70000 + 3 * size);
    return std::move(output.send);
  }

 private:
  // A tree, and nothing in it.
  void Respond(const epa::smb2::ServerRequest& request, std::vector<uint8_t>& out) {
    static constexpr std::array<uint8_t, 16> kTree = {16, 0, 1};
    if (request.header.command == Command::kTreeConnect) {
      server_.Respond(request, {.body = kTree, .tree_id = 1}, out);
    } else {
      server_.Respond(request, {.status = epa::smb2::kStatusNotSupported}, out);
    }
  }

  epa::smb2::ServerConnection server_;
  bool closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> input(data, size);
  const uint8_t options = input.empty() ? uint8_t{0} : input.front();
  Run run(options);
  std::optional<epa::fuzz::LoggedInClient> client;
  if ((options & 8) != 0) {
    client.emplace(run.server(), static_cast<uint8_t>(options & ~8));
  }
  for (auto& given : epa::fuzz::SplitMessages(input.subspan(input.empty() ? 0 : 1))) {
    auto message = client.has_value() ? client->Send(given) : std::optional(std::move(given));
    while (message.has_value()) {
      std::vector<uint8_t> answer = run.Take(*message);
      message = client.has_value() ? client->OnAnswer(std::move(answer)) : std::nullopt;
    }
  }
  return 0;
}
