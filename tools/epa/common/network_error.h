// What became of a connection, for people.
#ifndef EPA_TOOLS_EPA_COMMON_NETWORK_ERROR_H_
#define EPA_TOOLS_EPA_COMMON_NETWORK_ERROR_H_

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/system/error_code.hpp>
#include <string>

namespace epa::tool {

// As the system says it, but for the two ends that it calls by the names of streams and timers.
inline std::string NetworkErrorText(const boost::system::error_code& error) {
  if (error == boost::beast::error::timeout) {
    return "no answer in time";
  }
  if (error == boost::asio::error::eof || error == boost::asio::ssl::error::stream_truncated ||
      error == boost::beast::http::error::end_of_stream) {
    return "the server closed the connection";
  }
  return error.message();
}

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_COMMON_NETWORK_ERROR_H_
