#include "lib/sasl/packages.h"

#include <string>
#include <string_view>

namespace epa::sasl {
namespace {

std::string_view PackageOf(MechanismType mechanism) {
  switch (mechanism) {
    case MechanismType::kGssapi:
      return "Kerberos";
    case MechanismType::kGssSpnego:
      return "Negotiate";
    case MechanismType::kNtlm:
      return "NTLM";
  }
  return "";
}

}  // namespace

absl::Status CheckPackage(MechanismType mechanism, const std::shared_ptr<const Credentials>& of) {
  const std::string_view package = PackageOf(mechanism);
  return of != nullptr && of->package().name == package
             ? absl::OkStatus()
             : absl::InvalidArgumentError(std::string(MechanismName(mechanism)) +
                                          " needs credentials of the package " +
                                          std::string(package));
}

}  // namespace epa::sasl
