#include "epa/sspi/plugin.h"

#include <dlfcn.h>

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
  const auto enter =
      reinterpret_cast<INIT_SECURITY_INTERFACE_W>(dlsym(library, entry_point.c_str()));
  absl::StatusOr<std::shared_ptr<const Plugin>> plugin =
      enter != nullptr ? Create(enter()) : absl::NotFoundError(LoaderError());
  dlclose(library);
  return plugin;
}

absl::StatusOr<std::shared_ptr<const Plugin>> Plugin::Create(const SecurityFunctionTableW* table) {
  EPA_RETURN_IF_ERROR(CheckTable(table));
  return std::shared_ptr<const Plugin>(new Plugin(table));
}

}  // namespace epa::sspi
