#include "bench/peers/gss_ntlmssp.h"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace epa::bench {
namespace {

// 1.3.6.1.4.1.311.2.2.10, NTLMSSP.
gss_OID NtlmsspMechanism() {
  static char octets[] = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
  static gss_OID_desc oid = {sizeof(octets) - 1, octets};
  return &oid;
}

// 1.3.6.1.4.1.7165.655.1.2: asking for it makes the mechanism send a MIC, as SPNEGO does.
gss_OID RequireMic() {
  static char octets[] = "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x02";
  static gss_OID_desc oid = {sizeof(octets) - 1, octets};
  return &oid;
}

void RequireGss(OM_uint32 major, OM_uint32 expected, std::string_view what) {
  if (major != expected) {
    std::fprintf(stderr, "gss-ntlmssp: major status %#x: ", major);
    Require(false, what);
  }
}

gss_buffer_desc BufferOf(std::string& text) { return {text.size(), text.data()}; }

gss_name_t ImportName(std::string text, gss_OID type) {
  gss_buffer_desc buffer = BufferOf(text);
  gss_name_t name = GSS_C_NO_NAME;
  OM_uint32 minor = 0;
  RequireGss(gss_import_name(&minor, &buffer, type, &name), GSS_S_COMPLETE, "gss_import_name");
  return name;
}

gss_cred_id_t AcquireCredentials(gss_name_t name, gss_cred_usage_t usage) {
  gss_OID_set_desc mechanisms = {1, NtlmsspMechanism()};
  gss_cred_id_t credentials = GSS_C_NO_CREDENTIAL;
  OM_uint32 minor = 0;
  RequireGss(gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, &mechanisms, usage, &credentials,
                              nullptr, nullptr),
             GSS_S_COMPLETE, "gss_acquire_cred (is the package gss-ntlmssp installed?)");
  return credentials;
}

struct Shared {
  gss_cred_id_t client_credentials = GSS_C_NO_CREDENTIAL;
  gss_cred_id_t server_credentials = GSS_C_NO_CREDENTIAL;
  gss_name_t target = GSS_C_NO_NAME;
};

class GssWorker : public Worker {
 public:
  GssWorker(const Shared& shared, size_t slots)
      : Worker(slots),
        shared_(shared),
        clients_(slots, GSS_C_NO_CONTEXT),
        servers_(slots, GSS_C_NO_CONTEXT) {
    const std::span<const uint8_t> data = BindingApplicationData();
    bindings_.application_data = {data.size(), const_cast<uint8_t*>(data.data())};
  }

  ~GssWorker() override {
    ReleaseMessages();
    for (size_t slot = 0; slot < slots(); ++slot) {
      ReleaseClient(slot);
      ReleaseServer(slot);
    }
  }

  void Negotiate(size_t slot) override {
    StepClient(slot, GSS_C_NO_BUFFER, GSS_S_CONTINUE_NEEDED, "NEGOTIATE");
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor = 0;
    RequireGss(gss_inquire_sec_context_by_oid(&minor, clients_[slot], RequireMic(), &set),
               GSS_S_COMPLETE, "asking for the MIC");
    gss_release_buffer_set(&minor, &set);
  }

  void Authenticate(size_t slot) override {
    gss_buffer_desc input = {token(slot).size(), token(slot).data()};
    StepClient(slot, &input, GSS_S_COMPLETE, "AUTHENTICATE");
  }

  void Challenge(size_t slot) override { StepServer(slot, GSS_S_CONTINUE_NEEDED, "CHALLENGE"); }
  void Accept(size_t slot) override { StepServer(slot, GSS_S_COMPLETE, "accepting"); }

  void ReleaseClient(size_t slot) override { Delete(clients_[slot]); }
  void ReleaseServer(size_t slot) override { Delete(servers_[slot]); }

  void PrepareMessages(size_t count, size_t size) override {
    ReleaseMessages();
    plain_.assign(size, 0x33);
    wrapped_.assign(count, gss_buffer_desc{0, nullptr});
  }

  void Seal(size_t index) override {
    gss_buffer_desc message = {plain_.size(), plain_.data()};
    OM_uint32 minor = 0;
    int sealed = 0;
    ReleaseMessage(index);
    RequireGss(
        gss_wrap(&minor, clients_[0], 1, GSS_C_QOP_DEFAULT, &message, &sealed, &wrapped_[index]),
        GSS_S_COMPLETE, "gss_wrap");
  }

  void Unseal(size_t index) override {
    gss_buffer_desc message = {0, nullptr};
    OM_uint32 minor = 0;
    RequireGss(gss_unwrap(&minor, servers_[0], &wrapped_[index], &message, nullptr, nullptr),
               GSS_S_COMPLETE, "gss_unwrap");
    gss_release_buffer(&minor, &message);
  }

