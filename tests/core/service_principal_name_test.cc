#include "epa/core/service_principal_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "epa/core/extended_protection.h"
#include "tests/support/test_data.h"

namespace epa {
namespace {

using nlohmann::json;
using Profile = ServiceNameProfile;

template <typename T>
json OrNull(const std::optional<T>& value) {
  return value.has_value() ? json(*value) : json();
}

AcceptedServiceNames Names(std::vector<std::string> names, Profile profile = Profile::kStandard,
                           PortRule rule = PortRule::kExact) {
  auto accepted = AcceptedServiceNames::Create(std::move(names), profile, true, rule);
  EXPECT_TRUE(accepted.ok()) << accepted.status();
  return accepted.ok() ? *std::move(accepted) : AcceptedServiceNames();
}

class SpnVectors : public testing::Test {
 protected:
  const json entries_ = test::ReadTestJson("core/spn.json")["entries"];
};

TEST_F(SpnVectors, Parse) {
  int checked = 0;
  for (const json& entry : entries_) {
    if (entry["kind"] != "parse") {
      continue;
    }
    ++checked;
    const auto name = ServicePrincipalName::Parse(entry["inputs"]["spn"].get<std::string>());
    ASSERT_EQ(name.ok(), entry["expected"]["valid"]) << entry["name"] << " " << name.status();
    if (!name.ok()) {
      continue;
    }
    const json& parts = entry["expected"]["parts"];
    EXPECT_EQ(name->service_class(), parts["service_class"].get<std::string>()) << entry["name"];
    EXPECT_EQ(name->host(), parts["host"].get<std::string>()) << entry["name"];
    EXPECT_EQ(OrNull(name->port()), parts["port"]) << entry["name"];
    EXPECT_EQ(OrNull(name->instance()), parts["instance"]) << entry["name"];
    EXPECT_EQ(OrNull(name->service_name()), parts["service_name"]) << entry["name"];
    EXPECT_EQ(OrNull(name->realm()), parts["realm"]) << entry["name"];
  }
  EXPECT_EQ(checked, 42);
}

TEST_F(SpnVectors, TextFormParsesToTheSameParts) {
  for (const json& entry : entries_) {
    if (entry["kind"] != "parse" || entry["expected"]["valid"] == false) {
      continue;
    }
    const auto name = ServicePrincipalName::Parse(entry["inputs"]["spn"].get<std::string>());
    ASSERT_TRUE(name.ok()) << name.status();
    const auto again = ServicePrincipalName::Parse(name->ToString());
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->ToString(), name->ToString());
    EXPECT_EQ(again->host(), name->host());
    EXPECT_EQ(again->port(), name->port());
  }
}

// What the decision on a clear channel has to be for a vector's result. Where the vectors call a
// letter's case ambiguous, anything but equality is refused.
bool IsServed(std::string_view result) { return result == "match" || result == "not-checked"; }

std::vector<Profile> ProfilesFor(const json& allowed) {
  for (const json& name : allowed) {
    if (!ServicePrincipalName::Parse(name.get<std::string>()).ok()) {
      return {Profile::kDotNet};
    }
  }
  return {Profile::kStandard, Profile::kDotNet};
}

TEST_F(SpnVectors, Match) {
  int checked = 0;
  for (const json& entry : entries_) {
    if (entry["kind"] != "match") {
      continue;
    }
    ++checked;
    const json& inputs = entry["inputs"];
    ExtendedProtectionEvidence evidence;
    evidence.binding = BindingEvidence::kAbsent;
    if (!inputs["client_target_name"].is_null()) {
      evidence.target_name = inputs["client_target_name"].get<std::string>();
    }
    evidence.target_name_voucher = inputs["unverified_flag"].get<bool>()
                                       ? TargetNameVoucher::kUnsureClient
                                       : TargetNameVoucher::kClient;
    for (const Profile profile : ProfilesFor(inputs["allowed"])) {
      ExtendedProtectionOptions options;
      options.mode = inputs["required"].get<bool>() ? ExtendedProtectionMode::kRequire
                                                    : ExtendedProtectionMode::kAllow;
      options.accepted_names = Names(inputs["allowed"].get<std::vector<std::string>>(), profile);
      const auto decision =
          EvaluateExtendedProtection(ExtendedProtectionPolicy::Create(options).value(),
                                     Channel::Plain(), IdentityKind::kUser, evidence);
      EXPECT_EQ(decision.accepted,
                IsServed(entry["expected"]["result"].get_ref<const std::string&>()))
          << entry["name"] << " profile " << static_cast<int>(profile);
    }
  }
  EXPECT_EQ(checked, 20);
}

TEST(ServicePrincipalName, Ipv6WithPortKeepsItsBrackets) {
  const auto name = ServicePrincipalName::Parse("HTTP/[2001:db8::1]:8080");
  ASSERT_TRUE(name.ok()) << name.status();
  EXPECT_EQ(name->host(), "2001:db8::1");
  EXPECT_EQ(name->port(), 8080);
  EXPECT_EQ(name->ToString(), "HTTP/[2001:db8::1]:8080");
}

TEST(ServicePrincipalName, RefusesEveryOddForm) {
  for (const std::string_view text : {"HTTP",        "HTTP/",        "/",
                                      "//",          "HTTP//name",   "HTTP/h/",
                                      "HTTP/h@",     "@REALM",       "HTTP/@R",
                                      "HTTP/h:",     "HTTP/h:70000", "HTTP/h:99999999999999999999",
                                      "HTTP/[::1",   "HTTP/[::1]x",  "HTTP/[]",
                                      "HTTP/[.]::x", "HTTP/[a]:1",   "HTTP/[a:b]",
                                      "HTTP/[[a]",   "HTTP/h /x",    "HTTP/h\x7F",
                                      "a\\b/c",      "HTTP/h\xFF",   "HTTP/:80"}) {
    EXPECT_FALSE(ServicePrincipalName::Parse(text).ok()) << text;
  }
  EXPECT_FALSE(ServicePrincipalName::Parse(std::string_view("HTTP/h\0", 7)).ok());
}

TEST(AcceptedServiceNames, StandardComparesHostsByMeaning) {
  const AcceptedServiceNames names =
      Names({"HTTP/www.example.com", "HTTP/192.0.2.1", "HTTP/2001:db8::1", "HTTP/bücher.example"});
  for (const std::string_view same :
       {"http/WWW.Example.COM", "HTTP/www.example.com.", "HTTP/::ffff:192.0.2.1",
        "HTTP/2001:DB8:0:0::1", "HTTP/2001:db8::1%eth0", "HTTP/xn--bcher-kva.example",
        "HTTP/BÜCHER.example", "http/Bücher.EXAMPLE", "HTTP/XN--BCHER-KVA.example",
        "HTTP/XN--BCHER-KVA.example"}) {
    EXPECT_TRUE(names.Matches(same)) << same;
  }
  for (const std::string_view different :
       {"HTTP/www.example.com..", "HTTP/www.example.com:80", "HTTP/www.example.com/x",
        "HTTP/www.example.com@R", "HTTPS/www.example.com", "HTTP/192.0.2.10", "HTTP/2001:db8::2",
        "HTTP/bucher.example", "HOST/www.example.com", "HTTP/", "HTTP", "www.example.com", ""}) {
    EXPECT_FALSE(names.Matches(different)) << different;
  }
}

TEST(AcceptedServiceNames, PortRules) {
  const std::vector<std::string> listed = {"HTTP/a.example:8080", "HTTP/b.example"};
  const auto matches = [&listed](PortRule rule, std::string_view name) {
    return Names(listed, Profile::kStandard, rule).Matches(name);
  };
  EXPECT_TRUE(matches(PortRule::kExact, "HTTP/A.example:8080"));
  EXPECT_FALSE(matches(PortRule::kExact, "HTTP/a.example"));
  EXPECT_FALSE(matches(PortRule::kExact, "HTTP/a.example:80"));
  EXPECT_FALSE(matches(PortRule::kExact, "HTTP/b.example:80"));
  EXPECT_TRUE(matches(PortRule::kIgnore, "HTTP/a.example"));
  EXPECT_TRUE(matches(PortRule::kIgnore, "HTTP/a.example:80"));
  EXPECT_TRUE(matches(PortRule::kIgnore, "HTTP/b.example:80"));
  EXPECT_FALSE(matches(PortRule::kIgnore, "HTTP/c.example:80"));
  EXPECT_TRUE(matches(PortRule::kIfListed, "HTTP/a.example:8080"));
  EXPECT_FALSE(matches(PortRule::kIfListed, "HTTP/a.example:80"));
  EXPECT_FALSE(matches(PortRule::kIfListed, "HTTP/a.example"));
  EXPECT_TRUE(matches(PortRule::kIfListed, "HTTP/b.example:80"));
  EXPECT_TRUE(matches(PortRule::kIfListed, "HTTP/b.example"));
}

TEST(AcceptedServiceNames, InstancesAreNotPorts) {
  const AcceptedServiceNames names =
      Names({"MSSQLSvc/db.example.com:INST", "MSSQLSvc/db.example.com:1433"});
  EXPECT_TRUE(names.Matches("MSSQLSvc/DB.example.com:inst"));
  EXPECT_TRUE(names.Matches("MSSQLSvc/db.example.com:1433"));
  EXPECT_FALSE(names.Matches("MSSQLSvc/db.example.com:OTHER"));
  EXPECT_FALSE(names.Matches("MSSQLSvc/db.example.com"));
  EXPECT_FALSE(Names({"MSSQLSvc/db.example.com"}, Profile::kStandard, PortRule::kIgnore)
                   .Matches("MSSQLSvc/db.example.com:INST"));
}

TEST(AcceptedServiceNames, DotNetComparesTheWholeText) {
  const AcceptedServiceNames names =
      Names({"HTTP/www.example.com", "HTTP/bücher.example", "HTTP/bücher.example:8080"},
            Profile::kDotNet);
  EXPECT_TRUE(names.Matches("http/WWW.EXAMPLE.COM"));
  EXPECT_TRUE(names.Matches("HTTP/xn--bcher-kva.example"));
  EXPECT_TRUE(names.Matches("HTTP/xn--bcher-kva.example:8080"));
  EXPECT_FALSE(names.Matches("HTTP/www.example.com."));
  EXPECT_FALSE(names.Matches("HTTP/www.example.com:80"));
  EXPECT_FALSE(names.Matches("HTTP/www.example.com/x"));
}

TEST(AcceptedServiceNames, SmbTakesTheRestWhole) {
  const AcceptedServiceNames names =
      Names({"cifs/FILES", "cifs/files.example.com", "cifs/192.0.2.1"}, Profile::kSmb);
  EXPECT_TRUE(names.Matches("CIFS/files"));
  EXPECT_TRUE(names.Matches("cifs/FILES.example.com"));
  EXPECT_TRUE(names.Matches("cifs/192.0.2.1"));
  for (const std::string_view refused :
       {"cifs/files:445", "cifs/files/x", "cifs/files@R", "HOST/files", "files", "cifs/", "cifs",
        "cifs/files.", "HTTP/files.example.com", "cifs//files"}) {
    EXPECT_FALSE(names.Matches(refused)) << refused;
  }
}

// Texts that a comparison of terminated strings, or a lenient reading, would take for ours.
TEST(AcceptedServiceNames, NothingIsCutOffBeforeComparing) {
  const std::string_view tails[] = {std::string_view("\0", 1),
                                    std::string_view("\0.evil", 6),
                                    " ",
                                    "\t",
                                    "%",
                                    "%eth0",
                                    "#",
                                    "\n"};
  for (const Profile profile : {Profile::kStandard, Profile::kDotNet, Profile::kSmb}) {
    for (const std::string host :
         {"files.example.com", "192.0.2.1", "bücher.example", "xn--bcher-kva.example"}) {
      const AcceptedServiceNames names = Names({"cifs/" + host}, profile);
      for (const std::string_view tail : tails) {
        EXPECT_FALSE(names.Matches("cifs/" + host + std::string(tail)))
            << host << " + " << test::ToHex(test::OctetsOf(tail)) << ", profile "
            << static_cast<int>(profile);
      }
    }
    const AcceptedServiceNames unicode = Names({"cifs/bücher.example"}, profile);
    EXPECT_FALSE(unicode.Matches(std::string_view("cifs/xn--bcher-kva.example\0.evil", 32)))
        << static_cast<int>(profile);
  }
}

// An A-label that encodes nothing but ASCII is no valid A-label (RFC 5890 2.3.2.1) and names
// another host than the text it decodes to.
TEST(AcceptedServiceNames, ALabelsThatDecodeToAsciiAreOtherHosts) {
  for (const Profile profile : {Profile::kStandard, Profile::kDotNet}) {
    const AcceptedServiceNames names = Names({"HTTP/www.example.com"}, profile);
    EXPECT_FALSE(names.Matches("HTTP/xn--www-.example.com")) << static_cast<int>(profile);
    EXPECT_FALSE(names.Matches("HTTP/www.xn--example-.com")) << static_cast<int>(profile);
  }
}

// The only characters outside ASCII whose simple upper case is an ASCII letter; Windows' table
// leaves both alone, and so does .NET's OrdinalIgnoreCase.
TEST(AcceptedServiceNames, LettersThatFoldIntoAsciiAreOtherNames) {
  for (const Profile profile : {Profile::kStandard, Profile::kDotNet, Profile::kSmb}) {
    const AcceptedServiceNames names = Names({"cifs/files.example.com"}, profile);
    EXPECT_FALSE(names.Matches("cifs/f\u0131les.example.com")) << static_cast<int>(profile);
    EXPECT_FALSE(names.Matches("cifs/file\u017F.example.com")) << static_cast<int>(profile);
    EXPECT_FALSE(
        Names({"cifs/kelvin.example.com"}, profile).Matches("cifs/\u212Aelvin.example.com"))
        << static_cast<int>(profile);
  }
}

TEST(AcceptedServiceNames, ListIsCheckedWhenItIsMade) {
  const auto created = [](std::string name, Profile profile, bool allow_dotless) {
    return AcceptedServiceNames::Create({std::move(name)}, profile, allow_dotless).ok();
  };
  EXPECT_FALSE(created("HTTP/server", Profile::kStandard, false));
  EXPECT_TRUE(created("HTTP/server", Profile::kStandard, true));
  EXPECT_FALSE(created("HTTP/server", Profile::kDotNet, false));
  EXPECT_TRUE(created("HTTP/192.0.2.1", Profile::kStandard, false));
  EXPECT_TRUE(created("HTTP/2001:db8::1", Profile::kStandard, false));
  EXPECT_TRUE(created("cifs/FILES", Profile::kSmb, false));
  EXPECT_FALSE(created("HTTP/FILES", Profile::kSmb, false));
  EXPECT_FALSE(created("www.example.com", Profile::kStandard, true));
  EXPECT_TRUE(created("www.example.com", Profile::kDotNet, false));
  EXPECT_FALSE(created("", Profile::kDotNet, true));
  EXPECT_FALSE(created("HTTP/a\xFF.example", Profile::kDotNet, true));
}

TEST(AcceptedServiceNames, EmptyListAcceptsNothing) {
  EXPECT_TRUE(AcceptedServiceNames().empty());
  EXPECT_FALSE(AcceptedServiceNames().Matches("HTTP/www.example.com"));
  EXPECT_FALSE(AcceptedServiceNames().Matches(""));
}

// They would be compared letter by letter, and never match what they seem to say.
TEST(AcceptedServiceNamesTest, NamesThatMeanSomethingElseAreRefused) {
  for (const ServiceNameProfile profile :
       {ServiceNameProfile::kStandard, ServiceNameProfile::kDotNet, ServiceNameProfile::kSmb}) {
    for (const char* name : {"cifs/w.example@:8080", "cifs/w.example@EXAMPLE.COM:8080",
                             "cifs/*.example.com", "cifs/*", "*/w.example"}) {
      SCOPED_TRACE(name);
      EXPECT_TRUE(absl::IsInvalidArgument(
          AcceptedServiceNames::Create({name}, profile, /*allow_dotless=*/true).status()));
    }
    EXPECT_TRUE(AcceptedServiceNames::Create({"cifs/w.example@EXAMPLE.COM"}, profile).ok());
  }
}

}  // namespace
}  // namespace epa
