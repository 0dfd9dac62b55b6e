#include "bench/peers/gss_login.h"

#include <gssapi/gssapi_ext.h>

#include <cstdio>
#include <utility>
#include <vector>

namespace epa::bench {
namespace {

// 1.3.6.1.4.1.7165.655.1.2: asking for it makes the mechanism send a MIC, as SPNEGO does.
gss_OID RequireMic() {
  static char octets[] = "\x2b\x06\x01\x04\x01\xb7\x7d\x85\x0f\x01\x02";
  static gss_OID_desc oid = {sizeof(octets) - 1, octets};
  return &oid;
}

class GssWorker : public Worker {
 public:
  GssWorker(const GssLogin& login, gss_name_t target, size_t slots)
      : Worker(slots, login.legs),
        login_(login),
        target_(target),
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

  void Step(size_t slot, size_t leg) override {
    const OM_uint32 expected = Establishes(leg) ? GSS_S_COMPLETE : GSS_S_CONTINUE_NEEDED;
    if (!IsClients(leg)) {
      StepServer(slot, expected);
      return;
    }
    StepClient(slot, leg == 0, expected);
    if (leg == 0 && login_.ask_for_ntlm_mic) {
      AskForNtlmMic(slot);
    }
  }

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
  void AskForNtlmMic(size_t slot) {
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor = 0;
    RequireGss(gss_inquire_sec_context_by_oid(&minor, clients_[slot], RequireMic(), &set),
               GSS_S_COMPLETE, "asking for the MIC");
    gss_release_buffer_set(&minor, &set);
  }

  void StepClient(size_t slot, bool first, OM_uint32 expected) {
    constexpr OM_uint32 kFlags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG |
                                 GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG;
    gss_buffer_desc input = {token(slot).size(), token(slot).data()};
    gss_buffer_desc output = {0, nullptr};
    OM_uint32 minor = 0;
    const OM_uint32 major =
        gss_init_sec_context(&minor, login_.client_credentials, &clients_[slot], target_,
                             login_.mechanism, kFlags, GSS_C_INDEFINITE, &bindings_,
                             first ? GSS_C_NO_BUFFER : &input, nullptr, &output, nullptr, nullptr);
    TakeToken(slot, output);
    RequireGss(major, expected, "gss_init_sec_context");
  }

  void StepServer(size_t slot, OM_uint32 expected) {
    gss_buffer_desc input = {token(slot).size(), token(slot).data()};
    gss_buffer_desc output = {0, nullptr};
    OM_uint32 minor = 0;
    const OM_uint32 major =
        gss_accept_sec_context(&minor, &servers_[slot], login_.server_credentials, &input,
                               &bindings_, nullptr, nullptr, &output, nullptr, nullptr, nullptr);
    TakeToken(slot, output);
    RequireGss(major, expected, "gss_accept_sec_context");
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

  const GssLogin& login_;
  gss_name_t target_;
  gss_channel_bindings_struct bindings_{};
  std::vector<gss_ctx_id_t> clients_;
  std::vector<gss_ctx_id_t> servers_;
  std::vector<uint8_t> plain_;
  std::vector<gss_buffer_desc> wrapped_;
};

class GssContender : public Contender {
 public:
  explicit GssContender(GssLogin login)
      : login_(std::move(login)),
        target_(ImportName(std::string(kServiceClass) + "@" + std::string(kHost),
                           GSS_C_NT_HOSTBASED_SERVICE)) {}

  ~GssContender() override {
    OM_uint32 minor = 0;
    gss_release_cred(&minor, &login_.client_credentials);
    gss_release_cred(&minor, &login_.server_credentials);
    gss_release_name(&minor, &target_);
  }

  std::string_view name() const override { return login_.name; }

  std::unique_ptr<Worker> CreateWorker(size_t slots) const override {
    return std::make_unique<GssWorker>(login_, target_, slots);
  }

 private:
  GssLogin login_;
  gss_name_t target_;
};

}  // namespace

void RequireGss(OM_uint32 major, OM_uint32 expected, std::string_view what) {
  if (major != expected) {
    std::fprintf(stderr, "GSS-API: major status %#x: ", major);
    Require(false, what);
  }
}

gss_OID SpnegoMechanism() {
  static char octets[] = "\x2b\x06\x01\x05\x05\x02";
  static gss_OID_desc oid = {sizeof(octets) - 1, octets};
  return &oid;
}

gss_name_t ImportName(std::string text, gss_OID type) {
  gss_buffer_desc buffer = {text.size(), text.data()};
  gss_name_t name = GSS_C_NO_NAME;
  OM_uint32 minor = 0;
  RequireGss(gss_import_name(&minor, &buffer, type, &name), GSS_S_COMPLETE, "gss_import_name");
  return name;
}

void RestrictSpnego(gss_cred_id_t credentials, gss_OID mechanism) {
  gss_OID_set_desc mechanisms = {1, mechanism};
  OM_uint32 minor = 0;
  RequireGss(gss_set_neg_mechs(&minor, credentials, &mechanisms), GSS_S_COMPLETE,
             "gss_set_neg_mechs");
}

std::unique_ptr<Contender> CreateGssContender(GssLogin login) {
  return std::make_unique<GssContender>(std::move(login));
}

}  // namespace epa::bench
