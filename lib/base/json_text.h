// JSON as text, written piece by piece: where memory runs out, std::bad_alloc is all that happens.
#ifndef EPA_LIB_BASE_JSON_TEXT_H_
#define EPA_LIB_BASE_JSON_TEXT_H_

#include <string>
#include <string_view>

namespace epa {

// Appends a JSON string, quotation marks included, in ASCII: no line separator, terminal control or
// change of direction gets through. An octet that is not UTF-8 becomes U+FFFD.
void AppendJsonString(std::string_view text, std::string& out);
std::string JsonString(std::string_view text);

// One object, in the order in which members are added.
class JsonObject {
 public:
  void AddText(std::string_view name, std::string_view text);
  // `json` is a JSON value.
  void AddJson(std::string_view name, std::string_view json);
  std::string Take() &&;

 private:
  void AddName(std::string_view name);

  std::string text_ = "{";
};

}  // namespace epa

#endif  // EPA_LIB_BASE_JSON_TEXT_H_
