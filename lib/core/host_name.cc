#include "lib/core/host_name.h"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "lib/base/ascii.h"
#include "lib/base/upper_case.h"

namespace epa {
namespace {

struct FreeDeleter {
  void operator()(char* memory) const { std::free(memory); }
};

template <typename Address>
std::string AddressText(int family, const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, &address, text.data(), text.size());
  return text.data();
}

}  // namespace

std::optional<std::string> CanonicalIpAddress(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    return std::nullopt;  // inet_pton would not see what follows
  }
  const size_t zone = std::min(text.find('%'), text.size());
  const std::string literal(text.substr(0, zone));
  in_addr v4{};
  if (zone == text.size() && inet_pton(AF_INET, literal.c_str(), &v4) == 1) {
    return AddressText(AF_INET, v4);
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, literal.c_str(), &v6) != 1) {
    return std::nullopt;
  }
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    std::memcpy(&v4, &v6.s6_addr[12], sizeof(v4));
    return AddressText(AF_INET, v4);
  }
  return AddressText(AF_INET6, v6);
}

std::string DecodeALabels(std::string_view text) {
  std::string name(text);
  const bool has_nul = text.find('\0') != std::string_view::npos;  // libidn2 would stop there
  if (has_nul || LowercaseAscii(text).find("xn--") == std::string::npos) {
    return name;
  }
  char* decoded = nullptr;
  if (idn2_to_unicode_8z8z(name.c_str(), &decoded, 0) != IDN2_OK) {
    return name;
  }
  return std::unique_ptr<char, FreeDeleter>(decoded).get();
}

std::string CanonicalHost(std::string_view host) {
  if (auto address = CanonicalIpAddress(host)) {
    return *std::move(address);
  }
  if (host.size() > 1 && host.ends_with('.')) {
    host.remove_suffix(1);
  }
  return UppercaseUtf8(DecodeALabels(host));
}

std::optional<std::string> EncodeALabels(std::string_view host) {
  if (std::optional<std::string> lower = LowercaseAscii(host);
      CanonicalIpAddress(host).has_value() || IsAscii(host)) {
    return lower;
  }
  char* encoded = nullptr;
  const std::string name(host);
  if (name.find('\0') != std::string::npos ||
      idn2_to_ascii_8z(name.c_str(), &encoded, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK) {
    return std::nullopt;
  }
  return std::unique_ptr<char, FreeDeleter>(encoded).get();
}

}  // namespace epa
