#include "tools/epa/login/telnet_login.h"

#include <algorithm>
#include <array>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "epa/telnet/client_connection.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/client_stream.h"
#include "tools/epa/login/login_output.h"

namespace epa::tool {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr std::string_view kQuestions = "whoami\r\nexit\r\n";
// No honest server says more before it lets us go.
constexpr size_t kMostText = 64 * 1024;

std::string ServerName(const TelnetLoginOptions& options) {
  return "telnet://" + options.server.ToString();
}

// The first line that is a JSON object.
std::string ReportIn(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.starts_with('{')) {
      return std::string(line.substr(0, line.find('\r')));
    }
  }
  return "";
}

template <class Stream>
class Login {
 public:
  template <class... Arguments>
  explicit Login(const TelnetLoginOptions& options, Arguments&... tls)
      : options_(options), connection_(options.server, ServerName(options), tls...) {}

  absl::StatusOr<TelnetLoginOutcome> Run();

 private:
  absl::Status Prepare();
  // One read and what follows from it. False at the end.
  absl::StatusOr<bool> Step();
  absl::Status Write(std::span<const uint8_t> octets);
  TelnetLoginOutcome Conclude();

  const TelnetLoginOptions& options_;
  ClientStream<Stream> connection_;
  std::unique_ptr<telnet::ClientConnection> telnet_;
  Channel channel_ = Channel::Plain();
  std::array<uint8_t, 4096> input_{};
  std::string text_;
  bool asked_ = false;
};

template <class Stream>
absl::StatusOr<TelnetLoginOutcome> Login<Stream>::Run() {
  EPA_RETURN_IF_ERROR(Prepare());
  while (text_.size() < kMostText) {
    EPA_ASSIGN_OR_RETURN(const bool more, Step());
    if (!more) {
      break;
    }
  }
  return Conclude();
}

template <class Stream>
absl::Status Login<Stream>::Prepare() {
  EPA_RETURN_IF_ERROR(connection_.Open(""));
  EPA_ASSIGN_OR_RETURN(channel_, ClientChannelOf(connection_.ssl(), options_.parameters.binding));
  telnet::ClientOptions client;
  client.credentials = options_.credentials;
  client.channel = channel_;
  client.parameters = options_.parameters;
  client.host = options_.server.host;
  // Whoever runs this command with an address and a user name means just that.
  client.credential_hosts = {options_.server.host};
  EPA_ASSIGN_OR_RETURN(telnet_, telnet::ClientConnection::Create(std::move(client)));
  return absl::OkStatus();
}

template <class Stream>
absl::StatusOr<bool> Login<Stream>::Step() {
  size_t size = 0;
  const absl::Status read = connection_.Await("read from", [&](auto done) {
    connection_.stream().async_read_some(
        asio::buffer(input_), [&size, done](boost::system::error_code error, size_t octets) {
          size = octets;
          done(error);
        });
  });
  if (!read.ok()) {
    return false;
  }
  absl::StatusOr<telnet::ClientOutput> output =
      telnet_->Receive(std::span<const uint8_t>(input_).first(size));
  while (output.ok() && output->pending_work != nullptr) {
    EPA_RETURN_IF_ERROR(Write(output->send));
    output->pending_work->Run();
    output = telnet_->Resume(std::move(output->pending_work));
  }
  EPA_RETURN_IF_ERROR(output.status());
  text_.append(output->data.begin(), output->data.end());
  EPA_RETURN_IF_ERROR(Write(output->send));
  if (telnet_->logged_in() && !std::exchange(asked_, true)) {
    EPA_RETURN_IF_ERROR(Write(telnet::EscapeData(
        {reinterpret_cast<const uint8_t*>(kQuestions.data()), kQuestions.size()})));
  }
  return !telnet_->refusal().has_value();
}

template <class Stream>
absl::Status Login<Stream>::Write(std::span<const uint8_t> octets) {
  if (octets.empty()) {
    return absl::OkStatus();
  }
  return connection_.Await("write to", [&](auto done) {
    asio::async_write(connection_.stream(), asio::buffer(octets.data(), octets.size()),
                      std::move(done));
  });
}

template <class Stream>
TelnetLoginOutcome Login<Stream>::Conclude() {
  TelnetLoginOutcome outcome;
  outcome.channel = channel_;
  if (telnet_->refusal().has_value()) {
    outcome.refusal = ReasonInWords(telnet_->refusal()->reason, telnet_->refusal()->detail);
  } else if (telnet_->context() == nullptr) {
    outcome.refusal = "the server asked for no login";
  } else if (!telnet_->logged_in()) {
    outcome.refusal = "the server ended the login without an answer";
  } else {
    outcome.accepted = true;
    outcome.package = telnet_->context()->package_name().value_or("");
    outcome.report = ReportIn(text_);
  }
  return outcome;
}

}  // namespace

absl::StatusOr<TelnetLoginOutcome> LogInOverTelnet(const TelnetLoginOptions& options) {
  if (!options.tls) {
    return Login<beast::tcp_stream>(options).Run();
  }
  EPA_ASSIGN_OR_RETURN(SslCtxPtr handle, ClientTlsContext(options.ca_file));
  asio::ssl::context context(handle.release());
  return Login<beast::ssl_stream<beast::tcp_stream>>(options, context).Run();
}

}  // namespace epa::tool
