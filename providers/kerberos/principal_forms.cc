#include "providers/kerberos/principal_forms.h"

#include <algorithm>

#include "lib/base/upper_case.h"

namespace epa::kerberos {

std::vector<PrincipalForm> PrincipalForms(std::string_view name) {
  const std::string text(name);
  const auto ats = std::count(name.begin(), name.end(), '@');
  if (ats == 0 || name.find('\\') != std::string_view::npos) {
    return {{text}};
  }
  if (ats > 1) {
    return {{.name = text, .enterprise = true}};
  }
  const std::string user(name.substr(0, name.find('@') + 1));
  const std::string realm(name.substr(user.size()));
  const std::string capitals = UppercaseUtf8(realm);
  std::vector<PrincipalForm> forms = {{text}};
  if (capitals != realm) {
    forms.push_back({user + capitals});
  }
  forms.push_back({.name = text + "@" + capitals, .enterprise = true});
  forms.push_back({.name = text, .enterprise = true, .default_realm = true});
  return forms;
}

krb5_error_code ParsePrincipal(krb5_context context, const PrincipalForm& form,
                               OwnedPrincipal& out) {
  return krb5_parse_name_flags(context, form.name.c_str(),
                               form.enterprise ? KRB5_PRINCIPAL_PARSE_ENTERPRISE : 0, out.out());
}

}  // namespace epa::kerberos
