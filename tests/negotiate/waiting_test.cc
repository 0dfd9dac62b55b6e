// SecurityContext::Step waits for nobody: neither for a file nor for the network, with every
// package, on both sides. What has to wait is pending work.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "epa/negotiate/negotiate.h"
#include "lib/base/file_descriptor.h"
#include "lib/realm/loopback_port.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/support/system_calls.h"
#include "tests/support/temporary_folder.h"

namespace epa {
namespace {

using test::ForeignSystemCall;
using test::KerberosSetup;

// With this mark the KDC lets the ticket-granting ticket go along.
constexpr char kDelegationTarget[] = "cifs/server.test.example";

// --- The watch itself ---

TEST(SystemCallWatchTest, SeesFilesSocketsAndWaits) {
  const auto first = [](const std::function<void()>& call) {
    return ForeignSystemCall([] {},
                             [&call] {
                               call();
                               return std::string("was not seen");
                             });
  };
  EXPECT_EQ(first([] { (void)open("/etc/passwd", O_RDONLY | O_CLOEXEC); }), "openat: /etc/passwd");
  EXPECT_EQ(first([] { (void)socket(AF_INET, SOCK_DGRAM, 0); }), "socket");
  EXPECT_EQ(first([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }),
            "clock_nanosleep");
  EXPECT_EQ(first([] {
              std::mutex mutex;
              std::unique_lock lock(mutex);
              std::condition_variable never;
              never.wait(lock);
            }),
            "futex, to wait");
}

TEST(SystemCallWatchTest, LeavesMemoryAndTheClockAlone) {
  EXPECT_EQ(ForeignSystemCall([] {},
                              [] {
                                const std::vector<uint8_t> large(size_t{4} << 20, 1);
                                return std::chrono::system_clock::now().time_since_epoch().count() >
                                               0
                                           ? std::string()
                                           : std::string("no time");
                              }),
            "");
}

// --- Logins ---

using StepFunction = absl::StatusOr<StepResult> (*)(SecurityContext&, std::span<const uint8_t>);

absl::StatusOr<StepResult> StepAlone(SecurityContext& context, std::span<const uint8_t> token) {
  return context.Step(token);
}

// A whole login, of contexts of its own. What goes wrong is the result.
std::string Login(std::shared_ptr<const Credentials> initiator,
                  std::shared_ptr<const Credentials> acceptor, StepFunction step_function) {
  KerberosSetup setup;
  setup.initiator = std::move(initiator);
  setup.acceptor = std::move(acceptor);
  const auto client = test::MakeKerberosClient(setup);
  const auto server = test::MakeKerberosServer(setup);
  std::vector<uint8_t> token;
  for (bool clients_turn = true; !client->established() || !server->established();
       clients_turn = !clients_turn) {
    auto step = step_function(clients_turn ? *client : *server, token);
    const std::string side = clients_turn ? "client: " : "server: ";
    if (!step.ok()) {
      return side + std::string(step.status().message());
    }
    if (step->state == StepState::kPending || step->state == StepState::kRejected) {
      return side + (step->state == StepState::kPending ? "pending work" : "rejected");
    }
    token = std::move(step->token);
  }
  return "";
}

// Of Debian's libkrb5, where it has no plug-ins, with each login anew: a directory of the
// installation, as its code is.
constexpr char kPlugIns[] = "/krb5/plugins/authdata";

// The first login makes what stays: libkrb5's contexts and plug-ins, the keys, the threads.
std::string ForeignCallOfLogin(const std::shared_ptr<const Credentials>& initiator,
                               const std::shared_ptr<const Credentials>& acceptor) {
  return ForeignSystemCall([&] { (void)Login(initiator, acceptor, &StepBlocking); },
                           [&] { return Login(initiator, acceptor, &StepAlone); }, kPlugIns);
}

std::shared_ptr<const Credentials> NtlmInitiator() {
  ntlm::InitiatorOptions options;
  options.user = "alice";
  options.domain = "EXAMPLE";
  options.password = SecretBytes::FromText("secret-alice");
  return *ntlm::CreateInitiatorCredentials(std::move(options));
}

std::shared_ptr<const Credentials> NtlmAcceptor(
    std::shared_ptr<const ntlm::NtlmAuthority> authority = test::TestAuthority()) {
  ntlm::AcceptorOptions options;
  options.authority = std::move(authority);
  return *ntlm::CreateAcceptorCredentials(std::move(options));
}

TEST(WaitingTest, AnNtlmLoginWaitsForNobody) {
  EXPECT_EQ(ForeignCallOfLogin(NtlmInitiator(), NtlmAcceptor()), "");
}

TEST(WaitingTest, AnNtlmLoginLeavesTheFileOfAccountsAlone) {
  test::TemporaryFolder folder;
  const std::string accounts = folder.Write("accounts", "EXAMPLE:alice:secret-alice\n");
  const auto authority = ntlm::CreateFileAuthority(accounts);
  ASSERT_OK(authority);
  EXPECT_EQ(ForeignCallOfLogin(NtlmInitiator(), NtlmAcceptor(*authority)), "");
}

TEST(WaitingTest, AKerberosLoginLeavesKeytabAndNetworkAlone) {
  EXPECT_EQ(ForeignCallOfLogin(test::MakeInitiator(test::RealmInitiator()),
                               test::MakeAcceptor(test::RealmAcceptor())),
            "");
}

TEST(WaitingTest, NegotiateAddsNothing) {
  const auto acceptor = *negotiate::CreateAcceptorCredentials(
      {test::MakeAcceptor(test::RealmAcceptor()), NtlmAcceptor()});
  const auto initiator = *negotiate::CreateInitiatorCredentials(
      {test::MakeInitiator(test::RealmInitiator()), NtlmInitiator()});
  EXPECT_EQ(ForeignCallOfLogin(initiator, acceptor), "");
  EXPECT_EQ(ForeignCallOfLogin(*negotiate::CreateInitiatorCredentials({NtlmInitiator()}), acceptor),
            "");
}

// --- What may wait is handed out ---

struct Handed {
  const char* name;
  // Changes options that need no work once there is a ticket.
  std::function<void(kerberos::InitiatorOptions&)> change;
  std::string target = std::string(test::kKerberosTarget);
};

void UseCache(kerberos::InitiatorOptions& options, std::string cache) {
  options.principal.clear();
  options.password = {};
  options.credential_cache = std::move(cache);
}

// Both with the ticket in the cache already.
TEST(WaitingTest, AClientHandsOutWhatAsksAnybody) {
  const std::string file = test::TestRealm().Login("alice").value();
  const std::vector<Handed> cases = {
      {"a cache in a file", [&](auto& options) { UseCache(options, file); }},
      {"delegation", [](auto& options) { options.delegate = true; }, kDelegationTarget},
      {"a module that tells realms of hosts",
       [](auto& options) {
         options.configuration.contents +=
             "\n[plugins]\n hostrealm = {\n  module = any:/nonexistent/module.so\n }\n";
       }},
  };
  for (const Handed& handed : cases) {
    kerberos::InitiatorOptions options = test::RealmInitiator();
    handed.change(options);
    KerberosSetup setup;
    setup.initiator = test::MakeInitiator(std::move(options));
    setup.parameters.target_name = handed.target;
    EXPECT_EQ(ForeignSystemCall([&] { (void)StepBlocking(*test::MakeKerberosClient(setup), {}); },
                                [&] {
                                  const auto step = test::MakeKerberosClient(setup)->Step({});
                                  return std::string(step.ok() && step->state == StepState::kPending
                                                         ? ""
                                                         : "no pending work");
                                }),
              "")
        << handed.name;
    const auto client = test::MakeKerberosClient(setup);
    auto step = client->Step({});
    ASSERT_OK(step);
    ASSERT_EQ(step->state, StepState::kPending) << handed.name;
    step->pending_work->Run();
    step = client->Resume(std::move(step->pending_work));
    ASSERT_OK(step);
    EXPECT_EQ(step->state, StepState::kContinue) << handed.name << client->reason_detail();
  }
}

// Everything but what goes along is in memory: the work is for that alone.
TEST(WaitingTest, ATicketThatIsNotForDelegationNeedsNoWork) {
  kerberos::InitiatorOptions options = test::RealmInitiator();
  options.delegate = true;
  EXPECT_EQ(ForeignCallOfLogin(test::MakeInitiator(std::move(options)),
                               test::MakeAcceptor(test::RealmAcceptor())),
            "");
}

// libkrb5's file in the realm's folder instead of the machine's.
class SharedReplayCacheTest : public testing::Test {
 protected:
  SharedReplayCacheTest() {
    const std::string cache = "file2:" + test::TestRealm().directory() + "/replay";
    setenv("KRB5RCACHENAME", cache.c_str(), 1);
    kerberos::AcceptorOptions options = test::RealmAcceptor();
    options.replay_cache = kerberos::ReplayCache::kShared;
    acceptor_ = test::MakeAcceptor(std::move(options));
  }
  ~SharedReplayCacheTest() override { unsetenv("KRB5RCACHENAME"); }

