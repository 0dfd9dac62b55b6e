#include "tests/sspi/plugin/fake_plugin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace epa::test {
namespace {

// Functions of a table have no argument of their own.
FakePluginState* g_state = nullptr;

void* Allocate(size_t size) {
  ++g_state->buffers;
  return std::calloc(1, size);
}

SEC_WCHAR* CopyOf(const std::u16string& text) {
  auto* const copy = static_cast<SEC_WCHAR*>(Allocate((text.size() + 1) * sizeof(SEC_WCHAR)));
  std::copy(text.begin(), text.end(), copy);
  return copy;
}

SECURITY_STATUS QueryPackage(SEC_WCHAR*, PSecPkgInfoW* answer) {
  if (g_state->package_status != SEC_E_OK) {
    return g_state->package_status;
  }
  *answer = static_cast<PSecPkgInfoW>(Allocate(sizeof(SecPkgInfoW)));
  (*answer)->cbMaxToken = g_state->longest_token;
  return SEC_E_OK;
}

SECURITY_STATUS Acquire(SEC_WCHAR*, SEC_WCHAR*, ULONG, void*, void*, SEC_GET_KEY_FN, void*,
                        PCredHandle handle, PTimeStamp) {
  if (g_state->acquire_status != SEC_E_OK) {
    return g_state->acquire_status;
  }
  ++g_state->credentials;
  handle->dwLower = 1;
  return SEC_E_OK;
}

SECURITY_STATUS FreeCredentials(PCredHandle) {
  --g_state->credentials;
  return SEC_E_OK;
}

SECURITY_STATUS DeleteContext(PCtxtHandle) {
  --g_state->contexts;
  return SEC_E_OK;
}

SECURITY_STATUS FreeBuffer(void* buffer) {
  --g_state->buffers;
  std::free(buffer);
  return SEC_E_OK;
}

void Look(const SecBufferDesc* input, const SecBufferDesc& output) {
  g_state->token.clear();
  g_state->bindings.clear();
  for (ULONG i = 0; input != nullptr && i < input->cBuffers; ++i) {
    const SecBuffer& buffer = input->pBuffers[i];
    const auto* const octets = static_cast<const uint8_t*>(buffer.pvBuffer);
    if (buffer.BufferType == SECBUFFER_TOKEN) {
      g_state->token.assign(octets, octets + buffer.cbBuffer);
    } else if (buffer.BufferType == SECBUFFER_CHANNEL_BINDINGS) {
      g_state->bindings.assign(octets, octets + buffer.cbBuffer);
    }
  }
  g_state->result_asked = output.cBuffers == 2;
}

SECURITY_STATUS Answer(PCtxtHandle context, PCtxtHandle made, SecBufferDesc* input,
                       SecBufferDesc* output, PULONG attributes) {
  Look(input, *output);
  ++g_state->calls;
  const FakeStep step = g_state->steps.front();
  if (g_state->steps.size() > 1) {
    g_state->steps.pop_front();
  }
  if (context == nullptr && (step.status == SEC_E_OK || step.status > 0)) {
    ++g_state->contexts;
    made->dwLower = 2;
  }
  EXPECT_GE(output->pBuffers[0].cbBuffer, step.token.size());
  std::memcpy(output->pBuffers[0].pvBuffer, step.token.data(), step.token.size());
  output->pBuffers[0].cbBuffer = static_cast<ULONG>(step.token.size());
  if (output->cBuffers == 2) {
    static_cast<SEC_CHANNEL_BINDINGS_RESULT*>(output->pBuffers[1].pvBuffer)->flags =
        step.result_flags;
  }
  if (step.spoil) {
    step.spoil(*output);
  }
  *attributes = g_state->attributes;
  return step.status;
}

SECURITY_STATUS Accept(PCredHandle, PCtxtHandle context, PSecBufferDesc input, ULONG flags, ULONG,
                       PCtxtHandle made, PSecBufferDesc output, PULONG attributes, PTimeStamp) {
  g_state->flags = flags;
  return Answer(context, made, input, output, attributes);
}

SECURITY_STATUS Initialize(PCredHandle, PCtxtHandle context, SEC_WCHAR* target, ULONG flags, ULONG,
                           ULONG, PSecBufferDesc input, ULONG, PCtxtHandle made,
                           PSecBufferDesc output, PULONG attributes, PTimeStamp) {
  g_state->flags = flags;
  g_state->target_name = target != nullptr ? std::u16string(target) : std::u16string();
  return Answer(context, made, input, output, attributes);
}

SECURITY_STATUS Complete(PCtxtHandle, PSecBufferDesc) { return SEC_E_OK; }

SECURITY_STATUS Query(PCtxtHandle, ULONG attribute, void* answer) {
  switch (attribute) {
    case SECPKG_ATTR_NAMES:
      static_cast<PSecPkgContext_NamesW>(answer)->sUserName =
          g_state->user.has_value() ? CopyOf(*g_state->user) : nullptr;
      return SEC_E_OK;
    case SECPKG_ATTR_CLIENT_SPECIFIED_TARGET:
      if (!g_state->target.has_value()) {
        return SEC_E_TARGET_UNKNOWN;
      }
      static_cast<PSecPkgContext_ClientSpecifiedTarget>(answer)->sTargetName =
          CopyOf(*g_state->target);
      return SEC_E_OK;
    case SECPKG_ATTR_SIZES:
      *static_cast<PSecPkgContext_Sizes>(answer) = g_state->sizes;
      return SEC_E_OK;
    case SECPKG_ATTR_SESSION_KEY:
      static_cast<PSecPkgContext_SessionKey>(answer)->SessionKeyLength =
          g_state->session_key_length;
      static_cast<PSecPkgContext_SessionKey>(answer)->SessionKey =
          static_cast<UCHAR*>(Allocate(16));
      return SEC_E_OK;
    default:
      return SEC_E_UNSUPPORTED_FUNCTION;
  }
}

// A signature is sixteen times 'S'; a sealed message has its bits turned.
SECURITY_STATUS Protect(PSecBufferDesc message, bool seal) {
  std::memset(message->pBuffers[0].pvBuffer, 'S', 16);
  message->pBuffers[0].cbBuffer = g_state->message_signature;
  auto* const octets = static_cast<uint8_t*>(message->pBuffers[1].pvBuffer);
  for (ULONG i = 0; seal && i < message->pBuffers[1].cbBuffer; ++i) {
    octets[i] ^= 0xff;
  }
  return g_state->message_status;
}

SECURITY_STATUS Sign(PCtxtHandle, ULONG, PSecBufferDesc message, ULONG) {
  return Protect(message, false);
}
SECURITY_STATUS Verify(PCtxtHandle, PSecBufferDesc message, ULONG, PULONG) {
  return Protect(message, false);
}
SECURITY_STATUS Encrypt(PCtxtHandle, ULONG, PSecBufferDesc message, ULONG) {
  return Protect(message, true);
}
SECURITY_STATUS Decrypt(PCtxtHandle, PSecBufferDesc message, ULONG, PULONG quality) {
  *quality = g_state->quality;
  return Protect(message, true);
}

}  // namespace

