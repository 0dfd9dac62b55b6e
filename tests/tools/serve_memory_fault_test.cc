// Memory that runs out at any place of a login ends that login, and nothing else.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "epa/audit_json/json_lines.h"
#include "epa/defaults/defaults.h"
#include "epa/ntlm/authority.h"
#include "epa/ntlm/ntlm.h"
#include "tests/support/certificates.h"
#include "tests/support/temporary_folder.h"
#include "tools/epa/login/http_login.h"
#include "tools/epa/serve/https_site.h"
#include "tools/epa/serve/tcp_server.h"

namespace epa::tool {
namespace {

// The threads of the server are not exempt; the client's, which is the test's, is.
thread_local bool exempt = false;

// Fails once: the one allocation that is so many away. Negative: none.
class Allocations {
 public:
  bool Fails() { return !exempt && left_ >= 0 && left_.fetch_sub(1) == 0; }
  void FailAfter(int count) { left_ = count; }
  // Whether that one has come.
  bool failed() const { return left_ < 0; }

 private:
  std::atomic<int> left_ = -1;
};

Allocations of_cxx;
Allocations of_openssl;

void* AllocateForOpenSsl(size_t size, const char* /*file*/, int /*line*/) {
  return of_openssl.Fails() ? nullptr : std::malloc(size);
}
void* ReallocateForOpenSsl(void* place, size_t size, const char* /*file*/, int /*line*/) {
  return of_openssl.Fails() ? nullptr : std::realloc(place, size);
}
void FreeForOpenSsl(void* place, const char* /*file*/, int /*line*/) { std::free(place); }

// OpenSSL takes them before its first allocation only.
[[maybe_unused]] const int installed =
    CRYPTO_set_mem_functions(AllocateForOpenSsl, ReallocateForOpenSsl, FreeForOpenSsl);

constexpr char kPassword[] = "correct horse";

class MemoryFaultTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_EQ(installed, 1);
    exempt = true;
  }

  std::string File(std::string_view name) const { return folder_.File(name); }

  void SetUp() override {
    const test::Certificate certificate = test::CreateCertificate().value();
    folder_.Write("server.pem", certificate.certificate_pem);
    folder_.Write("server.key", certificate.key_pem);
    ntlm::Account account;
    account.domain = "DEMO";
    account.user = "alice";
    account.nt_hash = *ntlm::NtHashFromPassword(kPassword);
    std::vector<ntlm::Account> accounts;
    accounts.push_back(std::move(account));
    ServerPackages packages;
    packages.ntlm.emplace();
    packages.ntlm->authority = *ntlm::CreateMemoryAuthority(std::move(accounts));
    http::AuthenticatorOptions options;
    options.schemes = {{"Negotiate", *CreateServerCredentials(std::move(packages))}};
    options.policy =
        std::make_shared<const ExtendedProtectionPolicy>(*ExtendedProtectionPolicy::Create({}));
    options.audit = *JsonLinesAuditSink::Create(File("audit"));
    ServerTransportOptions transport;
    transport.key_pairs = {{File("server.pem"), File("server.key")}};
    server_ = *TcpServer::Create(
        {.workers = 1}, *HttpsSite::Create(std::move(transport),
                                           *http::AuthenticatorConfig::Create(std::move(options))));
    server_->Start();
  }

  bool LogsIn() {
    ClientPackages packages;
    packages.ntlm.emplace();
    packages.ntlm->user = "DEMO\\alice";
    packages.ntlm->password = SecretBytes::FromText(kPassword);
    HttpLoginOptions options;
    options.url = {true, {"localhost", server_->port()}, "/"};
    options.ca_file = File("server.pem");
    options.schemes = {{"Negotiate", *CreateClientCredentials(std::move(packages))}};
    options.parameters.target_name = "HTTP/localhost";
    const auto outcome = LogInOverHttp(options);
    return outcome.ok() && outcome->accepted;
  }

  // Fails the first allocation of a login, then the second, until a login has none left to fail.
  void FailEach(Allocations& allocations) {
    constexpr int kMost = 20'000;
    int spoilt = 0;
    for (int count = 0; count < kMost; ++count) {
      allocations.FailAfter(count);
      const bool logged_in = LogsIn();
      const bool failed = allocations.failed();
      allocations.FailAfter(-1);
      if (!failed) {
        EXPECT_TRUE(logged_in);
        EXPECT_GT(spoilt, 10) << "of " << count;
        return;
      }
      spoilt += logged_in ? 0 : 1;
      ASSERT_TRUE(LogsIn()) << "after the failure of allocation " << count;
    }
    FAIL() << "a login does not end";
  }

  std::unique_ptr<TcpServer> server_;

 private:
  const test::TemporaryFolder folder_;
};

TEST_F(MemoryFaultTest, OfOurs) {
  ASSERT_TRUE(LogsIn());
  FailEach(of_cxx);
  EXPECT_GT(server_->counters().faults, 10U);
}

// SSL_new is among them.
TEST_F(MemoryFaultTest, OfOpenSsl) {
  ASSERT_TRUE(LogsIn());
  FailEach(of_openssl);
}

}  // namespace
}  // namespace epa::tool

__attribute__((noinline)) void* operator new(size_t size) {
  void* const place = epa::tool::of_cxx.Fails() ? nullptr : std::malloc(size);
  if (place == nullptr) {
    throw std::bad_alloc();
  }
  return place;
}
__attribute__((noinline)) void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return epa::tool::of_cxx.Fails() ? nullptr : std::malloc(size);
}
__attribute__((noinline)) void operator delete(void* place) noexcept { std::free(place); }
__attribute__((noinline)) void operator delete(void* place, size_t /*size*/) noexcept {
  std::free(place);
}
