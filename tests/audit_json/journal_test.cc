// The journal's native protocol, as its socket receives it.
#include "epa/audit_json/journal.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/byte_reader.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"

namespace epa {
namespace {

using ::epa::test::StatusIs;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

using Fields = std::map<std::string, std::string>;

// The two forms of a field: NAME=value, and NAME with a length and any octets.
Fields FieldsOf(std::span<const uint8_t> entry) {
  Fields fields;
  ByteReader reader(entry);
  while (!reader.at_end()) {
    std::string name;
    uint8_t octet = 0;
    while (reader.ReadU8(octet) && octet != '\n' && octet != '=') {
      name += static_cast<char>(octet);
    }
    uint64_t size = 0;
    std::span<const uint8_t> value;
    const bool read = octet == '\n' && reader.ReadU64(size) && reader.ReadSpan(size, value) &&
                      reader.ReadU8(octet) && octet == '\n';
    EXPECT_TRUE(read) << "after field " << name;
    EXPECT_FALSE(fields.contains(name)) << name;
    if (!read) {
      break;
    }
    fields[name] = std::string(value.begin(), value.end());
  }
  return fields;
}

// A journal's end of the protocol.
class Journal {
 public:
  explicit Journal(const std::string& path) : socket_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  ~Journal() { close(socket_); }

  // The next entry; empty when there is none.
  Fields Receive() {
    std::vector<uint8_t> octets(size_t{1} << 18);
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    iovec part{.iov_base = octets.data(), .iov_len = octets.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = recvmsg(socket_, &message, MSG_DONTWAIT);
    if (size < 0) {
      return {};
    }
    octets.resize(static_cast<size_t>(size));
    if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) {
      EXPECT_EQ(size, 0) << "an entry in a file comes without text";
      int file = -1;
      std::memcpy(&file, CMSG_DATA(header), sizeof(file));
      octets = ContentOf(file);
      in_file = true;
    }
    return FieldsOf(octets);
  }

  bool in_file = false;

 private:
  static std::vector<uint8_t> ContentOf(int file) {
    // The journal refuses files that can still change.
    EXPECT_EQ(fcntl(file, F_GET_SEALS), F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    struct stat status {};
    EXPECT_EQ(fstat(file, &status), 0);
    std::vector<uint8_t> octets(static_cast<size_t>(status.st_size));
    EXPECT_EQ(pread(file, octets.data(), octets.size(), 0), status.st_size);
    close(file);
    return octets;
  }

  int socket_;
};

class JournalAuditSinkTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK_AND_ASSIGN(sink_, JournalAuditSink::Create(Path())); }

  std::string Path() const { return folder_.File("socket"); }

