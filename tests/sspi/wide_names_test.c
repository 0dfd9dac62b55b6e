/* The same names with UNICODE defined are the W functions. */
#define UNICODE
#include "tests/sspi/layout_assertions.h"

int main(void) {
  WCHAR name[] = u"Negotiate";
  PSecPkgInfo package = 0;
  if (QuerySecurityPackageInfo(name, &package) != SEC_E_OK || package->Name[0] != u'N') {
    return 1;
  }
  FreeContextBuffer(package);
  return InitSecurityInterface()->QuerySecurityPackageInfo == QuerySecurityPackageInfoW ? 0 : 1;
}
