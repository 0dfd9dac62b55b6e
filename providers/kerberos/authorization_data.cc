#include "providers/kerberos/authorization_data.h"

#include "lib/asn1/der_reader.h"
#include "providers/kerberos/krb5_handles.h"

namespace epa::kerberos {
namespace {

// Windows and MIT use one.
constexpr int kMaxContainers = 4;

bool VisitContainer(std::span<const uint8_t> octets, int containers, ElementVisitor visit);

bool VisitElement(int32_t type, std::span<const uint8_t> octets, int containers,
                  ElementVisitor visit) {
  return type == KRB5_AUTHDATA_IF_RELEVANT
             ? containers > 0 && VisitContainer(octets, containers - 1, visit)
             : visit(type, octets);
}

bool VisitContainer(std::span<const uint8_t> octets, int containers, ElementVisitor visit) {
  std::span<const uint8_t> elements, element, type_octets, data;
  if (!asn1::ReadOnlyElement(octets, asn1::kSequence, elements)) {
    return false;
  }
  for (asn1::DerReader reader(elements); !reader.at_end();) {
    if (!reader.ReadTag(asn1::kSequence, element)) {
      return false;
    }
    asn1::DerReader fields(element);
    int32_t type = 0;
    if (!fields.ReadField(0, asn1::kInteger, type_octets) || !asn1::ReadInt32(type_octets, type) ||
        !fields.ReadField(1, asn1::kOctetString, data) || !fields.at_end() ||
        !VisitElement(type, data, containers, visit)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool VisitAuthorizationData(const krb5_authdata* const* list, ElementVisitor visit) {
  for (; list != nullptr && *list != nullptr; ++list) {
    if (!VisitElement((*list)->ad_type, OctetsOf(**list), kMaxContainers, visit)) {
      return false;
    }
  }
  return true;
}

}  // namespace epa::kerberos