FakePlugin::FakePlugin() : table{} {
  g_state = new FakePluginState;
  g_state->steps.push_back({});
  table.dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION;
  table.QuerySecurityPackageInfoW = QueryPackage;
  table.AcquireCredentialsHandleW = Acquire;
  table.FreeCredentialsHandle = FreeCredentials;
  table.DeleteSecurityContext = DeleteContext;
  table.FreeContextBuffer = FreeBuffer;
  table.AcceptSecurityContext = Accept;
  table.InitializeSecurityContextW = Initialize;
  table.CompleteAuthToken = Complete;
  table.QueryContextAttributesW = Query;
  table.MakeSignature = Sign;
  table.VerifySignature = Verify;
  table.EncryptMessage = Encrypt;
  table.DecryptMessage = Decrypt;
}

FakePlugin::~FakePlugin() {
  EXPECT_EQ(g_state->credentials, 0);
  EXPECT_EQ(g_state->contexts, 0);
  EXPECT_EQ(g_state->buffers, 0);
  delete g_state;
  g_state = nullptr;
}

FakePluginState& FakePlugin::state() { return *g_state; }

sspi::PluginOptions FakePlugin::Options() {
  sspi::PluginOptions options;
  options.plugin = *sspi::Plugin::Create(&table);
  options.package = "Fake";
  options.blocks = false;
  return options;
}

}  // namespace epa::test
