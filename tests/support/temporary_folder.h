// A folder of a test's own, gone when the test is over. Nobody else can guess its name: what
// another user has put into the folder for temporary files cannot be in the way.
#ifndef EPA_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
#define EPA_TESTS_SUPPORT_TEMPORARY_FOLDER_H_

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace epa::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "epa-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      std::perror(pattern.c_str());
      std::abort();
    }
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::string File(std::string_view name) const { return (path_ / name).string(); }

  // Writes in place; the path of the file.
  std::string Write(std::string_view name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return File(name);
  }
  // As editors and deployment tools do: a new file takes the old one's place.
  std::string Replace(std::string_view name, std::string_view text) const {
    std::filesystem::rename(Write(std::string(name) + ".new", text), path_ / name);
    return File(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace epa::test

#endif  // EPA_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
