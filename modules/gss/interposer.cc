// Stands between programs and MIT's Kerberos mechanism: a client's first token is looked at by the
// engine, and all else goes through. Credentials, names and contexts are those that GSS-API itself
// makes for a "special" mechanism, which is the interposer's identifier and the real one behind it.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "modules/gss/engine.h"
#include "modules/gss/frames.h"
#include "modules/gss/gssapi.h"
#include "modules/gss/process.h"

extern "C" {
OM_uint32 gssspi_mech_invoke(OM_uint32* minor, const gss_OID mech, const gss_OID object,
                             gss_buffer_t value);
}

namespace epa::gss {
namespace {

// As in mech.d: 2.25.1867539283.
#define EPA_GSS_INTERPOSER "\x69\x86\xfa\xc1\xc6\x53"
constexpr size_t kPrefix = sizeof(EPA_GSS_INTERPOSER) - 1;

struct Mechanism {
  gss_OID_desc real;
  gss_OID_desc special;
};

char text_krb5[] = EPA_GSS_INTERPOSER "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
char text_old[] = EPA_GSS_INTERPOSER "\x2b\x05\x01\x05\x02";
// Microsoft's, a bit short.
char text_wrong[] = EPA_GSS_INTERPOSER "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02";
// Kerberos through the server's own way to a KDC: the engine knows no such token and refuses it.
char text_iakerb[] = EPA_GSS_INTERPOSER "\x2b\x06\x01\x05\x02\x05";

template <size_t kSize>
constexpr Mechanism MechanismOf(char (&text)[kSize]) {
  constexpr auto kLength = static_cast<OM_uint32>(kSize - 1);
  return {{kLength - static_cast<OM_uint32>(kPrefix), text + kPrefix}, {kLength, text}};
}

Mechanism mechanisms[] = {MechanismOf(text_krb5), MechanismOf(text_old), MechanismOf(text_wrong),
                          MechanismOf(text_iakerb)};
constexpr size_t kCount = sizeof(mechanisms) / sizeof(mechanisms[0]);

bool Equal(gss_const_OID a, gss_const_OID b) {
  return a != nullptr && b != nullptr && a->length == b->length &&
         memcmp(a->elements, b->elements, a->length) == 0;
}

// SPNEGO asks for names of no mechanism.
gss_OID SpecialOf(gss_const_OID mech) {
  for (Mechanism& mechanism : mechanisms) {
    if (Equal(mech, &mechanism.real)) {
      return &mechanism.special;
    }
  }
  return mech == GSS_C_NO_OID ? &mechanisms[0].special : const_cast<gss_OID>(mech);
}

// A set of special mechanisms, without memory of its own.
class SpecialSet {
 public:
  explicit SpecialSet(gss_const_OID_set mechs) {
    for (size_t i = 0; mechs != nullptr && i < mechs->count && set_.count < kCount; ++i) {
      Add(*SpecialOf(&mechs->elements[i]));
    }
    for (size_t i = 0; mechs == nullptr && i < kCount; ++i) {
      Add(mechanisms[i].special);
    }
  }
  gss_OID_set get() { return &set_; }

 private:
  void Add(const gss_OID_desc& mech) { members_[set_.count++] = mech; }

  gss_OID_desc members_[kCount] = {};
  gss_OID_set_desc set_ = {0, members_};
};

// Set once, before any other thread can be here: GSS-API holds its lock.
const Engine* engine = nullptr;

bool IsCredentialOf(gss_cred_id_t cred) { return cred != GSS_C_NO_CREDENTIAL; }

// Without a credential GSS-API would take its default mechanism, which is this one.
class CredentialOrDefault {
 public:
  CredentialOrDefault(gss_cred_id_t given, gss_cred_usage_t usage) : cred_(given) {
    if (!IsCredentialOf(given)) {
      SpecialSet all(nullptr);
      major_ = gss_acquire_cred(&minor_, GSS_C_NO_NAME, GSS_C_INDEFINITE, all.get(), usage, &own_,
                                nullptr, nullptr);
      cred_ = own_;
    }
  }
  ~CredentialOrDefault() {
    OM_uint32 ignored = 0;
    if (own_ != GSS_C_NO_CREDENTIAL) {
      gss_release_cred(&ignored, &own_);
    }
  }
  CredentialOrDefault(const CredentialOrDefault&) = delete;
  CredentialOrDefault& operator=(const CredentialOrDefault&) = delete;

