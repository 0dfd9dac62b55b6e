// epa.conf: understood as a whole, or refused in one line that names the file.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "epa/service/configuration_file.h"
#include "fuzz/reach.h"
#include "fuzz/require.h"

namespace {

using epa::fuzz::ReachPoint;
using epa::fuzz::Require;
using epa::service::ConfigurationFile;

constexpr std::string_view kPath = "/etc/epa.conf";

ReachPoint understood("a file that is understood");
ReachPoint inherited("a setting that is inherited");
ReachPoint named("a section with a name");
ReachPoint several("a setting that is said several times");
ReachPoint cut_off("a file that is cut off");
ReachPoint unknown("an unknown setting");
ReachPoint meant("a setting that is meant by another name");
ReachPoint bad_value("a value that a setting cannot have");
ReachPoint bad_section("an unknown section");
ReachPoint twice("a setting that is said twice");
ReachPoint other_protocol("a setting of another protocol");
ReachPoint not_text("text that is none");

void TakeFault(std::string_view fault) {
  Require(fault.starts_with(kPath));
  Require(std::ranges::none_of(
      fault, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }));
  Require(fault.size() < 512);
  const auto has = [fault](std::string_view part) { return fault.find(part) != fault.npos; };
  cut_off.Reach(has("it is cut off"));
  unknown.Reach(has("expected the name of a setting"));
  meant.Reach(has("expected perhaps"));
  bad_value.Reach(has("expected tls, proxy or clear"));
  bad_section.Reach(has("expected [common], "));
  twice.Reach(has("expected once, and"));
  other_protocol.Reach(has("not a setting of"));
  not_text.Reach(has("expected text in UTF-8"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = ConfigurationFile::Parse(text, kPath);
  understood.Reach(file.ok());
  if (!file.ok()) {
    TakeFault(std::string(file.status().message()));
    return 0;
  }
  for (const epa::service::ServiceName& service : file->services()) {
    named.Reach(!service.name.empty());
    const auto found = file->Find(service);
    Require(found.ok());
    const auto settings = ReadSettings(service.protocol, found->settings, found->front_end);
    Require(settings.ok());
    for (const auto& [name, said] : settings->said) {
      inherited.Reach(said.front().inherited);
      several.Reach(said.size() > 1);
      Require(settings->Where(name).starts_with(kPath));
    }
  }
  return 0;
}
