// A sequence of messages into one client. The first octet chooses the set-up. No session without a
// key is ever called protected, and none exists where the settings refuse it.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/require.h"
#include "fuzz/smb2_fuzz_setup.h"

namespace {

using epa::fuzz::Require;
using epa::smb2::GrantedSession;

void CheckSession(const epa::smb2::ClientConnection& client, uint8_t options) {
  Require(!client.established() || !client.refusal().has_value());
  if (!client.established()) {
    return;
  }
  const bool has_key = client.granted() == GrantedSession::kUser;
  Require(has_key || (!client.is_signed() && !client.encrypts()));
  Require(has_key || (options & 2) == 0);
  Require(client.granted() != GrantedSession::kGuest || (options & 5) == 4);
  Require(client.granted() != GrantedSession::kAnonymous || (options & 8) != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> input(data, size);
  const uint8_t options = input.empty() ? uint8_t{0} : input.front();
  const auto client = epa::fuzz::SmbClient(options);
  (void)client->Start();
  for (auto& message : epa::fuzz::SplitMessages(input.subspan(input.empty() ? 0 : 1))) {
    auto output = client->OnMessage(message);
    while (output.ok() && output->pending_work != nullptr) {
      output->pending_work->Run();
      output = client->Resume(std::move(output->pending_work));
    }
    CheckSession(*client, options);
    if (!output.ok() || output->close) {
      return 0;
    }
    (void)client->SendRequest(epa::smb2::Command::kTreeConnect, 0, message);
  }
  return 0;
}
