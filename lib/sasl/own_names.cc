#include "lib/sasl/own_names.h"

#include <algorithm>
#include <string>
#include <vector>

#include "lib/base/ascii.h"

namespace epa::sasl {

bool NamesItself(const PeerIdentity& client, std::string_view authorization_identity) {
  const AccountIdentity* const account = client.account();
  if (account == nullptr) {
    return false;
  }
  std::vector<std::string> names = {account->user};
  for (const std::string& domain : {account->domain, account->dns_domain}) {
    if (!domain.empty()) {
      names.push_back(account->user + "@" + domain);
      names.push_back(domain + "\\" + account->user);
    }
  }
  if (account->authorization != nullptr && !account->authorization->principal.empty()) {
    names.push_back(account->authorization->principal);
  }
  constexpr std::string_view kUser = "u:";
  if (authorization_identity.starts_with(kUser)) {
    authorization_identity.remove_prefix(kUser.size());
  }
  return std::ranges::any_of(names, [&](const std::string& name) {
    return EqualsIgnoringAsciiCase(name, authorization_identity);
  });
}

}  // namespace epa::sasl
