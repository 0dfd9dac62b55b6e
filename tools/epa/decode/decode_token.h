// What a token says, as a document.
#ifndef EPA_TOOLS_EPA_DECODE_DECODE_TOKEN_H_
#define EPA_TOOLS_EPA_DECODE_DECODE_TOKEN_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "tools/epa/common/output.h"
#include "tools/epa/decode/der_walk.h"

namespace epa::tool {

struct DecodeOptions {
  // The file with the service's keys, for what a Kerberos ticket seals. Empty: none.
  std::string keytab_path;
};

struct DecodedToken {
  // "kind" first; text as text, binary as lower-case hexadecimal, absent fields left out. A
  // malformed token has what could be read and "error": {"offset", "reason"}.
  Json document;
  bool malformed = false;
  // NotFound or DataLoss where the keytab that was given does not open the ticket, another error
  // where it cannot be read.
  absl::Status opened;
};

DecodedToken DecodeToken(std::span<const uint8_t> token, const DecodeOptions& options = {});
// The same for what a security package sends; no value for what none of them does.
std::optional<DecodedToken> DecodeMechanismToken(std::span<const uint8_t> token,
                                                 const DecodeOptions& options, int depth);
// Makes `decoded` malformed where there is a fault.
void AddFault(const std::optional<TokenFault>& fault, DecodedToken& decoded);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_DECODE_DECODE_TOKEN_H_
