#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "epa/registry/windows_settings.h"
#include "fuzz/reach.h"

namespace {

epa::fuzz::ReachPoint set("a setting");
epa::fuzz::ReachPoint dropped("a line that cannot be read");
epa::fuzz::ReachPoint noted("a note");
epa::fuzz::ReachPoint not_a_setting("an unsound setting");
epa::fuzz::ReachPoint refused("a refused file");

}  // namespace

// Whatever is in the file, settings come out or an error does; settings in effect are in range.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace epa::registry;
  auto file = ParseRegistryFile(std::span(data, size), "a.reg");
  refused.Reach(!file.ok());
  if (!file.ok()) {
    return 0;
  }
  dropped.Reach(!file->dropped.empty());
  Registry registry;
  registry.Import(*std::move(file));
  const auto settings = WindowsSettingsFrom(registry);
  not_a_setting.Reach(!settings.ok());
  if (!settings.ok()) {
    return 0;
  }
  noted.Reach(!settings->notes.empty());
  set.Reach(settings->lm_compatibility_level.is_set());
  if (settings->lm_compatibility_level.value > 5 ||
      settings->telnet_extended_protection.value > epa::ExtendedProtectionMode::kRequire ||
      Describe(*settings).empty()) {
    __builtin_trap();
  }
  return 0;
}
