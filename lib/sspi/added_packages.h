// The packages of plug-ins that this process knows.
#ifndef EPA_LIB_SSPI_ADDED_PACKAGES_H_
#define EPA_LIB_SSPI_ADDED_PACKAGES_H_

#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/sspi/packages.h"

namespace epa::sspi {

// Safe for several threads.
class AddedPackages {
 public:
  absl::Status Add(const std::string& path);
  // False where there is nothing of that path.
  bool Remove(const std::string& path);
  // Loads what the configuration file names and is not there yet; a plug-in that cannot be loaded
  // is left out, and its packages are not found.
  void AppendTo(std::vector<PackagePtr>& packages);

 private:
  struct Entry {
    std::string path;
    bool of_file;
    std::vector<PackagePtr> packages;
  };

  bool Has(const std::string& path) const;
  absl::Status AddLocked(const std::string& path, bool of_file);

  std::mutex mutex_;
  std::vector<Entry> entries_;
};

AddedPackages& TheAddedPackages();

}  // namespace epa::sspi

#endif  // EPA_LIB_SSPI_ADDED_PACKAGES_H_
