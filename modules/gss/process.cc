#include "modules/gss/process.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

#include "modules/process/names.h"

namespace epa::gss {
namespace {

using process::ConfigurationPath;
using process::IsThisProcess;
using process::ServiceOfEnvironment;

constexpr size_t kMaxConfigurationSize = size_t{256} << 10;

// The configuration in memory.
class Configuration {
 public:
  explicit Configuration(const char* path) { Read(path); }
  ~Configuration() { free(text_); }
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  bool missing() const { return missing_; }
  bool whole() const { return text_ != nullptr && (size_ == 0 || text_[size_ - 1] == '\n'); }
  std::string_view text() const { return {text_, size_}; }

 private:
  void Read(const char* path) {
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    missing_ = file < 0 && (errno == ENOENT || errno == ENOTDIR);
    struct stat status = {};
    if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
        static_cast<size_t>(status.st_size) <= kMaxConfigurationSize) {
      text_ = static_cast<char*>(malloc(static_cast<size_t>(status.st_size) + 1));
      const ssize_t count =
          text_ == nullptr ? -1 : read(file, text_, static_cast<size_t>(status.st_size));
      if (count != status.st_size) {
        free(text_);
        text_ = nullptr;
      } else {
        size_ = static_cast<size_t>(count);
      }
    }
    if (file >= 0) {
      close(file);
    }
  }

  char* text_ = nullptr;
  size_t size_ = 0;
  bool missing_ = false;
};

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && IsBlank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

bool NamesThisProcess(std::string_view line) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos ||
      Trimmed(std::string_view(line.data(), equals)) != "executable") {
    return false;
  }
  line.remove_prefix(equals + 1);
  return IsThisProcess(Trimmed(line));
}

const Engine* Load() {
  void* const library = dlopen(EPA_GSS_ENGINE, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  void* const function = library == nullptr ? nullptr : dlsym(library, kEngineSymbol);
  return function == nullptr ? nullptr : reinterpret_cast<GetEngine>(function)();
}

}  // namespace

bool MayBeConfigured() {
  const Configuration configuration(ConfigurationPath());
  if (configuration.missing()) {
    return ServiceOfEnvironment() != nullptr;
  }
  if (!configuration.whole() || ServiceOfEnvironment() != nullptr) {
    return true;
  }
  std::string_view rest = configuration.text();
  while (!rest.empty()) {
    const size_t end = rest.find('\n');  // it is whole: there is one
    if (NamesThisProcess(std::string_view(rest.data(), end))) {
      return true;
    }
    rest.remove_prefix(end + 1);
  }
  return false;
}

const Engine* LoadEngine() {
  static const Engine* loaded = nullptr;
  const Engine* engine = __atomic_load_n(&loaded, __ATOMIC_ACQUIRE);
  if (engine == nullptr) {
    engine = Load();  // by two threads at once: the same
    __atomic_store_n(&loaded, engine, __ATOMIC_RELEASE);
  }
  return engine;
}

}  // namespace epa::gss
