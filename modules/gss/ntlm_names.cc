#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "lib/base/ascii.h"
#include "modules/gss/frames.h"
#include "modules/gss/gssapi.h"
#include "modules/gss/ntlm.h"

namespace epa::gss::ntlm_mechanism {
namespace {

constexpr size_t kMaxName = 2048;

bool Is(gss_const_OID a, gss_const_OID b) { return gss_oid_equal(a, b) != 0; }

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

Name UserNamed(std::string_view text) {
  Name name;
  const size_t backslash = text.find('\\');
  const size_t at = text.rfind('@');
  if (backslash != std::string_view::npos) {
    name.domain = text.substr(0, backslash);
    name.user = text.substr(backslash + 1);
  } else if (at != std::string_view::npos && at != 0) {
    name.user = text.substr(0, at);
    name.domain = text.substr(at + 1);
  } else {
    name.user = text;
  }
  return name;
}

// "class@host", or the class alone for this host.
Name ServiceNamed(std::string_view text) {
  const size_t at = text.find('@');
  Name name;
  name.service = std::string(text.substr(0, at)) + "/" +
                 (at == std::string_view::npos ? HostName() : std::string(text.substr(at + 1)));
  return name;
}

Name PrincipalNamed(std::string_view text) {
  if (text.find('/') == std::string_view::npos) {
    return UserNamed(text);
  }
  Name name;
  name.service = text.substr(0, text.find('@'));
  return name;
}

OM_uint32 Import(std::string_view text, gss_const_OID type, Name& name) {
  const bool untyped = type == GSS_C_NO_OID;
  if (text.size() > kMaxName || text.find('\0') != std::string_view::npos) {
    return GSS_S_BAD_NAME;
  }
  if (Is(type, GSS_C_NT_ANONYMOUS)) {
    return GSS_S_COMPLETE;
  }
  if (text.empty()) {
    return GSS_S_BAD_NAME;
  }
  if (untyped || Is(type, GSS_C_NT_USER_NAME)) {
    name = UserNamed(text);
  } else if (Is(type, GSS_C_NT_HOSTBASED_SERVICE) || Is(type, GSS_C_NT_HOSTBASED_SERVICE_X)) {
    name = ServiceNamed(text);
  } else if (Is(type, gss_nt_krb5_name)) {
    name = PrincipalNamed(text);
  } else {
    return GSS_S_BAD_NAMETYPE;
  }
  return name.user.empty() && name.service.empty() ? GSS_S_BAD_NAME : GSS_S_COMPLETE;
}

bool IsPerson(const std::string& user) {
  std::array<char, 16384> buffer{};
  passwd entry = {};
  passwd* found = nullptr;
  return getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
         found != nullptr;
}

}  // namespace

gss_OID NtlmOid() {
  static char text[] = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
  static gss_OID_desc oid = {sizeof(text) - 1, text};
  return &oid;
}

std::string Name::UserText() const { return domain.empty() ? user : domain + "\\" + user; }

gss_name_t HandleOf(std::unique_ptr<Name> name) {
  return reinterpret_cast<gss_name_t>(name.release());
}

bool PutOctets(std::span<const uint8_t> octets, gss_buffer_t out) {
  out->length = 0;
  out->value = malloc(octets.size() + 1);
  if (out->value == nullptr) {
    return false;
  }
  if (!octets.empty()) {
    memcpy(out->value, octets.data(), octets.size());
  }
  static_cast<char*>(out->value)[octets.size()] = '\0';  // behind it: some print it
  out->length = octets.size();
  return true;
}

bool PutText(std::string_view text, gss_buffer_t out) {
  return PutOctets({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, out);
}

std::string_view TextOf(const gss_buffer_desc* buffer) {
  return buffer == nullptr || buffer->value == nullptr
             ? std::string_view()
             : std::string_view(static_cast<const char*>(buffer->value), buffer->length);
}

std::span<const uint8_t> OctetsOf(const gss_buffer_desc* buffer) {
  return buffer == nullptr || buffer->value == nullptr
             ? std::span<const uint8_t>()
             : std::span(static_cast<const uint8_t*>(buffer->value), buffer->length);
}

OM_uint32 gssspi_import_name_by_mech(OM_uint32* minor, gss_OID /*mech*/, gss_buffer_t text,
                                     gss_OID type, gss_name_t* name) {
  *minor = 0;
  *name = GSS_C_NO_NAME;
  std::string_view content = TextOf(text);
  if (Is(type, GSS_C_NT_EXPORT_NAME)) {
    Octets exported;
    if (!ReadExportedName(OctetsOf(text), exported)) {
      return GSS_S_BAD_NAME;
    }
    content = {reinterpret_cast<const char*>(exported.data()), exported.size()};
    type = GSS_C_NT_USER_NAME;
  }
  auto imported = std::make_unique<Name>();
  const OM_uint32 major = Import(content, type, *imported);
  if (major == GSS_S_COMPLETE) {
    *name = HandleOf(std::move(imported));
  }
  return major;
}

OM_uint32 gss_display_name(OM_uint32* minor, gss_name_t handle, gss_buffer_t text, gss_OID* type) {
  *minor = 0;
  const Name& name = *NameOf(handle);
  std::string shown = name.UserText();
  gss_OID shown_type = GSS_C_NT_USER_NAME;
  if (!name.service.empty()) {
    const size_t slash = name.service.find('/');
    shown = name.service.substr(0, slash) + "@" + name.service.substr(slash + 1);
    shown_type = GSS_C_NT_HOSTBASED_SERVICE;
  } else if (name.user.empty()) {
    shown = "NT AUTHORITY\\ANONYMOUS LOGON";
    shown_type = GSS_C_NT_ANONYMOUS;
  }
  if (type != nullptr) {
    *type = shown_type;
  }
  return PutText(shown, text) ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

OM_uint32 gss_duplicate_name(OM_uint32* minor, gss_name_t name, gss_name_t* copy) {
  *minor = 0;
  *copy = HandleOf(std::make_unique<Name>(*NameOf(name)));
  return GSS_S_COMPLETE;
}

// Names compare without regard to ASCII case; nobody is not even himself (RFC 2743 2.4.3).
OM_uint32 gss_compare_name(OM_uint32* minor, gss_name_t one, gss_name_t other, int* equal) {
  *minor = 0;
  const Name& a = *NameOf(one);
  const Name& b = *NameOf(other);
  const bool named = !a.user.empty() || !a.service.empty();
  *equal = named && EqualsIgnoringAsciiCase(a.user, b.user) &&
           EqualsIgnoringAsciiCase(a.domain, b.domain) &&
           EqualsIgnoringAsciiCase(a.service, b.service);
  return GSS_S_COMPLETE;
}

OM_uint32 gss_release_name(OM_uint32* minor, gss_name_t* name) {
  *minor = 0;
  delete NameOf(*name);
  *name = GSS_C_NO_NAME;
  return GSS_S_COMPLETE;
}

// "DOMAIN\user" where the system knows it by that, as with winbind; "user" alone for an account of
// this computer, since another domain's user of that name is somebody else.
OM_uint32 gss_localname(OM_uint32* minor, gss_name_t handle, gss_const_OID /*mech*/,
                        gss_buffer_t local) {
  *minor = 0;
  const Name& name = *NameOf(handle);
  if (name.user.empty()) {
    return GSS_S_BAD_NAME;
  }
  std::string found = name.UserText();
  if (!IsPerson(found)) {
    if (!name.local || !IsPerson(name.user)) {
      return GSS_S_UNAVAILABLE;
    }
    found = name.user;
  }
  return PutText(found, local) ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

}  // namespace epa::gss::ntlm_mechanism
