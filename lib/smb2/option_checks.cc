#include "lib/smb2/option_checks.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "lib/base/status_macros.h"

namespace epa::smb2 {
namespace {

template <typename Value>
absl::Status CheckList(const std::vector<Value>& list, std::string_view (*name)(Value),
                       std::string_view what) {
  if (list.empty()) {
    return absl::InvalidArgumentError("no " + std::string(what) + " is given");
  }
  for (const Value value : list) {
    if (name(value) == "unknown") {
      return absl::InvalidArgumentError("an unknown " + std::string(what) + " is given");
    }
    if (std::count(list.begin(), list.end(), value) > 1) {
      return absl::InvalidArgumentError(std::string(name(value)) + " is given twice");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckAlgorithms(const std::vector<Dialect>& dialects,
                             const std::vector<Cipher>& ciphers,
                             const std::vector<SigningAlgorithm>& signing_algorithms,
                             EncryptionPolicy encryption) {
  EPA_RETURN_IF_ERROR(CheckList(dialects, DialectName, "dialect"));
  EPA_RETURN_IF_ERROR(CheckList(ciphers, CipherName, "cipher"));
  EPA_RETURN_IF_ERROR(CheckList(signing_algorithms, SigningAlgorithmName, "signing algorithm"));
  const auto has = [&dialects](Dialect dialect) {
    return std::find(dialects.begin(), dialects.end(), dialect) != dialects.end();
  };
  const bool has_ccm =
      std::find(ciphers.begin(), ciphers.end(), Cipher::kAes128Ccm) != ciphers.end();
  const bool can_encrypt =
      has(Dialect::k311) || (has_ccm && (has(Dialect::k300) || has(Dialect::k302)));
  if (encryption == EncryptionPolicy::kRequired && !can_encrypt) {
    return absl::InvalidArgumentError("encryption is required, which no dialect given here has");
  }
  return absl::OkStatus();
}

}  // namespace epa::smb2
