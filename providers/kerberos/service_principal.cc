#include "providers/kerberos/service_principal.h"

#include <string>

namespace epa::kerberos {
namespace {

using HostRealms = Krb5Owner<char**, krb5_free_host_realm>;

}  // namespace

krb5_error_code MakeServicePrincipal(krb5_context context, const ServicePrincipalName& name,
                                     bool with_port, OwnedPrincipal& out) {
  std::string realm = name.realm().value_or(std::string());
  if (realm.empty()) {
    HostRealms realms(context);
    const krb5_error_code code = krb5_get_host_realm(context, name.host().c_str(), realms.out());
    if (code != 0) {
      return code;
    }
    realm = realms.get()[0] != nullptr ? realms.get()[0] : "";
  }
  std::string host = name.host();
  if (with_port && name.port().has_value()) {
    host += ":" + std::to_string(*name.port());
  } else if (name.instance().has_value()) {
    host += ":" + *name.instance();
  }
  const std::string third = name.service_name().value_or(std::string());
  const auto length = [](const std::string& text) {
    return static_cast<unsigned int>(text.size());
  };
  // The list ends with the first empty part.
  const krb5_error_code code = krb5_build_principal_ext(
      context, out.out(), length(realm), realm.data(), length(name.service_class()),
      name.service_class().data(), length(host), host.data(), length(third), third.data(), 0u);
  if (code == 0) {
    // Not host-based: those libkrb5 would canonicalise.
    out.get()->type = KRB5_NT_SRV_INST;
  }
  return code;
}

}  // namespace epa::kerberos
