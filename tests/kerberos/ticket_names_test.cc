// The names that a ticket shows unsealed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "lib/asn1/der_reader.h"
#include "lib/asn1/der_writer.h"
#include "providers/kerberos/gss_framing.h"
#include "tests/support/status_matchers.h"

namespace epa::kerberos {
namespace {

using Octets = std::vector<uint8_t>;

Octets Joined(const std::vector<Octets>& parts) {
  Octets joined;
  for (const Octets& part : parts) {
    joined.insert(joined.end(), part.begin(), part.end());
  }
  return joined;
}

Octets Field(uint8_t number, uint8_t tag, const Octets& content) {
  return asn1::Element(asn1::ContextTag(number), asn1::Element(tag, content));
}

// An AP-REQ (RFC 4120 5.5.1) with what is read of it.
Octets RequestFor(const std::vector<std::string>& components) {
  std::vector<Octets> strings;
  for (const std::string& component : components) {
    strings.push_back(
        asn1::Element(asn1::kGeneralString, Octets(component.begin(), component.end())));
  }
  const Octets names = asn1::Element(asn1::kSequence, Joined(strings));
  const Octets service =
      Joined({Field(0, asn1::kInteger, {2}), asn1::Element(asn1::ContextTag(1), names)});
  const Octets ticket =
      Joined({Field(0, asn1::kInteger, {5}), Field(1, asn1::kGeneralString, {'R'}),
              Field(2, asn1::kSequence, service)});
  const Octets wrapped = asn1::Element(asn1::kSequence, ticket);
  const Octets fields = Joined({Field(0, asn1::kInteger, {5}), Field(1, asn1::kInteger, {14}),
                                Field(2, asn1::kBitString, {0, 0, 0, 0, 0}),
                                Field(3, asn1::ApplicationTag(1), wrapped)});
  return asn1::Element(asn1::ApplicationTag(14), asn1::Element(asn1::kSequence, fields));
}

TEST(TicketNames, HaveUpToEightComponents) {
  for (const size_t count : {1u, 2u, 8u}) {
    const std::vector<std::string> components(count, "part");
    const Octets request = RequestFor(components);
    const auto names = ReadTicketNames(request);
    ASSERT_OK(names) << count;
    EXPECT_EQ(names->realm, "R");
    EXPECT_THAT(names->service(), testing::ElementsAreArray(components));
  }
  for (const size_t count : {0u, 9u, 20u}) {
    EXPECT_THAT(ReadTicketNames(RequestFor(std::vector<std::string>(count, "part"))),
                test::StatusIs(absl::StatusCode::kInvalidArgument))
        << count;
  }
}

}  // namespace
}  // namespace epa::kerberos
