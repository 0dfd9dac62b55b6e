#include "tests/sspi/sspi_peer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "tests/support/kerberos_exchange.h"

namespace epa::test {
namespace {

constexpr const char* kAccounts =
    "EXAMPLE:alice:secret-alice\nEXAMPLE:bob:secret-bob\n:alice:secret-alice\n";

template <typename Structure>
Octets WithPayload(Structure header, uint8_t seed) {
  constexpr std::string_view kPrefix = "tls-server-end-point:";
  header.cbApplicationDataLength = static_cast<ULONG>(kPrefix.size() + 32);
  header.dwApplicationDataOffset = sizeof(header);
  Octets octets(sizeof(header));
  std::memcpy(octets.data(), &header, sizeof(header));
  octets.insert(octets.end(), kPrefix.begin(), kPrefix.end());
  octets.insert(octets.end(), 32, seed);
  return octets;
}

// Lives as long as the realm it names.
const std::string& Keytab() {
  static const std::string path = TestRealm().keytab_path();
  return path;
}
const std::string& Krb5Conf() {
  static const std::string path = TestRealm().configuration_path();
  return path;
}

bool UsesKerberos(const LoginKind& kind) { return kind.carrier == "Kerberos"; }

EPA_AUTH_DATA EmptyData() {
  EPA_AUTH_DATA data{};
  data.Version = EPA_AUTH_DATA_VERSION;
  data.Length = sizeof(data);
  return data;
}

}  // namespace

std::u16string Wide(std::string_view ascii) { return {ascii.begin(), ascii.end()}; }

std::string Narrow(const SEC_WCHAR* text) {
  std::string narrow;
  for (; *text != 0; ++text) {
    narrow += static_cast<char>(*text);
  }
  return narrow;
}

Octets SecBindings(uint8_t seed) { return WithPayload(SEC_CHANNEL_BINDINGS{}, seed); }

Octets SecBindingsEx(uint8_t seed, ULONG flags) {
  SEC_CHANNEL_BINDINGS_EX header{};
  header.magicNumber = SEC_CHANNEL_BINDINGS_EX_MAGIC;
  header.flags = flags;
  header.cbHeaderLength = sizeof(header);
  header.cbStructureLength = sizeof(header) + 21 + 32;
  return WithPayload(header, seed);
}

std::ostream& operator<<(std::ostream& out, const LoginKind& kind) { return out << kind.name; }

std::vector<LoginKind> NtlmKinds() {
  return {{"Ntlm", "NTLM", "NTLM", "HTTP/server.example.com"},
          {"NegotiateNtlm", "Negotiate", "NTLM", "HTTP/server.example.com"}};
}

std::vector<LoginKind> KerberosKinds() {
  return {{"Kerberos", "Kerberos", "Kerberos", std::string(kKerberosTarget)},
          {"NegotiateKerberos", "Negotiate", "Kerberos", std::string(kKerberosTarget)}};
}

std::vector<LoginKind> AllKinds() {
  std::vector<LoginKind> kinds = NtlmKinds();
  for (LoginKind& kind : KerberosKinds()) {
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

EPA_AUTH_DATA ServerData(const LoginKind& kind) {
  EPA_AUTH_DATA data = EmptyData();
  data.Accounts = kAccounts;
  if (UsesKerberos(kind)) {
    data.Keytab = Keytab().c_str();
    data.Krb5Conf = Krb5Conf().c_str();
    data.Flags = EPA_AUTH_REPLAY_CACHE_IN_PROCESS;
  }
  return data;
}

EPA_AUTH_DATA ClientData(const LoginKind& kind) {
  EPA_AUTH_DATA data = EmptyData();
  data.User = "alice";
  data.Password = "secret-alice";
  if (UsesKerberos(kind)) {
    data.Domain = "test.example";
    data.Krb5Conf = Krb5Conf().c_str();
  } else {
    data.Domain = "EXAMPLE";
    data.PackageList = "!Kerberos";
  }
  return data;
}

SECURITY_STATUS Acquire(Form form, std::string package, ULONG use, void* auth_data,
                        PCredHandle handle, PTimeStamp expiry) {
  if (form == Form::kA) {
    return epa_AcquireCredentialsHandleA(nullptr, package.data(), use, nullptr, auth_data, nullptr,
                                         nullptr, handle, expiry);
  }
  return epa_AcquireCredentialsHandleW(nullptr, Wide(package).data(), use, nullptr, auth_data,
                                       nullptr, nullptr, handle, expiry);
}

CredentialsHandle::CredentialsHandle(const std::string& package, ULONG use, void* auth_data,
                                     Form form) {
  const SECURITY_STATUS status = Acquire(form, package, use, auth_data, &handle_);
  if (status != SEC_E_OK) {
    std::fprintf(stderr, "test set-up: %s credentials: %08x\n", package.c_str(),
                 static_cast<unsigned>(status));
    std::abort();
  }
}

CredentialsHandle::~CredentialsHandle() { epa_FreeCredentialsHandle(&handle_); }

Side::Side(PCredHandle credentials, SideOptions side_options, bool acceptor)
    : options(std::move(side_options)), credentials_(credentials), acceptor_(acceptor) {}

Side Side::Client(PCredHandle credentials, SideOptions options) {
  return Side(credentials, std::move(options), false);
}
Side Side::Server(PCredHandle credentials, SideOptions options) {
  return Side(credentials, std::move(options), true);
}

Side::Side(Side&& other) noexcept
    : options(std::move(other.options)),
      reply(std::move(other.reply)),
      attributes(other.attributes),
      expiry(other.expiry),
      result(other.result),
      handle(other.handle),
      has_context(std::exchange(other.has_context, false)),
      credentials_(other.credentials_),
      acceptor_(other.acceptor_) {}

Side::~Side() {
  if (has_context) {
    epa_DeleteSecurityContext(&handle);
  }
}

SECURITY_STATUS Side::Step(std::span<const uint8_t> token) {
  std::array<SecBuffer, 2> in = {SecBuffer{static_cast<ULONG>(token.size()), SECBUFFER_TOKEN,
                                           const_cast<uint8_t*>(token.data())},
                                 SecBuffer{static_cast<ULONG>(options.bindings.size()),
                                           SECBUFFER_CHANNEL_BINDINGS, options.bindings.data()}};
  const bool allocate = (options.request & ISC_REQ_ALLOCATE_MEMORY) != 0;
  Octets room(allocate ? 0 : options.room);
  SEC_CHANNEL_BINDINGS_RESULT flags = {0xFFFFFFFF};
  std::array<SecBuffer, 2> out = {
      SecBuffer{static_cast<ULONG>(room.size()), SECBUFFER_TOKEN, allocate ? nullptr : room.data()},
      SecBuffer{sizeof(flags), SECBUFFER_CHANNEL_BINDINGS_RESULT, &flags}};
  SecBufferDesc input = {SECBUFFER_VERSION, options.bindings.empty() ? 1u : 2u, in.data()};
  SecBufferDesc output = {SECBUFFER_VERSION, acceptor_ ? 2u : 1u, out.data()};
  std::string target = options.target;
  SECURITY_STATUS status;
  if (acceptor_) {
    status =
        epa_AcceptSecurityContext(credentials_, context(), &input, options.request,
                                  SECURITY_NATIVE_DREP, &handle, &output, &attributes, &expiry);
  } else if (options.form == Form::kA) {
    status = epa_InitializeSecurityContextA(credentials_, context(), target.data(), options.request,
                                            0, SECURITY_NATIVE_DREP, &input, 0, &handle, &output,
                                            &attributes, &expiry);
  } else {
    status = epa_InitializeSecurityContextW(credentials_, context(), Wide(target).data(),
                                            options.request, 0, SECURITY_NATIVE_DREP, &input, 0,
                                            &handle, &output, &attributes, &expiry);
  }
  has_context = has_context || status >= 0;
  result = flags.flags == 0xFFFFFFFF ? std::nullopt : std::optional(flags.flags);
  reply.clear();
  if (status != SEC_E_BUFFER_TOO_SMALL && out[0].pvBuffer != nullptr) {
    const auto* octets = static_cast<const uint8_t*>(out[0].pvBuffer);
    const bool written = status >= 0 || out[0].cbBuffer < options.room;
    reply.assign(octets, octets + (written ? out[0].cbBuffer : 0));
  }
  if (allocate) {
    epa_FreeContextBuffer(out[0].pvBuffer);
  }
  return status;
}

std::string Side::Carrier() {
  SecPkgContext_PackageInfoA info{};
  if (epa_QueryContextAttributesA(&handle, SECPKG_ATTR_PACKAGE_INFO, &info) != SEC_E_OK) {
    return "";
  }
  std::string name = info.PackageInfo->Name;
  epa_FreeContextBuffer(info.PackageInfo);
  return name;
}

std::string Side::UserName() {
  if (options.form == Form::kA) {
    SecPkgContext_NamesA names{};
    if (epa_QueryContextAttributesA(&handle, SECPKG_ATTR_NAMES, &names) != SEC_E_OK) {
      return "";
    }
    std::string name = names.sUserName;
    epa_FreeContextBuffer(names.sUserName);
    return name;
  }
  SecPkgContext_NamesW names{};
  if (epa_QueryContextAttributesW(&handle, SECPKG_ATTR_NAMES, &names) != SEC_E_OK) {
    return "";
  }
  std::string name = Narrow(names.sUserName);
  epa_FreeContextBuffer(names.sUserName);
  return name;
}

Outcome RunLogin(Side& client, Side& server) {
  Outcome outcome;
  outcome.client = client.Step({});
  outcome.server = SEC_I_CONTINUE_NEEDED;
  while (outcome.client >= 0 && !client.reply.empty()) {
    outcome.server = server.Step(client.reply);
    if (outcome.server < 0 || server.reply.empty()) {
      break;
    }
    outcome.client = client.Step(server.reply);
  }
  return outcome;
}

Login::Login(const LoginKind& kind, SideOptions client_options, SideOptions server_options,
             EPA_AUTH_DATA client_data, EPA_AUTH_DATA server_data)
    : client_credentials(kind.package, SECPKG_CRED_OUTBOUND, &client_data, client_options.form),
      server_credentials(kind.package, SECPKG_CRED_INBOUND, &server_data, server_options.form),
      client(Side::Client(client_credentials.get(), client_options)),
      server(Side::Server(server_credentials.get(), server_options)) {
  if (client.options.target.empty()) {
    client.options.target = kind.target;
  }
}

}  // namespace epa::test
