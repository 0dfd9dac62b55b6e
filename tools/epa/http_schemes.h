// Which HTTP authentication schemes the packages of a command line stand for.
#ifndef EPA_TOOLS_EPA_HTTP_SCHEMES_H_
#define EPA_TOOLS_EPA_HTTP_SCHEMES_H_

#include <memory>
#include <string>
#include <vector>

#include "epa/core/security_package.h"
#include "epa/http/scheme.h"

namespace epa::tool {

// Negotiate: the schemes Negotiate and NTLM, in this order, as Windows' servers offer them; NTLM:
// that scheme alone. No package is Negotiate.
std::vector<http::Scheme> HttpSchemesFor(const std::vector<std::string>& packages,
                                         const std::shared_ptr<const Credentials>& credentials);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_HTTP_SCHEMES_H_
