#include "tools/epa/serve/http_request.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "lib/base/ascii.h"

namespace epa::tool {
namespace {

namespace wire = boost::beast::http;

constexpr unsigned kHttp11 = 11;

constexpr const char* kSpace = " \t";  // RFC 9110 5.6.3

// The transfer codings in the order in which they were applied, over all fields. Parameters stay.
std::vector<std::string> TransferCodings(const std::vector<std::string>& fields) {
  std::vector<std::string> codings;
  for (const std::string& field : fields) {
    for (const std::string& element : std::vector<std::string>(absl::StrSplit(field, ','))) {
      const size_t begin = element.find_first_not_of(kSpace);
      if (begin != std::string::npos) {
        const size_t end = element.find_last_not_of(kSpace) + 1;
        codings.push_back(LowercaseAscii(element.substr(begin, end - begin)));
      }
    }
  }
  return codings;
}

// RFC 9112 6.1: a body ends where "chunked" says, once and last; HTTP/1.0 does not know it. Codings
// before it are lawful, but none is implemented here.
std::optional<wire::status> TransferFault(const HttpRequestHeader& header, bool chunked) {
  if (header.count(wire::field::transfer_encoding) == 0) {
    return std::nullopt;
  }
  const auto codings = TransferCodings(HttpFieldValues(header, wire::field::transfer_encoding));
  const bool chunked_once = std::count(codings.begin(), codings.end(), "chunked") == 1;
  if (header.version() != kHttp11 || !chunked_once || codings.back() != "chunked" ||
      header.count(wire::field::content_length) != 0) {
    return wire::status::bad_request;
  }
  if (codings.size() > 1) {
    return wire::status::not_implemented;
  }
  return chunked ? std::nullopt : std::optional(wire::status::bad_request);
}

}  // namespace

std::optional<wire::status> HttpRequestFault(const HttpRequestHeader& header, bool chunked) {
  const size_t hosts = header.count(wire::field::host);
  if (hosts > 1 || (hosts == 0 && header.version() == kHttp11)) {
    return wire::status::bad_request;
  }
  return TransferFault(header, chunked);
}

std::vector<std::string> HttpFieldValues(const HttpRequestHeader& header, wire::field name) {
  std::vector<std::string> values;
  const auto range = header.equal_range(name);
  for (auto field = range.first; field != range.second; ++field) {
    values.emplace_back(field->value().data(), field->value().size());
  }
  return values;
}

std::string_view HttpTargetPath(const HttpRequestHeader& header) {
  std::string_view target(header.target().data(), header.target().size());
  if (const size_t scheme = target.find("://");
      !target.starts_with('/') && scheme < target.size()) {
    target.remove_prefix(scheme + 3);
    const size_t path = target.find_first_of("/?");
    target.remove_prefix(std::min(path, target.size()));
    if (!target.starts_with('/')) {
      return "/";
    }
  }
  return target.substr(0, target.find('?'));
}

}  // namespace epa::tool