  bool ok() const { return major_ == GSS_S_COMPLETE; }
  OM_uint32 Fail(OM_uint32* minor) const {
    *minor = minor_;
    return major_;
  }
  gss_cred_id_t get() const { return cred_; }

 private:
  OM_uint32 major_ = GSS_S_COMPLETE;
  OM_uint32 minor_ = 0;
  gss_cred_id_t cred_;
  gss_cred_id_t own_ = GSS_C_NO_CREDENTIAL;
};

bool Copy(Octets octets, gss_buffer_t out) {
  out->value = malloc(octets.size() + 1);
  out->length = out->value == nullptr ? 0 : octets.size();
  if (out->length != 0) {
    memcpy(out->value, octets.data(), octets.size());
  }
  return out->value != nullptr;
}

Octets OctetsOf(const gss_buffer_desc* buffer) {
  return {static_cast<const uint8_t*>(buffer->value), buffer->length};
}

// GSS-API asks for the text of a client's name at the end of a login, on the same thread, and once
// more than without this library. Kerberos reads its configuration for each answer; the engine has
// the text already.
class NameOfLogin {
 public:
  void Set(gss_name_t name, const char* text) {
    const size_t length = text == nullptr ? 0 : strlen(text);
    name_ = GSS_C_NO_NAME;
    if (length != 0 && length <= sizeof(text_)) {
      memcpy(text_, text, length);
      length_ = length;
      name_ = name;
    }
  }
  // Its text, once; else nothing.
  Octets Take(gss_name_t name) {
    if (name == GSS_C_NO_NAME || name != name_) {
      return {};
    }
    name_ = GSS_C_NO_NAME;
    return {text_, length_};
  }

