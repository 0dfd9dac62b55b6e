#include "lib/sspi/strings.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "lib/base/utf16.h"
#include "lib/sspi/memory.h"

namespace epa::sspi {
namespace {

static_assert(std::endian::native == std::endian::little, "WCHAR is UTF-16LE on the wire");

template <typename Char>
std::span<const Char> Terminated(const Char* text) {
  return text == nullptr ? std::span<const Char>()
                         : std::span(text, std::char_traits<Char>::length(text));
}

}  // namespace

std::optional<std::string> TextOf(std::span<const SEC_CHAR> text) {
  const std::string_view view(text.data(), text.size());
  return IsValidUtf8(view) ? std::optional(std::string(view)) : std::nullopt;
}

std::optional<std::string> TextOf(std::span<const SEC_WCHAR> text) {
  return Utf16LeToUtf8({reinterpret_cast<const uint8_t*>(text.data()), text.size_bytes()});
}

std::optional<std::string> TextOf(const SEC_CHAR* text) { return TextOf(Terminated(text)); }
std::optional<std::string> TextOf(const SEC_WCHAR* text) { return TextOf(Terminated(text)); }

std::optional<SecretBytes> EncodeText(std::string_view utf8, SEC_CHAR) {
  return IsValidUtf8(utf8) ? std::optional(SecretBytes::FromText(utf8)) : std::nullopt;
}

std::optional<SecretBytes> EncodeText(std::string_view utf8, SEC_WCHAR) {
  std::optional<std::vector<uint8_t>> octets = Utf8ToUtf16Le(utf8);
  if (!octets.has_value()) {
    return std::nullopt;
  }
  SecretBytes text{std::span<const uint8_t>(*octets)};
  WipeMemory(*octets);
  return text;
}

template <typename Char>
SECURITY_STATUS PutText(std::string_view utf8, SECURITY_STATUS if_no_string, Char*& out) {
  const std::optional<SecretBytes> text = EncodeText(utf8, Char());
  if (!text.has_value() || utf8.find('\0') != std::string_view::npos) {
    return if_no_string;
  }
  void* const block = AllocateBlock(text->size() + sizeof(Char));
  if (block == nullptr) {
    return SEC_E_INSUFFICIENT_MEMORY;
  }
  const std::span<const uint8_t> octets = text->Expose();
  std::copy(octets.begin(), octets.end(), static_cast<uint8_t*>(block));
  out = static_cast<Char*>(block);
  return SEC_E_OK;
}

template SECURITY_STATUS PutText(std::string_view, SECURITY_STATUS, SEC_CHAR*&);
template SECURITY_STATUS PutText(std::string_view, SECURITY_STATUS, SEC_WCHAR*&);

}  // namespace epa::sspi
