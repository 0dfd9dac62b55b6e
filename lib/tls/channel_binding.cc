#include "epa/tls/channel_binding.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "epa/base/clock.h"
#include "epa/core/channel.h"
#include "lib/base/status_macros.h"
#include "lib/tls/connection_certificates.h"
#include "lib/tls/openssl_handles.h"
#include "lib/tls/roll_over.h"

namespace epa::tls {
namespace {

using SharedBindings = std::shared_ptr<const ChannelBindingsList>;

// One binding, or none under UndefinedHashRule::kUnbound.
absl::StatusOr<SharedBindings> EndpointBindingsOf(const X509* certificate, UndefinedHashRule rule) {
  EPA_ASSIGN_OR_RETURN(EndpointBinding endpoint, EndpointBindingOf(certificate, rule));
  auto bindings = std::make_shared<ChannelBindingsList>();
  if (endpoint.bindings.has_value()) {
    bindings->push_back(*std::move(endpoint.bindings));
  }
  return bindings;
}

void Append(const ChannelBindingsList& from, ChannelBindingsList& to) {
  to.insert(to.end(), from.begin(), from.end());
}

bool Contains(const ChannelBindingsList& list, const ChannelBindings& bindings) {
  return std::ranges::any_of(list, [&bindings](const ChannelBindings& other) {
    return other.token() == bindings.token();
  });
}

}  // namespace

// Holding the certificate keeps its address from being used again.
struct ServerCertificates::Entry {
  X509Ptr certificate;
  SharedBindings bindings;
};

// To compare with a connection's; its certificates are among the entries.
struct ServerCertificates::Context {
  const SSL_CTX* handle;
  ChannelBindingsList bindings;  // of its certificates
  Retired<ChannelBindings> retired;
};

ServerCertificates::ServerCertificates(UndefinedHashRule rule) : rule_(rule) {}
ServerCertificates::~ServerCertificates() = default;

absl::StatusOr<std::shared_ptr<const ServerCertificates>> ServerCertificates::Create(
    std::span<SSL_CTX* const> contexts, UndefinedHashRule rule, std::span<X509* const> chosen_later,
    const ServerCertificates* predecessor, std::chrono::seconds roll_over) {
  const ErrorQueueGuard errors;
  std::shared_ptr<ServerCertificates> result(new ServerCertificates(rule));
  for (SSL_CTX* context : contexts) {
    if (context == nullptr) {
      return absl::InvalidArgumentError("there is no SSL_CTX");
    }
    // A connection has a copy of the list, which can be walked without touching the context.
    const SslPtr ssl(SSL_new(context));
    if (ssl == nullptr) {
      return absl::InternalError("OpenSSL made no connection of an SSL_CTX");
    }
    Context known{context, {}, {}};
    for (X509* certificate : ConfiguredCertificates(ssl.get())) {
      EPA_RETURN_IF_ERROR(result->Add(certificate));
      Append(*result->entries_[result->IndexOf(certificate)].bindings, known.bindings);
    }
    const size_t place = result->contexts_.size();
    if (predecessor != nullptr && place < predecessor->contexts_.size()) {
      const Context& before = predecessor->contexts_[place];
      const auto is_kept = [&known](const ChannelBindings& bindings) {
        return Contains(known.bindings, bindings);
      };
      known.retired = Retired<ChannelBindings>(before.retired, before.bindings, is_kept,
                                               SystemClock().Monotonic(), roll_over);
    }
    result->contexts_.push_back(std::move(known));
  }
  for (X509* certificate : chosen_later) {
    if (certificate == nullptr) {
      return absl::InvalidArgumentError("there is no X509");
    }
    EPA_RETURN_IF_ERROR(result->Add(certificate));
    result->chosen_later_.push_back(certificate);
  }
  return result;
}

size_t ServerCertificates::IndexOf(const X509* certificate) const {
  const auto address = [](const Entry& entry) -> const X509* { return entry.certificate.get(); };
  const auto place = std::ranges::lower_bound(entries_, certificate, std::less<>(), address);
  return static_cast<size_t>(place - entries_.begin());
}

bool ServerCertificates::Holds(size_t index, const X509* certificate) const {
  return index < entries_.size() && entries_[index].certificate.get() == certificate;
}

absl::Status ServerCertificates::Add(X509* certificate) {
  const size_t index = IndexOf(certificate);
  if (Holds(index, certificate)) {
    return absl::OkStatus();
  }
  EPA_ASSIGN_OR_RETURN(SharedBindings bindings, EndpointBindingsOf(certificate, rule_));
  X509_up_ref(certificate);
  entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(index),
                  Entry{X509Ptr(certificate), std::move(bindings)});
  return absl::OkStatus();
}

absl::StatusOr<SharedBindings> ServerCertificates::BindingsOf(const X509* certificate) const {
  const size_t index = IndexOf(certificate);
  if (Holds(index, certificate)) {
    return entries_[index].bindings;
  }
  return EndpointBindingsOf(certificate, rule_);
}

ChannelBindingsList ServerCertificates::RetiredFor(const SSL* ssl) const {
  ChannelBindingsList counting;
  for (const Context& context : contexts_) {
    if (context.handle == SSL_get_SSL_CTX(ssl) && !context.retired.empty()) {
      for (const auto& old : context.retired.At(SystemClock().Monotonic())) {
        counting.push_back(old.item);
      }
    }
  }
  return counting;
}

absl::StatusOr<Channel> ServerCertificates::ChannelOf(SSL* ssl) const {
  const ErrorQueueGuard errors;
  EPA_ASSIGN_OR_RETURN(const std::vector<X509*> certificates,
                       ConnectionCertificates(ssl, chosen_later_));
  if (SSL_is_server(ssl) != 1) {
    return absl::InvalidArgumentError("this is the client's side of a TLS connection");
  }
  const ChannelBindingsList retired =
      SSL_session_reused(ssl) == 1 ? RetiredFor(ssl) : ChannelBindingsList();
  if (certificates.size() == 1 && retired.empty()) {
    EPA_ASSIGN_OR_RETURN(SharedBindings bindings, BindingsOf(certificates.front()));
    return Channel::Tls(std::move(bindings));
  }
  auto all = std::make_shared<ChannelBindingsList>();
  for (const X509* certificate : certificates) {
    EPA_ASSIGN_OR_RETURN(const SharedBindings bindings, BindingsOf(certificate));
    Append(*bindings, *all);
  }
  Append(retired, *all);
  return Channel::Tls(SharedBindings(std::move(all)));
}

absl::StatusOr<Channel> ChannelOf(SSL* ssl, BindingTypes types, UndefinedHashRule rule) {
  const ErrorQueueGuard errors;
  EPA_RETURN_IF_ERROR(RequireFinishedHandshake(ssl));
  auto all = std::make_shared<ChannelBindingsList>();
  if (types.server_end_point) {
    EPA_ASSIGN_OR_RETURN(const std::vector<X509*> certificates, ConnectionCertificates(ssl));
    for (const X509* certificate : certificates) {
      EPA_ASSIGN_OR_RETURN(const SharedBindings bindings, EndpointBindingsOf(certificate, rule));
      Append(*bindings, *all);
    }
  }
  if (types.exporter) {
    EPA_ASSIGN_OR_RETURN(ChannelBindings bindings, TlsExporter(ssl));
    all->push_back(std::move(bindings));
  }
  if (types.unique) {
    EPA_ASSIGN_OR_RETURN(ChannelBindings bindings, TlsUnique(ssl));
    all->push_back(std::move(bindings));
  }
  return Channel::Tls(SharedBindings(std::move(all)));
}

}  // namespace epa::tls
