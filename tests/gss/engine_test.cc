// The engine without GSS-API in between: under sanitizers, and by several threads.
#include "modules/gss/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "epa/core/reason.h"
#include "tests/support/temporary_folder.h"

extern "C" const epa::gss::Engine* epa_gss_engine_1();

namespace epa::gss {
namespace {

const NtlmFunctions& Ntlm() { return epa_gss_engine_1()->ntlm; }

gss_buffer_desc BufferOf(std::string& text) { return {text.size(), text.data()}; }

std::string Take(gss_buffer_desc& buffer) {
  std::string text(static_cast<const char*>(buffer.value), buffer.length);
  free(buffer.value);
  buffer = GSS_C_EMPTY_BUFFER;
  return text;
}

struct Bindings {
  explicit Bindings(std::string_view text) : data(text) {
    structure.application_data = BufferOf(data);
  }

  std::string data;
  gss_channel_bindings_struct structure = {};
};

// Both sides of one login.
class Login {
 public:
  ~Login() {
    OM_uint32 minor = 0;
    Ntlm().gss_delete_sec_context(&minor, &client, nullptr);
    Ntlm().gss_delete_sec_context(&minor, &server, nullptr);
    Ntlm().gss_release_name(&minor, &source);
  }

  // What the server said last.
  OM_uint32 Run(gss_channel_bindings_t binds, gss_channel_bindings_t given,
                OM_uint32 wanted = GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG) {
    std::string token;
    for (;;) {
      gss_buffer_desc in = BufferOf(token);
      gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
      OM_uint32 minor = 0;
      OM_uint32 major =
          Ntlm().gss_init_sec_context(&minor, nullptr, &client, nullptr, nullptr, wanted, 0, binds,
                                      &in, nullptr, &out, &client_flags, nullptr);
      if (GSS_ERROR(major)) {
        return major;
      }
      token = Take(out);
      in = BufferOf(token);
      major = Ntlm().gss_accept_sec_context(&minor, &server, nullptr, &in, given, &source, nullptr,
                                            &out, &server_flags, nullptr, nullptr);
      reason = minor;
      if (major != GSS_S_CONTINUE_NEEDED) {
        return major;
      }
      token = Take(out);
    }
  }

  gss_ctx_id_t client = nullptr;
  gss_ctx_id_t server = nullptr;
  gss_name_t source = nullptr;
  OM_uint32 client_flags = 0;
  OM_uint32 server_flags = 0;
  OM_uint32 reason = 0;
};

class NtlmTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    static test::TemporaryFolder folder;
    setenv("NTLM_USER_FILE", folder.Write("accounts", "DEMO:alice:secret\n").c_str(), 1);
  }
};

TEST_F(NtlmTest, BindsOrDoesNot) {
  Bindings here("tls-server-end-point:here");
  Bindings elsewhere("tls-server-end-point:elsewhere");
  {
    Login login;
    EXPECT_EQ(login.Run(&here.structure, &here.structure), GSS_S_COMPLETE);
    EXPECT_NE(login.server_flags & GSS_C_CHANNEL_BOUND_FLAG, 0u);
    EXPECT_NE(login.client_flags & GSS_C_CHANNEL_BOUND_FLAG, 0u);
  }
  {
    Login login;
    EXPECT_EQ(login.Run(&elsewhere.structure, &here.structure), GSS_S_BAD_BINDINGS);
    EXPECT_EQ(login.reason, kMinorBase + static_cast<OM_uint32>(Reason::kBindingMismatch));
  }
  {
    Login login;  // a server that says nothing of its channel looks at nothing
    EXPECT_EQ(login.Run(&here.structure, nullptr), GSS_S_COMPLETE);
    EXPECT_EQ(login.server_flags & GSS_C_CHANNEL_BOUND_FLAG, 0u);
  }
}

TEST_F(NtlmTest, ProtectsMessagesInSeveralBuffers) {
  Login login;
  ASSERT_EQ(login.Run(nullptr, nullptr), GSS_S_COMPLETE);
  for (int round = 0; round < 3; ++round) {
    std::string signature(16, '\0');
    std::string first = "a message";
    std::string second = " in two parts";
    gss_iov_buffer_desc parts[] = {{GSS_IOV_BUFFER_TYPE_HEADER, BufferOf(signature)},
                                   {GSS_IOV_BUFFER_TYPE_DATA, BufferOf(first)},
                                   {GSS_IOV_BUFFER_TYPE_DATA, BufferOf(second)},
                                   {GSS_IOV_BUFFER_TYPE_PADDING, GSS_C_EMPTY_BUFFER}};
    OM_uint32 minor = 0;
    int sealed = 0;
    ASSERT_EQ(Ntlm().gss_wrap_iov(&minor, login.client, 1, 0, &sealed, parts, 4), GSS_S_COMPLETE);
    EXPECT_EQ(sealed, 1);
    EXPECT_NE(first, "a message");
    // The same octets in one piece are what gss_unwrap takes.
    std::string whole = signature + first + second;
    gss_iov_buffer_desc stream[] = {{GSS_IOV_BUFFER_TYPE_STREAM, BufferOf(whole)},
                                    {GSS_IOV_BUFFER_TYPE_DATA, GSS_C_EMPTY_BUFFER}};
    ASSERT_EQ(Ntlm().gss_unwrap_iov(&minor, login.server, &sealed, nullptr, stream, 2),
              GSS_S_COMPLETE);
    EXPECT_EQ(std::string(static_cast<char*>(stream[1].buffer.value), stream[1].buffer.length),
              "a message in two parts");
  }
}

TEST_F(NtlmTest, RefusesBuffersThatItCannotProtect) {
  Login login;
  ASSERT_EQ(login.Run(nullptr, nullptr), GSS_S_COMPLETE);
  std::string text = "text";
  std::string small(15, '\0');
  OM_uint32 minor = 0;
  gss_iov_buffer_desc only_signed[] = {
      {GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE, GSS_C_EMPTY_BUFFER},
      {GSS_IOV_BUFFER_TYPE_SIGN_ONLY, BufferOf(text)}};
  EXPECT_NE(Ntlm().gss_wrap_iov(&minor, login.client, 1, 0, nullptr, only_signed, 2),
            GSS_S_COMPLETE);
  gss_iov_buffer_desc no_room[] = {{GSS_IOV_BUFFER_TYPE_HEADER, BufferOf(small)},
                                   {GSS_IOV_BUFFER_TYPE_DATA, BufferOf(text)}};
  EXPECT_NE(Ntlm().gss_wrap_iov(&minor, login.client, 1, 0, nullptr, no_room, 2), GSS_S_COMPLETE);
  EXPECT_EQ(text, "text");
}

TEST_F(NtlmTest, SaysWhy) {
  gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
  OM_uint32 minor = 0;
  OM_uint32 more = 0;
  ASSERT_EQ(Ntlm().gss_display_status(&minor,
                                      kMinorBase + static_cast<OM_uint32>(Reason::kBindingMismatch),
                                      GSS_C_MECH_CODE, nullptr, &more, &text),
            GSS_S_COMPLETE);
  EXPECT_EQ(Take(text), std::string(ReasonText(Reason::kBindingMismatch)));
}

TEST_F(NtlmTest, LogsInOnSeveralThreads) {
  Bindings here("tls-server-end-point:here");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&here] {
      for (int round = 0; round < 20; ++round) {
        Login login;
        EXPECT_EQ(login.Run(&here.structure, &here.structure), GSS_S_COMPLETE);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace epa::gss
