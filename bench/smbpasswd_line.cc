#include "bench/smbpasswd_line.h"

#include "absl/strings/ascii.h"
#include "bench/contender.h"
#include "lib/base/hex.h"

namespace epa::bench {

// LCT: when the password was set; where that is 0, smbd wants another one first.
std::string SmbpasswdLine(std::string_view user, uint32_t user_id) {
  return std::string(user) + ":" + std::to_string(user_id) + ":" + std::string(32, 'X') + ":" +
         absl::AsciiStrToUpper(EncodeHex(kNtHash)) + ":[U          ]:LCT-5F000000:\n";
}

}  // namespace epa::bench
