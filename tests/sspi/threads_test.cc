// Many threads: contexts of their own over shared credentials, handles that vanish under others.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "tests/sspi/sspi_peer.h"

namespace epa::test {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 6;

void OnThreads(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back(work, i);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

class Threads : public ::testing::TestWithParam<LoginKind> {
 protected:
  EPA_AUTH_DATA client_data_ = ClientData(GetParam());
  EPA_AUTH_DATA server_data_ = ServerData(GetParam());
  CredentialsHandle client_{GetParam().package, SECPKG_CRED_OUTBOUND, &client_data_};
  CredentialsHandle server_{GetParam().package, SECPKG_CRED_INBOUND, &server_data_};

  SideOptions Options(uint8_t seed) {
    SideOptions options;
    options.target = GetParam().target;
    options.request = ISC_REQ_CONFIDENTIALITY;
    options.bindings = SecBindings(seed);
    return options;
  }
};

// Each thread has several logins open at once and turns from one to the next with every message.
TEST_P(Threads, InterleavedLoginsDoNotDisturbEachOther) {
  std::atomic<int> failures = 0;
  OnThreads([&](int thread) {
    for (int round = 0; round < kRounds; ++round) {
      std::vector<Side> clients, servers;
      for (int i = 0; i < 4; ++i) {
        const auto seed = static_cast<uint8_t>(16 * thread + i + 1);
        clients.push_back(Side::Client(client_.get(), Options(seed)));
        servers.push_back(Side::Server(server_.get(), Options(seed)));
      }
      for (Side& client : clients) {
        failures += client.Step({}) < 0;
      }
      for (int turn = 0; turn < 3; ++turn) {
        for (size_t i = 0; i < clients.size(); ++i) {
          if (!clients[i].reply.empty()) {
            failures += servers[i].Step(clients[i].reply) < 0;
            clients[i].reply.clear();
          }
        }
        for (size_t i = 0; i < clients.size(); ++i) {
          if (!servers[i].reply.empty()) {
            failures += clients[i].Step(servers[i].reply) < 0;
            servers[i].reply.clear();
          }
        }
      }
      for (size_t i = 0; i < clients.size(); ++i) {
        failures += servers[i].Carrier() != GetParam().carrier;
        failures += clients[i].Carrier() != GetParam().carrier;
      }
    }
  });
  EXPECT_EQ(failures, 0);
}

// A context that another thread works with may be released: the call ends well or finds nothing.
TEST_P(Threads, ReleasedUnderOthersHandsNothingBreaks) {
  for (int round = 0; round < kRounds; ++round) {
    Side client = Side::Client(client_.get(), Options(1));
    Side server = Side::Server(server_.get(), Options(1));
    ASSERT_TRUE(RunLogin(client, server).succeeded());
    std::atomic<int> released = 0;
    std::atomic<int> unexpected = 0;
    OnThreads([&](int thread) {
      if (thread == 0) {
        released += epa_DeleteSecurityContext(&server.handle) == SEC_E_OK;
        return;
      }
      for (int i = 0; i < 50; ++i) {
        std::array<uint8_t, 64> token{};
        std::array<uint8_t, 8> data{};
        std::array buffers = {SecBuffer{sizeof(token), SECBUFFER_TOKEN, token.data()},
                              SecBuffer{sizeof(data), SECBUFFER_DATA, data.data()}};
        SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers.data()};
        const SECURITY_STATUS status = epa_EncryptMessage(&server.handle, 0, &message, 0);
        unexpected += status != SEC_E_OK && status != SEC_E_INVALID_HANDLE;
      }
    });
    server.has_context = false;
    EXPECT_EQ(released, 1);
    EXPECT_EQ(unexpected, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Threads, ::testing::ValuesIn(AllKinds()),
                         ::testing::PrintToStringParamName());

TEST(SharedHandles, CredentialsComeAndGoOnManyThreads) {
  const LoginKind kind = NtlmKinds().front();
  std::atomic<int> failures = 0;
  OnThreads([&](int) {
    for (int i = 0; i < 20; ++i) {
      EPA_AUTH_DATA data = ClientData(kind);
      CredHandle handle{};
      failures += Acquire(Form::kW, "NTLM", SECPKG_CRED_OUTBOUND, &data, &handle) != SEC_E_OK;
      failures += epa_FreeCredentialsHandle(&handle) != SEC_E_OK;
      failures += epa_FreeCredentialsHandle(&handle) != SEC_E_INVALID_HANDLE;
    }
  });
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace epa::test
