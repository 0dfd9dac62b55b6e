#include "tools/epa/http_schemes.h"

#include <algorithm>

namespace epa::tool {

std::vector<http::Scheme> HttpSchemesFor(const std::vector<std::string>& packages,
                                         const std::shared_ptr<const Credentials>& credentials) {
  std::vector<std::string> names = packages;
  if (names.empty()) {
    names = {"Negotiate"};
  }
  const auto negotiate = std::find(names.begin(), names.end(), "Negotiate");
  if (negotiate != names.end()) {
    names.insert(negotiate + 1, "NTLM");
  }
  std::vector<http::Scheme> schemes;
  for (const std::string& name : names) {
    const bool known = std::any_of(schemes.begin(), schemes.end(),
                                   [&](const http::Scheme& s) { return s.name == name; });
    if (!known) {
      schemes.push_back({name, credentials});
    }
  }
  return schemes;
}

}  // namespace epa::tool
