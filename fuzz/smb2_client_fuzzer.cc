// A sequence of messages into one client. The first octet chooses the set-up; its bit 7 has a
// server of ours let the client in first, which then makes of the messages what LoggedInServer
// says. No session without a key is ever called protected, and none exists where the settings
// refuse it.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "fuzz/smb2_fuzz_setup.h"

namespace {

using epa::fuzz::Require;
using epa::smb2::Command;
using epa::smb2::GrantedSession;

epa::fuzz::ReachPoint negotiated("a negotiation");
epa::fuzz::ReachPoint established("a session with a key");
epa::fuzz::ReachPoint guest("a guest's session");
epa::fuzz::ReachPoint nobody("an anonymous session");
epa::fuzz::ReachPoint encrypting("a session that encrypts");
epa::fuzz::ReachPoint response("a response on a session");
epa::fuzz::ReachPoint refused_guest("a guest that the policy refuses");
epa::fuzz::ReachPoint refused("a server that breaks the protocol");

void CheckSession(const epa::smb2::ClientConnection& client, uint8_t options) {
  Require(!client.established() || !client.refusal().has_value());
  negotiated.Reach(client.dialect().has_value());
  if (!client.established()) {
    return;
  }
  const bool has_key = client.granted() == GrantedSession::kUser;
  established.Reach(has_key);
  guest.Reach(client.granted() == GrantedSession::kGuest);
  nobody.Reach(client.granted() == GrantedSession::kAnonymous);
  encrypting.Reach(client.encrypts());
  Require(has_key || (!client.is_signed() && !client.encrypts()));
  Require(has_key || (options & 2) == 0);
  Require(client.granted() != GrantedSession::kGuest || (options & 5) == 4);
  Require(client.granted() != GrantedSession::kAnonymous || (options & 8) != 0);
}

void ReachOutcome(const epa::smb2::ClientConnection& client) {
  if (client.refusal().has_value()) {
    const auto kind = client.refusal()->kind;
    refused_guest.Reach(kind == epa::smb2::ClientRefusal::Kind::kGuestPolicy);
    refused.Reach(kind == epa::smb2::ClientRefusal::Kind::kProtocol);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> input(data, size);
  const uint8_t options = input.empty() ? uint8_t{0} : input.front();
  const auto client = epa::fuzz::SmbClient(options);
  std::optional<epa::fuzz::LoggedInServer> server;
  if ((options & 128) != 0) {
    server.emplace(*client, static_cast<uint8_t>(options & 7));
  } else {
    (void)client->Start();
  }
  for (auto& given : epa::fuzz::SplitMessages(input.subspan(input.empty() ? 0 : 1))) {
    if (client->refusal().has_value()) {
      return 0;
    }
    if (auto request = client->SendRequest(Command::kTreeConnect, 0, given);
        request.ok() && server.has_value()) {
      server->OnRequest(*std::move(request));
    }
    auto message = server.has_value() ? server->Send(given) : std::optional(std::move(given));
    if (!message.has_value()) {
      continue;
    }
    auto output = client->OnMessage(*message);
    while (output.ok() && output->pending_work != nullptr) {
      output->pending_work->Run();
      output = client->Resume(std::move(output->pending_work));
    }
    CheckSession(*client, options);
    ReachOutcome(*client);
    response.Reach(output.ok() && !output->responses.empty());
    if (!output.ok() || output->close) {
      return 0;
    }
    if (server.has_value() && !output->send.empty()) {  // the client has its negotiation validated
      server->OnRequest(std::move(output->send));
    }
  }
  return 0;
}
