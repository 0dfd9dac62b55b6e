#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "epa/registry/windows_settings.h"

// Whatever is in the file, settings come out or an error does; settings in effect are in range.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace epa::registry;
  auto file = ParseRegistryFile(std::span(data, size), "a.reg");
  if (!file.ok()) {
    return 0;
  }
  Registry registry;
  registry.Import(*std::move(file));
  const auto settings = WindowsSettingsFrom(registry);
  if (!settings.ok()) {
    return 0;
  }
  if (settings->lm_compatibility_level.value > 5 ||
      settings->telnet_extended_protection.value > epa::ExtendedProtectionMode::kRequire ||
      Describe(*settings).empty()) {
    __builtin_trap();
  }
  return 0;
}
