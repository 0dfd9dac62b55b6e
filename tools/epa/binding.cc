#include "tools/epa/binding.h"

#include <openssl/pem.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/tls/channel_binding.h"
#include "lib/base/hex.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/address.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/common/input_file.h"
#include "tools/epa/common/network_error.h"
#include "tools/epa/common/openssl_handles.h"
#include "tools/epa/common/output.h"

namespace epa::tool {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using Octets = std::vector<uint8_t>;

constexpr std::chrono::seconds kPatience{10};
constexpr size_t kMaxCertificateSize = 1024 * 1024;
constexpr std::string_view kPemMark = "-----BEGIN ";

constexpr OptionSpec kOptions[] = {
    {"--json", "", "print one JSON document"},
};

constexpr CommandSpec kCommand = {
    .usage = "epa binding [--json] CERT.pem|CERT.der|https://HOST[:PORT]",
    .summary =
        "Prints the channel binding of type tls-server-end-point (RFC 5929) that clients of\n"
        "this certificate send: the signature algorithm, the hash that follows from it, the\n"
        "application data and the 16-octet token. A server is asked for its certificate; it\n"
        "is not checked. Of several certificates in a PEM file the first one counts.",
    .options = kOptions,
    .example = "  epa binding https://www.example.com\n  epa binding --json server.pem",
    .max_positional = 1,
};

absl::StatusOr<Octets> ReadFile(const std::string& path) {
  EPA_ASSIGN_OR_RETURN(const SecretBytes content, ReadInputFile(path, kMaxCertificateSize));
  return Octets(content.Expose().begin(), content.Expose().end());
}

bool IsPem(const Octets& octets) {
  const std::string_view text(reinterpret_cast<const char*>(octets.data()), octets.size());
  return text.find(kPemMark) != std::string_view::npos;
}

// The DER octets of the first certificate in PEM text, as they are written there.
absl::StatusOr<Octets> FirstPemCertificate(const Octets& pem, const std::string& path) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  absl::StatusOr<Octets> found =
      absl::InvalidArgumentError("there is no PEM certificate in " + path);
  while (!found.ok() && PEM_read_bio(bio.get(), &name, &header, &data, &size) == 1) {
    if (std::string_view(name) == PEM_STRING_X509 ||
        std::string_view(name) == PEM_STRING_X509_OLD) {
      found = Octets(data, data + size);
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<size_t>(size));
  }
  ERR_clear_error();
  return found;
}

absl::StatusOr<tls::EndpointBinding> BindingOfFile(const std::string& path) {
  absl::StatusOr<Octets> octets = ReadFile(path);
  std::error_code error;
  if (!octets.ok() && !std::filesystem::exists(path, error)) {
    return absl::InvalidArgumentError(std::string(octets.status().message()) +
                                      "; a server is https://HOST[:PORT]");
  }
  if (octets.ok() && IsPem(*octets)) {
    octets = FirstPemCertificate(*octets, path);
  }
  if (!octets.ok()) {
    return octets.status();
  }
  auto binding = tls::EndpointBindingOf(*octets, tls::UndefinedHashRule::kUnbound);
  if (!binding.ok()) {
    return absl::InvalidArgumentError(path + ": " + std::string(binding.status().message()));
  }
  return binding;
}

// Asks one server for its certificate, within kPatience for connecting and for TLS.
class CertificateVisitor {
 public:
  explicit CertificateVisitor(asio::ssl::context& context) : stream_(io_, context) {}

  absl::Status Visit(const Url& url);
  // What the server presented, even where it broke off afterwards (to see a client's certificate).
  const X509* certificate() { return SSL_get0_peer_certificate(stream_.native_handle()); }

 private:
  template <class Operation>
  error_code Await(const Operation& operation) {
    error_code outcome;
    operation([&outcome](error_code error, auto&&...) { outcome = error; });
    io_.restart();
    io_.run();
    return outcome;
  }

  asio::io_context io_;
  beast::ssl_stream<beast::tcp_stream> stream_;
};

