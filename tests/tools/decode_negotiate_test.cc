// SPNEGO and Kerberos tokens as documents.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "providers/negotiate/neg_token.h"
#include "tests/kerberos/keytab_writer.h"
#include "tests/support/find_octets.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_data.h"
#include "tools/epa/common/command_line.h"
#include "tools/epa/decode/decode.h"
#include "tools/epa/decode/decode_token.h"

namespace epa::tool {
namespace {

using nlohmann::json;
using test::FromHex;

const json& SpnegoEntries() {
  static const json entries = test::ReadTestJson("negotiate/spnego.json").at("entries");
  return entries;
}

const json& KerberosEntries() {
  static const json entries = test::ReadTestJson("kerberos/kerberos_gss.json").at("entries");
  return entries;
}

const json& Named(const json& entries, const std::string& name) {
  return *std::find_if(entries.begin(), entries.end(),
                       [&name](const json& entry) { return entry.at("name") == name; });
}

const json& Spnego(const std::string& name) { return Named(SpnegoEntries(), name); }
const json& Kerberos(const std::string& name) { return Named(KerberosEntries(), name); }

DecodedToken Decoded(const json& hex, const DecodeOptions& options = {}) {
  return DecodeToken(FromHex(hex.get<std::string>()), options);
}

// What the vectors and the documents call alike.
void ExpectSameFields(const json& expected, const Json& document) {
  for (const char* key : {"framed", "mech_types", "req_flags", "neg_state", "supported_mech",
                          "mech_token", "response_token", "hint_name", "mech_list_mic"}) {
    const bool given = expected.contains(key) && !expected[key].is_null();
    if (given && document.contains(key)) {
      EXPECT_EQ(document.at(key).dump(), expected[key].dump()) << key;
    } else {
      EXPECT_TRUE(!given && (!document.contains(key) || document.at(key) == "")) << key;
    }
  }
}

// The kind of the mechanism's token, as the vectors call it: to them Kerberos has a frame.
std::string InnerKind(const Json& document) {
  if (!document.contains("inner") || !document.at("inner").value("framed", true)) {
    return "other";
  }
  const Json& inner = document.at("inner");
  const std::string message = inner.value("message", "");
  if (inner.at("kind") == "kerberos") {
    return "krb5-" + message;
  }
  return message == "negotiate" ? "ntlm-1" : message == "challenge" ? "ntlm-2" : "ntlm-3";
}

TEST(DecodeSpnego, EveryVectorIsShownAsExpected) {
  int shown = 0;
  for (const json& entry : SpnegoEntries()) {
    const json& expected = entry.at("expected");
    if (!expected.at("valid").get<bool>() || !expected.contains("kind")) {
      continue;
    }
    SCOPED_TRACE(entry.at("name").get<std::string>());
    const DecodedToken decoded = Decoded(entry.at("token"));
    const Json& document = decoded.document;
    EXPECT_EQ(document.at("kind"), "spnego");
    const bool init = expected.at("kind") == "negTokenInit";
    EXPECT_EQ(document.at("token") == "resp", !init);
    ExpectSameFields(expected, document);
    for (const char* kind : {"mech_token_kind", "response_token_kind"}) {
      const std::string value = expected.contains(kind) && expected[kind].is_string()
                                    ? expected[kind].get<std::string>()
                                    : "";
      if (!value.empty()) {
        EXPECT_EQ(InnerKind(document), value == "negoex" ? "other" : value);
      }
    }
    // The mechanism's tokens of some captures are cut or made up.
    EXPECT_TRUE(!decoded.malformed || document.at("inner").contains("error"));
    ++shown;
  }
  EXPECT_GE(shown, 99);
}

TEST(DecodeSpnego, EveryMalformedVectorIsMalformed) {
  int malformed = 0;
  for (const json& entry : SpnegoEntries()) {
    const std::string name = entry.at("name");
    // Neither shows in one token: the first is a bare NTLM message, the second is well-formed.
    if (entry.at("expected").at("valid").get<bool>() ||
        name == "malformed-raw-ntlm-instead-of-spnego" ||
        name == "malformed-resp-supportedmech-not-offered") {
      continue;
    }
    SCOPED_TRACE(name);
    const DecodedToken decoded = Decoded(entry.at("token"));
    EXPECT_TRUE(decoded.malformed);
    EXPECT_TRUE(decoded.document.contains("error"));
    ++malformed;
  }
  EXPECT_EQ(malformed, 15);
}

TEST(DecodeSpnego, CutTokenShowsWhatIsThere) {
  const json& whole = Spnego("msblog-smb311-master-init");
  const std::vector<uint8_t> token = FromHex(whole.at("token").get<std::string>());
  const Json all = DecodeToken(token).document;
  const DecodedToken cut = DecodeToken(std::span(token).first(token.size() - 1));
  EXPECT_TRUE(cut.malformed);
  EXPECT_EQ(cut.document.at("mech_types"), all.at("mech_types"));
  EXPECT_EQ(cut.document.at("error").at("offset"), 0);
  EXPECT_EQ(cut.document.at("error").at("reason"), "the length leaves the token");
}

TEST(DecodeSpnego, AFrameAroundNothingIsNeitherInitNorResp) {
  for (const char* hex : {"600806062b0601050502", "600a06062b06010505023000"}) {
    const DecodedToken decoded = DecodeToken(FromHex(hex));
    EXPECT_TRUE(decoded.malformed);
    EXPECT_EQ(decoded.document.at("framed"), true);
    EXPECT_FALSE(decoded.document.contains("token"));
  }
}

TEST(DecodeSpnego, EveryTruncationIsMalformedAndInBounds) {
  const json& entry = Kerberos("mit-spnego-cb");
  for (const char* key : {"spnego_init", "spnego_resp"}) {
    const std::vector<uint8_t> token = FromHex(entry.at("tokens").at(key).get<std::string>());
    EXPECT_FALSE(DecodeToken(token).malformed);
    for (size_t size = 0; size < token.size(); ++size) {
      const DecodedToken decoded = DecodeToken(std::span(token).first(size));
      EXPECT_TRUE(decoded.malformed) << size;
      EXPECT_LE(decoded.document.at("error").at("offset").get<size_t>(), size);
    }
  }
}

TEST(DecodeSpnego, FaultsSayWhere) {
  const DecodedToken state = Decoded(Spnego("malformed-negstate-4").at("token"));
  EXPECT_EQ(state.document.at("error").at("reason"), "negState has no such value");
  const DecodedToken member = Decoded(Spnego("malformed-resp-unknown-field").at("token"));
  EXPECT_EQ(member.document.at("error").at("offset"), 4);
  const DecodedToken list = Decoded(Spnego("malformed-mechtypes-not-oid").at("token"));
  EXPECT_EQ(list.document.at("error").at("reason"), "a mechanism has the wrong type");
}

TEST(DecodeSpnego, HintsWithoutALengthAreMalformed) {
  const DecodedToken decoded = DecodeToken(FromHex("a00e300ca0073005060329a301a30130"));
  EXPECT_EQ(decoded.document.at("token"), "init2");
  EXPECT_EQ(decoded.document.at("error").at("reason"), "tag or length is not DER");
  EXPECT_EQ(decoded.document.at("error").at("offset"), 15);
}

TEST(DecodeSpnego, FaultOfTheInnerTokenIsAFaultOfTheWhole) {
  const std::vector<std::vector<uint8_t>> oids = {FromHex("060a2b06010401823702020a")};
  const std::vector<uint8_t> ntlm = FromHex("4e544c4d5353500009000000");
  const std::vector<uint8_t> token =
      negotiate::WriteNegTokenInit(negotiate::MechTypeListOf(oids), ntlm);
  const DecodedToken decoded = DecodeToken(token);
  EXPECT_TRUE(decoded.malformed);
  EXPECT_EQ(decoded.document.at("inner").at("error").at("offset"), 8);
  EXPECT_EQ(decoded.document.at("error").at("offset"), token.size() - ntlm.size() + 8);
}

TEST(DecodeSpnego, NegotiationsWithinNegotiationsEndSomewhere) {
  const std::vector<std::vector<uint8_t>> oids = {FromHex("06062b0601050502")};
  std::vector<uint8_t> token = FromHex("4e544c4d5353500001000000");
  for (int i = 0; i < 20; ++i) {
    token = negotiate::WriteNegTokenInit(negotiate::MechTypeListOf(oids), token);
  }
  Json document = DecodeToken(token).document;
  int depth = 0;
  while (document.contains("inner")) {
    const Json inner = document.at("inner");
    document = inner;
    ++depth;
  }
  EXPECT_EQ(depth, 4);
}

TEST(DecodeSpnego, RendersTheInnerTokenForPeople) {
  const DecodedToken decoded = Decoded(Spnego("msblog-smb311-master-authenticate").at("token"));
  const std::string text = RenderDocument(decoded.document, Printer());
  EXPECT_NE(text.find("inner"), std::string::npos) << text;
  EXPECT_NE(text.find("  message"), std::string::npos) << text;
  EXPECT_NE(text.find("NTLMSSP_NEGOTIATE_UNICODE"), std::string::npos) << text;
}

TEST(DecodeKerberos, OuterFieldsOfEveryVector) {
  int shown = 0;
  for (const json& entry : KerberosEntries()) {
    if (entry.at("kind") != "ap_exchange") {
      continue;
    }
    SCOPED_TRACE(entry.at("name").get<std::string>());
    const json& expected = entry.at("expected");
    const DecodedToken decoded = Decoded(entry.at("tokens").at("ap_req"));
    EXPECT_FALSE(decoded.malformed);
    const Json& document = decoded.document;
    EXPECT_EQ(document.at("kind"), "kerberos");
    EXPECT_EQ(document.at("message"), "ap-req");
    EXPECT_EQ(document.at("mechanism"), expected.at("mech").get<std::string>());
    EXPECT_EQ(document.at("realm"), expected.at("ticket_realm").get<std::string>());
    EXPECT_EQ(document.at("service_name"), expected.at("sname")[0].get<std::string>() + "/" +
                                               expected.at("sname")[1].get<std::string>());
    EXPECT_EQ(document.at("enctype"), expected.at("ticket_etype").get<int>());
    EXPECT_EQ(document.at("kvno"), expected.at("ticket_kvno").get<int>());
    EXPECT_EQ(document.at("ap_options"),
              "0x" + expected.at("ap_options").get<std::string>().substr(2));
    EXPECT_FALSE(document.contains("client"));
    ++shown;
  }
  EXPECT_EQ(shown, 9);
}

TEST(DecodeKerberos, ReplyAndError) {
  const DecodedToken reply = Decoded(Kerberos("mit-krb5-cb-www").at("tokens").at("ap_rep"));
  EXPECT_FALSE(reply.malformed);
  EXPECT_EQ(reply.document.at("message"), "ap-rep");
  EXPECT_EQ(reply.document.at("enctype"), 18);
  const DecodedToken error =
      Decoded(Kerberos("mit-krb5-cb-mismatch").at("tokens").at("error_token"));
  EXPECT_FALSE(error.malformed);
  EXPECT_EQ(error.document.at("message"), "error");
  EXPECT_EQ(error.document.at("error_code"), 60);
  EXPECT_EQ(error.document.at("realm"), "TEST.EXAMPLE");
  EXPECT_EQ(error.document.at("service_name"), "HTTP/www.test.example");
  EXPECT_EQ(error.document.at("server_time"), "2026-11-22T03:00:51Z");
}

// One component with a slash is not two, nor the service that two would be.
TEST(DecodeKerberos, SeparatorsWithinANameAreQuoted) {
  std::vector<uint8_t> token =
      FromHex(Kerberos("mit-krb5-cb-mismatch").at("tokens").at("error_token").get<std::string>());
  const auto host = test::FindOctets(token, std::string_view("www.test"));
  ASSERT_FALSE(host.empty());
  host.front() = '/';
  EXPECT_EQ(DecodeToken(token).document.at("service_name"), "HTTP/\\/ww.test.example");
}

TEST(DecodeKerberos, BareMessage) {
  const std::vector<uint8_t> framed =
      FromHex(Kerberos("mit-krb5-cb-www").at("tokens").at("ap_req").get<std::string>());
  const auto bare = std::span(framed).subspan(4 + 11 + 2);
  const DecodedToken decoded = DecodeToken(bare);
  EXPECT_FALSE(decoded.malformed);
  EXPECT_EQ(decoded.document.at("framed"), false);
  EXPECT_EQ(decoded.document.at("realm"), "TEST.EXAMPLE");
}

TEST(DecodeKerberos, EveryTruncationIsMalformedAndInBounds) {
  const json& tokens = Kerberos("mit-krb5-cb-www").at("tokens");
  for (const char* key : {"ap_req", "ap_rep"}) {
    const std::vector<uint8_t> token = FromHex(tokens.at(key).get<std::string>());
    for (size_t size = 0; size < token.size(); ++size) {
      const DecodedToken decoded = DecodeToken(std::span(token).first(size));
      EXPECT_TRUE(decoded.malformed) << size;
      EXPECT_LE(decoded.document.at("error").at("offset").get<size_t>(), size);
    }
  }
}

// A keytab file with the service's key of one vector.
class KeytabFile {
 public:
  explicit KeytabFile(const json& entry) {
    const json& expected = entry.at("expected");
    kerberos::KeytabEntry key;
    key.realm = expected.at("ticket_realm");
    key.name = expected.at("sname");
    key.version = expected.at("ticket_kvno");
    key.type = entry.at("inputs").at("service_key_etype");
    key.key = FromHex(entry.at("inputs").at("service_key").get<std::string>());
    const std::vector<uint8_t> octets = kerberos::WriteKeytab(std::span(&key, 1));
    path_ = folder_.Write("keytab", std::string(octets.begin(), octets.end()));
  }
  const std::string& path() const { return path_; }

