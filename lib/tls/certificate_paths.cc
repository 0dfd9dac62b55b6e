#include "lib/tls/certificate_paths.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "lib/base/regular_file.h"
#include "lib/base/status_macros.h"

namespace epa::tls {
namespace {

constexpr size_t kMostInFolder = 512;
constexpr std::array<std::string_view, 4> kEndings = {".pem", ".crt", ".cer", ".der"};

struct FolderCloser {
  void operator()(DIR* folder) const { closedir(folder); }
};

bool NamesCertificate(std::string_view name) {
  return !name.starts_with('.') && std::ranges::any_of(kEndings, [name](std::string_view ending) {
    return name.ends_with(ending);
  });
}

bool IsFolder(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

absl::StatusOr<std::vector<CertificatePath>> FilesOf(const std::string& folder) {
  const std::unique_ptr<DIR, FolderCloser> open(opendir(folder.c_str()));
  if (open == nullptr) {
    return FileFault(folder, errno);
  }
  std::vector<CertificatePath> files;
  errno = 0;
  for (const dirent* entry = readdir(open.get()); entry != nullptr; entry = readdir(open.get())) {
    std::string path = folder + "/" + entry->d_name;
    if (NamesCertificate(entry->d_name) && !IsFolder(path)) {
      files.push_back({std::move(path), /*in_folder=*/true});
    }
    if (files.size() > kMostInFolder) {
      return absl::InvalidArgumentError(folder + ": more than " + std::to_string(kMostInFolder) +
                                        " certificates");
    }
    errno = 0;
  }
  if (errno != 0) {
    return FileFault(folder, errno);
  }
  if (files.empty()) {
    return absl::NotFoundError(folder + ": no file *.pem, *.crt, *.cer or *.der");
  }
  std::ranges::sort(files, {}, &CertificatePath::path);
  return files;
}

}  // namespace

absl::StatusOr<std::vector<CertificatePath>> FindCertificates(std::span<const std::string> paths) {
  std::vector<CertificatePath> found;
  for (const std::string& path : paths) {
    if (IsFolder(path)) {
      EPA_ASSIGN_OR_RETURN(const std::vector<CertificatePath> files, FilesOf(path));
      found.insert(found.end(), files.begin(), files.end());
    } else {
      found.push_back({path, /*in_folder=*/false});
    }
  }
  return found;
}

}  // namespace epa::tls
