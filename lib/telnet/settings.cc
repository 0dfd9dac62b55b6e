#include "lib/telnet/settings.h"

#include "lib/telnet/option_table.h"

namespace epa::telnet {
namespace {

// No NTLM login fits into less.
constexpr size_t kLeastSuboption = 1024;

}  // namespace

absl::Status ValidateSettings(const std::shared_ptr<const Credentials>& credentials,
                              const AgreedOptions& options, size_t max_suboption) {
  // [MS-TNAP] carries NTLM's tokens bare, so not even Negotiate's credentials will do.
  if (credentials == nullptr || credentials->package().name != "NTLM") {
    return absl::InvalidArgumentError("a Telnet login needs credentials of the package NTLM");
  }
  if (max_suboption < kLeastSuboption) {
    return absl::InvalidArgumentError("max_suboption is 1024 or more");
  }
  return ValidateOptions(options);
}

}  // namespace epa::telnet
