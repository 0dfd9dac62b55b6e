#include "tools/epa/helper/run_helper.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "tools/epa/common/command_line.h"

namespace epa::tool {

int RunHelper(std::span<const std::string> arguments) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::string helper = (self.parent_path() / "epa-helper").string();
  std::vector<std::string> words(arguments.begin(), arguments.end());
  std::vector<char*> argv = {helper.data()};
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  execv(helper.c_str(), argv.data());
  Complain(helper + ": " + std::strerror(errno));
  return kExitFault;
}

}  // namespace epa::tool