  std::shared_ptr<const Credentials> acceptor_;
};

TEST_F(SharedReplayCacheTest, IsHandedOut) {
  KerberosSetup setup;
  setup.acceptor = acceptor_;
  const std::vector<uint8_t> request =
      test::KerberosStep(*test::MakeKerberosClient(setup), {}).token;
  EXPECT_EQ(ForeignSystemCall(
                [&] { (void)test::MakeKerberosServer(setup)->Step(std::vector<uint8_t>{0x60}); },
                [&] {
                  const auto step = test::MakeKerberosServer(setup)->Step(request);
                  return std::string(
                      step.ok() && step->state == StepState::kPending ? "" : "no pending work");
                }),
            "");
  // The work outlives token and exchange, and a second one sees what the first has stored.
  std::unique_ptr<PendingWork> orphan;
  {
    std::vector<uint8_t> token = request;
    auto step = test::MakeKerberosServer(setup)->Step(token);
    ASSERT_OK(step);
    orphan = std::move(step->pending_work);
  }
  ASSERT_NE(orphan, nullptr);
  orphan->Run();
  const auto server = test::MakeKerberosServer(setup);
  EXPECT_EQ(test::KerberosStep(*server, request).state, StepState::kRejected);
  EXPECT_EQ(server->reason(), Reason::kReplay);
}

TEST_F(SharedReplayCacheTest, LetsInWhatIsNew) {
  EXPECT_EQ(Login(test::SharedInitiator(), acceptor_, &StepBlocking), "");
  // The optimistic token of a negotiation is handed out in the same way.
  const auto acceptor = *negotiate::CreateAcceptorCredentials({acceptor_, NtlmAcceptor()});
  const auto initiator =
      *negotiate::CreateInitiatorCredentials({test::SharedInitiator(), NtlmInitiator()});
  EXPECT_EQ(Login(initiator, acceptor, &StepBlocking), "");
  EXPECT_EQ(Login(initiator, acceptor, &StepAlone), "server: pending work");
  EXPECT_EQ(Login(NtlmInitiator(), acceptor, &StepAlone), "");
}

TEST_F(SharedReplayCacheTest, LetsNobodyInWhereTheWorkWasNotRun) {
  KerberosSetup setup;
  setup.acceptor = acceptor_;
  const std::vector<uint8_t> request =
      test::KerberosStep(*test::MakeKerberosClient(setup), {}).token;
  const auto server = test::MakeKerberosServer(setup);
  auto step = server->Step(request);
  ASSERT_OK(step);
  EXPECT_FALSE(server->Resume(std::move(step->pending_work)).ok());
  EXPECT_FALSE(server->established());
}

// --- A KDC that hangs ---

// Takes what comes in at a port and answers nothing until it is told to.
class HangingKdc {
 public:
  explicit HangingKdc(int port)
      : datagrams_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
        connections_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = tool::LoopbackAddress(port);
    const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
    const int yes = 1;
    setsockopt(connections_.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    EXPECT_EQ(bind(datagrams_.number(), generic, sizeof(address)), 0);
    EXPECT_EQ(bind(connections_.number(), generic, sizeof(address)), 0);
    EXPECT_EQ(listen(connections_.number(), 8), 0);
  }

