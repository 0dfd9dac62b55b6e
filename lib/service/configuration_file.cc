#include "epa/service/configuration_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/regular_file.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf16.h"
#include "lib/service/values.h"

namespace epa::service {
namespace {

constexpr std::string_view kCommon = "common";
constexpr size_t kLongestLine = 4096;
constexpr size_t kMostSections = 256;
constexpr size_t kMostSettings = 1024;  // of one section

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const size_t first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "."
                                         : std::string(path.substr(0, std::max<size_t>(slash, 1)));
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// "http", or "http intranet".
std::optional<ServiceName> ParseServiceName(std::string_view text) {
  const size_t blank = std::min(text.find_first_of(" \t"), text.size());
  const std::optional<Protocol> protocol = ParseProtocol(text.substr(0, blank));
  const std::string_view name = Trimmed(text.substr(blank));
  if (!protocol.has_value() || !std::ranges::all_of(name, IsNameCharacter)) {
    return std::nullopt;
  }
  return ServiceName{*protocol, std::string(name)};
}

// The name of the table that is meant by another; empty: none is near.
std::string_view NearestName(std::string_view name) {
  constexpr size_t kFar = 3;
  constexpr size_t kLongest = 40;
  std::string_view nearest;
  size_t least = kFar;
  for (const Setting& setting : Settings()) {
    if (name.size() > kLongest) {
      break;
    }
    // Levenshtein's distance, a row after the other.
    std::vector<size_t> row(setting.name.size() + 1);
    for (size_t j = 0; j < row.size(); ++j) {
      row[j] = j;
    }
    for (size_t i = 1; i <= name.size(); ++i) {
      size_t diagonal = std::exchange(row[0], i);
      for (size_t j = 1; j < row.size(); ++j) {
        const size_t other = diagonal + (name[i - 1] == setting.name[j - 1] ? 0 : 1);
        diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, other}));
      }
    }
    if (row.back() < least) {
      least = row.back();
      nearest = setting.name;
    }
  }
  return nearest;
}

std::string ExpectedName(std::string_view name) {
  const std::string_view nearest = NearestName(name);
  return nearest.empty() ? "the name of a setting, as in epa.conf(5)"
                         : "perhaps " + std::string(nearest);
}

}  // namespace

std::string SectionTitle(const ServiceName& service) {
  return "[" + std::string(ProtocolName(service.protocol)) +
         (service.name.empty() ? "" : " " + service.name) + "]";
}

class ConfigurationParser {
 public:
  explicit ConfigurationParser(std::string_view path)
      : path_(path), folder_(FolderOf(path)), file_() {
    file_.path_ = path_;
  }

  absl::StatusOr<ConfigurationFile> Parse(std::string_view text);

 private:
  using Section = ConfigurationFile::Section;

  absl::Status Expected(std::string_view found, std::string_view expected) const {
    return absl::InvalidArgumentError(UnexpectedText(Place(), found, expected));
  }
  std::string Place() const { return path_ + ":" + std::to_string(line_); }
  absl::Status TakeLine(std::string_view line);
  absl::Status TakeSection(std::string_view line);
  absl::Status TakeSetting(std::string_view line);
  // The settings of the section that is over, which is the last one.
  absl::Status EndSection();

  const std::string path_;
  const std::string folder_;
  ConfigurationFile file_;
  size_t line_ = 0;
  enum class Where : uint8_t { kNowhere, kCommon, kService } where_ = Where::kNowhere;
  bool common_seen_ = false;
  std::string section_place_;
};

