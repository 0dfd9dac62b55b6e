#include "epa/kerberos/kerberos.h"

namespace epa::kerberos {

const PackageInfo& KerberosPackageInfo() {
  static const auto& info = *new PackageInfo{
      "Kerberos",
      "Kerberos 5 with extended protection",
      // 1.2.840.113554.1.2.2 (RFC 4121 1) and 1.2.840.48018.1.2.2 ([MS-SPNG] 3.1.5.2)
      {{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02},
       {0x06, 0x09, 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02}},
      0xFFFF};
  return info;
}

}  // namespace epa::kerberos