 private:
  test::TemporaryFolder folder_;
  std::string path_;
};

TEST(DecodeKerberos, KeytabOpensEveryVectorsTicket) {
  for (const json& entry : KerberosEntries()) {
    if (entry.at("kind") != "ap_exchange") {
      continue;
    }
    SCOPED_TRACE(entry.at("name").get<std::string>());
    const json& expected = entry.at("expected");
    const KeytabFile keytab(entry);
    const DecodedToken decoded = Decoded(entry.at("tokens").at("ap_req"), {keytab.path()});
    EXPECT_TRUE(decoded.opened.ok()) << decoded.opened.message();
    const Json& document = decoded.document;
    EXPECT_EQ(document.value("client", ""), expected.at("client").get<std::string>());
    EXPECT_EQ(document.value("bindings", ""), expected.at("gss_bnd").get<std::string>());
    EXPECT_EQ(std::stoul(document.value("gss_flags", "0"), nullptr, 16),
              std::stoul(expected.at("gss_flags").get<std::string>(), nullptr, 16));
    const json options = expected.value("ap_options_value", json());
    EXPECT_EQ(document.contains("kerb_ap_options"), !options.is_null());
  }
}

TEST(DecodeKerberos, KeytabReachesTheTicketWithinSpnego) {
  const json& entry = Kerberos("mit-spnego-cb");
  const KeytabFile keytab(entry);
  const DecodedToken decoded = Decoded(entry.at("tokens").at("spnego_init"), {keytab.path()});
  EXPECT_FALSE(decoded.malformed);
  EXPECT_EQ(decoded.document.at("inner").at("bindings"),
            entry.at("expected").at("gss_bnd").get<std::string>());
}

TEST(DecodeKerberos, KeytabThatDoesNotFitIsSaid) {
  const KeytabFile other(Kerberos("kerberosnet-aes256-kerberos"));
  const json& tokens = Kerberos("mit-krb5-cb-www").at("tokens");
  const DecodedToken decoded = Decoded(tokens.at("ap_req"), {other.path()});
  EXPECT_FALSE(decoded.malformed);
  EXPECT_FALSE(decoded.opened.ok());
  const auto run = [&tokens](const std::string& keytab) {
    const std::vector<std::string> arguments = {"--json", "--keytab", keytab,
                                                tokens.at("ap_req").get<std::string>()};
    return RunDecode(arguments);
  };
  EXPECT_EQ(run(other.path()), kExitRefused);
  EXPECT_EQ(run(other.path() + ".missing"), kExitUsage);
  // A pipe is not waited for.
  const std::string pipe = other.path() + ".pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(run(pipe), kExitUsage);
  const KeytabFile right(Kerberos("mit-krb5-cb-www"));
  EXPECT_EQ(run(right.path()), kExitDone);
}

}  // namespace
}  // namespace epa::tool
