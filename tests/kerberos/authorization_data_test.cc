#include "providers/kerberos/authorization_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "lib/asn1/der_reader.h"
#include "lib/asn1/der_writer.h"

namespace epa::kerberos {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Octets = std::vector<uint8_t>;

Octets Joined(Octets left, const Octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// RFC 4120 5.2.6: ad-type and ad-data.
Octets Element(uint8_t type, const Octets& data) {
  return asn1::Element(
      asn1::kSequence,
      Joined(asn1::Element(asn1::ContextTag(0), asn1::Element(asn1::kInteger, Octets{type})),
             asn1::Element(asn1::ContextTag(1), asn1::Element(asn1::kOctetString, data))));
}

Octets Container(const Octets& elements) { return asn1::Element(asn1::kSequence, elements); }

// What a visit of a list of these elements sees; the visit ends after `most`.
struct Visit {
  bool whole = false;
  std::vector<std::pair<int32_t, Octets>> seen;
};
Visit VisitOf(std::vector<std::pair<int32_t, Octets>> elements, size_t most = 100) {
  std::vector<krb5_authdata> list;
  std::vector<const krb5_authdata*> pointers;
  for (auto& [type, octets] : elements) {
    krb5_authdata element = {};
    element.ad_type = type;
    element.length = static_cast<unsigned int>(octets.size());
    element.contents = octets.data();
    list.push_back(element);
  }
  for (const krb5_authdata& element : list) {
    pointers.push_back(&element);
  }
  pointers.push_back(nullptr);
  Visit visit;
  visit.whole =
      VisitAuthorizationData(pointers.data(), [&](int32_t type, std::span<const uint8_t> octets) {
        visit.seen.emplace_back(type, Octets(octets.begin(), octets.end()));
        return visit.seen.size() < most;
      });
  return visit;
}

TEST(KerberosAuthorizationData, ContainersStandForWhatIsInThem) {
  const Octets inner = Container(Joined(Element(100, {1}), Element(101, {})));
  const Visit visit =
      VisitOf({{99, {9}},
               {KRB5_AUTHDATA_IF_RELEVANT,
                Container(Joined(Element(KRB5_AUTHDATA_IF_RELEVANT, inner), Element(102, {2})))},
               {103, {3}}});
  EXPECT_TRUE(visit.whole);
  EXPECT_THAT(visit.seen,
              ElementsAre(Pair(99, Octets{9}), Pair(100, Octets{1}), Pair(101, Octets{}),
                          Pair(102, Octets{2}), Pair(103, Octets{3})));
}

TEST(KerberosAuthorizationData, NoListIsAnEmptyOne) {
  EXPECT_TRUE(VisitAuthorizationData(nullptr, [](int32_t, std::span<const uint8_t>) {
    ADD_FAILURE() << "nothing to visit";
    return true;
  }));
  EXPECT_TRUE(VisitOf({}).whole);
  EXPECT_TRUE(VisitOf({{KRB5_AUTHDATA_IF_RELEVANT, Container({})}}).whole);
}

TEST(KerberosAuthorizationData, TheVisitorEndsTheVisit) {
  const Visit visit = VisitOf(
      {{KRB5_AUTHDATA_IF_RELEVANT, Container(Joined(Element(2, {}), Element(3, {})))}, {4, {}}}, 1);
  EXPECT_FALSE(visit.whole);
  EXPECT_THAT(visit.seen, ElementsAre(Pair(2, Octets{})));
}

TEST(KerberosAuthorizationData, FourContainersAndNoMore) {
  Octets nested = Container(Element(100, {1}));
  for (int containers = 1; containers <= 5; ++containers) {
    const Visit visit = VisitOf({{KRB5_AUTHDATA_IF_RELEVANT, nested}});
    EXPECT_EQ(visit.whole, containers <= 4) << containers;
    EXPECT_EQ(visit.seen.size(), containers <= 4 ? 1u : 0u) << containers;
    nested = Container(Element(KRB5_AUTHDATA_IF_RELEVANT, nested));
  }
}

TEST(KerberosAuthorizationData, MalformedContainersAreToldApartFromEmptyOnes) {
  const Octets whole = Container(Element(100, {1, 2, 3}));
  for (size_t size = 0; size < whole.size(); ++size) {
    const Visit visit =
        VisitOf({{KRB5_AUTHDATA_IF_RELEVANT, Octets(whole.data(), whole.data() + size)}});
    EXPECT_FALSE(visit.whole) << size;
    EXPECT_THAT(visit.seen, IsEmpty()) << size;
  }
  const std::vector<Octets> malformed = {
      Joined(whole, {0}),
      Container({0x30, 0}),
      Container(Joined(Element(100, {1}), {0x04, 0})),
      // A third field.
      Container(asn1::Element(
          asn1::kSequence, Joined(Joined(asn1::Element(asn1::ContextTag(0), Octets{0x02, 1, 100}),
                                         asn1::Element(asn1::ContextTag(1), Octets{0x04, 0})),
                                  asn1::Element(asn1::ContextTag(2), Octets{0x04, 0})))),
      // The fields in the other order.
      Container(asn1::Element(asn1::kSequence,
                              Joined(asn1::Element(asn1::ContextTag(1), Octets{0x04, 0}),
                                     asn1::Element(asn1::ContextTag(0), Octets{0x02, 1, 100})))),
  };
  for (const Octets& octets : malformed) {
    EXPECT_FALSE(VisitOf({{KRB5_AUTHDATA_IF_RELEVANT, octets}}).whole);
  }
}

}  // namespace
}  // namespace epa::kerberos
