// The configuration file of programs that cannot be changed: docs/sspi.md has its keys.
#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/regular_file.h"
#include "lib/base/utf16.h"
#include "lib/sspi/default_auth_data.h"

namespace epa::sspi {
namespace {

constexpr size_t kMaxSize = 64 * 1024;

using TextPlace = std::string& (*)(AuthData&);
struct TextKey {
  std::string_view name;
  TextPlace place;
};
struct FlagKey {
  std::string_view name;
  ULONG flag;
};

std::string& Krb5Conf(AuthData& data) { return data.configuration.path; }
std::string& PackageList(AuthData& data) { return data.package_list; }

constexpr std::array kClientTexts = {
    TextKey{"krb5_conf", Krb5Conf},
    TextKey{"package_list", PackageList},
    TextKey{"user", [](AuthData& data) -> std::string& { return data.user; }},
    TextKey{"domain", [](AuthData& data) -> std::string& { return data.domain; }},
    TextKey{"workstation", [](AuthData& data) -> std::string& { return data.workstation; }},
    TextKey{"credential_cache",
            [](AuthData& data) -> std::string& { return data.credential_cache; }},
    TextKey{"client_keytab", [](AuthData& data) -> std::string& { return data.client_keytab; }}};
constexpr std::array kClientFlags = {FlagKey{"delegate", EPA_AUTH_DELEGATE},
                                     FlagKey{"no_mutual_auth", EPA_AUTH_NO_MUTUAL_AUTH},
                                     FlagKey{"port_in_principal", EPA_AUTH_PORT_IN_PRINCIPAL}};

constexpr std::array kServerTexts = {
    TextKey{"krb5_conf", Krb5Conf},
    TextKey{"package_list", PackageList},
    TextKey{"keytab", [](AuthData& data) -> std::string& { return data.keytab; }},
    TextKey{"netbios_computer_name",
            [](AuthData& data) -> std::string& { return data.names.netbios_computer; }},
    TextKey{"netbios_domain_name",
            [](AuthData& data) -> std::string& { return data.names.netbios_domain; }},
    TextKey{"dns_computer_name",
            [](AuthData& data) -> std::string& { return data.names.dns_computer; }},
    TextKey{"dns_domain_name",
            [](AuthData& data) -> std::string& { return data.names.dns_domain; }}};
constexpr std::array kServerFlags = {
    FlagKey{"replay_cache_in_process", EPA_AUTH_REPLAY_CACHE_IN_PROCESS},
    FlagKey{"exclusive_key", EPA_AUTH_EXCLUSIVE_KEY}, FlagKey{"require_pac", EPA_AUTH_REQUIRE_PAC}};

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const size_t first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Whether the key is one of these, and the value one it can have; said twice, the later one holds.
template <typename Texts, typename Flags>
bool Take(const Texts& texts, const Flags& flags, std::string_view key, std::string_view value,
          AuthData& out) {
  for (const TextKey& text : texts) {
    if (text.name == key) {
      text.place(out) = value;
      return true;
    }
  }
  for (const FlagKey& flag : flags) {
    if (flag.name == key && (value == "yes" || value == "no")) {
      out.flags = value == "yes" ? out.flags | flag.flag : out.flags & ~flag.flag;
      return true;
    }
  }
  return false;
}

bool TakeLine(std::string_view section, std::string_view key, std::string_view value,
              DefaultFile& out) {
  if (value.empty()) {
    return false;
  }
  if (section == "client") {
    return Take(kClientTexts, kClientFlags, key, value, out.data.client);
  }
  if (section == "server") {
    if (key == "accounts" || key == "service_principal") {
      AuthData& server = out.data.server;
      (key == "accounts" ? server.account_sources : server.service_principals).emplace_back(value);
      return true;
    }
    return Take(kServerTexts, kServerFlags, key, value, out.data.server);
  }
  if (section == "packages" && key == "plugin") {
    out.packages.emplace_back(value);
    return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<DefaultFile> ParseDefaultFile(std::string_view text, std::string_view name) {
  DefaultFile file;
  std::string_view section;
  if (!IsValidUtf8(text) || text.find('\0') != std::string_view::npos) {
    return absl::InvalidArgumentError(std::string(name) + ": not UTF-8");
  }
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') {
      continue;
    }
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos || !TakeLine(section, Trimmed(line.substr(0, equals)),
                                                      Trimmed(line.substr(equals + 1)), file)) {
      return absl::InvalidArgumentError(std::string(name) + ":" + std::to_string(number) +
                                        ": not a key of its section, or not a value of the key");
    }
  }
  return file;
}

absl::StatusOr<DefaultFile> ReadDefaultFile(const std::string& path) {
  const absl::StatusOr<FileContent> file = ReadRegularFile(path, kMaxSize);
  if (absl::IsNotFound(file.status())) {
    return DefaultFile();
  }
  if (!file.ok()) {
    return absl::InvalidArgumentError(file.status().message());
  }
  return ParseDefaultFile(file->octets.ExposeText(), path);
}

}  // namespace epa::sspi
