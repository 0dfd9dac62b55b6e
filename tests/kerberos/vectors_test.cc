// Recorded messages of Windows and MIT, and the checksum 0x8003 in all its forms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "providers/kerberos/checksum.h"
#include "providers/kerberos/gss_framing.h"
#include "tests/kerberos/keytab_writer.h"
#include "tests/support/find_octets.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::kerberos {
namespace {

using nlohmann::json;

std::vector<json> EntriesOfKind(const std::string& kind) {
  std::vector<json> found;
  const json file = test::ReadTestJson("kerberos/kerberos_gss.json");
  for (const json& entry : file["entries"]) {
    if (entry["kind"] == kind) {
      found.push_back(entry);
    }
  }
  EXPECT_FALSE(found.empty()) << kind;
  return found;
}

std::vector<uint8_t> Hex(const json& text) { return test::FromHex(text.get<std::string>()); }

FileTime TimeOf(const std::string& text) {
  std::tm time = {};
  strptime(text.c_str(), "%Y%m%d%H%M%SZ", &time);
  return kUnixEpochTicks + static_cast<FileTime>(timegm(&time)) * kTicksPerSecond;
}

KeytabEntry KeyOf(const json& entry) {
  const json& expected = entry["expected"];
  return {expected["ticket_realm"], expected["sname"], expected["ticket_kvno"],
          entry["inputs"]["service_key_etype"], Hex(entry["inputs"]["service_key"])};
}

std::shared_ptr<const Credentials> AcceptorOf(std::vector<KeytabEntry> keys, const Clock& clock) {
  AcceptorOptions options;
  options.keytab = SecretBytes(std::span<const uint8_t>(WriteKeytab(keys)));
  options.configuration.contents = "[libdefaults]\n default_realm = NOWHERE\n";
  options.replay_cache = ReplayCache::kNone;
  options.clock = &clock;
  return test::MakeAcceptor(std::move(options));
}

std::unique_ptr<SecurityContext> LegacyServer(std::shared_ptr<const Credentials> acceptor,
                                              Channel channel) {
  test::KerberosSetup setup;
  setup.acceptor = std::move(acceptor);
  setup.server_channel = std::move(channel);
  setup.policy.mode = ExtendedProtectionMode::kLegacy;
  return test::MakeKerberosServer(setup);
}

TEST(KerberosVectors, RecordedLoginsAreAcceptedAndUnderstood) {
  for (const json& entry : EntriesOfKind("ap_exchange")) {
    SCOPED_TRACE(entry["name"].get<std::string>());
    const json& expected = entry["expected"];
    const test::FixedClock clock(TimeOf(expected["authenticator_time"]));
    const auto acceptor = AcceptorOf({KeyOf(entry)}, clock);
    Channel channel = Channel::Plain();
    if (entry["inputs"].contains("channel_bindings_application_data")) {
      channel = Channel::Tls(ChannelBindings::FromApplicationData(
                                 Hex(entry["inputs"]["channel_bindings_application_data"]))
                                 .value());
    }
    const auto server = LegacyServer(acceptor, channel);
    const StepResult result = test::KerberosStep(*server, Hex(entry["tokens"]["ap_req"]));
    ASSERT_EQ(result.state, StepState::kEstablished)
        << ReasonName(server->reason()) << server->reason_detail();
    EXPECT_EQ(result.token.empty(), !expected["mutual_required"].get<bool>());
    const auto peer = server->peer();
    ASSERT_OK(peer);
    EXPECT_EQ(peer->account()->authorization->principal, expected["client"].get<std::string>());
    const auto evidence = server->evidence();
    EXPECT_EQ(evidence->target_name, expected["sname"][0].get<std::string>() + "/" +
                                         expected["sname"][1].get<std::string>());
    EXPECT_EQ(evidence->binding, expected["bnd_all_zero"].get<bool>() ? BindingEvidence::kAbsent
                                                                      : BindingEvidence::kMatched);
  }
}

TEST(KerberosVectors, WindowsPacGivesAccountAndGroups) {
  for (const json& entry : EntriesOfKind("ap_exchange")) {
    if (entry["origin"] != "real-windows") {
      continue;
    }
    SCOPED_TRACE(entry["name"].get<std::string>());
    const test::FixedClock clock(TimeOf(entry["expected"]["authenticator_time"]));
    const auto server = LegacyServer(AcceptorOf({KeyOf(entry)}, clock), Channel::Plain());
    test::KerberosStep(*server, Hex(entry["tokens"]["ap_req"]));
    const auto peer = server->peer();
    ASSERT_OK(peer);
    ASSERT_TRUE(peer->account()->authorization->has_verified_pac);
    EXPECT_EQ(peer->account()->authorization->logon_name, "user.test");
    EXPECT_EQ(peer->account()->authorization->logon_domain, "DOMAIN");
    EXPECT_TRUE(peer->account()->authorization->user_sid.starts_with("S-1-5-21-"))
        << peer->account()->authorization->user_sid;
    ASSERT_FALSE(peer->account()->authorization->group_sids.empty());
    EXPECT_TRUE(peer->account()->authorization->group_sids.front().ends_with("-513"))
        << peer->account()->authorization->group_sids.front();
  }
}

TEST(KerberosVectors, WrongKeyWrongVersionAndWrongTime) {
  const json entry = EntriesOfKind("ap_exchange").front();
  const FileTime then = TimeOf(entry["expected"]["authenticator_time"]);
  const std::vector<uint8_t> request = Hex(entry["tokens"]["ap_req"]);
  const auto reason = [&](KeytabEntry key, FileTime now) {
    const test::FixedClock clock(now);
    const auto server = LegacyServer(AcceptorOf({std::move(key)}, clock), Channel::Plain());
    const StepResult result = test::KerberosStep(*server, request);
    EXPECT_EQ(result.state, StepState::kRejected);
    EXPECT_TRUE(result.token.empty());
    return server->reason();
  };
  KeytabEntry key = KeyOf(entry);
  key.key[0] ^= 1;
  EXPECT_EQ(reason(key, then), Reason::kTicketInvalid);
  key = KeyOf(entry);
  key.version = 77;
  EXPECT_EQ(reason(key, then), Reason::kWrongKeyVersion);
  key = KeyOf(entry);
  key.name = {"HTTP", "other.test.domain.com"};
  key.key[0] ^= 1;
  EXPECT_EQ(reason(key, then), Reason::kKeyNotFound);
  EXPECT_EQ(reason(KeyOf(entry), then + 600 * kTicksPerSecond), Reason::kClockSkew);
  EXPECT_EQ(reason(KeyOf(entry), then - 600 * kTicksPerSecond), Reason::kTicketExpired);
  EXPECT_EQ(reason(KeyOf(entry), then + 86400 * kTicksPerSecond), Reason::kTicketExpired);
}

// The client may spell the service otherwise than the keytab does: its spelling is reported, never
// the keytab's.
TEST(KerberosVectors, AliasOpensTheTicketAndStaysTheTicketsName) {
  const json entry = EntriesOfKind("ap_exchange").front();
  const test::FixedClock clock(TimeOf(entry["expected"]["authenticator_time"]));
  KeytabEntry key = KeyOf(entry);
  key.name = {"HTTP", "alias.test.domain.com"};
  const auto server = LegacyServer(AcceptorOf({key}, clock), Channel::Plain());
  ASSERT_EQ(test::KerberosStep(*server, Hex(entry["tokens"]["ap_req"])).state,
            StepState::kEstablished);
  EXPECT_EQ(server->evidence()->target_name, entry["expected"]["sname"][0].get<std::string>() +
                                                 "/" +
                                                 entry["expected"]["sname"][1].get<std::string>());
}

TEST(KerberosVectors, FramesAreReadAndWrittenAlike) {
  for (const json& entry : EntriesOfKind("framing")) {
    for (const auto& [name, token] : entry["tokens"].items()) {
      SCOPED_TRACE(name);
      const std::vector<uint8_t> octets = Hex(token);
      const auto framed = ReadFramedMessage(octets);
      ASSERT_OK(framed);
      EXPECT_EQ(framed->frame, Frame::kKerberos);
      EXPECT_EQ(framed->kind, name == "ap_req" ? MessageKind::kApReq : MessageKind::kApRep);
      EXPECT_EQ(WriteFramedMessage(framed->frame, framed->kind, framed->message), octets);
      for (size_t size = 0; size < octets.size(); ++size) {
        EXPECT_FALSE(ReadFramedMessage(std::span(octets).first(size)).ok()) << size;
      }
    }
  }
}

// Filers' lengths are longer than they need be.
TEST(KerberosVectors, FramesWithLongerLengthsAreRead) {
  const json entry = EntriesOfKind("framing").front();
  const std::vector<uint8_t> octets = Hex(entry["tokens"]["ap_req"]);
  const auto plain = ReadFramedMessage(octets);
  ASSERT_OK(plain);
  std::vector<uint8_t> content = test::FromHex("06820009 2a864886f712010202 0100");
  content.insert(content.end(), plain->message.begin(), plain->message.end());
  std::vector<uint8_t> token = {0x60,
                                0x84,
                                0,
                                0,
                                static_cast<uint8_t>(content.size() >> 8),
                                static_cast<uint8_t>(content.size())};
  token.insert(token.end(), content.begin(), content.end());
  const auto framed = ReadFramedMessage(token);
  ASSERT_OK(framed);
  EXPECT_EQ(framed->frame, Frame::kKerberos);
  EXPECT_EQ(test::ToHex(framed->message), test::ToHex(plain->message));
}

TEST(KerberosVectors, TicketNamesOfAWindowsRequest) {
  const json entry = EntriesOfKind("framing").front();
  const std::vector<uint8_t> octets = Hex(entry["tokens"]["ap_req"]);
  const auto names = ReadTicketNames(ReadFramedMessage(octets)->message);
  ASSERT_OK(names);
  EXPECT_EQ(names->realm, "DOMAIN.LOCAL");
  EXPECT_THAT(names->service(), testing::ElementsAre("host", "dc01"));
}

TEST(KerberosVectors, ANulInTheTicketsNamesIsMalformed) {
  const json entry = EntriesOfKind("framing").front();
  const std::vector<uint8_t> token = Hex(entry["tokens"]["ap_req"]);
  for (const std::string_view name : {"DOMAIN.LOCAL", "host", "dc01"}) {
    std::vector<uint8_t> octets = token;
    const auto found = test::FindOctets(octets, name);
    ASSERT_FALSE(found.empty()) << name;
    found.back() = 0;
    EXPECT_THAT(ReadTicketNames(ReadFramedMessage(octets)->message),
                test::StatusIs(absl::StatusCode::kInvalidArgument))
        << name;
  }
}

TEST(KerberosChecksum, VectorsAreReadAndWritten) {
  for (const json& entry : EntriesOfKind("checksum_8003")) {
    SCOPED_TRACE(entry["name"].get<std::string>());
    const std::vector<uint8_t> octets = Hex(entry["expected"]["checksum"]);
    const auto checksum = ReadGssChecksum(octets);
    ASSERT_OK(checksum);
    EXPECT_EQ(test::ToHex(checksum->binding.octets), entry["expected"]["bnd"].get<std::string>());
    EXPECT_EQ(checksum->flags,
              std::stoul(entry["inputs"]["gss_flags"].get<std::string>(), nullptr, 16));
    const auto written = WriteGssChecksum(*checksum);
    ASSERT_OK(written);
    EXPECT_EQ(*written, octets);
  }
}

TEST(KerberosChecksum, MalformedVectorsAreRefused) {
  for (const json& entry : EntriesOfKind("checksum_8003_malformed")) {
    EXPECT_THAT(ReadGssChecksum(Hex(entry["inputs"]["checksum"])),
                test::StatusIs(absl::StatusCode::kInvalidArgument))
        << entry["name"];
  }
}

TEST(KerberosChecksum, DelegationIsBoundedByItsLength) {
  GssChecksum checksum;
  checksum.flags = kDelegation;
  const std::vector<uint8_t> credentials(100, 7);
  checksum.delegated = credentials;
  const auto octets = WriteGssChecksum(checksum);
  ASSERT_OK(octets);
  for (size_t size = 0; size < octets->size(); ++size) {
    EXPECT_FALSE(ReadGssChecksum(std::span(*octets).first(size)).ok()) << size;
  }
  std::vector<uint8_t> extended = *octets;
  extended.insert(extended.end(), 9, 0xEE);
  const auto read = ReadGssChecksum(extended);
  ASSERT_OK(read);
  EXPECT_EQ(read->delegated.size(), credentials.size());
  checksum.flags = 0;
  EXPECT_FALSE(WriteGssChecksum(checksum).ok());
}

}  // namespace
}  // namespace epa::kerberos
