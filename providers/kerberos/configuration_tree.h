// A Kerberos configuration in memory: read once, used by any number of krb5 contexts without a look
// at the files.
#ifndef EPA_PROVIDERS_KERBEROS_CONFIGURATION_TREE_H_
#define EPA_PROVIDERS_KERBEROS_CONFIGURATION_TREE_H_

#include <profile.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "epa/kerberos/kerberos.h"

namespace epa::kerberos {

struct ConfigurationSection {
  // Each with all its values, the first of which counts where one is asked for.
  std::map<std::string, std::vector<std::string>, std::less<>> relations;
  std::map<std::string, ConfigurationSection, std::less<>> sections;
};

class ProfileOwner {
 public:
  explicit ProfileOwner(profile_t profile) : profile_(profile) {}
  ProfileOwner(const ProfileOwner&) = delete;
  ProfileOwner& operator=(const ProfileOwner&) = delete;
  ~ProfileOwner() { profile_release(profile_); }
  profile_t get() const { return profile_; }

 private:
  profile_t profile_;
};

// Immutable.
class ConfigurationTree {
 public:
  // InvalidArgument when it cannot be read or is no krb5.conf. Its "include" lines are followed.
  static absl::StatusOr<std::shared_ptr<const ConfigurationTree>> Read(
      const Configuration& configuration);

  // A profile over `tree`, which it keeps. Null without memory.
  static profile_t MakeProfile(std::shared_ptr<const ConfigurationTree> tree);

  const ConfigurationSection& root() const { return root_; }

 private:
  ConfigurationSection root_;
};

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_CONFIGURATION_TREE_H_
