// A sequence of messages into one server. The first octet chooses the set-up. Only sessions that
// are logged in reach the application, and nothing is answered after the end.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/require.h"
#include "fuzz/smb2_fuzz_setup.h"

using epa::fuzz::Require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> input(data, size);
  const uint8_t options = input.empty() ? uint8_t{0} : input.front();
  epa::smb2::ServerConnection server(epa::fuzz::SmbServer(options), "fuzzer");
  bool closed = false;
  for (auto& message : epa::fuzz::SplitMessages(input.subspan(input.empty() ? 0 : 1))) {
    epa::smb2::ServerOutput output = server.OnMessage(message);
    while (output.pending_work != nullptr) {
      output.pending_work->Run();
      output = server.Resume(std::move(output.pending_work));
    }
    Require(!closed || (output.close && output.send.empty()));
    closed = closed || output.close;
    for (const epa::smb2::ServerRequest& request : output.requests) {
      Require(server.session(request.header.session_id) == request.session);
      Require(request.session != nullptr && request.session->context().established());
      Require(!request.session->signing_required() || request.encrypted ||
              request.header.is_signed());
      server.Respond(request, {.status = epa::smb2::kStatusNotSupported}, output.send);
    }
    // A response is no longer than what it answers and a header.
    Require(output.send.size() < 70000 + 3 * message.size());
  }
  return 0;
}