absl::Status CertificateVisitor::Visit(const Url& url) {
  const std::string server = url.server.ToString();
  error_code error;
  asio::ip::tcp::resolver resolver(io_);
  const auto addresses = resolver.resolve(url.server.host, std::to_string(url.server.port), error);
  if (error) {
    return absl::UnavailableError("cannot find " + server + ": " + NetworkErrorText(error));
  }
  beast::tcp_stream& transport = beast::get_lowest_layer(stream_);
  transport.expires_after(kPatience);
  error = Await([&](auto done) { transport.async_connect(addresses, std::move(done)); });
  if (error) {
    return absl::UnavailableError("cannot connect to " + server + ": " + NetworkErrorText(error));
  }
  // RFC 6066 3: names only, no addresses.
  error_code not_an_address;
  asio::ip::make_address(url.server.host, not_an_address);
  if (not_an_address) {
    SSL_set_tlsext_host_name(stream_.native_handle(), url.server.host.c_str());
  }
  error = Await(
      [&](auto done) { stream_.async_handshake(asio::ssl::stream_base::client, std::move(done)); });
  if (error && certificate() == nullptr) {
    return absl::UnavailableError("cannot speak TLS with " + server + ": " +
                                  NetworkErrorText(error));
  }
  return absl::OkStatus();
}

// Accepts whatever a server can do: nothing secret is sent, and its certificate is public.
absl::StatusOr<SslCtxPtr> UndemandingContext() {
  SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION) != 1) {
    return absl::InternalError("cannot set up TLS: " + OpenSslReason());
  }
  SSL_CTX_set_security_level(context.get(), 0);
  return context;
}

absl::StatusOr<tls::EndpointBinding> BindingOfServer(const std::string& address) {
  const absl::StatusOr<Url> url = ParseUrl(address);
  if (!url.ok()) {
    return url.status();
  }
  if (!url->tls) {
    return absl::InvalidArgumentError(address + " is not TLS, so it has no channel binding");
  }
  absl::StatusOr<SslCtxPtr> handle = UndemandingContext();
  if (!handle.ok()) {
    return handle.status();
  }
  asio::ssl::context context(handle->release());
  CertificateVisitor visitor(context);
  if (absl::Status status = visitor.Visit(*url); !status.ok()) {
    return status;
  }
  if (visitor.certificate() == nullptr) {
    return absl::UnavailableError(url->server.ToString() + " has no certificate");
  }
  return tls::EndpointBindingOf(visitor.certificate(), tls::UndefinedHashRule::kUnbound);
}

void PrintJson(const tls::EndpointBinding& binding) {
  Json json;
  json["signature_algorithm"] = binding.hash.signature_algorithm;
  json["defined"] = binding.hash.defined;
  if (binding.bindings.has_value()) {
    json["digest"] = binding.hash.digest;
    json["application_data"] = EncodeHex(binding.bindings->application_data());
    json["token"] = EncodeHex(binding.bindings->token().octets);
  } else {
    json["why"] = binding.hash.why;
  }
  WriteJson(json);
}

void PrintText(const tls::EndpointBinding& binding) {
  Table table;
  const auto add = [&table](std::string name, std::string value, Style style) {
    table.AddRow({{std::move(name), Style::kDim}, {std::move(value), style}});
  };
  add("signature algorithm", binding.hash.signature_algorithm, Style::kPlain);
  if (binding.bindings.has_value()) {
    add("digest", binding.hash.digest, Style::kPlain);
    add("rule", binding.hash.why, Style::kPlain);
    add("application data", EncodeHex(binding.bindings->application_data()), Style::kPlain);
    add("token", EncodeHex(binding.bindings->token().octets), Style::kBold);
  } else {
    add("binding", "undefined", Style::kAlert);
    add("why", binding.hash.why, Style::kPlain);
  }
  Write(table.Render(Printer()));
}

Ending Bind(const CommandLine& line) {
  if (line.positional().empty()) {
    return Fail(kExitUsage, "a certificate file or https://HOST:PORT is needed");
  }
  const std::string& source = line.positional().front();
  const absl::StatusOr<tls::EndpointBinding> binding =
      IsUrl(source) ? BindingOfServer(source) : BindingOfFile(source);
  if (!binding.ok()) {
    return FailStatus(binding.status());
  }
  if (line.Has("--json")) {
    PrintJson(*binding);
  } else {
    PrintText(*binding);
  }
  return kExitDone;
}

}  // namespace

int RunBinding(std::span<const std::string> arguments) {
  return RunCommand(kCommand, arguments, Bind);
}

}  // namespace epa::tool