  // Waits for the first question and answers it with nonsense, which ends the asking.
  bool AwaitQuestionAndEnd() {
    pollfd waited[] = {{datagrams_.number(), POLLIN, 0}, {connections_.number(), POLLIN, 0}};
    constexpr int kMilliseconds = 60000;
    if (poll(waited, std::size(waited), kMilliseconds) <= 0) {
      return false;
    }
    sockaddr_in client = {};
    socklen_t length = sizeof(client);
    char octet = 0;
    if (recvfrom(datagrams_.number(), &octet, 1, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&client),
                 &length) >= 0) {
      (void)sendto(datagrams_.number(), "nonsense", 8, 0, reinterpret_cast<sockaddr*>(&client),
                   length);
    }
    datagrams_ = FileDescriptor();
    connections_ = FileDescriptor();
    return true;
  }

 private:
  FileDescriptor datagrams_;
  FileDescriptor connections_;
};

class HangingKdcTest : public testing::Test {
 protected:
  HangingKdcTest() {
    test::KdcOptions options = test::TestKdcOptions();
    options.commands = {std::string("modprinc +ok_as_delegate ") + kDelegationTarget};
    realm_ = test::PrivateKdc::Start(std::move(options)).value();
  }

  kerberos::InitiatorOptions Alice() const {
    kerberos::InitiatorOptions options;
    options.principal = "alice";
    options.password = SecretBytes::FromText("secret-alice");
    options.configuration.contents = realm_->configuration();
    options.delegate = true;
    return options;
  }