 private:
  gss_name_t name_;  // of this thread's last login, until it was asked for
  size_t length_;
  uint8_t text_[256];
};

thread_local NameOfLogin name_of_login;

// What Kerberos exported goes out without the inner frame, so that it is the same with and without
// this library.
OM_uint32 StripFrame(OM_uint32* minor, bool counted, gss_buffer_t token) {
  Octets body = {};
  gss_buffer_desc stripped = GSS_C_EMPTY_BUFFER;
  const bool good = ReadFrame(counted, OctetsOf(token), body) && Copy(body, &stripped);
  OM_uint32 ignored = 0;
  gss_release_buffer(&ignored, token);
  *token = stripped;
  *minor = 0;
  return good ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

void PutBigEndian(uint32_t value, uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    out[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
  }
}

// The way back, with the special mechanism in it. Freed by the caller.
bool AddFrame(gss_const_OID mech, bool counted, const gss_buffer_desc* body, gss_buffer_t out) {
  const gss_OID_desc* const special = SpecialOf(mech);
  const size_t head = 4 + special->length + (counted ? 4 : 0);
  auto* const octets = static_cast<uint8_t*>(malloc(head + body->length));
  if (octets == nullptr || body->length > UINT32_MAX) {
    free(octets);
    return false;
  }
  PutBigEndian(special->length, octets);
  memcpy(octets + 4, special->elements, special->length);
  if (counted) {
    PutBigEndian(static_cast<uint32_t>(body->length), octets + 4 + special->length);
  }
  if (body->length != 0) {
    memcpy(octets + head, body->value, body->length);
  }
  out->value = octets;
  out->length = head + body->length;
  return true;
}

// The mechanism of an exported name would be the real one.
OM_uint32 ImportName(OM_uint32* minor, gss_const_OID mech, gss_buffer_t text, gss_OID type,
                     gss_name_t* name) {
  gss_buffer_desc principal = GSS_C_EMPTY_BUFFER;
  if (Equal(type, GSS_C_NT_EXPORT_NAME)) {
    Octets exported;
    if (!ReadExportedName(OctetsOf(text), exported)) {
      *minor = 0;
      return GSS_S_BAD_NAME;
    }
    principal = {exported.size(), const_cast<uint8_t*>(exported.data())};
    text = &principal;
    type = const_cast<gss_OID>(gss_nt_krb5_name);
  }
  gss_name_t imported = GSS_C_NO_NAME;
  OM_uint32 major = gss_import_name(minor, text, type, &imported);
  if (major != GSS_S_COMPLETE) {
    return major;
  }
  major = gss_canonicalize_name(minor, imported, SpecialOf(mech), name);
  OM_uint32 ignored = 0;
  gss_release_name(&ignored, &imported);
  return major;
}

}  // namespace
}  // namespace epa::gss

#define EPA_GSS_EXPORT extern "C" __attribute__((visibility("default"))) OM_uint32

using epa::gss::CredentialOrDefault;
using epa::gss::SpecialOf;
using epa::gss::SpecialSet;

extern "C" __attribute__((visibility("default"))) gss_OID_set gss_mech_interposer(gss_OID mech) {
  using epa::gss::kCount;
  using epa::gss::kPrefix;
  if (mech->length != kPrefix || memcmp(mech->elements, EPA_GSS_INTERPOSER, kPrefix) != 0 ||
      !epa::gss::MayBeConfigured()) {
    return GSS_C_NO_OID_SET;
  }
  epa::gss::engine = epa::gss::LoadEngine();
  if (epa::gss::engine != nullptr && !epa::gss::engine->configured()) {
    return GSS_C_NO_OID_SET;
  }
  OM_uint32 minor = 0;
  gss_OID_set set = GSS_C_NO_OID_SET;
  bool good = gss_create_empty_oid_set(&minor, &set) == GSS_S_COMPLETE;
  for (size_t i = 0; good && i < kCount; ++i) {
    good = gss_add_oid_set_member(&minor, &epa::gss::mechanisms[i].real, &set) == GSS_S_COMPLETE;
  }
  return set;
}

EPA_GSS_EXPORT gssi_accept_sec_context(OM_uint32* minor, gss_ctx_id_t* context, gss_cred_id_t cred,
                                       gss_buffer_t token, gss_channel_bindings_t bindings,
                                       gss_name_t* source, gss_OID* mech, gss_buffer_t answer,
                                       OM_uint32* flags, OM_uint32* lifetime,
                                       gss_cred_id_t* delegated) {
  const epa::gss::Engine* const engine = epa::gss::engine;
  epa::gss::KerberosVerdict verdict = {GSS_S_FAILURE, 0, bindings, nullptr, nullptr};
  if (*context != GSS_C_NO_CONTEXT) {
    verdict.major = GSS_S_COMPLETE;  // its first token was looked at
  } else if (engine != nullptr) {
    verdict = engine->inspect(token, bindings);
  }
  if (verdict.major != GSS_S_COMPLETE) {
    *minor = verdict.minor;
    return verdict.major;
  }
  OM_uint32 major = 0;
  {
    const CredentialOrDefault acceptor(cred, GSS_C_ACCEPT);
    major = !acceptor.ok()
                ? acceptor.Fail(minor)
                : gss_accept_sec_context(minor, context, acceptor.get(), token, verdict.bindings,
                                         source, mech, answer, flags, lifetime, delegated);
  }
  if (major == GSS_S_COMPLETE && source != nullptr) {
    epa::gss::name_of_login.Set(*source, verdict.client);
  }
  if (verdict.login != nullptr) {
    engine->conclude(verdict.login, major);
  }
  return major;
}

EPA_GSS_EXPORT gssi_display_name(OM_uint32* minor, gss_name_t name, gss_buffer_t text,
                                 gss_OID* type) {
  const epa::gss::Octets known = epa::gss::name_of_login.Take(name);
  if (known.empty()) {
    return gss_display_name(minor, name, text, type);
  }
  *minor = 0;
  if (type != nullptr) {
    *type = const_cast<gss_OID>(gss_nt_krb5_name);
  }
  return epa::gss::Copy(known, text) ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

EPA_GSS_EXPORT gssi_release_name(OM_uint32* minor, gss_name_t* name) {
  (void)epa::gss::name_of_login.Take(*name);
  return gss_release_name(minor, name);
}

EPA_GSS_EXPORT gssi_init_sec_context(OM_uint32* minor, gss_cred_id_t cred, gss_ctx_id_t* context,
                                     gss_name_t target, gss_OID mech, OM_uint32 wanted,
                                     OM_uint32 time, gss_channel_bindings_t bindings,
                                     gss_buffer_t token, gss_OID* actual, gss_buffer_t answer,
                                     OM_uint32* flags, OM_uint32* lifetime) {
  const bool first = *context == GSS_C_NO_CONTEXT;
  const OM_uint32 major =
      gss_init_sec_context(minor, cred, context, target, SpecialOf(mech), wanted, time, bindings,
                           token, actual, answer, flags, lifetime);
  if (first && !GSS_ERROR(major) && epa::gss::engine != nullptr) {
    epa::gss::engine->initiated(answer);
  }
  return major;
}

EPA_GSS_EXPORT gssi_acquire_cred(OM_uint32* minor, gss_name_t name, OM_uint32 time,
                                 gss_OID_set mechs, gss_cred_usage_t usage, gss_cred_id_t* cred,
                                 gss_OID_set* actual, OM_uint32* lifetime) {
  return gss_acquire_cred(minor, name, time, SpecialSet(mechs).get(), usage, cred, actual,
                          lifetime);
}

EPA_GSS_EXPORT gssi_acquire_cred_from(OM_uint32* minor, gss_name_t name, OM_uint32 time,
                                      gss_OID_set mechs, gss_cred_usage_t usage,
                                      gss_const_key_value_set_t store, gss_cred_id_t* cred,
                                      gss_OID_set* actual, OM_uint32* lifetime) {
  return gss_acquire_cred_from(minor, name, time, SpecialSet(mechs).get(), usage, store, cred,
                               actual, lifetime);
}

EPA_GSS_EXPORT gssi_acquire_cred_with_password(OM_uint32* minor, gss_name_t name,
                                               gss_buffer_t password, OM_uint32 time,
                                               gss_OID_set mechs, gss_cred_usage_t usage,
                                               gss_cred_id_t* cred, gss_OID_set* actual,
                                               OM_uint32* lifetime) {
  return gss_acquire_cred_with_password(minor, name, password, time, SpecialSet(mechs).get(), usage,
                                        cred, actual, lifetime);
}

EPA_GSS_EXPORT gssi_acquire_cred_impersonate_name(OM_uint32* minor, gss_cred_id_t impersonator,
                                                  gss_name_t name, OM_uint32 time,
                                                  gss_OID_set mechs, gss_cred_usage_t usage,
                                                  gss_cred_id_t* cred, gss_OID_set* actual,
                                                  OM_uint32* lifetime) {
  return gss_acquire_cred_impersonate_name(minor, impersonator, name, time, SpecialSet(mechs).get(),
                                           usage, cred, actual, lifetime);
}

EPA_GSS_EXPORT gssi_inquire_cred(OM_uint32* minor, gss_cred_id_t cred, gss_name_t* name,
                                 OM_uint32* lifetime, gss_cred_usage_t* usage, gss_OID_set* mechs) {
  const CredentialOrDefault inquired(cred, GSS_C_BOTH);
  return inquired.ok() ? gss_inquire_cred(minor, inquired.get(), name, lifetime, usage, mechs)
                       : inquired.Fail(minor);
}

EPA_GSS_EXPORT gssi_inquire_cred_by_mech(OM_uint32* minor, gss_cred_id_t cred, gss_OID mech,
                                         gss_name_t* name, OM_uint32* initiator,
                                         OM_uint32* acceptor, gss_cred_usage_t* usage) {
  const CredentialOrDefault inquired(cred, GSS_C_BOTH);
  return inquired.ok() ? gss_inquire_cred_by_mech(minor, inquired.get(), SpecialOf(mech), name,
                                                  initiator, acceptor, usage)
                       : inquired.Fail(minor);
}

EPA_GSS_EXPORT gssi_store_cred(OM_uint32* minor, gss_cred_id_t cred, gss_cred_usage_t usage,
                               gss_OID mech, OM_uint32 overwrite, OM_uint32 make_default,
                               gss_OID_set* stored, gss_cred_usage_t* stored_usage) {
  return gss_store_cred(minor, cred, usage, SpecialOf(mech), overwrite, make_default, stored,
                        stored_usage);
}

EPA_GSS_EXPORT gssi_store_cred_into(OM_uint32* minor, gss_cred_id_t cred, gss_cred_usage_t usage,
                                    gss_OID mech, OM_uint32 overwrite, OM_uint32 make_default,
                                    gss_const_key_value_set_t store, gss_OID_set* stored,
                                    gss_cred_usage_t* stored_usage) {
  return gss_store_cred_into(minor, cred, usage, SpecialOf(mech), overwrite, make_default, store,
                             stored, stored_usage);
}

EPA_GSS_EXPORT gssi_export_cred(OM_uint32* minor, gss_cred_id_t cred, gss_buffer_t token) {
  const OM_uint32 major = gss_export_cred(minor, cred, token);
  return major == GSS_S_COMPLETE ? epa::gss::StripFrame(minor, true, token) : major;
}

EPA_GSS_EXPORT gssi_import_cred_by_mech(OM_uint32* minor, gss_OID mech, gss_buffer_t token,
                                        gss_cred_id_t* cred) {
  gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
  if (!epa::gss::AddFrame(mech, true, token, &framed)) {
    *minor = 0;
    return GSS_S_FAILURE;
  }
  const OM_uint32 major = gss_import_cred(minor, &framed, cred);
  free(framed.value);
  return major;
}

EPA_GSS_EXPORT gssi_export_sec_context(OM_uint32* minor, gss_ctx_id_t* context,
                                       gss_buffer_t token) {
  const OM_uint32 major = gss_export_sec_context(minor, context, token);
  return major == GSS_S_COMPLETE ? epa::gss::StripFrame(minor, false, token) : major;
}

EPA_GSS_EXPORT gssi_import_sec_context_by_mech(OM_uint32* minor, gss_OID mech, gss_buffer_t token,
                                               gss_ctx_id_t* context) {
  gss_buffer_desc framed = GSS_C_EMPTY_BUFFER;
  if (!epa::gss::AddFrame(mech, false, token, &framed)) {
    *minor = 0;
    return GSS_S_FAILURE;
  }
  const OM_uint32 major = gss_import_sec_context(minor, &framed, context);
  free(framed.value);
  return major;
}

EPA_GSS_EXPORT gssi_import_name(OM_uint32* minor, gss_buffer_t text, gss_OID type,
                                gss_name_t* name) {
  return epa::gss::ImportName(minor, GSS_C_NO_OID, text, type, name);
}

EPA_GSS_EXPORT gssi_import_name_by_mech(OM_uint32* minor, gss_OID mech, gss_buffer_t text,
                                        gss_OID type, gss_name_t* name) {
  return epa::gss::ImportName(minor, mech, text, type, name);
}

EPA_GSS_EXPORT gssi_authorize_localname(OM_uint32* minor, gss_name_t name, gss_buffer_t user,
                                        gss_OID type) {
  gss_name_t local = GSS_C_NO_NAME;
  OM_uint32 major = gss_import_name(minor, user, type, &local);
  if (major == GSS_S_COMPLETE) {
    major = gss_authorize_localname(minor, name, local);
    OM_uint32 ignored = 0;
    gss_release_name(&ignored, &local);
  }
  return major;
}

EPA_GSS_EXPORT gssi_localname(OM_uint32* minor, gss_name_t name, gss_const_OID mech,
                              gss_buffer_t local) {
  return gss_localname(minor, name, SpecialOf(mech), local);
}

// Minor codes are ours, or GSS-API's numbers for the special mechanism's.
EPA_GSS_EXPORT gssi_display_status(OM_uint32* minor, OM_uint32 value, int type, gss_OID mech,
                                   OM_uint32* more, gss_buffer_t text) {
  if (type == GSS_C_MECH_CODE && epa::gss::IsOurMinor(value)) {
    return epa::gss::engine == nullptr
               ? GSS_S_BAD_STATUS
               : epa::gss::engine->ntlm.gss_display_status(minor, value, type, mech, more, text);
  }
  return gss_display_status(minor, value, type, SpecialOf(mech), more, text);
}

EPA_GSS_EXPORT gssi_inquire_attrs_for_mech(OM_uint32* minor, gss_const_OID mech,
                                           gss_OID_set* attributes, gss_OID_set* known) {
  return gss_inquire_attrs_for_mech(minor, SpecialOf(mech), attributes, known);
}

EPA_GSS_EXPORT gssi_inquire_names_for_mech(OM_uint32* minor, gss_OID mech, gss_OID_set* types) {
  return gss_inquire_names_for_mech(minor, SpecialOf(mech), types);
}

EPA_GSS_EXPORT gssi_inquire_saslname_for_mech(OM_uint32* minor, gss_OID mech, gss_buffer_t sasl,
                                              gss_buffer_t name, gss_buffer_t description) {
  return gss_inquire_saslname_for_mech(minor, SpecialOf(mech), sasl, name, description);
}

EPA_GSS_EXPORT gssi_inquire_mech_for_saslname(OM_uint32* minor, gss_buffer_t sasl, gss_OID* mech) {
  constexpr char kName[] = "GS2-KRB5";
  *minor = 0;
  if (sasl->length != sizeof(kName) - 1 || memcmp(sasl->value, kName, sizeof(kName) - 1) != 0) {
    return GSS_S_BAD_MECH;
  }
  if (mech != nullptr) {
    *mech = &epa::gss::mechanisms[0].real;
  }
  return GSS_S_COMPLETE;
}

EPA_GSS_EXPORT gssi_mech_invoke(OM_uint32* minor, gss_OID mech, gss_OID object,
                                gss_buffer_t value) {
  return gssspi_mech_invoke(minor, SpecialOf(mech), object, value);
}
