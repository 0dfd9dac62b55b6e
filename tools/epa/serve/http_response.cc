#include "tools/epa/serve/http_response.h"

#include <string>

namespace epa::tool {
namespace {

void AddField(std::string_view name, std::string_view value, std::string& text) {
  text.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::vector<uint8_t> Serialize(const HttpResponse& response) {
  constexpr size_t kUsualSize = 1024;
  std::string text;
  text.reserve(kUsualSize);
  const auto reason = boost::beast::http::obsolete_reason(response.status);
  text += response.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  text += std::to_string(static_cast<unsigned>(response.status)) + " ";
  text.append(reason.data(), reason.size()).append("\r\n");
  for (const auto& [name, value] : *response.headers) {
    AddField(name, value, text);
  }
  AddField("Cache-Control", "no-store", text);
  AddField("Content-Length", std::to_string(response.body.size()), text);
  if (!response.keep_alive) {
    AddField("Connection", "close", text);
  } else if (response.http_1_0) {
    AddField("Connection", "keep-alive", text);
  }
  text += "\r\n";
  if (!response.to_head) {
    text += response.body;
  }
  return {text.begin(), text.end()};
}

}  // namespace epa::tool
