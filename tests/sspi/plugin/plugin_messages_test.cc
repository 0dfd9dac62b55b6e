// Signing and sealing by a plug-in, and sizes that are not believed.
#include <gtest/gtest.h>

#include "tests/sspi/plugin/fake_plugin.h"
#include "tests/support/status_matchers.h"

namespace epa::sspi {
namespace {

using test::FakePlugin;
using test::StatusIs;

class PluginMessages : public ::testing::Test {
 protected:
  void SetUp() override {
    plugin_.state().attributes = ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY;
  }
  void TearDown() override { mechanism_.reset(); }

  // After a login; an error where the plug-in cannot protect messages.
  absl::StatusOr<MessageProtection*> Protection() {
    credentials_ = *CreateAcceptorCredentials(plugin_.Options());
    mechanism_ = *credentials_->CreateAcceptor(channel_);
    EXPECT_OK(mechanism_->Step(std::vector<uint8_t>{1}));
    return mechanism_->message_protection();
  }

  FakePlugin plugin_;
  const Channel channel_ = Channel::Plain();
  std::shared_ptr<const Credentials> credentials_;
  std::unique_ptr<Mechanism> mechanism_;
};

TEST_F(PluginMessages, SignAndSeal) {
  ASSERT_OK_AND_ASSIGN(MessageProtection * protection, Protection());
  EXPECT_EQ(protection->signature_size(), 16u);
  EXPECT_TRUE(protection->can_seal());
  std::vector<uint8_t> message{1, 2, 3};
  std::vector<uint8_t> signature(16);
  ASSERT_OK(protection->Sign(message, signature));
  EXPECT_EQ(signature, std::vector<uint8_t>(16, 'S'));
  EXPECT_OK(protection->Verify(message, signature));
  ASSERT_OK(protection->Seal(message, signature));
  EXPECT_EQ(message, (std::vector<uint8_t>{0xfe, 0xfd, 0xfc}));
  ASSERT_OK(protection->Unseal(message, signature));
  EXPECT_EQ(message, (std::vector<uint8_t>{1, 2, 3}));
}

TEST_F(PluginMessages, AreNotThereWhereNotNegotiatedOrMissing) {
  plugin_.state().attributes = 0;
  EXPECT_THAT(Protection(), StatusIs(absl::StatusCode::kFailedPrecondition));
  plugin_.state().attributes = ASC_RET_INTEGRITY;
  plugin_.table.DecryptMessage = nullptr;
  EXPECT_THAT(Protection(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(PluginMessages, AreNotSealedWhereOnlySigningWasNegotiated) {
  plugin_.state().attributes = ASC_RET_INTEGRITY;
  ASSERT_OK_AND_ASSIGN(MessageProtection * protection, Protection());
  EXPECT_FALSE(protection->can_seal());
  std::vector<uint8_t> message{1, 2, 3};
  std::vector<uint8_t> signature(16);
  EXPECT_THAT(protection->Seal(message, signature),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(protection->Unseal(message, signature),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(PluginMessages, OfImpossibleSizesAreFaults) {
  for (const ULONG size : {0u, 0x10001u, 0xffffffffu}) {
    plugin_.state().sizes.cbMaxSignature = size;
    EXPECT_THAT(Protection(), StatusIs(absl::StatusCode::kInternal)) << size;
  }
}

TEST_F(PluginMessages, WithAnotherSizeThanAnnouncedAreFaults) {
  ASSERT_OK_AND_ASSIGN(MessageProtection * protection, Protection());
  std::vector<uint8_t> message{1, 2, 3};
  std::vector<uint8_t> signature(16);
  for (const ULONG size : {0u, 15u, 17u}) {
    plugin_.state().message_signature = size;
    EXPECT_THAT(protection->Sign(message, signature), StatusIs(absl::StatusCode::kInternal));
    EXPECT_THAT(protection->Seal(message, signature), StatusIs(absl::StatusCode::kInternal));
  }
}

TEST_F(PluginMessages, ThatWereAlteredAreDataLossAndWiped) {
  ASSERT_OK_AND_ASSIGN(MessageProtection * protection, Protection());
  std::vector<uint8_t> message{1, 2, 3};
  const std::vector<uint8_t> signature(16);
  plugin_.state().message_status = SEC_E_MESSAGE_ALTERED;
  EXPECT_THAT(protection->Verify(message, signature), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(protection->Unseal(message, signature), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(message, std::vector<uint8_t>(3));
}

TEST_F(PluginMessages, OutOfTheirSequenceAreOutOfRange) {
  ASSERT_OK_AND_ASSIGN(MessageProtection * protection, Protection());
  std::vector<uint8_t> message{1, 2, 3};
  const std::vector<uint8_t> signature(16);
  plugin_.state().message_status = SEC_E_OUT_OF_SEQUENCE;
  EXPECT_THAT(protection->Verify(message, signature), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_THAT(protection->Unseal(message, signature), StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_EQ(message, std::vector<uint8_t>(3));
}

TEST_F(PluginMessages, ThatWereOnlySignedAreNotUnsealed) {
  ASSERT_OK_AND_ASSIGN(MessageProtection * protection, Protection());
  plugin_.state().quality = SECQOP_WRAP_NO_ENCRYPT;
  std::vector<uint8_t> message{1, 2, 3};
  const std::vector<uint8_t> signature(16);
  EXPECT_THAT(protection->Unseal(message, signature), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(PluginMessages, ComeAfterTheLogin) {
  const auto credentials = *CreateAcceptorCredentials(plugin_.Options());
  const auto mechanism = *credentials->CreateAcceptor(channel_);
  EXPECT_THAT(mechanism->message_protection(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(mechanism->ExportSessionKey(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace epa::sspi
