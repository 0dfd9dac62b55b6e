// Logins through GSS-API, with whatever mechanisms GSS_MECH_CONFIG names.
//
//   epa_gss_calls ntlm
//       microseconds of a login: a server's credential, four messages, both ends
//   epa_gss_calls kerberos CACHE...
//       microseconds of gss_accept_sec_context, with the tickets of those caches in turn
//   epa_gss_calls first
//       milliseconds of a process's first call, and the memory it added in KiB
//
// Logins are counted in processor time, so that what else the machine does matters little.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
}

namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr int kBatches = 20;
constexpr size_t kLogins = 100;

[[noreturn]] void Fail(const char* call, OM_uint32 major, OM_uint32 minor) {
  std::fprintf(stderr, "%s: %#x, %u\n", call, major, minor);
  std::exit(1);
}

void Check(const char* call, OM_uint32 major, OM_uint32 minor) {
  if (GSS_ERROR(major) != 0) {
    Fail(call, major, minor);
  }
}

// Of this thread, which is the only one that works.
Microseconds ProcessorTime() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// The middle of several batches' averages.
template <typename Batch>
double Measure(Batch batch) {
  std::vector<double> averages;
  for (int i = 0; i < kBatches; ++i) {
    averages.push_back(Microseconds(batch()).count() / static_cast<double>(kLogins));
  }
  std::ranges::nth_element(averages, averages.begin() + kBatches / 2);
  return averages[kBatches / 2];
}

struct Bindings {
  Bindings() { structure.application_data = {sizeof(text) - 1, text}; }

  char text[54] = "tls-server-end-point:01234567890123456789012345678901";
  gss_channel_bindings_struct structure = {};
};

gss_name_t Target() {
  char text[] = "HTTP@localhost";
  gss_buffer_desc buffer = {sizeof(text) - 1, text};
  gss_name_t name = GSS_C_NO_NAME;
  OM_uint32 minor = 0;
  Check("gss_import_name", gss_import_name(&minor, &buffer, GSS_C_NT_HOSTBASED_SERVICE, &name),
        minor);
  return name;
}

class Mechanism {
 public:
  Mechanism(const char* octets, OM_uint32 size) : oid_{size, const_cast<char*>(octets)} {}

  gss_OID oid() { return &oid_; }
  gss_cred_id_t CredentialOf(const char* cache) {
    gss_OID_set_desc set = {1, &oid_};
    gss_key_value_element_desc element = {"ccache", cache};
    const gss_key_value_set_desc store = {1, &element};
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor = 0;
    Check("gss_acquire_cred_from",
          gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &set, GSS_C_INITIATE,
                                &store, &cred, nullptr, nullptr),
          minor);
    return cred;
  }
  gss_cred_id_t Credential(gss_cred_usage_t usage) {
    gss_OID_set_desc set = {1, &oid_};
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor = 0;
    Check("gss_acquire_cred",
          gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &set, usage, &cred, nullptr,
                           nullptr),
          minor);
    return cred;
  }

 private:
  gss_OID_desc oid_;
};

// One end of a login.
class End {
 public:
  ~End() {
    OM_uint32 minor = 0;
    gss_delete_sec_context(&minor, &context_, GSS_C_NO_BUFFER);
    gss_release_name(&minor, &source_);
  }

  OM_uint32 Initiate(Mechanism& mechanism, gss_cred_id_t cred, gss_name_t target,
                     Bindings& bindings, gss_buffer_desc& token) {
    gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_init_sec_context(
        &minor, cred, &context_, target, mechanism.oid(), GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG, 0,
        &bindings.structure, &token, nullptr, &answer, nullptr, nullptr);
    Check("gss_init_sec_context", major, minor);
    gss_release_buffer(&minor, &token);
    token = answer;
    return major;
  }
  OM_uint32 Accept(gss_cred_id_t cred, Bindings& bindings, gss_buffer_desc& token) {
    gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    OM_uint32 flags = 0;
    const OM_uint32 major =
        gss_accept_sec_context(&minor, &context_, cred, &token, &bindings.structure, &source_,
                               nullptr, &answer, &flags, nullptr, nullptr);
    Check("gss_accept_sec_context", major, minor);
    if (major == GSS_S_COMPLETE && (flags & GSS_C_CHANNEL_BOUND_FLAG) == 0) {
      Fail("not bound", major, flags);
    }
    gss_release_buffer(&minor, &token);
    token = answer;
    return major;
  }

