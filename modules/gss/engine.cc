// Everything behind the two small libraries, in one table.
#include "modules/gss/engine.h"

#include <string.h>

#include <new>

#include "modules/gss/kerberos_login.h"
#include "modules/gss/ntlm.h"
#include "modules/gss/report.h"
#include "modules/gss/services.h"

namespace epa::gss {
namespace {

// No exception leaves for C: without memory there is no login.
template <auto kFunction, typename Type>
struct Guarded;
template <auto kFunction, typename... Arguments>
struct Guarded<kFunction, OM_uint32 (*)(Arguments...)> {
  static OM_uint32 Call(Arguments... arguments) {
    try {
      return kFunction(arguments...);
    } catch (const std::bad_alloc&) {
      return GSS_S_FAILURE;
    }
  }
};

bool Configured() {
  try {
    return Services::OfThisProcess().configured();
  } catch (const std::bad_alloc&) {
    return true;
  }
}

KerberosVerdict Inspect(const gss_buffer_desc* token, gss_channel_bindings_t given) {
  try {
    return InspectKerberos(token, given);
  } catch (const std::bad_alloc&) {
    return {GSS_S_FAILURE, 0, nullptr, nullptr, nullptr};
  }
}

void Conclude(void* login, OM_uint32 major) {
  try {
    ConcludeKerberos(login, major);
  } catch (const std::bad_alloc&) {
    // No memory for the event, and nobody to tell.
  }
}

void Initiated(const gss_buffer_desc* token) {
  try {
    KerberosInitiated(token);
  } catch (const std::bad_alloc&) {
    // It will not be known as this process's own: refused, if anything.
  }
}

}  // namespace
}  // namespace epa::gss

// For `epa gss check`: one JSON document about what this process's logins are judged by, or null.
// Freed with free.
extern "C" __attribute__((visibility("default"))) char* epa_gss_report_1() {
  try {
    return strdup(epa::gss::ReportText().c_str());
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

extern "C" __attribute__((visibility("default"))) const epa::gss::Engine* epa_gss_engine_1() {
  using epa::gss::Guarded;
  namespace functions = epa::gss::ntlm_mechanism;
  static constexpr epa::gss::Engine kEngine = {epa::gss::Configured,
                                               epa::gss::Inspect,
                                               epa::gss::Conclude,
                                               epa::gss::Initiated,
                                               {
#define EPA_GSS_FUNCTION(name) Guarded<&functions::name, decltype(&functions::name)>::Call,
                                                   EPA_GSS_NTLM_FUNCTIONS(EPA_GSS_FUNCTION)
#undef EPA_GSS_FUNCTION
                                               }};
  return &kEngine;
}
