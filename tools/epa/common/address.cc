#include "tools/epa/common/address.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/ascii.h"
#include "lib/core/host_name.h"

namespace epa::tool {
namespace {

constexpr uint16_t kHttpsPort = 443;
constexpr uint16_t kHttpPort = 80;
constexpr uint16_t kSmbPort = 445;
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kHttp = "http://";

// RFC 3986 3.1: schemes have no case.
bool HasScheme(std::string_view text, std::string_view scheme) {
  return EqualsIgnoringAsciiCase(text.substr(0, scheme.size()), scheme);
}

std::string Bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

absl::Status Invalid(std::string_view what, std::string_view text, std::string_view expected) {
  return absl::InvalidArgumentError(std::string(what) + " '" + std::string(text) + "': expected " +
                                    std::string(expected));
}

// Splits "host[:port]"; `port` is empty where there is none.
bool SplitHostPort(std::string_view text, std::string_view& host, std::string_view& port) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return false;
    }
    host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  } else {
    host = text.substr(0, text.find(':'));
    text.remove_prefix(host.size());
  }
  port = text.empty() ? text : text.substr(1);
  return !host.empty() && (text.empty() || (text.starts_with(':') && !port.empty()));
}

absl::StatusOr<HostPort> ParseAddress(std::string_view text, std::optional<uint16_t> default_port,
                                      uint32_t least_port) {
  std::string_view host;
  std::string_view port;
  if (!text.starts_with('[') && std::count(text.begin(), text.end(), ':') > 1) {
    return Invalid("address", text, "an IPv6 address in brackets, [ADDR]:PORT");
  }
  if (!SplitHostPort(text, host, port) || (port.empty() && !default_port.has_value()) ||
      text.find('/') != std::string_view::npos) {
    return Invalid("address", text, "ADDR:PORT");
  }
  const std::optional<std::string> name = EncodeALabels(host);
  if (!name.has_value()) {
    return Invalid("address", text, "a host name");
  }
  HostPort address{*name, default_port.value_or(0)};
  if (!port.empty()) {
    const absl::StatusOr<uint32_t> number = ParseNumber(port, least_port, 65535, "port");
    if (!number.ok()) {
      return number.status();
    }
    address.port = static_cast<uint16_t>(*number);
  }
  return address;
}

}  // namespace

std::string HostPort::ToString() const { return Bracketed(host) + ":" + std::to_string(port); }

absl::StatusOr<uint32_t> ParseNumber(std::string_view text, uint32_t least, uint32_t most,
                                     std::string_view what) {
  uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < least || number > most) {
    return Invalid(what, text,
                   "a number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

absl::StatusOr<HostPort> ParseHostPort(std::string_view text,
                                       std::optional<uint16_t> default_port) {
  return ParseAddress(text, default_port, 1);
}

absl::StatusOr<HostPort> ParseListenAddress(std::string_view text) {
  return ParseAddress(text, std::nullopt, 0);
}

std::string Url::Authority() const {
  const bool default_port = server.port == (tls ? kHttpsPort : kHttpPort);
  return default_port ? Bracketed(server.host) : server.ToString();
}

std::string Url::ToString() const { return (tls ? "https://" : "http://") + Authority() + target; }

bool IsUrl(std::string_view text) { return HasScheme(text, kHttps) || HasScheme(text, kHttp); }

absl::StatusOr<Url> ParseUrl(std::string_view text) {
  const std::string_view all = text;
  const auto invalid = [all] { return Invalid("URL", all, "https://HOST[:PORT][/PATH]"); };
  Url url;
  url.tls = HasScheme(text, kHttps);
  if (!IsUrl(text)) {
    return invalid();
  }
  text.remove_prefix(url.tls ? kHttps.size() : kHttp.size());
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
  });
  const std::string_view authority = text.substr(0, text.find_first_of("/?"));
  text.remove_prefix(authority.size());
  std::string_view host;
  std::string_view port;
  if (!printable || !SplitHostPort(authority, host, port) ||
      authority.find('@') != std::string_view::npos || text.find('#') != std::string_view::npos) {
    return invalid();
  }
  const std::optional<std::string> name = EncodeALabels(host);
  if (!name.has_value()) {
    return invalid();
  }
  url.server = {*name, url.tls ? kHttpsPort : kHttpPort};
  if (!port.empty()) {
    const absl::StatusOr<uint32_t> number = ParseNumber(port, 1, 65535, "port");
    if (!number.ok()) {
      return number.status();
    }
    url.server.port = static_cast<uint16_t>(*number);
  }
  if (!text.empty()) {
    url.target = (text.starts_with('/') ? "" : "/") + std::string(text);
  }
  return url;
}

std::string SmbAddress::ToString() const {
  return "//" + (server.port == kSmbPort ? Bracketed(server.host) : server.ToString()) + "/" +
         share;
}

absl::StatusOr<SmbAddress> ParseSmbAddress(std::string_view text) {
  constexpr std::string_view kStart = "//";
  const size_t slash = text.find('/', kStart.size());
  SmbAddress address;
  if (text.starts_with(kStart) && slash != std::string_view::npos) {
    address.share = text.substr(slash + 1);
  }
  if (address.share.empty() || address.share.find_first_of("/\\") != std::string::npos) {
    return Invalid("address", text, "//HOST[:PORT]/SHARE");
  }
  auto server = ParseHostPort(text.substr(kStart.size(), slash - kStart.size()), kSmbPort);
  if (!server.ok()) {
    return server.status();
  }
  address.server = *std::move(server);
  return address;
}

}  // namespace epa::tool
