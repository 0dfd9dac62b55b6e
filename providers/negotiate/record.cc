#include "providers/negotiate/record.h"

#include <algorithm>
#include <string>
#include <vector>

#include "lib/asn1/der_reader.h"
#include "lib/asn1/object_identifier.h"

namespace epa::negotiate {
namespace {

// No identifier in use comes near; a client may write one of 64 KiB.
constexpr size_t kLongestIdentifier = 64;

struct Offer {
  std::string name;
  const Credentials* package;  // null where it is not ours
};

Offer OfferOf(const Packages& packages, Octets oid_content) {
  for (const auto& credentials : packages) {
    if (HasMechanism(credentials->package(), oid_content)) {
      return {std::string(credentials->package().name), credentials.get()};
    }
  }
  return {asn1::DottedOid(oid_content.first(std::min(oid_content.size(), kLongestIdentifier))),
          nullptr};
}

// Each name once: Kerberos has two object identifiers.
std::vector<Offer> OffersOf(const Packages& packages, Octets mech_types_der) {
  std::vector<Offer> offers;
  Octets list;
  if (!asn1::ReadOnlyElement(mech_types_der, asn1::kSequence, list)) {
    return offers;
  }
  asn1::DerReader reader(list);
  for (Octets oid; reader.ReadTag(asn1::kObjectIdentifier, oid);) {
    Offer offer = OfferOf(packages, oid);
    if (std::ranges::find(offers, offer.name, &Offer::name) == offers.end()) {
      offers.push_back(std::move(offer));
    }
  }
  return offers;
}

}  // namespace

NegotiationRecord RecordOf(const Packages& packages, Octets mech_types_der,
                           const Credentials* taken) {
  NegotiationRecord record;
  const std::vector<Offer> offers = OffersOf(packages, mech_types_der);
  bool before_taken = true;
  for (const Offer& offer : offers) {
    record.offered.push_back(offer.name);
    before_taken = before_taken && (taken == nullptr || offer.package != taken);
    if (before_taken) {
      record.passed_over.push_back({offer.name, PassedOverReason::kNotSupported});
    }
  }
  for (const auto& credentials : packages) {
    if (credentials.get() == taken) {
      break;
    }
    const bool offered =
        std::ranges::find(offers, credentials.get(), &Offer::package) != offers.end();
    record.passed_over.push_back(
        {std::string(credentials->package().name), offers.empty() ? PassedOverReason::kNotNegotiated
                                                   : offered      ? PassedOverReason::kOfferedLater
                                                                  : PassedOverReason::kNotOffered});
  }
  if (taken != nullptr) {
    record.taken = taken->package().name;
  }
  return record;
}

}  // namespace epa::negotiate
