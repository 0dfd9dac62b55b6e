// What an HTTP/1.x server has to know of a request's header before it reads the body.
#ifndef EPA_TOOLS_EPA_SERVE_HTTP_REQUEST_H_
#define EPA_TOOLS_EPA_SERVE_HTTP_REQUEST_H_

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace epa::tool {

using HttpRequestHeader = boost::beast::http::request_header<boost::beast::http::fields>;

// The status to refuse a request with whose end nobody can be sure of, or whose host: the
// connection must not go on after it (RFC 9112 3.2, 6.1, 6.3). No value: the header is sound.
// `chunked`: whether the parser will read chunks.
std::optional<boost::beast::http::status> HttpRequestFault(const HttpRequestHeader& header,
                                                           bool chunked);

// The values of all fields of that name, copied. Taken before the body is read, since a parser may
// merge its trailer into the fields, where credentials mean nothing (RFC 9110 6.5.1).
std::vector<std::string> HttpFieldValues(const HttpRequestHeader& header,
                                         boost::beast::http::field name);

// The path of a request's target, without the query, in origin-form and in absolute-form
// (RFC 9112 3.2.1, 3.2.2).
std::string_view HttpTargetPath(const HttpRequestHeader& header);

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_HTTP_REQUEST_H_