 private:
  void StepClient(size_t slot, gss_buffer_t input, OM_uint32 expected, std::string_view what) {
    constexpr OM_uint32 kFlags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG |
                                 GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG;
    gss_buffer_desc output = {0, nullptr};
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_init_sec_context(
        &minor, shared_.client_credentials, &clients_[slot], shared_.target, NtlmsspMechanism(),
        kFlags, GSS_C_INDEFINITE, &bindings_, input, nullptr, &output, nullptr, nullptr);
    TakeToken(slot, output);
    RequireGss(major, expected, what);
  }

  void StepServer(size_t slot, OM_uint32 expected, std::string_view what) {
    gss_buffer_desc input = {token(slot).size(), token(slot).data()};
    gss_buffer_desc output = {0, nullptr};
    OM_uint32 minor = 0;
    const OM_uint32 major =
        gss_accept_sec_context(&minor, &servers_[slot], shared_.server_credentials, &input,
                               &bindings_, nullptr, nullptr, &output, nullptr, nullptr, nullptr);
    TakeToken(slot, output);
    RequireGss(major, expected, what);
  }

  void TakeToken(size_t slot, gss_buffer_desc& output) {
    OM_uint32 minor = 0;
    CopyToken(slot, output.value, output.length);
    gss_release_buffer(&minor, &output);
  }

  static void Delete(gss_ctx_id_t& context) {
    OM_uint32 minor = 0;
    if (context != GSS_C_NO_CONTEXT) {
      gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    }
  }

  void ReleaseMessage(size_t index) {
    OM_uint32 minor = 0;
    gss_release_buffer(&minor, &wrapped_[index]);
  }

  void ReleaseMessages() {
    for (size_t index = 0; index < wrapped_.size(); ++index) {
      ReleaseMessage(index);
    }
  }

  const Shared& shared_;
  gss_channel_bindings_struct bindings_{};
  std::vector<gss_ctx_id_t> clients_;
  std::vector<gss_ctx_id_t> servers_;
  std::vector<uint8_t> plain_;
  std::vector<gss_buffer_desc> wrapped_;
};

class GssNtlmssp : public Contender {
 public:
  GssNtlmssp() {
    WriteAccounts();
    setenv("NTLM_USER_FILE", accounts_path_.c_str(), 1);
    // Without them every context asks winbind for its names.
    setenv("NETBIOS_COMPUTER_NAME", std::string(kNetbiosComputer).c_str(), 1);
    setenv("NETBIOS_DOMAIN_NAME", std::string(kNetbiosDomain).c_str(), 1);

    const gss_name_t user =
        ImportName(std::string(kDomain) + "\\" + std::string(kUser), GSS_C_NT_USER_NAME);
    shared_.client_credentials = AcquireCredentials(user, GSS_C_INITIATE);
    shared_.server_credentials = AcquireCredentials(GSS_C_NO_NAME, GSS_C_ACCEPT);
    shared_.target = ImportName(std::string(kServiceClass) + "@" + std::string(kHost),
                                GSS_C_NT_HOSTBASED_SERVICE);
    OM_uint32 minor = 0;
    gss_name_t released = user;
    gss_release_name(&minor, &released);
  }

  ~GssNtlmssp() override {
    OM_uint32 minor = 0;
    gss_release_cred(&minor, &shared_.client_credentials);
    gss_release_cred(&minor, &shared_.server_credentials);
    gss_release_name(&minor, &shared_.target);
    unlink(accounts_path_.c_str());
    rmdir(directory_.c_str());
  }

  std::string_view name() const override { return "gss-ntlmssp"; }

  std::unique_ptr<Worker> CreateWorker(size_t slots) const override {
    return std::make_unique<GssWorker>(shared_, slots);
  }

 private:
  // One line of smbpasswd: the fastest of the formats that gss-ntlmssp reads.
  void WriteAccounts() {
    char directory[] = "/tmp/epa_bench_XXXXXX";
    Require(mkdtemp(directory) != nullptr, "no temporary directory");
    directory_ = directory;
    accounts_path_ = directory_ + "/smbpasswd";
    std::FILE* file = std::fopen(accounts_path_.c_str(), "w");
    Require(file != nullptr, "no account file");
    std::fprintf(file, "%s:1000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:", std::string(kUser).c_str());
    for (const uint8_t octet : kNtHash) {
      std::fprintf(file, "%02X", octet);
    }
    std::fprintf(file, ":[U          ]:LCT-00000000:\n");
    Require(std::fclose(file) == 0, "cannot write the account file");
  }

  std::string directory_;
  std::string accounts_path_;
  Shared shared_;
};

}  // namespace

std::unique_ptr<Contender> CreateGssNtlmssp() { return std::make_unique<GssNtlmssp>(); }

}  // namespace epa::bench
