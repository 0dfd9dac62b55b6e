// Every reader of an SMB2 message: header, negotiate contexts, session set-up, transform header.
// What is read and written again reads the same.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "epa/smb2/header.h"
#include "fuzz/reach.h"
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

epa::fuzz::ReachPoint smb1("an SMB1 NEGOTIATE");
epa::fuzz::ReachPoint transformed("a transform header");
epa::fuzz::ReachPoint negotiate("a NEGOTIATE of 3.1.1");
epa::fuzz::ReachPoint negotiate_answer("a response to NEGOTIATE");
epa::fuzz::ReachPoint set_up("a SESSION_SETUP");
epa::fuzz::ReachPoint setup_answer("a response to SESSION_SETUP with a token");
epa::fuzz::ReachPoint validation("FSCTL_VALIDATE_NEGOTIATE_INFO");
epa::fuzz::ReachPoint validation_answer("a response to FSCTL_VALIDATE_NEGOTIATE_INFO");
epa::fuzz::ReachPoint refused("a refused header");

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> message(data, size);
  smb1.Reach(epa::smb2::ParseSmb1Negotiate(message).ok());
  transformed.Reach(epa::smb2::ParseTransformHeader(message).ok());
  validation.Reach(epa::smb2::ParseValidateNegotiateRequest(message).ok());
  validation_answer.Reach(epa::smb2::ParseValidateNegotiateResponse(message).ok());
  const auto answer = epa::smb2::ParseSessionSetupResponse(message);
  setup_answer.Reach(answer.ok() && !answer->token.empty());
  negotiate_answer.Reach(epa::smb2::ParseNegotiateResponse(message).ok());
  refused.Reach(!epa::smb2::ParseHeader(message).ok());
  if (const auto setup = epa::smb2::ParseSessionSetupRequest(message); setup.ok()) {
    set_up.Reach();
    const auto again = Again(message, WriteSessionSetupRequest(*setup));
    Require(epa::smb2::ParseSessionSetupRequest(again)->token.size() == setup->token.size());
  }
  if (const auto request = epa::smb2::ParseNegotiateRequest(message); request.ok()) {
    negotiate.Reach(request->contexts.has_value());
    const auto again =
        epa::smb2::ParseNegotiateRequest(Again(message, WriteNegotiateRequest(*request)));
    Require(again.ok() && again->dialects == request->dialects);
    Require(!request->contexts.has_value() ||
            again->contexts->ciphers == request->contexts->ciphers);
  }
  return 0;
}
