// Samba's libwbclient, loaded when it is asked for: a program without it needs no Samba.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

// Uses the types of <cstdint> without including it.
#include <wbclient.h>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/winbind/client.h"

namespace epa::winbind {
namespace {

constexpr const char* kLibrary = "libwbclient.so.0";

// Its functions, and the library they are in for the rest of the process.
struct Library {
  decltype(&wbcCtxCreate) create = nullptr;
  decltype(&wbcCtxFree) free_context = nullptr;
  decltype(&wbcCtxPing) ping = nullptr;
  decltype(&wbcCtxInterfaceDetails) details = nullptr;
  decltype(&wbcCtxLookupName) look_up = nullptr;
  decltype(&wbcCtxAuthenticateUserEx) authenticate = nullptr;
  decltype(&wbcFreeMemory) free_memory = nullptr;
  decltype(&wbcErrorString) error_string = nullptr;
};

template <typename Function>
bool Find(void* library, const char* name, Function& out) {
  out = reinterpret_cast<Function>(dlsym(library, name));
  return out != nullptr;
}

absl::StatusOr<Library> Load() {
  void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return absl::UnavailableError(std::string(kLibrary) +
                                  " cannot be loaded: install libwbclient0 and winbind");
  }
  Library found;
  if (!Find(library, "wbcCtxCreate", found.create) ||
      !Find(library, "wbcCtxFree", found.free_context) ||
      !Find(library, "wbcCtxPing", found.ping) ||
      !Find(library, "wbcCtxInterfaceDetails", found.details) ||
      !Find(library, "wbcCtxLookupName", found.look_up) ||
      !Find(library, "wbcCtxAuthenticateUserEx", found.authenticate) ||
      !Find(library, "wbcFreeMemory", found.free_memory) ||
      !Find(library, "wbcErrorString", found.error_string)) {
    return absl::UnavailableError(std::string(kLibrary) + " is older than Samba 4.3");
  }
  return found;
}

// What libwbclient allocates.
template <typename T>
class Owned {
 public:
  explicit Owned(const Library& library) : library_(library) {}
  ~Owned() {
    if (value_ != nullptr) {
      library_.free_memory(value_);
    }
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;

  T** out() { return &value_; }
  const T* get() const { return value_; }
  const T* operator->() const { return value_; }

 private:
  const Library& library_;
  T* value_ = nullptr;
};

std::string TextOf(const char* text) { return text != nullptr ? text : ""; }

// [MS-DTYP] 2.4.2.1: "S-1-", the authority, and the sub-authorities in decimal.
std::string SidText(const wbcDomainSid& sid) {
  uint64_t authority = 0;
  for (const uint8_t octet : sid.id_auth) {
    authority = authority << 8 | octet;
  }
  std::string text = "S-" + std::to_string(sid.sid_rev_num) + "-" + std::to_string(authority);
  const int count = std::min<int>(sid.num_auths, WBC_MAXSUBAUTHS);
  for (int i = 0; i < count; ++i) {
    text += "-" + std::to_string(sid.sub_auths[i]);
  }
  return text;
}

// Each once: the primary group is also among the groups. Those that only serve to deny are no
// membership.
std::vector<std::string> SidsOf(const wbcAuthUserInfo& info) {
  std::vector<std::string> sids;
  for (uint32_t i = 0; i < info.num_sids; ++i) {
    std::string sid = SidText(info.sids[i].sid);
    const bool counts =
        i == 0 || (info.sids[i].attributes & WBC_SID_ATTR_GROUP_USEFOR_DENY_ONLY) == 0;
    if (counts && std::find(sids.begin(), sids.end(), sid) == sids.end()) {
      sids.push_back(std::move(sid));
    }
  }
  return sids;
}

std::string LowercaseAscii(std::string text) {
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

class LibwbclientConnection final : public Client {
 public:
  explicit LibwbclientConnection(const Library& library)
      : library_(library), context_(library.create()) {}
  ~LibwbclientConnection() override {
    if (context_ != nullptr) {
      library_.free_context(context_);
    }
  }

  absl::Status Connect() override {
    if (context_ == nullptr) {
      return absl::ResourceExhaustedError("libwbclient has no memory for a connection");
    }
    return StatusFrom(library_.ping(context_));
  }

  absl::StatusOr<ntlm::ChallengeNames> MachineNames() override {
    Owned<struct wbcInterfaceDetails> details(library_);
    EPA_RETURN_IF_ERROR(StatusFrom(library_.details(context_, details.out())));
    ntlm::ChallengeNames names;
    names.netbios_computer = TextOf(details->netbios_name);
    names.netbios_domain = TextOf(details->netbios_domain);
    names.dns_domain = TextOf(details->dns_domain);
    if (!names.dns_domain.empty()) {
      names.dns_computer = LowercaseAscii(names.netbios_computer) + "." + names.dns_domain;
    }
    return names;
  }

  absl::StatusOr<std::string> LookUp(const std::string& name) override {
    const size_t backslash = name.find('\\');
    if (backslash == std::string::npos) {
      return absl::InvalidArgumentError("'" + name + "' is neither a SID nor DOMAIN\\name");
    }
    wbcDomainSid sid{};
    wbcSidType type = WBC_SID_NAME_USE_NONE;
    const wbcErr error = library_.look_up(context_, name.substr(0, backslash).c_str(),
                                          name.substr(backslash + 1).c_str(), &sid, &type);
    if (error == WBC_ERR_DOMAIN_NOT_FOUND) {
      return absl::InvalidArgumentError("the domain knows no '" + name + "'");
    }
    EPA_RETURN_IF_ERROR(StatusFrom(error));
    return SidText(sid);
  }

  absl::StatusOr<Answer> Authenticate(const Question& question) override {
    Owned<wbcAuthUserInfo> info(library_);
    Owned<wbcAuthErrorInfo> refusal(library_);
    wbcAuthUserParams parameters = ParametersOf(question);
    const wbcErr error = library_.authenticate(context_, &parameters, info.out(), refusal.out());
    if (error == WBC_ERR_AUTH_ERROR && refusal.get() != nullptr && refusal->nt_status != 0) {
      Answer answer;
      answer.nt_status = refusal->nt_status;
      return answer;
    }
    if (error == WBC_ERR_WINBIND_NOT_AVAILABLE && library_.ping(context_) == WBC_ERR_SUCCESS) {
      return absl::UnavailableError(
          "winbindd runs, but its privileged pipe is not for this user, who is not in the group "
          "winbindd_priv");
    }
    EPA_RETURN_IF_ERROR(StatusFrom(error));
    if (info.get() == nullptr) {
      return absl::UnavailableError("winbindd's answer is empty");
    }
    return AnswerOf(*info.get());
  }

 private:
  static wbcAuthUserParams ParametersOf(const Question& question) {
    wbcAuthUserParams parameters{};
    parameters.account_name = question.user.c_str();
    parameters.domain_name = question.domain.c_str();
    parameters.workstation_name = question.workstation.c_str();
    if (question.allow_computer_accounts) {
      parameters.parameter_control =
          WBC_MSV1_0_ALLOW_WORKSTATION_TRUST_ACCOUNT | WBC_MSV1_0_ALLOW_SERVER_TRUST_ACCOUNT;
    }
    parameters.level = wbcAuthUserParams::WBC_AUTH_USER_LEVEL_RESPONSE;
    auto& response = parameters.password.response;
    std::copy(question.challenge.begin(), question.challenge.end(), response.challenge);
    response.nt_length = static_cast<uint32_t>(question.nt_response.size());
    response.nt_data = const_cast<uint8_t*>(question.nt_response.data());
    return parameters;
  }

  static Answer AnswerOf(const wbcAuthUserInfo& info) {
    Answer answer;
    answer.user = TextOf(info.account_name);
    answer.domain = TextOf(info.domain_name);
    answer.dns_domain = TextOf(info.dns_domain_name);
    answer.principal = TextOf(info.user_principal);
    answer.session_key = Secret<16>(std::span<const uint8_t, 16>(info.user_session_key));
    answer.user_flags = info.user_flags;
    answer.sids = SidsOf(info);
    return answer;
  }

  absl::Status StatusFrom(wbcErr error) const {
    if (error == WBC_ERR_SUCCESS) {
      return absl::OkStatus();
    }
    if (error == WBC_ERR_WINBIND_NOT_AVAILABLE) {
      return absl::UnavailableError("winbindd does not answer: does it run? (package winbind)");
    }
    return absl::UnavailableError(std::string("winbindd: ") + library_.error_string(error));
  }

  const Library& library_;
  wbcContext* const context_;
};

}  // namespace

absl::StatusOr<ClientFactory> LibwbclientFactory() {
  static const auto& library = *new absl::StatusOr<Library>(Load());
  EPA_RETURN_IF_ERROR(library.status());
  return
      []() -> std::unique_ptr<Client> { return std::make_unique<LibwbclientConnection>(*library); };
}

}  // namespace epa::winbind
