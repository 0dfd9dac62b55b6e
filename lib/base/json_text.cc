#include "lib/base/json_text.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "lib/base/utf16.h"

namespace epa {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kFirstSupplementary = 0x10000;

void AppendUnit(uint32_t unit, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    out += kDigits[(unit >> shift) & 0xF];
  }
}

// RFC 8259 7.
void AppendEscaped(char32_t character, std::string& out) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (character < kFirstSupplementary) {
    AppendUnit(character, out);
  } else {
    const uint32_t offset = character - kFirstSupplementary;
    AppendUnit(0xD800 + (offset >> 10), out);
    AppendUnit(0xDC00 + (offset & 0x3FF), out);
  }
}

bool IsPlain(char octet) { return octet >= 0x20 && octet < 0x7F && octet != '"' && octet != '\\'; }

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    if (IsPlain(text.front())) {
      out += text.front();
      text.remove_prefix(1);
    } else if (const std::optional<char32_t> character = TakeUtf8(text); character.has_value()) {
      AppendEscaped(*character, out);
    } else {
      AppendEscaped(kReplacement, out);
      text.remove_prefix(1);
    }
  }
  out += '"';
}

std::string JsonString(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

void JsonObject::AddName(std::string_view name) {
  if (text_.size() > 1) {
    text_ += ',';
  }
  AppendJsonString(name, text_);
  text_ += ':';
}

void JsonObject::AddText(std::string_view name, std::string_view text) {
  AddName(name);
  AppendJsonString(text, text_);
}

void JsonObject::AddJson(std::string_view name, std::string_view json) {
  AddName(name);
  text_ += json;
}

std::string JsonObject::Take() && {
  text_ += '}';
  return std::move(text_);
}

}  // namespace epa