absl::StatusOr<ConfigurationFile> ConfigurationParser::Parse(std::string_view text) {
  if (text.size() > kMaxConfigurationSize) {
    return absl::InvalidArgumentError(path_ + ": more than " +
                                      std::to_string(kMaxConfigurationSize) + " octets");
  }
  while (!text.empty()) {
    ++line_;
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return Expected(text, "a line end at the end of the file: it is cut off");
    }
    EPA_RETURN_IF_ERROR(TakeLine(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  if (where_ == Where::kNowhere) {
    return absl::InvalidArgumentError(path_ + ": expected a section, such as [http]");
  }
  EPA_RETURN_IF_ERROR(EndSection());
  return std::move(file_);
}

absl::Status ConfigurationParser::TakeLine(std::string_view line) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (line.size() > kLongestLine) {
    return Expected(line, "no more than " + std::to_string(kLongestLine) + " octets in a line");
  }
  const bool readable = IsValidUtf8(line) && std::ranges::none_of(line, [](char c) {
                          return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
                        });
  if (!readable) {
    return Expected(line, "text in UTF-8 without control characters");
  }
  line = Trimmed(line);
  if (line.empty() || line.front() == '#') {
    return absl::OkStatus();
  }
  return line.front() == '[' ? TakeSection(line) : TakeSetting(line);
}

absl::Status ConfigurationParser::TakeSection(std::string_view line) {
  EPA_RETURN_IF_ERROR(EndSection());
  const std::string_view title =
      line.ends_with(']') ? Trimmed(line.substr(1, line.size() - 2)) : std::string_view();
  section_place_ = Place();
  if (title == kCommon) {
    if (std::exchange(common_seen_, true)) {
      return Expected(line, "one section of that name");
    }
    if (!file_.sections_.empty()) {
      return Expected(line, "it before all other sections");
    }
    where_ = Where::kCommon;
    return absl::OkStatus();
  }
  std::optional<ServiceName> service = ParseServiceName(title);
  if (!service.has_value()) {
    return Expected(line,
                    "[common], [http], [smb], [telnet], [smtp], [imap], [pop3], [ldap] or "
                    "[service], each but the first with a name or without");
  }
  if (std::ranges::find(file_.sections_, *service, &Section::service) != file_.sections_.end()) {
    return Expected(line, "one section of that name");
  }
  if (file_.sections_.size() == kMostSections) {
    return Expected(line, "no more than " + std::to_string(kMostSections) + " sections");
  }
  where_ = Where::kService;
  file_.sections_.push_back({*std::move(service), section_place_, {}});
  return absl::OkStatus();
}

absl::Status ConfigurationParser::TakeSetting(std::string_view line) {
  const size_t equals = line.find('=');
  const std::string_view name = Trimmed(line.substr(0, equals));
  if (equals == std::string_view::npos || name.empty()) {
    return Expected(line, "NAME = VALUE, [SECTION] or # COMMENT");
  }
  if (where_ == Where::kNowhere) {
    return Expected(line, "a section first, such as [common] or [http]");
  }
  if (FindSetting(name) == nullptr) {
    return Expected(name, ExpectedName(name));
  }
  const bool common = where_ == Where::kCommon;
  std::vector<GivenSetting>& settings = common ? file_.common_ : file_.sections_.back().settings;
  if (settings.size() == kMostSettings) {
    return Expected(line, "no more than " + std::to_string(kMostSettings) + " settings");
  }
  settings.push_back({std::string(name), std::string(Trimmed(line.substr(equals + 1))),
                      Place() + ": " + std::string(name), folder_, common});
  return absl::OkStatus();
}

absl::Status ConfigurationParser::EndSection() {
  if (where_ == Where::kService) {
    const Section& section = file_.sections_.back();
    return ReadSettings(section.service.protocol, section.settings).status();
  }
  // Each must be right for whom it is meant.
  for (const Protocol protocol : kProtocols) {
    EPA_RETURN_IF_ERROR(ReadSettings(protocol, file_.common_).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<ConfigurationFile> ConfigurationFile::Parse(std::string_view text,
                                                           std::string_view path) {
  return ConfigurationParser(path).Parse(text);
}

absl::StatusOr<ConfigurationFile> ConfigurationFile::Read(const std::string& path) {
  EPA_ASSIGN_OR_RETURN(const FileContent file, ReadRegularFile(path, kMaxConfigurationSize));
  return Parse(file.octets.ExposeText(), path);
}

std::vector<ServiceName> ConfigurationFile::services() const {
  std::vector<ServiceName> services;
  for (const Section& section : sections_) {
    services.push_back(section.service);
  }
  return services;
}

absl::StatusOr<ConfiguredService> ConfigurationFile::Find(const ServiceName& service) const {
  const auto section = std::ranges::find(sections_, service, &Section::service);
  if (section == sections_.end()) {
    return absl::NotFoundError(path_ + ": expected a section " + SectionTitle(service));
  }
  return ConfiguredService{Override(common_, section->settings),
                           {section->place + ": " + SectionTitle(service), ""}};
}

}  // namespace epa::service
