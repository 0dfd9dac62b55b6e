// The readers of what libkrb5 would read: every field in its place, and nothing beside.
#include "providers/kerberos/request_fields.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/asn1/der_reader.h"
#include "lib/asn1/der_writer.h"

namespace epa::kerberos {
namespace {

using Octets = std::vector<uint8_t>;

constexpr uint8_t kNull = 0x05;
constexpr uint8_t kGeneralizedTime = 0x18;

// An element of DER, which a test takes apart.
struct Element {
  uint8_t tag = 0;
  Octets content;  // of one without parts
  std::vector<Element> parts = {};
  bool constructed = false;  // has parts, even if none are left
  bool optional = false;     // the rest is good without it

  Octets Encoded() const {
    Octets inside = content;
    for (const Element& part : parts) {
      const Octets encoded = part.Encoded();
      inside.insert(inside.end(), encoded.begin(), encoded.end());
    }
    return asn1::Element(tag, inside);
  }
};

Element Of(uint8_t tag, std::vector<Element> parts) {
  return {.tag = tag, .content = {}, .parts = std::move(parts), .constructed = true};
}
Element Leaf(uint8_t tag, Octets content) { return {.tag = tag, .content = std::move(content)}; }
Element Text(uint8_t tag, std::string_view text) { return Leaf(tag, {text.begin(), text.end()}); }
Element Field(uint8_t number, Element inside) {
  return Of(asn1::ContextTag(number), {std::move(inside)});
}
Element Optional(Element element) {
  element.optional = true;
  return element;
}
Element Number(uint8_t value) { return Leaf(asn1::kInteger, {value}); }
Element Sequence(std::vector<Element> parts) { return Of(asn1::kSequence, std::move(parts)); }
Element Time(std::string_view text) { return Text(kGeneralizedTime, text); }
Element Flags() { return Leaf(asn1::kBitString, {0, 0x40, 0, 0, 0x01}); }

Element Name() {
  return Sequence(
      {Field(0, Number(1)), Field(1, Sequence({Optional(Text(asn1::kGeneralString, "alice")),
                                               Optional(Text(asn1::kGeneralString, "admin"))}))});
}
Element Pair(uint8_t number) {
  return Sequence({Field(0, Number(number)), Field(1, Leaf(asn1::kOctetString, {7, 8, 9}))});
}
Element Authorization() { return Sequence({Optional(Pair(1)), Optional(Pair(128))}); }
Element Sealed() {
  return Sequence({Field(0, Number(18)), Optional(Field(1, Number(3))),
                   Field(2, Leaf(asn1::kOctetString, {1, 2, 3, 4}))});
}

// RFC 4120 5.5.1. The name in a ticket is libkrb5's to read.
Element Request() {
  const Element name = Leaf(asn1::kSequence, {});
  const Element ticket =
      Of(asn1::ApplicationTag(1),
         {Sequence({Field(0, Number(5)), Field(1, Text(asn1::kGeneralString, "TEST.EXAMPLE")),
                    Field(2, name), Field(3, Sealed())})});
  return Of(asn1::ApplicationTag(14),
            {Sequence({Field(0, Number(5)), Field(1, Number(14)), Field(2, Flags()),
                       Of(asn1::ContextTag(3), {ticket}), Field(4, Sealed())})});
}

// RFC 4120 5.3. Addresses are not looked at.
Element Ticket() {
  return Of(
      asn1::ApplicationTag(3),
      {Sequence({Field(0, Flags()), Field(1, Pair(18)),
                 Field(2, Text(asn1::kGeneralString, "TEST.EXAMPLE")), Field(3, Name()),
                 Field(4, Pair(1)), Field(5, Time("20261201000000Z")),
                 Optional(Field(6, Time("20261201000001Z"))), Field(7, Time("20261202000000Z")),
                 Optional(Field(8, Time("20261203000000Z"))),
                 Optional(Field(9, Leaf(asn1::kSequence, {}))),
                 Optional(Field(10, Authorization()))})});
}

// RFC 4120 5.5.1.
Element Authenticator() {
  return Of(asn1::ApplicationTag(2),
            {Sequence({Field(0, Number(5)), Field(1, Text(asn1::kGeneralString, "TEST.EXAMPLE")),
                       Field(2, Name()), Optional(Field(3, Pair(16))), Field(4, Number(77)),
                       Field(5, Time("20261201000000Z")), Optional(Field(6, Pair(18))),
                       Optional(Field(7, Number(9))), Optional(Field(8, Authorization()))})});
}

bool ReadsRequest(const Element& element) {
  RequestFields fields;
  return ReadRequestFields(element.Encoded(), fields);
}
bool ReadsTicket(const Element& element) {
  const auto fields = std::make_unique<TicketFields>();
  return ReadTicketPart(element.Encoded(), *fields);
}
bool ReadsAuthenticator(const Element& element) {
  const auto fields = std::make_unique<AuthenticatorFields>();
  return ReadAuthenticator(element.Encoded(), *fields);
}

struct Message {
  std::string_view name;
  Element (*make)();
  bool (*reads)(const Element&);
};

const Message kMessages[] = {{"request", Request, ReadsRequest},
                             {"ticket", Ticket, ReadsTicket},
                             {"authenticator", Authenticator, ReadsAuthenticator}};

// Calls `visit` with every element of `root`, which may be changed until the call returns.
void VisitEach(Element& element, std::string path,
               const std::function<void(Element&, std::string)>& visit) {
  visit(element, path);
  for (size_t i = 0; i < element.parts.size(); ++i) {
    VisitEach(element.parts[i], path + "/" + std::to_string(i), visit);
  }
}

TEST(KerberosRequestFields, WhatIsWholeIsRead) {
  for (const Message& message : kMessages) {
    EXPECT_TRUE(message.reads(message.make())) << message.name;
  }
}

TEST(KerberosRequestFields, NoElementMayBeOfAnotherKind) {
  for (const Message& message : kMessages) {
    Element root = message.make();
    VisitEach(root, std::string(message.name), [&](Element& element, const std::string& path) {
      const uint8_t tag = std::exchange(element.tag, kNull);
      EXPECT_FALSE(message.reads(root)) << path;
      element.tag = tag;
    });
  }
}

TEST(KerberosRequestFields, NothingMayFollowWithinAnElement) {
  for (const Message& message : kMessages) {
    Element root = message.make();
    VisitEach(root, std::string(message.name), [&](Element& element, const std::string& path) {
      if (element.constructed) {
        element.parts.push_back(Leaf(kNull, {}));
        EXPECT_FALSE(message.reads(root)) << path;
        element.parts.pop_back();
      }
    });
  }
}

TEST(KerberosRequestFields, OnlyWhatIsOptionalMayBeMissing) {
  for (const Message& message : kMessages) {
    Element root = message.make();
    VisitEach(root, std::string(message.name), [&](Element& element, const std::string& path) {
      for (size_t i = 0; i < element.parts.size(); ++i) {
        const Element part = element.parts[i];
        element.parts.erase(element.parts.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(message.reads(root), part.optional) << path << " without part " << i;
        element.parts.insert(element.parts.begin() + static_cast<std::ptrdiff_t>(i), part);
      }
    });
  }
}

TEST(KerberosRequestFields, NothingStandsBeforeOrBehindTheMessage) {
  for (const Message& message : kMessages) {
    Element root = message.make();
    root.content = {kNull, 0};
    EXPECT_FALSE(message.reads(root)) << message.name;
  }
  RequestFields fields;
  Octets longer = Request().Encoded();
  longer.push_back(0);
  EXPECT_FALSE(ReadRequestFields(longer, fields));
}

TEST(KerberosRequestFields, VersionsAndTypesAreTheirs) {
  for (const uint8_t version : {uint8_t{4}, uint8_t{6}}) {
    Element request = Request();
    request.parts[0].parts[0] = Field(0, Number(version));
    EXPECT_FALSE(ReadsRequest(request));
    request = Request();
    request.parts[0].parts[3].parts[0].parts[0].parts[0] = Field(0, Number(version));
    EXPECT_FALSE(ReadsRequest(request));
    Element authenticator = Authenticator();
    authenticator.parts[0].parts[0] = Field(0, Number(version));
    EXPECT_FALSE(ReadsAuthenticator(authenticator));
  }
  Element reply = Request();
  reply.parts[0].parts[1] = Field(1, Number(15));
  EXPECT_FALSE(ReadsRequest(reply));
}

TEST(KerberosRequestFields, TheKeysVersionIsNotNegative) {
  Element request = Request();
  Element& sealed = request.parts[0].parts[3].parts[0].parts[0].parts[3].parts[0];
  RequestFields fields;
  Octets encoded = request.Encoded();
  ASSERT_TRUE(ReadRequestFields(encoded, fields));
  EXPECT_EQ(fields.ticket_version, 3u);
  EXPECT_EQ(fields.options, 0x40000001);
  sealed.parts[1] = Field(1, Number(0x80));
  EXPECT_FALSE(ReadsRequest(request));
  sealed.parts[1] = Field(1, Leaf(asn1::kInteger, {1, 0, 0, 0, 0}));  // five octets
  EXPECT_FALSE(ReadsRequest(request));
  sealed.parts.erase(sealed.parts.begin() + 1);
  encoded = request.Encoded();
  ASSERT_TRUE(ReadRequestFields(encoded, fields));
  EXPECT_EQ(fields.ticket_version, 0u);
}

TEST(KerberosRequestFields, FlagsHaveThirtyTwoBits) {
  for (const Octets& bits :
       {Octets{}, Octets{0, 1, 2, 3}, Octets{1, 1, 2, 3, 4}, Octets{0, 1, 2, 3, 4, 5}}) {
    Element ticket = Ticket();
    ticket.parts[0].parts[0] = Field(0, Leaf(asn1::kBitString, bits));
    EXPECT_FALSE(ReadsTicket(ticket)) << bits.size();
  }
}

// RFC 4120 5.2.3; libkrb5 has times until 2106 in 32 bits.
TEST(KerberosRequestFields, TimesAreOfTheCalendar) {
  const std::pair<std::string_view, int64_t> rows[] = {
      {"19700101000000Z", 0},  {"20240229235959Z", 1709251199}, {"21060207062815Z", 4294967295},
      {"21060207062816Z", -1}, {"19691231235959Z", -1},         {"20250229000000Z", -1},
      {"20261301000000Z", -1}, {"20260001000000Z", -1},         {"20260100000000Z", -1},
      {"20260431000000Z", -1}, {"20260101240000Z", -1},         {"20260101006000Z", -1},
      {"20260101000060Z", -1}, {"2026010100000Z", -1},          {"202601010000000Z", -1},
      {"20260101000000z", -1}, {"2026010100000:Z", -1},         {"2026010100000/Z", -1},
      {"20260101 00000Z", -1},
  };
  for (const auto& [text, seconds] : rows) {
    for (uint8_t place = 5; place <= 8; ++place) {
      Element ticket = Ticket();
      ticket.parts[0].parts[place] = Field(place, Time(text));
      const auto fields = std::make_unique<TicketFields>();
      const Octets encoded = ticket.Encoded();
      ASSERT_EQ(ReadTicketPart(encoded, *fields), seconds >= 0) << text;
      if (seconds >= 0 && place == 7) {
        EXPECT_EQ(static_cast<uint32_t>(fields->part.times.endtime), seconds) << text;
      }
    }
    Element authenticator = Authenticator();
    authenticator.parts[0].parts[5] = Field(5, Time(text));
    EXPECT_EQ(ReadsAuthenticator(authenticator), seconds >= 0) << text;
  }
}

TEST(KerberosRequestFields, ThereIsRoomForEightPartsOfANameAndEightAuthorizations) {
  for (const size_t count : {size_t{0}, size_t{1}, size_t{8}, size_t{9}}) {
    Element ticket = Ticket();
    ticket.parts[0].parts[3].parts[0].parts[1] =
        Field(1, Sequence(std::vector<Element>(count, Text(asn1::kGeneralString, "part"))));
    EXPECT_EQ(ReadsTicket(ticket), count >= 1 && count <= 8) << count;
    ticket = Ticket();
    ticket.parts[0].parts[10] = Field(10, Sequence(std::vector<Element>(count, Pair(1))));
    const auto fields = std::make_unique<TicketFields>();
    const Octets encoded = ticket.Encoded();
    EXPECT_EQ(ReadTicketPart(encoded, *fields), count <= 8) << count;
    if (count <= 8) {
      EXPECT_TRUE(count == 0 || fields->part.authorization_data[count - 1] != nullptr);
      EXPECT_EQ(fields->part.authorization_data[count], nullptr);
    }
  }
}

TEST(KerberosRequestFields, WhatIsMissingIsNull) {
  Element authenticator = Authenticator();
  std::erase_if(authenticator.parts[0].parts, [](const Element& part) { return part.optional; });
  const auto fields = std::make_unique<AuthenticatorFields>();
  const Octets encoded = authenticator.Encoded();
  ASSERT_TRUE(ReadAuthenticator(encoded, *fields));
  EXPECT_EQ(fields->authenticator.checksum, nullptr);
  EXPECT_EQ(fields->authenticator.subkey, nullptr);
  EXPECT_EQ(fields->authenticator.authorization_data, nullptr);
  EXPECT_EQ(fields->authenticator.cusec, 77);
  EXPECT_EQ(fields->authenticator.client->length, 2);
}

}  // namespace
}  // namespace epa::kerberos
