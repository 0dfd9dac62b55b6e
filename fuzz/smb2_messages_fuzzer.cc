// Every reader of an SMB2 message: header, negotiate contexts, session set-up, transform header.
// What is read and written again reads the same.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "epa/smb2/header.h"
#include "fuzz/require.h"
#include "lib/smb2/message_cipher.h"
#include "lib/smb2/messages/negotiate.h"
#include "lib/smb2/messages/session_setup.h"
#include "lib/smb2/messages/smb1_negotiate.h"
#include "lib/smb2/messages/validate_negotiate.h"

namespace {

using epa::fuzz::Require;
using epa::smb2::kHeaderSize;

// A body behind the header of `message`.
std::vector<uint8_t> Again(std::span<const uint8_t> message, const std::vector<uint8_t>& body) {
  std::vector<uint8_t> again(message.begin(), message.begin() + kHeaderSize);
  again.insert(again.end(), body.begin(), body.end());
  return again;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> message(data, size);
  (void)epa::smb2::ParseSmb1Negotiate(message);
  (void)epa::smb2::ParseTransformHeader(message);
  (void)epa::smb2::ParseValidateNegotiateRequest(message);
  (void)epa::smb2::ParseValidateNegotiateResponse(message);
  (void)epa::smb2::ParseSessionSetupResponse(message);
  (void)epa::smb2::ParseNegotiateResponse(message);
  (void)epa::smb2::ParseHeader(message);
  if (const auto setup = epa::smb2::ParseSessionSetupRequest(message); setup.ok()) {
    const auto again = Again(message, WriteSessionSetupRequest(*setup));
    Require(epa::smb2::ParseSessionSetupRequest(again)->token.size() == setup->token.size());
  }
  if (const auto request = epa::smb2::ParseNegotiateRequest(message); request.ok()) {
    const auto again =
        epa::smb2::ParseNegotiateRequest(Again(message, WriteNegotiateRequest(*request)));
    Require(again.ok() && again->dialects == request->dialects);
    Require(!request->contexts.has_value() ||
            again->contexts->ciphers == request->contexts->ciphers);
  }
  return 0;
}
