#include "providers/kerberos/default_cache.h"

#include <profile.h>
#include <pwd.h>
#include <unistd.h>

#include <optional>
#include <vector>

#include "absl/status/status.h"

namespace epa::kerberos {
namespace {

constexpr char kWithoutConfiguration[] = "FILE:/tmp/krb5cc_%{uid}";

std::optional<std::string> UserName() {
  constexpr size_t kRoom = 16384;
  std::vector<char> room(kRoom);
  passwd entry = {};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  return found->pw_name;
}

std::optional<std::string> ValueOf(std::string_view parameter) {
  if (parameter == "uid" || parameter == "USERID") {
    return std::to_string(getuid());
  }
  if (parameter == "euid") {
    return std::to_string(geteuid());
  }
  if (parameter == "username") {
    return UserName();
  }
  if (parameter == "TEMP") {
    return "/tmp";
  }
  if (parameter == "null") {
    return "";
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::string> ExpandParameters(std::string_view text) {
  std::string expanded;
  while (!text.empty()) {
    const size_t begin = text.find("%{");
    expanded += text.substr(0, begin);
    if (begin == std::string_view::npos) {
      break;
    }
    const size_t end = text.find('}', begin);
    const auto value = end == std::string_view::npos
                           ? std::nullopt
                           : ValueOf(text.substr(begin + 2, end - begin - 2));
    if (!value.has_value()) {
      return absl::InvalidArgumentError("default_ccache_name has an unknown parameter: " +
                                        std::string(text.substr(begin)));
    }
    expanded += *value;
    text.remove_prefix(end + 1);
  }
  return expanded;
}

absl::StatusOr<std::string> DefaultCacheName(krb5_context context) {
  profile_t profile = nullptr;
  if (krb5_get_profile(context, &profile) != 0) {
    return absl::InternalError("the Kerberos configuration cannot be read");
  }
  char* value = nullptr;
  const long code = profile_get_string(profile, "libdefaults", "default_ccache_name", nullptr,
                                       kWithoutConfiguration, &value);
  profile_release(profile);
  if (code != 0) {
    return absl::InternalError("the Kerberos configuration cannot be read");
  }
  absl::StatusOr<std::string> name = ExpandParameters(value);
  profile_release_string(value);
  return name;
}

}  // namespace epa::kerberos
