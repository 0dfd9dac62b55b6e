// What server's and client's options have in common.
#ifndef EPA_LIB_SMB2_OPTION_CHECKS_H_
#define EPA_LIB_SMB2_OPTION_CHECKS_H_

#include <vector>

#include "absl/status/status.h"
#include "epa/smb2/protocol.h"

namespace epa::smb2 {

// InvalidArgument for an empty list, a value that is unknown or given twice, and required
// encryption without a dialect or cipher that can.
absl::Status CheckAlgorithms(const std::vector<Dialect>& dialects,
                             const std::vector<Cipher>& ciphers,
                             const std::vector<SigningAlgorithm>& signing_algorithms,
                             EncryptionPolicy encryption);

}  // namespace epa::smb2

#endif  // EPA_LIB_SMB2_OPTION_CHECKS_H_
