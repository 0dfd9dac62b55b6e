// What the server's and the client's glue share: which scheme carries which package's tokens.
#ifndef EPA_HTTP_SCHEME_H_
#define EPA_HTTP_SCHEME_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "epa/core/security_package.h"

#pragma GCC visibility push(default)

namespace epa::http {

// Names and values of header fields. A name may occur several times; fields are never folded.
using HeaderList = std::vector<std::pair<std::string, std::string>>;

// One authentication scheme, such as {"Negotiate", credentials}. The scheme says how tokens are
// framed in headers, the credentials which package reads them: NTLM's work under both "NTLM" and
// "Negotiate" (bare NTLM tokens), Kerberos' under "Kerberos" (WinRM's, [MS-WSMV] 2.2.9.1) and
// "Negotiate".
struct Scheme {
  std::string name;  // "Negotiate", "NTLM" or "Kerberos"
  std::shared_ptr<const Credentials> credentials;
};

}  // namespace epa::http

#pragma GCC visibility pop

#endif  // EPA_HTTP_SCHEME_H_
