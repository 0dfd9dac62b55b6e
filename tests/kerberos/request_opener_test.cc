// A look at a request by OpenSSL alone sees what libkrb5 sees, and nothing where libkrb5 refuses.
#include "providers/kerberos/request_opener.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "providers/kerberos/ap_request.h"
#include "providers/kerberos/context_pool.h"
#include "providers/kerberos/keytab_source.h"
#include "providers/kerberos/principal_text.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/kerberos_exchange.h"
#include "tests/support/status_matchers.h"

namespace epa::kerberos {
namespace {

std::vector<uint8_t> Octets(std::span<const uint8_t> octets) {
  return {octets.begin(), octets.end()};
}

std::vector<std::pair<int32_t, std::vector<uint8_t>>> ListOf(const krb5_authdata* const* list) {
  std::vector<std::pair<int32_t, std::vector<uint8_t>>> all;
  for (; list != nullptr && *list != nullptr; ++list) {
    all.emplace_back((*list)->ad_type, Octets(OctetsOf(**list)));
  }
  return all;
}

class RequestOpenerTest : public testing::Test {
 protected:
  RequestOpenerTest() { UseConfiguration(test::TestRealm().configuration()); }

  void UseConfiguration(const std::string& text, const Clock* clock = nullptr,
                        bool allow_weak_encryption = false) {
    pool_ =
        ContextPool::Create({.path = {}, .contents = text}, allow_weak_encryption, clock).value();
    source_.emplace(
        KeytabSource::FromFile(pool_, {.paths = {test::TestRealm().keytab_path()}, .interval = {}})
            .value());
  }

  // Its tickets and session keys are of that type, too.
  std::string ServiceWithKeysOf(const std::string& type) {
    const std::string name = type + "/server.test.example";
    const std::string keys = " -e " + type + ":normal ";
    EXPECT_OK(test::TestRealm().Admin("addprinc -randkey" + keys + name));
    EXPECT_OK(test::TestRealm().Admin("ktadd -k " + test::TestRealm().keytab_path() + keys + name));
    UseConfiguration(test::TestRealm().configuration());
    return name;
  }

  static std::vector<uint8_t> Message(const test::KerberosSetup& setup = {}) {
    const auto token = test::KerberosStep(*test::MakeKerberosClient(setup), {}).token;
    return Octets(ReadFramedMessage(token)->message);
  }

  bool Opens(std::span<const uint8_t> message) {
    const auto lease = pool_->Acquire();
    EXPECT_OK(lease);
    EXPECT_OK(source_->Refresh(lease->workspace()));
    RequestOpener opener(lease->context(), lease->workspace().keys->entries());
    const auto names = ReadTicketNames(message);
    OpenedRequest opened;
    return names.ok() && opener.Open(message, *names, opened);
  }

  static std::vector<uint8_t> MessageWithNewTicket() {
    test::KerberosSetup setup;
    setup.initiator = test::MakeInitiator(test::RealmInitiator());
    return Message(setup);
  }

  std::shared_ptr<ContextPool> pool_;
  std::optional<KeytabSource> source_;
};

// One opener for many requests.
class ManyRequests {
 public:
  ManyRequests(ContextPool& pool, const KeytabSource& source) : lease_(pool.Acquire().value()) {
    EXPECT_OK(source.Refresh(lease_.workspace()));
    opener_.emplace(lease_.context(), lease_.workspace().keys->entries());
  }

  // Null: not opened. Not to be looked into.
  const OpenedTicket* TicketOf(std::span<const uint8_t> message) {
    const auto names = ReadTicketNames(message);
    OpenedRequest opened;
    return names.ok() && opener_->Open(message, *names, opened) ? opened.ticket : nullptr;
  }