 private:
  gss_ctx_id_t context_ = GSS_C_NO_CONTEXT;
  gss_name_t source_ = GSS_C_NO_NAME;
};

double NtlmLogin() {
  Mechanism ntlm("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a", 10);
  const gss_cred_id_t client = ntlm.Credential(GSS_C_INITIATE);
  const gss_name_t target = Target();
  Bindings bindings;
  return Measure([&] {
    const auto begin = ProcessorTime();
    for (size_t i = 0; i < kLogins; ++i) {
      gss_cred_id_t server = ntlm.Credential(GSS_C_ACCEPT);
      gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
      End initiator;
      End acceptor;
      do {
        initiator.Initiate(ntlm, client, target, bindings, token);
      } while (acceptor.Accept(server, bindings, token) == GSS_S_CONTINUE_NEEDED);
      OM_uint32 minor = 0;
      gss_release_buffer(&minor, &token);
      gss_release_cred(&minor, &server);
    }
    return ProcessorTime() - begin;
  });
}

double KerberosAccept(std::span<char* const> caches) {
  Mechanism krb5("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 9);
  std::vector<gss_cred_id_t> clients;
  for (const char* const cache : caches) {
    clients.push_back(krb5.CredentialOf(cache));
  }
  const gss_cred_id_t server = krb5.Credential(GSS_C_ACCEPT);
  const gss_name_t target = Target();
  Bindings bindings;
  return Measure([&] {
    std::vector<End> initiators(kLogins);
    std::vector<gss_buffer_desc> tokens(kLogins, gss_buffer_desc{0, nullptr});
    for (size_t i = 0; i < kLogins; ++i) {
      initiators[i].Initiate(krb5, clients[i % clients.size()], target, bindings, tokens[i]);
    }
    std::vector<End> acceptors(kLogins);
    const auto begin = ProcessorTime();
    for (size_t i = 0; i < kLogins; ++i) {
      acceptors[i].Accept(server, bindings, tokens[i]);
    }
    const auto time = ProcessorTime() - begin;
    OM_uint32 minor = 0;
    for (gss_buffer_desc& token : tokens) {
      gss_release_buffer(&minor, &token);
    }
    return time;
  });
}

long ResidentKib() {
  std::FILE* const file = std::fopen("/proc/self/status", "re");
  char line[256];
  long kib = 0;
  while (file != nullptr && std::fgets(line, sizeof(line), file) != nullptr) {
    std::sscanf(line, "VmRSS: %ld", &kib);
  }
  if (file != nullptr) {
    std::fclose(file);
  }
  return kib;
}

void FirstCall() {
  const long before = ResidentKib();
  const auto begin = Clock::now();
  OM_uint32 minor = 0;
  gss_OID_set mechs = GSS_C_NO_OID_SET;
  Check("gss_indicate_mechs", gss_indicate_mechs(&minor, &mechs), minor);
  const std::chrono::duration<double, std::milli> time = Clock::now() - begin;
  std::printf("%.3f %ld\n", time.count(), ResidentKib() - before);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc >= 2 ? argv[1] : "";
  if (what == "kerberos" && argc > 2) {
    std::printf("%.2f\n", KerberosAccept(std::span(argv + 2, argv + argc)));
  } else if (what == "ntlm" && argc == 2) {
    std::printf("%.2f\n", NtlmLogin());
  } else if (what == "first" && argc == 2) {
    FirstCall();
  } else {
    std::fprintf(stderr, "usage: epa_gss_calls ntlm | kerberos CACHE... | first\n");
    return 2;
  }
  return 0;
}
