// Owners of what libkrb5 hands out.
#ifndef EPA_PROVIDERS_KERBEROS_KRB5_HANDLES_H_
#define EPA_PROVIDERS_KERBEROS_KRB5_HANDLES_H_

#include <krb5/krb5.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace epa::kerberos {

// Frees with the context it was made with, which outlives it.
template <typename T, auto kFree>
class Krb5Owner {
 public:
  explicit Krb5Owner(krb5_context context) : context_(context) {}
  Krb5Owner(Krb5Owner&& other) noexcept
      : context_(other.context_), value_(std::exchange(other.value_, T())) {}
  Krb5Owner& operator=(Krb5Owner&& other) noexcept {
    std::swap(context_, other.context_);
    std::swap(value_, other.value_);
    return *this;
  }
  Krb5Owner(const Krb5Owner&) = delete;
  Krb5Owner& operator=(const Krb5Owner&) = delete;
  ~Krb5Owner() { Reset(); }

  T get() const { return value_; }
  T operator->() const { return value_; }
  explicit operator bool() const { return value_ != T(); }
  // For functions that fill it. Releases what was in it.
  T* out() {
    Reset();
    return &value_;
  }
  T Release() { return std::exchange(value_, T()); }

 private:
  void Reset() {
    if (value_ != T()) {
      (void)kFree(context_, std::exchange(value_, T()));
    }
  }

  krb5_context context_;
  T value_ = T();
};

using OwnedAuthContext = Krb5Owner<krb5_auth_context, krb5_auth_con_free>;
using OwnedAuthData = Krb5Owner<krb5_authdata**, krb5_free_authdata>;
using OwnedAuthenticator = Krb5Owner<krb5_authenticator*, krb5_free_authenticator>;
using OwnedCache = Krb5Owner<krb5_ccache, krb5_cc_close>;
using OwnedCreds = Krb5Owner<krb5_creds*, krb5_free_creds>;
using OwnedCredsList = Krb5Owner<krb5_creds**, krb5_free_tgt_creds>;
using OwnedError = Krb5Owner<krb5_error*, krb5_free_error>;
using OwnedInitOptions = Krb5Owner<krb5_get_init_creds_opt*, krb5_get_init_creds_opt_free>;
using OwnedKey = Krb5Owner<krb5_key, krb5_k_free_key>;
using OwnedKeytab = Krb5Owner<krb5_keytab, krb5_kt_close>;
using OwnedPac = Krb5Owner<krb5_pac, krb5_pac_free>;
using OwnedPrincipal = Krb5Owner<krb5_principal, krb5_free_principal>;
using OwnedApRep = Krb5Owner<krb5_ap_rep_enc_part*, krb5_free_ap_rep_enc_part>;
using OwnedTicket = Krb5Owner<krb5_ticket*, krb5_free_ticket>;
using OwnedText = Krb5Owner<char*, krb5_free_unparsed_name>;

// Data that libkrb5 allocated.
class OwnedData {
 public:
  explicit OwnedData(krb5_context context) : context_(context) {}
  OwnedData(const OwnedData&) = delete;
  OwnedData& operator=(const OwnedData&) = delete;
  ~OwnedData() { krb5_free_data_contents(context_, &data_); }

  krb5_data* out() { return &data_; }
  std::span<const uint8_t> octets() const {
    return {reinterpret_cast<const uint8_t*>(data_.data), data_.length};
  }

 private:
  krb5_context context_;
  krb5_data data_ = {};
};

// Views. libkrb5 takes pointers to mutable octets for what it only reads.
inline krb5_data ViewOf(std::span<const uint8_t> octets) {
  krb5_data data = {};
  data.length = static_cast<unsigned int>(octets.size());
  data.data = reinterpret_cast<char*>(const_cast<uint8_t*>(octets.data()));
  return data;
}
inline std::span<const uint8_t> OctetsOf(const krb5_data& data) {
  return {reinterpret_cast<const uint8_t*>(data.data), data.length};
}
inline std::span<const uint8_t> OctetsOf(const krb5_authdata& data) {
  return {data.contents, data.length};
}
inline std::span<const uint8_t> OctetsOf(const krb5_keyblock& key) {
  return {key.contents, key.length};
}
inline std::string_view TextViewOf(const krb5_data& data) { return {data.data, data.length}; }
inline std::string TextOf(const krb5_data& data) { return std::string(TextViewOf(data)); }
inline krb5_data ViewOfText(std::string_view text) {
  return ViewOf({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

}  // namespace epa::kerberos

#endif  // EPA_PROVIDERS_KERBEROS_KRB5_HANDLES_H_