  const test::TemporaryFolder folder_;
  std::shared_ptr<JournalAuditSink> sink_;
};

AuditEvent RefusedLogin() {
  AuditEvent event;
  event.outcome = AuditOutcome::kRefused;
  event.reason = Reason::kServiceNameMismatch;
  event.status = SecurityStatus::kLogonDenied;
  event.user = "alice";
  event.domain = "EXAMPLE";
  event.connection = "192.0.2.1:50432";
  event.target_name = "cifs/other";
  event.windows_event =
      SpnCheckFailedEvent({.user = "alice", .target_name = "cifs/other", .ip_addresses = {"::1"}});
  return event;
}

TEST_F(JournalAuditSinkTest, EntryHasTheFieldsOfTheJsonLines) {
  Journal journal(Path());
  sink_->OnEvent(RefusedLogin());
  const Fields fields = journal.Receive();
  EXPECT_FALSE(journal.in_file);
  EXPECT_THAT(fields, Contains(Pair("MESSAGE",
                                    "refused \"EXAMPLE\\\\alice\" from \"192.0.2.1:50432\": "
                                    "the client meant another service")));
  EXPECT_THAT(fields, Contains(Pair("PRIORITY", "4")));
  EXPECT_THAT(fields, Contains(Pair("SYSLOG_IDENTIFIER", "epa")));
  EXPECT_THAT(fields, Contains(Pair("EPA_OUTCOME", "refused")));
  EXPECT_THAT(fields, Contains(Pair("EPA_REASON", "service_name_mismatch")));
  EXPECT_THAT(fields, Contains(Pair("EPA_STATUS_CODE", "0x8009030C")));
  EXPECT_THAT(fields, Contains(Pair("EPA_USER", "alice")));
  EXPECT_THAT(fields, Contains(Pair("EPA_IDENTITY_VERIFIED", "false")));
  EXPECT_THAT(fields, Contains(Pair("EPA_TARGET_NAME", "cifs/other")));
  EXPECT_THAT(fields, Contains(Pair("EPA_WINDOWS_EVENT_ID", "5168")));
  EXPECT_THAT(fields, Contains(Pair("EPA_WINDOWS_EVENT_LOG", "Security")));
  EXPECT_THAT(fields, Contains(Pair("EPA_WINDOWS_EVENT_DATA_SPNNAME", "cifs/other")));
  EXPECT_THAT(fields, Contains(Pair("EPA_WINDOWS_EVENT_DATA_IPADDRESSES", "::1;")));
  EXPECT_THAT(fields, Not(Contains(Key("EPA_WORKSTATION")))) << "absent fields are left out";
  EXPECT_TRUE(journal.Receive().empty()) << "one entry an event";
  EXPECT_EQ(sink_->lost_events(), 0U);
}

TEST_F(JournalAuditSinkTest, PriorityFollowsTheOutcome) {
  Journal journal(Path());
  for (const auto& [outcome, priority] :
       std::map<AuditOutcome, std::string>{{AuditOutcome::kAccepted, "6"},
                                           {AuditOutcome::kRefused, "4"},
                                           {AuditOutcome::kFault, "3"},
                                           {AuditOutcome::kAbandoned, "5"},
                                           {AuditOutcome::kNoticed, "5"}}) {
    AuditEvent event;
    event.outcome = outcome;
    sink_->OnEvent(event);
    EXPECT_THAT(journal.Receive(), Contains(Pair("PRIORITY", priority)));
  }
}

TEST_F(JournalAuditSinkTest, HostileNamesForgeNoField) {
  Journal journal(Path());
  AuditEvent event;
  event.user = "mallory\nPRIORITY=7\nEPA_OUTCOME=accepted\n";
  sink_->OnEvent(event);
  const Fields fields = journal.Receive();
  EXPECT_THAT(fields, Contains(Pair("EPA_USER", event.user)));
  EXPECT_THAT(fields, Contains(Pair("EPA_OUTCOME", "refused")));
  EXPECT_THAT(fields, Contains(Pair("PRIORITY", "4")));
  EXPECT_THAT(fields.at("MESSAGE"), Not(HasSubstr("\n")));
}

TEST_F(JournalAuditSinkTest, LongEntriesTravelInASealedFile) {
  Journal journal(Path());
  AuditEvent event;
  event.user = std::string(500'000, 'u');
  sink_->OnEvent(event);
  const Fields fields = journal.Receive();
  EXPECT_TRUE(journal.in_file);
  EXPECT_THAT(fields, Contains(Pair("EPA_USER", event.user)));
  EXPECT_EQ(sink_->lost_events(), 0U);
}

TEST_F(JournalAuditSinkTest, EventsWithoutAJournalAreCountedAndALaterOneIsFound) {
  sink_->OnEvent(AuditEvent());
  EXPECT_EQ(sink_->lost_events(), 1U);
  {
    Journal journal(Path());
    sink_->OnEvent(AuditEvent());
    EXPECT_FALSE(journal.Receive().empty());
  }
  std::filesystem::remove(Path());
  Journal restarted(Path());
  sink_->OnEvent(AuditEvent());
  EXPECT_FALSE(restarted.Receive().empty());
  EXPECT_EQ(sink_->lost_events(), 1U);
}

// As in a chroot.
TEST_F(JournalAuditSinkTest, AJournalWhosePathIsOutOfSightGoesOnToHear) {
  Journal journal(Path());
  ASSERT_OK_AND_ASSIGN(const auto sink, JournalAuditSink::Create(Path()));
  std::filesystem::rename(Path(), folder_.File("elsewhere"));
  AuditEvent event;
  for (const size_t size : {5, 500'000}) {
    event.user = std::string(size, 'u');
    sink->OnEvent(event);
    EXPECT_THAT(journal.Receive(), Contains(Pair("EPA_USER", event.user)));
  }
  EXPECT_EQ(sink->lost_events(), 0U);
  Journal restarted(Path());
  sink->OnEvent(event);
  EXPECT_FALSE(restarted.Receive().empty());
}

TEST_F(JournalAuditSinkTest, FullJournalLosesEventsAndNeverBlocks) {
  Journal journal(Path());
  constexpr uint64_t kEvents = 5000;
  for (uint64_t i = 0; i < kEvents; ++i) {
    sink_->OnEvent(AuditEvent());
  }
  uint64_t received = 0;
  while (!journal.Receive().empty()) {
    ++received;
  }
  EXPECT_GT(received, 0U);
  EXPECT_GT(sink_->lost_events(), 0U);
  EXPECT_EQ(received + sink_->lost_events(), kEvents);
}

TEST(JournalAuditSink, PathMustFitASocket) {
  EXPECT_THAT(JournalAuditSink::Create(""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(JournalAuditSink::Create(std::string(108, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace epa
