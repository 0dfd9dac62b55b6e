#include "tools/epa/serve/server_transport.h"

#include <utility>

#include "lib/base/status_macros.h"

namespace epa::tool {

absl::StatusOr<std::unique_ptr<ServerTransport>> ServerTransport::Create(
    ServerTransportOptions options, std::string application_protocol,
    const ServerTransport* predecessor) {
  std::unique_ptr<ServerTransport> transport(new ServerTransport(std::move(options.fixed_channel)));
  transport->warn_of_unbound_ = options.warn_of_unbound;
  if (options.key_pairs.empty()) {
    return transport;
  }
  WatchOptions watch;
  watch.observer = std::move(options.observer);
  for (const KeyPairFiles& files : options.key_pairs) {
    watch.paths.insert(watch.paths.end(), {files.certificate, files.key});
  }
  auto build = [key_pairs = std::move(options.key_pairs), rule = options.undefined_hash_rule,
                protocol = std::move(application_protocol),
                last = predecessor == nullptr ? nullptr : predecessor->Tls()](
                   std::span<const SecretBytes> contents) mutable
      -> absl::StatusOr<std::shared_ptr<const ServerTls>> {
    EPA_ASSIGN_OR_RETURN(last, ServerTls::Create(key_pairs, contents, rule, protocol, last.get()));
    return last;
  };
  EPA_ASSIGN_OR_RETURN(transport->tls_,
                       WatchedFiles<ServerTls>::Create(std::move(watch), std::move(build)));
  return transport;
}

std::unique_ptr<ServerTransport> ServerTransport::Clear() {
  return std::unique_ptr<ServerTransport>(new ServerTransport(nullptr));
}

std::vector<std::string> ServerTransport::Warnings() const {
  std::vector<std::string> warnings;
  if (const std::shared_ptr<const ServerTls> tls = Tls(); tls != nullptr && warn_of_unbound_) {
    for (const std::string& certificate : tls->unbound_certificates()) {
      warnings.push_back(certificate + ": logins are not bound to their channel");
    }
  }
  return warnings;
}

absl::StatusOr<Channel> ServerTransport::ChannelOf(const ServerTls* tls, SSL* ssl) const {
  if (fixed_channel_ != nullptr) {
    return *fixed_channel_;
  }
  return tls == nullptr ? Channel::Plain() : tls->ChannelOf(ssl);
}

}  // namespace epa::tool
