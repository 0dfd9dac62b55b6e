// Frames of a fuzzer's input, and the ends that take them.
#ifndef EPA_FUZZ_SMB2_FUZZ_SETUP_H_
#define EPA_FUZZ_SMB2_FUZZ_SETUP_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "epa/smb2/client_connection.h"
#include "epa/smb2/server_connection.h"

namespace epa::fuzz {

// The messages of an input, each behind its length (two octets, little-endian).
std::vector<std::vector<uint8_t>> SplitMessages(std::span<const uint8_t> input);

// A server over the fake package. Bits of `options`: 0 signing is required, 1 encryption is
// required, 2 guests and anonymous clients are let in (without 0 and 1).
std::shared_ptr<const smb2::ServerConfig> SmbServer(uint8_t options);

// A client over the fake package. Bits of `options`: 0 signing is required, 1 encryption is
// required, 2 guests are accepted, 3 the credentials are anonymous.
std::unique_ptr<smb2::ClientConnection> SmbClient(uint8_t options);

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_SMB2_FUZZ_SETUP_H_
