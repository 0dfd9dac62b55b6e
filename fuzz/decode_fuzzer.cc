// What `epa decode` says of any octets: a fault where they are malformed, and there alone.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "fuzz/reach.h"
#include "tools/epa/decode/decode_token.h"

namespace {

epa::fuzz::ReachPoint spnego("SPNEGO");
epa::fuzz::ReachPoint ntlm("NTLM");
epa::fuzz::ReachPoint kerberos("Kerberos");
epa::fuzz::ReachPoint smb("SMB 2");
epa::fuzz::ReachPoint malformed("a malformed token");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const epa::tool::DecodedToken decoded = epa::tool::DecodeToken({data, size});
  if (decoded.malformed != decoded.document.contains("error")) {
    std::abort();
  }
  const std::string text = epa::tool::JsonLine(decoded.document);
  const auto says = [&text](std::string_view word) { return text.find(word) != std::string::npos; };
  malformed.Reach(decoded.malformed);
  spnego.Reach(!decoded.malformed && says("spnego"));
  ntlm.Reach(!decoded.malformed && says("ntlm"));
  kerberos.Reach(!decoded.malformed && says("kerberos"));
  smb.Reach(!decoded.malformed && says("smb2"));
  return text.empty() ? 1 : 0;
}
