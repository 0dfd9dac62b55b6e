// A server's octets; the first octet says whether the client was told to trust it. Whatever they
// are: a server that is not trusted gets no token, and there is no login without a challenge that
// was answered.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/reach.h"
#include "fuzz/telnet_fuzz_setup.h"

namespace {

epa::fuzz::ReachPoint logged_in("a login");
epa::fuzz::ReachPoint data_read("data of a server");
epa::fuzz::ReachPoint refused("a server that is refused");
epa::fuzz::ReachPoint kept_back("a server that is not trusted");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using epa::fuzz::Require;
  if (size == 0) {
    return 0;
  }
  const bool trusted = (data[0] & 1) != 0;
  const auto client = epa::fuzz::NewTelnetClient(trusted);
  const std::span<const uint8_t> octets(data + 1, size - 1);
  const auto output = client->Receive(octets);
  Require(output.ok());
  Require(trusted || client->context() == nullptr);
  logged_in.Reach(client->logged_in());
  data_read.Reach(!output->data.empty());
  refused.Reach(trusted && client->refusal().has_value());
  kept_back.Reach(!trusted && client->refusal().has_value());
  Require(!client->logged_in() || client->context()->established());
  Require(!client->logged_in() || !client->refusal().has_value());
  Require(!output->close || client->refusal().has_value());
  Require(output->data.size() <= octets.size() && output->send.size() <= octets.size() + 64);
  return 0;
}
