// A client's octets in two pieces, the first as long as the first octet says. Whatever they are:
// nothing reaches the application before a login, nobody is logged in after the end, answers stay
// in proportion, and cutting the octets elsewhere changes nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fuzz/telnet_fuzz_setup.h"

namespace {

using epa::fuzz::Require;

struct Run {
  std::vector<uint8_t> send;
  std::vector<uint8_t> data;
  bool closed = false;
};

void Take(epa::telnet::ServerConnection& server, std::span<const uint8_t> octets, Run& run) {
  const bool before = server.context() != nullptr;
  epa::telnet::ServerOutput output = server.Receive(octets);
  while (output.pending_work != nullptr) {
    run.send.insert(run.send.end(), output.send.begin(), output.send.end());
    output.pending_work->Run();
    output = server.Resume(std::move(output.pending_work));
  }
  Require(output.data.empty() || before || server.context() != nullptr || output.close);
  Require(!output.close || server.context() == nullptr);
  run.send.insert(run.send.end(), output.send.begin(), output.send.end());
  run.data.insert(run.data.end(), output.data.begin(), output.data.end());
  run.closed = output.close;
}

Run Serve(std::span<const uint8_t> octets, size_t cut) {
  epa::telnet::ServerConnection server = epa::fuzz::NewTelnetServer();
  server.Start();
  Run run;
  Take(server, octets.first(cut), run);
  Take(server, octets.subspan(cut), run);
  return run;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::span<const uint8_t> octets(data + 1, size - 1);
  const Run whole = Serve(octets, 0);
  const Run cut = Serve(octets, std::min<size_t>(data[0], octets.size()));
  Require(whole.send == cut.send && whole.data == cut.data && whole.closed == cut.closed);
  Require(whole.data.size() <= octets.size() && whole.send.size() <= octets.size() + 64);
  return 0;
}
