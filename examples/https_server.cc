// A server in 30 lines: HTTPS with Windows login and extended protection, OpenSSL and libepa only.
//
//   https_server cert.pem key.pem accounts [port [keytab]]
//
// `accounts` has lines like DEMO:alice:secret; with a keytab Kerberos works too. Try it with a
// client that binds; curl does not, and mode 2 (require) refuses it.
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "epa/audit_json/json_lines.h"
#include "epa/defaults/defaults.h"
#include "epa/http/authenticator.h"
#include "epa/ntlm/authority.h"
#include "epa/tls/channel_binding.h"

namespace {

// The values of the Authorization fields of the next request; false when there is none.
bool ReadRequest(BIO* io, std::vector<std::string>& authorization) {
  constexpr std::string_view kName = "authorization: ";
  char line[65536];  // a Windows ticket has up to 48,000 octets, in base64
  for (int size = BIO_gets(io, line, sizeof(line)); size > 0 && line[size - 1] == '\n';
       size = BIO_gets(io, line, sizeof(line))) {
    const std::string_view text(line, static_cast<size_t>(size));
    if (text == "\r\n") {
      return true;
    }
    if (OPENSSL_strncasecmp(line, kName.data(), kName.size()) == 0) {
      authorization.emplace_back(text.substr(kName.size(), text.size() - kName.size() - 2));
    }
  }
  return false;
}

void WriteResponse(BIO* io, const epa::http::Verdict& verdict, const std::string& body) {
  const bool served = verdict.action == epa::http::Verdict::Action::kServe;
  std::string text = "HTTP/1.1 " + std::to_string(served ? 200 : verdict.status) + " \r\n";
  for (const auto& [name, value] : verdict.headers) {
    text += name + ": " + value + "\r\n";
  }
  text += verdict.close ? "Connection: close\r\n" : "";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  BIO_write(io, text.data(), static_cast<int>(text.size()));
  (void)BIO_flush(io);
}

// One connection: one channel, one authenticator, one identity.
void Serve(BIO* io, std::shared_ptr<const epa::http::AuthenticatorConfig> config,
           std::shared_ptr<const epa::tls::ServerCertificates> certificates) {
  SSL* ssl = nullptr;
  BIO_get_ssl(io, &ssl);
  if (BIO_do_handshake(io) == 1) {
    if (auto channel = certificates->ChannelOf(ssl); channel.ok()) {
      epa::http::Authenticator authenticator(config, *channel, "a client");
      epa::http::Verdict verdict;
      for (std::vector<std::string> fields; !verdict.close && ReadRequest(io, fields);
           fields.clear()) {
        epa::http::RequestView request;
        request.authorization.assign(fields.begin(), fields.end());
        verdict = authenticator.OnRequest(request);
        while (verdict.action == epa::http::Verdict::Action::kPending) {
          verdict.pending_work->Run();  // this thread has no other connection: it may wait
          verdict = authenticator.Resume(std::move(verdict.pending_work));
        }
        const epa::SecurityContext* login = authenticator.context();
        WriteResponse(io, verdict, login ? "hello, " + login->peer()->account()->user + "\n" : "");
      }
    }
  }
  BIO_free_all(io);
}

// Ends the program with a message where there is no value.
template <typename T>
T OrExit(absl::StatusOr<T> value) {
  if (!value.ok()) {
    std::fprintf(stderr, "https_server: %s\n", value.status().ToString().c_str());
    std::exit(2);
  }
  return *std::move(value);
}

}  // namespace

int main(int argc, char** argv) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> owner(SSL_CTX_new(TLS_server_method()),
                                                                SSL_CTX_free);
  SSL_CTX* const tls = owner.get();
  if (argc < 4 || SSL_CTX_use_certificate_chain_file(tls, argv[1]) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls, argv[2], SSL_FILETYPE_PEM) != 1) {
    std::fprintf(stderr, "usage: https_server cert.pem key.pem accounts [port]\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);  // a client that is gone ends its connection, not the server
  // Who may log in, and what a login has to prove: that it was made for this TLS channel.
  epa::ServerPackages packages;
  packages.ntlm.emplace().authority = OrExit(epa::ntlm::CreateFileAuthority(argv[3]));
  if (argc > 5) {
    packages.kerberos.emplace().keytab_path = argv[5];
  }
  epa::ExtendedProtectionOptions protection;
  protection.mode = epa::ExtendedProtectionMode::kRequire;
  epa::http::AuthenticatorOptions options;
  options.schemes = {{"Negotiate", OrExit(epa::CreateServerCredentials(std::move(packages)))}};
  options.policy = std::make_shared<epa::ExtendedProtectionPolicy>(
      OrExit(epa::ExtendedProtectionPolicy::Create(std::move(protection))));
  options.audit = OrExit(epa::JsonLinesAuditSink::Create("-"));
  const auto config = OrExit(epa::http::AuthenticatorConfig::Create(std::move(options)));
  const auto certificates = OrExit(epa::tls::ServerCertificates::Create(std::span(&tls, 1)));

  const std::string address = std::string("127.0.0.1:") + (argc > 4 ? argv[4] : "8443");
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> listener(BIO_new_accept(address.c_str()),
                                                               BIO_free_all);
  // Each accepted connection gets TLS and a buffer that reads lines.
  BIO_set_accept_bios(listener.get(), BIO_push(BIO_new(BIO_f_buffer()), BIO_new_ssl(tls, 0)));
  if (BIO_do_accept(listener.get()) != 1) {
    std::fprintf(stderr, "https_server: cannot listen on %s\n", address.c_str());
    return 2;
  }
  std::printf("listening on 127.0.0.1:%s\n", BIO_get_accept_port(listener.get()));
  std::fflush(stdout);
  while (BIO_do_accept(listener.get()) == 1) {
    std::thread(Serve, BIO_pop(listener.get()), config, certificates).detach();
  }
}
