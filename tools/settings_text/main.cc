// The table of settings as documents have it.
//
//   epa_settings_text markdown|mdoc     the table, on standard output
//   epa_settings_text check FILE        whether FILE is a configuration
#include <cstdio>
#include <string>
#include <string_view>

#include "epa/service/configuration_file.h"
#include "epa/service/setting.h"

namespace epa::service {
namespace {

std::string Value(const Setting& setting) {
  return setting.kind == SettingKind::kSwitch ? "yes|no" : std::string(setting.value);
}

// Which services have it; empty: all.
std::string Services(const Setting& setting) {
  std::string having;
  std::string lacking;
  for (const Protocol protocol : kProtocols) {
    std::string& list = IsSettingOf(setting, protocol) ? having : lacking;
    list += (list.empty() ? "" : ", ") + std::string(ProtocolName(protocol));
  }
  if (lacking.empty()) {
    return "";
  }
  return having.size() < lacking.size() ? having + " only" : "all but " + lacking;
}

// Sentences behind the first.
std::string Rest(const Setting& setting) {
  std::string rest;
  if (setting.repeatable) {
    rest += " May be said several times.";
  }
  if (const std::string services = Services(setting); !services.empty()) {
    rest += " Services: " + services + ".";
  }
  if (setting.use == SettingUse::kInWebServerOnly) {
    rest += " In web servers' modules only.";
  } else if (setting.use == SettingUse::kNotInWebServer) {
    rest += " Not in web servers' modules.";
  }
  return rest;
}

std::string Replaced(std::string_view text, char character, std::string_view by) {
  std::string result;
  for (const char c : text) {
    result += c == character ? std::string(by) : std::string(1, c);
  }
  return result;
}

void PrintMarkdown() {
  std::puts("| setting | value | default | what it does |\n|---|---|---|---|");
  for (const Setting& setting : Settings()) {
    const std::string expected = Replaced(ExpectedText(setting), '|', "\\|");
    const std::string text = Replaced(setting.text, '|', "\\|");
    std::printf("| `%s` | %s | %s | %s.%s |\n", std::string(setting.name).c_str(), expected.c_str(),
                std::string(setting.default_value).c_str(), text.c_str(), Rest(setting).c_str());
  }
}

// A line of running text that mdoc(7) takes as such.
void PrintRoff(const std::string& text) {
  const std::string escaped = Replaced(Replaced(text, '\\', "\\e"), '-', "\\-");
  std::printf("%s%s\n", escaped.starts_with('.') || escaped.starts_with('\'') ? "\\&" : "",
              escaped.c_str());
}

void PrintMdoc() {
  std::puts(".Bl -tag -width Ds");
  for (const Setting& setting : Settings()) {
    std::printf(".It Cm %s No = Ar %s\n", std::string(setting.name).c_str(),
                Value(setting).c_str());
    PrintRoff(std::string(setting.text) + ".");
    if (!setting.expected.empty() || setting.kind == SettingKind::kNumber) {
      PrintRoff("Values: " + ExpectedText(setting) + ".");
    }
    if (!setting.default_value.empty()) {
      PrintRoff("Default: " + std::string(setting.default_value) + ".");
    }
    if (const std::string rest = Rest(setting); !rest.empty()) {
      PrintRoff(rest.substr(1));
    }
  }
  std::puts(".El");
}

int Check(const std::string& path) {
  const auto file = ConfigurationFile::Read(path);
  if (!file.ok()) {
    std::fprintf(stderr, "%s\n", std::string(file.status().message()).c_str());
  }
  return file.ok() ? 0 : 1;
}

int Run(std::string_view what, const std::string& path) {
  if (what == "markdown") {
    PrintMarkdown();
  } else if (what == "mdoc") {
    PrintMdoc();
  } else {
    return what == "check" ? Check(path) : 2;
  }
  return 0;
}

}  // namespace
}  // namespace epa::service

int main(int count, char** arguments) {
  return count < 2 ? 2 : epa::service::Run(arguments[1], count > 2 ? arguments[2] : "");
}
