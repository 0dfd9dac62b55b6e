// What an HTTP/1.x server answers, as octets.
#ifndef EPA_TOOLS_EPA_SERVE_HTTP_RESPONSE_H_
#define EPA_TOOLS_EPA_SERVE_HTTP_RESPONSE_H_

#include <boost/beast/http/status.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

#include "epa/http/scheme.h"

namespace epa::tool {

struct HttpResponse {
  boost::beast::http::status status = boost::beast::http::status::ok;
  bool http_1_0 = false;
  const http::HeaderList* headers = nullptr;  // not null
  std::string_view body;
  // To HEAD: the body's length alone.
  bool to_head = false;
  bool keep_alive = true;
};

// Not to be stored by anybody on the way, since it is for this client.
std::vector<uint8_t> Serialize(const HttpResponse& response);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HTTP_RESPONSE_H_