  // Afterwards nothing that was asked for comes.
  HangingKdc Hang() {
    realm_->Stop();
    const std::string& text = realm_->configuration();
    constexpr std::string_view kBefore = "127.0.0.1:";
    return HangingKdc(std::stoi(text.substr(text.find(kBefore) + kBefore.size())));
  }

  // The state after the work, which waits for the KDC, while the thread of the exchange does not;
  // kRejected where there was no KDC to ask.
  StepState StateAfterWork(SecurityContext& client, HangingKdc& kdc) {
    auto step = client.Step({});
    EXPECT_OK(step);
    EXPECT_EQ(step->state, StepState::kPending);
    if (!step.ok() || step->state != StepState::kPending) {
      return step.ok() ? step->state : StepState::kRejected;
    }
    std::thread worker([&step] { step->pending_work->Run(); });
    EXPECT_TRUE(kdc.AwaitQuestionAndEnd());
    worker.join();
    step = client.Resume(std::move(step->pending_work));
    return step.ok() ? step->state : StepState::kRejected;
  }

  std::unique_ptr<test::PrivateKdc> realm_;
};

TEST_F(HangingKdcTest, HoldsUpTheWorkOfADelegationAlone) {
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(Alice());
  setup.parameters.target_name = kDelegationTarget;
  ASSERT_EQ(test::KerberosStep(*test::MakeKerberosClient(setup), {}).state, StepState::kContinue);
  HangingKdc kdc = Hang();
  // The ticket is there, and what cannot be forwarded is left out.
  EXPECT_EQ(StateAfterWork(*test::MakeKerberosClient(setup), kdc), StepState::kContinue);
}

TEST_F(HangingKdcTest, HoldsUpTheWorkOfAFirstTicketAlone) {
  KerberosSetup setup;
  setup.initiator = test::MakeInitiator(Alice());
  HangingKdc kdc = Hang();
  EXPECT_EQ(StateAfterWork(*test::MakeKerberosClient(setup), kdc), StepState::kRejected);
}

}  // namespace
}  // namespace epa
