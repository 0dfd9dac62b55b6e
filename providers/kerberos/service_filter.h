// The services that tickets are wanted for.
#ifndef EPA_PROVIDERS_KERBEROS_SERVICE_FILTER_H_
#define EPA_PROVIDERS_KERBEROS_SERVICE_FILTER_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/ascii.h"

namespace epa::kerberos {

class ServiceFilter {
 public:
  ServiceFilter() = default;  // every service
  // "class/host" or "class/host@REALM", without regard to ASCII case. None: every service.
  explicit ServiceFilter(std::vector<std::string> wanted) : wanted_(std::move(wanted)) {}

  bool takes_all() const { return wanted_.empty(); }
  // `name` as PrincipalText writes it.
  bool Takes(std::string_view name, std::string_view realm) const {
    return takes_all() || std::ranges::any_of(wanted_, [&](std::string_view wanted) {
             return EqualsIgnoringAsciiCase(wanted, name) || IsNameAtRealm(wanted, name, realm);
           });
  }

 private:
  static bool IsNameAtRealm(std::string_view wanted, std::string_view name,
                            std::string_view realm) {
    return wanted.size() == name.size() + 1 + realm.size() && wanted[name.size()] == '@' &&
           EqualsIgnoringAsciiCase(wanted.substr(0, name.size()), name) &&
           EqualsIgnoringAsciiCase(wanted.substr(name.size() + 1), realm);
  }

  std::vector<std::string> wanted_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_SERVICE_FILTER_H_
