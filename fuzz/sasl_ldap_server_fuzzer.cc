// A client's bind requests, each behind its length in two octets. Whatever they are: each gets one
// answer or the end, nobody is logged in while a bind is under way, and a layer stays.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "epa/sasl/ldap_server.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "fuzz/sasl_fuzz_setup.h"
#include "lib/base/byte_reader.h"
#include "lib/sasl/ldap_messages.h"

namespace {

using epa::fuzz::Require;

epa::fuzz::ReachPoint challenged("a bind that is half-way");
epa::fuzz::ReachPoint logged_in("a login");
epa::fuzz::ReachPoint layered("a layer");
epa::fuzz::ReachPoint again("a bind inside a layer");
epa::fuzz::ReachPoint sicily("Sicily's challenge");
epa::fuzz::ReachPoint refused("a refusal");
epa::fuzz::ReachPoint closed("the end");

std::shared_ptr<const epa::sasl::LdapServerConfig> MakeConfig() {
  epa::sasl::LdapServerOptions options;
  options.sasl = epa::fuzz::FakeSaslServer();
  options.require_signing = false;
  options.sicily = true;
  return epa::sasl::LdapServerConfig::Create(std::move(options)).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto config = MakeConfig();
  epa::sasl::LdapServer server(config, epa::Channel::Plain(), "");
  epa::ByteReader reader({data, size});
  uint16_t length = 0;
  bool done = false;
  while (!done && reader.ReadU16(length)) {
    std::span<const uint8_t> message;
    const size_t there = std::min<size_t>(length, reader.remaining());
    Require(reader.ReadSpan(there, message));
    const bool before = server.layer() != nullptr;
    auto output = server.Receive(message);
    while (output.pending_work != nullptr) {
      output.pending_work->Run();
      output = server.Resume(std::move(output.pending_work));
    }
    Require(output.close == output.send.empty());
    Require(output.close || epa::sasl::ParseBindResponse(output.send).has_value());
    Require(!server.in_progress() || server.login() == nullptr);
    Require(!before || output.close || server.layer() != nullptr);
    challenged.Reach(server.in_progress());
    logged_in.Reach(server.login() != nullptr);
    layered.Reach(server.layer() != nullptr);
    again.Reach(before && server.layer() != nullptr);
    const auto response = epa::sasl::ParseBindResponse(output.send);
    sicily.Reach(server.in_progress() && response.has_value() &&
                 response->result == epa::sasl::LdapResult::kSuccess);
    refused.Reach(absl::IsPermissionDenied(output.reason));
    closed.Reach(output.close);
    done = output.close;
  }
  return 0;
}
