#include "providers/kerberos/principal_text.h"

#include <algorithm>

namespace epa::kerberos {
namespace {

// What krb5_unparse_name writes after the backslash. NUL: the character needs none.
char QuotedForm(char character) {
  switch (character) {
    case '/':
    case '@':
    case '\\':
      return character;
    case '\0':
      return '0';
    case '\b':
      return 'b';
    case '\t':
      return 't';
    case '\n':
      return 'n';
    default:
      return '\0';
  }
}

void AppendQuoted(std::string& out, std::string_view text) {
  for (const char character : text) {
    const char quoted = QuotedForm(character);
    if (quoted == '\0') {
      out += character;
    } else {
      out += '\\';
      out += quoted;
    }
  }
}

class TextBuilder {
 public:
  void AddComponent(std::string_view component) {
    if (!first_) {
      text_ += '/';
    }
    first_ = false;
    AppendQuoted(text_, component);
  }
  void AddRealm(std::string_view realm) {
    text_ += '@';
    AppendQuoted(text_, realm);
  }
  std::string Take() && { return std::move(text_); }

 private:
  std::string text_;
  bool first_ = true;
};

std::span<const krb5_data> ComponentsOf(const krb5_principal_data& principal) {
  return {principal.data, static_cast<size_t>(principal.length)};
}

TextBuilder Begin(const krb5_principal_data& principal) {
  TextBuilder builder;
  for (const krb5_data& component : ComponentsOf(principal)) {
    builder.AddComponent(TextViewOf(component));
  }
  return builder;
}

bool HasNulIn(const krb5_data& data) {
  return TextViewOf(data).find('\0') != std::string_view::npos;
}

}  // namespace

std::string PrincipalText(std::span<const std::string_view> components) {
  TextBuilder builder;
  for (const std::string_view component : components) {
    builder.AddComponent(component);
  }
  return std::move(builder).Take();
}

std::string PrincipalText(const krb5_principal_data& principal) { return Begin(principal).Take(); }

std::string PrincipalTextWithRealm(const krb5_principal_data& principal) {
  TextBuilder builder = Begin(principal);
  builder.AddRealm(TextViewOf(principal.realm));
  return std::move(builder).Take();
}

bool HasNul(const krb5_principal_data& principal) {
  return HasNulIn(principal.realm) || std::ranges::any_of(ComponentsOf(principal), HasNulIn);
}

}  // namespace epa::kerberos
