// What `epa decode` says of any octets: a fault where they are malformed, and there alone.
#include <cstdint>
#include <cstdlib>

#include "tools/epa/decode/decode_token.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const epa::tool::DecodedToken decoded = epa::tool::DecodeToken({data, size});
  if (decoded.malformed != decoded.document.contains("error")) {
    std::abort();
  }
  return epa::tool::JsonLine(decoded.document).empty() ? 1 : 0;
}
