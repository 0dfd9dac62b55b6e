// Logon information, or a PAC around it, is read or refused; what is read names a user and a
// domain, and buffers lie in the PAC.
#include <cstdlib>
#include <span>
#include <string>

#include "fuzz/reach.h"
#include "providers/kerberos/pac.h"

namespace {

epa::fuzz::ReachPoint was_read("logon information");
epa::fuzz::ReachPoint refused("refused information");
epa::fuzz::ReachPoint buffers_were_read("a PAC's buffers");
epa::fuzz::ReachPoint client_was_read("client information");

void RequireWithin(std::span<const uint8_t> buffer, std::span<const uint8_t> octets) {
  if (!buffer.empty() && (buffer.data() < octets.data() ||
                          buffer.data() + buffer.size() > octets.data() + octets.size())) {
    std::abort();
  }
}

void ReadPac(std::span<const uint8_t> octets) {
  epa::kerberos::PacBuffers buffers;
  if (!ReadPacBuffers(octets, buffers)) {
    return;
  }
  buffers_were_read.Reach();
  for (const auto buffer : {buffers.logon_information, buffers.client_information,
                            buffers.server_signature, buffers.kdc_signature}) {
    RequireWithin(buffer, octets);
  }
  client_was_read.Reach(
      epa::kerberos::ReadClientInformation(buffers.client_information).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ReadPac({data, size});
  const auto is_name = [](const std::string& text) {
    return !text.empty() && text.find('\0') == std::string::npos;
  };
  const auto information = epa::kerberos::ReadLogonInformation({data, size});
  was_read.Reach(information.ok());
  refused.Reach(!information.ok());
  if (information.ok() &&
      (!information->user_sid.starts_with("S-1-") || information->group_sids.empty() ||
       !is_name(information->logon_name) || !is_name(information->logon_domain))) {
    std::abort();
  }
  return 0;
}
