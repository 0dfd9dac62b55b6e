#include "epa/ntlm/ntlm.h"

namespace epa::ntlm {

const PackageInfo& NtlmPackageInfo() {
  // 1.3.6.1.4.1.311.2.2.10 ([MS-SPNG] 1.9)
  static const auto& info =
      *new PackageInfo{"NTLM",
                       "NTLM version 2 with extended protection",
                       {{0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a}},
                       0xFFFF};
  return info;
}

}  // namespace epa::ntlm