 private:
  ContextPool::Lease lease_;
  std::optional<RequestOpener> opener_;
};

void ExpectSamePrincipal(const krb5_principal_data& seen, const krb5_principal_data& expected) {
  EXPECT_EQ(PrincipalTextWithRealm(seen), PrincipalTextWithRealm(expected));
}

void ExpectSameTicket(const krb5_ticket& seen, const krb5_ticket& expected) {
  ExpectSamePrincipal(*seen.server, *expected.server);
  EXPECT_EQ(seen.enc_part.enctype, expected.enc_part.enctype);
  EXPECT_EQ(seen.enc_part.kvno, expected.enc_part.kvno);
  const krb5_enc_tkt_part& part = *seen.enc_part2;
  const krb5_enc_tkt_part& other = *expected.enc_part2;
  ExpectSamePrincipal(*part.client, *other.client);
  EXPECT_EQ(part.flags, other.flags);
  EXPECT_EQ(part.session->enctype, other.session->enctype);
  EXPECT_EQ(Octets(OctetsOf(*part.session)), Octets(OctetsOf(*other.session)));
  EXPECT_EQ(part.times.authtime, other.times.authtime);
  EXPECT_EQ(part.times.starttime, other.times.starttime);
  EXPECT_EQ(part.times.endtime, other.times.endtime);
  EXPECT_EQ(part.times.renew_till, other.times.renew_till);
  EXPECT_EQ(TextOf(part.transited.tr_contents), TextOf(other.transited.tr_contents));
  EXPECT_FALSE(ListOf(other.authorization_data).empty());
  EXPECT_EQ(ListOf(part.authorization_data), ListOf(other.authorization_data));
}

void ExpectSameAuthenticator(const krb5_authenticator& seen, const krb5_authenticator& expected) {
  ExpectSamePrincipal(*seen.client, *expected.client);
  EXPECT_EQ(seen.ctime, expected.ctime);
  EXPECT_EQ(seen.cusec, expected.cusec);
  EXPECT_EQ(seen.subkey->enctype, expected.subkey->enctype);
  EXPECT_EQ(Octets(OctetsOf(*seen.subkey)), Octets(OctetsOf(*expected.subkey)));
  EXPECT_EQ(seen.checksum->checksum_type, expected.checksum->checksum_type);
  EXPECT_EQ(Octets({seen.checksum->contents, seen.checksum->length}),
            Octets({expected.checksum->contents, expected.checksum->length}));
  EXPECT_FALSE(ListOf(expected.authorization_data).empty());
  EXPECT_EQ(ListOf(seen.authorization_data), ListOf(expected.authorization_data));
}

TEST_F(RequestOpenerTest, SeesWhatLibkrb5Sees) {
  for (const char* const type : {"aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96",
                                 "aes256-cts-hmac-sha384-192", "aes128-cts-hmac-sha256-128"}) {
    SCOPED_TRACE(type);
    test::KerberosSetup setup;
    setup.parameters.target_name = ServiceWithKeysOf(type);
    const std::vector<uint8_t> message = Message(setup);
    const auto lease = pool_->Acquire();
    ASSERT_OK(lease);
    Workspace& workspace = lease->workspace();
    ASSERT_OK(source_->Refresh(workspace));
    const auto names = ReadTicketNames(message);
    ASSERT_OK(names);
    ApRequest expected(lease->context());
    ASSERT_EQ(CheckApRequest(workspace, message, *names, false, expected), 0);
    for (int round = 0; round < 2; ++round) {  // an opener is used for many requests
      ApRequest seen(lease->context());
      ASSERT_EQ(InspectApRequest(workspace, message, *names, seen), 0);
      ASSERT_NE(seen.opened, nullptr);
      EXPECT_EQ(seen.options, expected.options);
      ExpectSameTicket(*seen.ticket, *expected.ticket);
      ExpectSameAuthenticator(*seen.authenticator, *expected.authenticator);
    }
  }
}

TEST_F(RequestOpenerTest, OpensNothingThatWasChangedOrCutOff) {
  const std::vector<uint8_t> message = Message();
  ASSERT_TRUE(Opens(message));
  RequestFields fields;
  ASSERT_TRUE(ReadRequestFields(message, fields));
  for (const std::span<const uint8_t> sealed :
       {fields.ticket.cipher, fields.authenticator.cipher}) {
    const auto begin = static_cast<size_t>(sealed.data() - message.data());
    for (const size_t at : {size_t{0}, size_t{17}, sealed.size() / 2, sealed.size() - 1}) {
      std::vector<uint8_t> changed = message;
      changed[begin + at] ^= 1;
      EXPECT_FALSE(Opens(changed)) << at;
    }
  }
  for (const size_t size : {size_t{0}, size_t{1}, message.size() / 2, message.size() - 1}) {
    EXPECT_FALSE(Opens(std::span(message).first(size)));
  }
  std::vector<uint8_t> longer = message;
  longer.push_back(0);
  EXPECT_FALSE(Opens(longer));
}

TEST_F(RequestOpenerTest, LeavesToLibkrb5WhatIsNotPermitted) {
  // Only with weak types allowed are they those of the configuration.
  for (const auto& [types, permitted] :
       {std::pair("aes256-cts aes128-cts", true), std::pair("camellia256-cts", false)}) {
    UseConfiguration(test::TestRealm().configuration() +
                         "\n[libdefaults]\n permitted_enctypes = " + types + "\n",
                     nullptr, /*allow_weak_encryption=*/true);
    EXPECT_EQ(Opens(Message()), permitted) << types;
  }
}

TEST_F(RequestOpenerTest, LeavesToLibkrb5WhenATicketIsGood) {
  const std::vector<uint8_t> message = Message();
  test::FixedClock clock;
  for (const int64_t seconds : {-3600, 0, 30 * 24 * 3600}) {
    clock.Set(SystemClock().Now() + seconds * kTicksPerSecond);
    UseConfiguration(test::TestRealm().configuration(), &clock);
    EXPECT_EQ(Opens(message), seconds == 0) << seconds;
  }
}

TEST_F(RequestOpenerTest, KeepsTheLastTicketsOpen) {
  constexpr int kMoreThanItKeeps = 10;
  ManyRequests requests(*pool_, *source_);
  const std::vector<uint8_t> first = Message();
  const OpenedTicket* const opened = requests.TicketOf(first);
  ASSERT_NE(opened, nullptr);
  EXPECT_EQ(requests.TicketOf(Message()), opened);
  EXPECT_EQ(requests.TicketOf(first), opened);
  for (int i = 0; i < kMoreThanItKeeps; ++i) {
    const std::vector<uint8_t> message = MessageWithNewTicket();
    EXPECT_NE(requests.TicketOf(message), nullptr) << i;
    EXPECT_NE(requests.TicketOf(message), nullptr) << i;
  }
  EXPECT_NE(requests.TicketOf(first), nullptr);
}

TEST_F(RequestOpenerTest, ATicketThatIsOpenProvesNothingOfTheNextRequest) {
  ManyRequests requests(*pool_, *source_);
  const std::vector<uint8_t> message = Message();
  ASSERT_NE(requests.TicketOf(message), nullptr);
  RequestFields fields;
  ASSERT_TRUE(ReadRequestFields(message, fields));
  for (const std::span<const uint8_t> sealed :
       {fields.ticket.cipher, fields.authenticator.cipher}) {
    std::vector<uint8_t> changed = message;
    changed[static_cast<size_t>(sealed.data() - message.data()) + sealed.size() / 2] ^= 1;
    EXPECT_EQ(requests.TicketOf(changed), nullptr);
  }
  // Another ticket's authenticator: one as long as ours, since numbers in it are as long as they
  // need to be.
  std::vector<uint8_t> other;
  RequestFields of_other;
  do {
    other = MessageWithNewTicket();
    ASSERT_TRUE(ReadRequestFields(other, of_other));
  } while (of_other.authenticator.cipher.size() != fields.authenticator.cipher.size());
  std::vector<uint8_t> mixed = message;
  std::ranges::copy(
      of_other.authenticator.cipher,
      mixed.begin() + (fields.authenticator.cipher.data() - std::as_const(message).data()));
  EXPECT_EQ(requests.TicketOf(mixed), nullptr);
  EXPECT_NE(requests.TicketOf(message), nullptr);
}

TEST_F(RequestOpenerTest, ATicketThatIsOpenExpires) {
  test::FixedClock clock;
  clock.Set(SystemClock().Now());
  UseConfiguration(test::TestRealm().configuration(), &clock);
  const std::vector<uint8_t> message = Message();
  for (const int64_t days : {0, 30}) {
    clock.Set(SystemClock().Now() + days * 24 * 3600 * kTicksPerSecond);
    // A workspace gets its time when it is leased; the opener is its own.
    const auto lease = pool_->Acquire();
    ASSERT_OK(lease);
    Workspace& workspace = lease->workspace();
    ASSERT_OK(source_->Refresh(workspace));
    const auto names = ReadTicketNames(message);
    ASSERT_OK(names);
    if (workspace.opener == nullptr) {
      workspace.opener =
          std::make_unique<RequestOpener>(workspace.context, workspace.keys->entries());
    }
    OpenedRequest opened;
    EXPECT_EQ(workspace.opener->Open(message, *names, opened), days == 0) << days;
  }
}

}  // namespace
}  // namespace epa::kerberos
