// What the GSS-API plug-in takes from strangers: the first octet says which entry point gets the
// rest.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "fuzz/reach.h"
#include "fuzz/require.h"
#include "modules/gss/engine.h"
#include "modules/gss/frames.h"

extern "C" const epa::gss::Engine* epa_gss_engine_1();

namespace {

using epa::fuzz::Require;
using epa::gss::Octets;

epa::fuzz::ReachPoint exported_name("an exported name");
epa::fuzz::ReachPoint context_frame("the frame of a context");
epa::fuzz::ReachPoint credential_frame("the frame of a credential");
epa::fuzz::ReachPoint imported("a name that was imported");
epa::fuzz::ReachPoint not_imported("a name that was refused");
epa::fuzz::ReachPoint challenged("an NTLM message that is answered");
epa::fuzz::ReachPoint refused("an NTLM message that is refused");
epa::fuzz::ReachPoint kerberos("a Kerberos token");

const epa::gss::NtlmFunctions& Ntlm() {
  // No account: who gets as far as to need one is refused.
  static const epa::gss::Engine* const engine = [] {
    setenv("EPA_CONF", "/nonexistent/epa.conf", 1);
    setenv("NTLM_USER_FILE", EPA_FUZZ_ACCOUNTS, 1);
    return epa_gss_engine_1();
  }();
  return engine->ntlm;
}

bool Within(Octets part, Octets whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void ReadFrames(Octets octets) {
  Octets part;
  if (epa::gss::ReadExportedName(octets, part)) {
    exported_name.Reach();
    Require(Within(part, octets));
  }
  if (epa::gss::ReadFrame(false, octets, part)) {
    context_frame.Reach();
    Require(Within(part, octets));
  }
  if (epa::gss::ReadFrame(true, octets, part)) {
    credential_frame.Reach();
    Require(Within(part, octets));
  }
}

void ImportName(Octets octets, gss_OID type) {
  gss_buffer_desc text = {octets.size(), const_cast<uint8_t*>(octets.data())};
  OM_uint32 minor = 0;
  gss_name_t name = GSS_C_NO_NAME;
  const OM_uint32 major =
      Ntlm().gssspi_import_name_by_mech(&minor, GSS_C_NO_OID, &text, type, &name);
  imported.Reach(major == GSS_S_COMPLETE);
  not_imported.Reach(major != GSS_S_COMPLETE);
  Require((major == GSS_S_COMPLETE) == (name != GSS_C_NO_NAME));
  if (name == GSS_C_NO_NAME) {
    return;
  }
  gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
  Require(Ntlm().gss_display_name(&minor, name, &shown, nullptr) == GSS_S_COMPLETE);
  free(shown.value);
  Ntlm().gss_release_name(&minor, &name);
}

// Twice the same: the second is out of turn.
void Accept(Octets octets) {
  gss_buffer_desc token = {octets.size(), const_cast<uint8_t*>(octets.data())};
  gss_ctx_id_t context = GSS_C_NO_CONTEXT;
  for (int i = 0; i < 2; ++i) {
    gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;
    gss_name_t source = GSS_C_NO_NAME;
    OM_uint32 minor = 0;
    const OM_uint32 major =
        Ntlm().gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &token, nullptr,
                                      &source, nullptr, &answer, nullptr, nullptr, nullptr);
    Require(major != GSS_S_COMPLETE && source == GSS_C_NO_NAME);
    challenged.Reach(major == GSS_S_CONTINUE_NEEDED);
    refused.Reach(GSS_ERROR(major) != 0);
    free(answer.value);
    if (GSS_ERROR(major) != 0) {
      break;
    }
  }
  OM_uint32 minor = 0;
  Ntlm().gss_delete_sec_context(&minor, &context, nullptr);
}

// In a process without a service every token is refused, once it has been read.
void Inspect(Octets octets) {
  Ntlm();
  const gss_buffer_desc token = {octets.size(), const_cast<uint8_t*>(octets.data())};
  const epa::gss::KerberosVerdict verdict = epa_gss_engine_1()->inspect(&token, nullptr);
  Require(verdict.major != GSS_S_COMPLETE && verdict.login == nullptr);
  kerberos.Reach();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const Octets rest(data + 1, size - 1);
  switch (data[0]) {
    case 'f':
      ReadFrames(rest);
      break;
    case 'n':
      ImportName(rest, GSS_C_NT_USER_NAME);
      break;
    case 's':
      ImportName(rest, GSS_C_NT_HOSTBASED_SERVICE);
      break;
    case 'e':
      ImportName(rest, GSS_C_NT_EXPORT_NAME);
      break;
    case 'a':
      Accept(rest);
      break;
    case 'k':
      Inspect(rest);
      break;
    default:
      break;
  }
  return 0;
}
