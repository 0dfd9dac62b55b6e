#include "epa/sspi/plugin.h"

#include <dlfcn.h>
#include <link.h>

#include "absl/status/status.h"
#include "epa/sspi/sspi.h"
#include "lib/base/status_macros.h"

namespace epa::sspi {
namespace {

absl::Status CheckTable(const SecurityFunctionTableW* table) {
  if (table == nullptr) {
    return absl::InvalidArgumentError("the plug-in has no function table");
  }
  // The members used here are those of version 1; later versions add to its end.
  if (table->dwVersion < SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION ||
      table->dwVersion > SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_5) {
    return absl::InvalidArgumentError("the plug-in's function table has version " +
                                      std::to_string(table->dwVersion) + ", not 1 to 5");
  }
  const struct {
    bool present;
    const char* name;
  } needed[] = {
      {table->QuerySecurityPackageInfoW != nullptr, "QuerySecurityPackageInfoW"},
      {table->AcquireCredentialsHandleW != nullptr, "AcquireCredentialsHandleW"},
      {table->FreeCredentialsHandle != nullptr, "FreeCredentialsHandle"},
      {table->DeleteSecurityContext != nullptr, "DeleteSecurityContext"},
      {table->QueryContextAttributesW != nullptr, "QueryContextAttributesW"},
      {table->FreeContextBuffer != nullptr, "FreeContextBuffer"},
  };
  for (const auto& function : needed) {
    if (!function.present) {
      return absl::InvalidArgumentError(std::string("the plug-in has no ") + function.name);
    }
  }
  return absl::OkStatus();
}

// What the header of this library names the function, where a plug-in was built with it.
constexpr std::string_view kOurPrefix = "epa_";

// A symbol of the library itself: dlsym looks into what it depends on as well, which may be us.
void* OwnSymbol(void* library, const std::string& name) {
  void* const symbol = dlsym(library, name.c_str());
  link_map* map = nullptr;
  Dl_info found = {};
  const bool own = symbol != nullptr && dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 &&
                   dladdr(symbol, &found) != 0 &&
                   reinterpret_cast<ElfW(Addr)>(found.dli_fbase) == map->l_addr;
  return own ? symbol : nullptr;
}

std::string LoaderError() {
  const char* const text = dlerror();
  return text != nullptr ? text : "unknown fault of the loader";
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Plugin>> Plugin::Load(const std::string& path,
                                                           const std::string& entry_point) {
  if (path.find('/') == std::string::npos) {
    return absl::InvalidArgumentError("a plug-in is given by a path with a slash: " + path);
  }
  // Never unloaded: its functions may run, or end, on other threads after all of ours.
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    return absl::NotFoundError(LoaderError());
  }
  void* symbol = OwnSymbol(library, entry_point);
  if (symbol == nullptr) {
    symbol = OwnSymbol(library, std::string(kOurPrefix) + entry_point);
  }
  const auto enter = reinterpret_cast<INIT_SECURITY_INTERFACE_W>(symbol);
  absl::StatusOr<std::shared_ptr<const Plugin>> plugin =
      enter != nullptr ? Create(enter())
                       : absl::NotFoundError(path + " has no function " + entry_point);
  dlclose(library);
  return plugin;
}

absl::StatusOr<std::shared_ptr<const Plugin>> Plugin::Create(const SecurityFunctionTableW* table) {
  EPA_RETURN_IF_ERROR(CheckTable(table));
  return std::shared_ptr<const Plugin>(new Plugin(table));
}

}  // namespace epa::sspi
