// Negotiate over the real NTLM provider, both roles.
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "epa/core/security_context.h"
#include "epa/negotiate/negotiate.h"
#include "epa/ntlm/ntlm.h"
#include "providers/negotiate/neg_token.h"
#include "tests/support/ntlm_exchange.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace epa::negotiate {
namespace {

using test::Bindings;

std::shared_ptr<const Credentials> NtlmAcceptor() {
  ntlm::AcceptorOptions options;
  options.authority = test::TestAuthority();
  return *ntlm::CreateAcceptorCredentials(std::move(options));
}

std::shared_ptr<const Credentials> NtlmInitiator() {
  ntlm::InitiatorOptions options;
  options.user = "alice";
  options.domain = "EXAMPLE";
  options.password = SecretBytes::FromText("secret-alice");
  return *ntlm::CreateInitiatorCredentials(std::move(options));
}

std::unique_ptr<SecurityContext> Server(std::shared_ptr<const Credentials> credentials) {
  AcceptOptions accept;
  accept.credentials = std::move(credentials);
  accept.policy = std::make_shared<ExtendedProtectionPolicy>(
      *ExtendedProtectionPolicy::Create({.mode = ExtendedProtectionMode::kRequire}));
  accept.channel = Channel::Tls(Bindings(1));
  accept.audit = NoAudit();
  return *SecurityContext::Accept(std::move(accept));
}

std::unique_ptr<SecurityContext> Client(std::shared_ptr<const Credentials> credentials) {
  InitiateOptions initiate;
  initiate.credentials = std::move(credentials);
  initiate.channel = Channel::Tls(Bindings(1));
  initiate.parameters.target_name = "HTTP/server.example.com";
  initiate.parameters.want_sealing = true;
  return *SecurityContext::Initiate(std::move(initiate));
}

class NegotiateNtlm : public ::testing::Test {
 protected:
  std::unique_ptr<SecurityContext> server_ = Server(*CreateAcceptorCredentials({NtlmAcceptor()}));
  std::unique_ptr<SecurityContext> client_ = Client(*CreateInitiatorCredentials({NtlmInitiator()}));

  // Both sides to the end; the tokens in the order they were sent.
  std::vector<std::vector<uint8_t>> Run() {
    std::vector<std::vector<uint8_t>> tokens;
    std::vector<uint8_t> token;
    bool client_turn = true;
    while (tokens.size() < 10) {
      auto step = client_turn ? client_->Step(token) : server_->Step(token);
      EXPECT_OK(step);
      if (!step.ok() || step->token.empty()) {
        break;
      }
      token = step->token;
      tokens.push_back(token);
      client_turn = !client_turn;
    }
    return tokens;
  }
};

TEST_F(NegotiateNtlm, EstablishesBothSidesWithMicsInBothDirections) {
  const auto tokens = Run();
  ASSERT_TRUE(server_->established()) << ReasonName(server_->reason()) << server_->reason_detail();
  ASSERT_TRUE(client_->established()) << ReasonName(client_->reason()) << client_->reason_detail();
  ASSERT_EQ(tokens.size(), 4u);
  EXPECT_TRUE(ParseNegTokenResp(tokens[2])->mech_list_mic.has_value());
  EXPECT_TRUE(ParseNegTokenResp(tokens[3])->mech_list_mic.has_value());
  EXPECT_EQ(ParseNegTokenResp(tokens[3])->state, NegState::kAcceptCompleted);
  EXPECT_EQ(*server_->package_name(), "NTLM");
  EXPECT_EQ(server_->peer()->account()->user, "alice");
  EXPECT_EQ(server_->evidence()->binding, BindingEvidence::kMatched);
}

TEST_F(NegotiateNtlm, MessagesAfterTheMicsAreReadable) {
  Run();
  const std::vector<uint8_t> message = {1, 2, 3};
  for (int i = 0; i < 3; ++i) {
    auto wrapped = client_->Wrap(message);
    ASSERT_OK(wrapped);
    auto read = server_->Unwrap(*wrapped);
    ASSERT_OK(read);
    EXPECT_EQ(*read, message);
    wrapped = server_->Wrap(message);
    ASSERT_OK(wrapped);
    EXPECT_OK(client_->Unwrap(*wrapped));
  }
}

TEST_F(NegotiateNtlm, ServerMaySpeakFirst) {
  const auto hints = server_->Step({});
  ASSERT_OK(hints);
  const auto init2 = ParseNegTokenInit(hints->token);
  ASSERT_OK(init2);
  EXPECT_TRUE(init2->hint_name.has_value());
  auto step = client_->Step(hints->token);
  ASSERT_OK(step);
  EXPECT_EQ(server_->Step(step->token)->state, StepState::kContinue);
}

TEST_F(NegotiateNtlm, BareNtlmIsAnsweredBare) {
  auto client = Client(NtlmInitiator());
  auto step = client->Step({});
  auto challenge = server_->Step(step->token);
  ASSERT_OK(challenge);
  EXPECT_EQ(test::ToHex(std::span(challenge->token).first(7)),
            test::ToHex(test::OctetsOf("NTLMSSP")));
  step = client->Step(challenge->token);
  EXPECT_EQ(server_->Step(step->token)->state, StepState::kEstablished);
}

// The list in the client's first token is altered on its way; the mechListMIC notices.
TEST_F(NegotiateNtlm, AlteredMechanismListIsRefused) {
  auto init = client_->Step({});
  ASSERT_OK(init);
  const auto parsed = ParseNegTokenInit(init->token);
  ASSERT_OK(parsed);
  const std::vector<std::vector<uint8_t>> longer = {test::FromHex("060a2b06010401823702020a"),
                                                    test::FromHex("060a2b06010401823702021e")};
  auto challenge = server_->Step(WriteNegTokenInit(MechTypeListOf(longer), *parsed->mech_token));
  ASSERT_OK(challenge);
  auto authenticate = client_->Step(challenge->token);
  ASSERT_OK(authenticate);
  const auto end = server_->Step(authenticate->token);
  ASSERT_OK(end);
  EXPECT_EQ(end->state, StepState::kRejected);
  EXPECT_EQ(server_->reason(), Reason::kNegotiationAltered);
  EXPECT_EQ(ParseNegTokenResp(end->token)->state, NegState::kReject);
}

TEST_F(NegotiateNtlm, StrippedMechListMicIsRefused) {
  auto step = client_->Step({});
  step = server_->Step(step->token);
  step = client_->Step(step->token);
  auto resp = ParseNegTokenResp(step->token);
  ASSERT_OK(resp);
  ASSERT_TRUE(resp->mech_list_mic.has_value());
  resp->mech_list_mic.reset();
  // The server asks for it with its own; a client that has sent it does not send it again.
  const auto asked = server_->Step(WriteNegTokenResp(*resp));
  ASSERT_OK(asked);
  EXPECT_EQ(asked->state, StepState::kContinue);
  EXPECT_FALSE(server_->established());
  EXPECT_EQ(ParseNegTokenResp(asked->token)->state, NegState::kAcceptIncomplete);
  const auto client_end = client_->Step(asked->token);
  ASSERT_OK(client_end);
  EXPECT_TRUE(client_end->token.empty());
  NegTokenResp without;
  without.state = NegState::kAcceptCompleted;
  const auto end = server_->Step(WriteNegTokenResp(without));
  ASSERT_OK(end);
  EXPECT_EQ(end->state, StepState::kRejected);
  EXPECT_EQ(server_->reason(), Reason::kNegotiationAltered);
}

// A client with a MIC of its own and no mechListMIC is asked for it.
TEST_F(NegotiateNtlm, AMissingMechListMicIsAskedForWithTheServers) {
  auto bare = test::MakeClient({}, Channel::Tls(test::Bindings(1)),
                               {.target_name = "HTTP/server.example.com", .want_signing = true});
  const auto oids = std::vector<std::vector<uint8_t>>{test::FromHex("060a2b06010401823702020a")};
  const auto list = MechTypeListOf(oids);
  auto step = server_->Step(WriteNegTokenInit(list, bare->Step({})->token));
  ASSERT_OK(step);
  step = bare->Step(*ParseNegTokenResp(step->token)->response_token);
  ASSERT_OK(step);
  NegTokenResp authenticate;
  authenticate.response_token = step->token;
  step = server_->Step(WriteNegTokenResp(authenticate));
  ASSERT_OK(step);
  EXPECT_EQ(step->state, StepState::kContinue);
  const auto asked = ParseNegTokenResp(step->token);
  ASSERT_OK(asked);
  // The first message of each direction is the list.
  MessageProtection* protection = bare->message_protection().value();
  EXPECT_OK(protection->Verify(list, asked->mech_list_mic.value()));
  std::vector<uint8_t> mic(protection->signature_size());
  ASSERT_OK(protection->Sign(list, mic));
  NegTokenResp last;
  last.state = NegState::kAcceptCompleted;
  last.mech_list_mic = mic;
  step = server_->Step(WriteNegTokenResp(last));
  ASSERT_OK(step);
  EXPECT_EQ(step->state, StepState::kEstablished);
}

// The preferred mechanism is not the server's: it is chosen again and the list must be proved.
TEST_F(NegotiateNtlm, UnknownPreferredMechanismIsReselectedWithMic) {
  // A list with NegoEx first, whose optimistic token the server does not read.
  const std::vector<std::vector<uint8_t>> list = {test::FromHex("060a2b06010401823702021e"),
                                                  test::FromHex("060a2b06010401823702020a")};
  const auto answer =
      server_->Step(WriteNegTokenInit(MechTypeListOf(list), test::OctetsOf("NEGOEXTS")));
  ASSERT_OK(answer);
  const auto resp = ParseNegTokenResp(answer->token);
  ASSERT_OK(resp);
  EXPECT_EQ(resp->state, NegState::kRequestMic);
  EXPECT_EQ(test::ToHex(*resp->supported_mech), "2b06010401823702020a");
  EXPECT_FALSE(resp->response_token.has_value());
}

TEST_F(NegotiateNtlm, ListWithoutOurMechanismsIsRejected) {
  const std::vector<std::vector<uint8_t>> list = {test::FromHex("060a2b06010401823702021e")};
  const auto answer = server_->Step(WriteNegTokenInit(MechTypeListOf(list), {}));
  ASSERT_OK(answer);
  EXPECT_EQ(answer->state, StepState::kRejected);
  EXPECT_EQ(server_->reason(), Reason::kUnsupportedMechanism);
}

TEST_F(NegotiateNtlm, ClientRefusesAMechanismItDidNotOffer) {
  ASSERT_OK(client_->Step({}));
  NegTokenResp resp;
  resp.state = NegState::kRequestMic;
  const auto kerberos = test::FromHex("2a864886f712010202");
  resp.supported_mech = kerberos;
  const auto step = client_->Step(WriteNegTokenResp(resp));
  ASSERT_OK(step);
  EXPECT_EQ(step->state, StepState::kRejected);
  EXPECT_EQ(client_->reason(), Reason::kNegotiationAltered);
}

TEST(NegotiateCredentials, RefusesNoPackagesAndTheSameTwice) {
  EXPECT_FALSE(CreateAcceptorCredentials({}).ok());
  EXPECT_FALSE(CreateInitiatorCredentials({nullptr}).ok());
  EXPECT_FALSE(CreateAcceptorCredentials({NtlmAcceptor(), NtlmAcceptor()}).ok());
}

// What a server sorts the first token of a connection by, and knows a client by that starts over.
TEST_F(NegotiateNtlm, TokensAreRecognisedBareAndWrapped) {
  const auto acceptor = *CreateAcceptorCredentials({NtlmAcceptor()});
  const auto wrapped = Run();
  const auto bare_client = Client(NtlmInitiator());
  const auto bare_server = Server(NtlmAcceptor());
  const std::vector<uint8_t> negotiate = bare_client->Step({})->token;
  const std::vector<uint8_t> challenge = bare_server->Step(negotiate)->token;
  const std::vector<uint8_t> authenticate = bare_client->Step(challenge)->token;
  EXPECT_TRUE(acceptor->BeginsExchange(wrapped[0]));
  EXPECT_TRUE(acceptor->RecognizesToken(wrapped[0]));
  EXPECT_FALSE(acceptor->BeginsExchange(wrapped[2]));
  EXPECT_TRUE(acceptor->BeginsExchange(negotiate));
  EXPECT_TRUE(acceptor->RecognizesToken(negotiate));
  EXPECT_FALSE(acceptor->BeginsExchange(authenticate));
  for (const std::vector<uint8_t>& none : {std::vector<uint8_t>(), {0x60}, {'G', 'E', 'T'}}) {
    EXPECT_FALSE(acceptor->BeginsExchange(none));
    EXPECT_FALSE(acceptor->RecognizesToken(none));
  }
}

TEST_F(NegotiateNtlm, AClientIsCalledWhatItsPackageCallsIt) {
  const auto credentials = *CreateInitiatorCredentials({NtlmInitiator()});
  EXPECT_EQ(credentials->initiator_name().user, "alice");
  EXPECT_EQ(credentials->initiator_name().domain, "EXAMPLE");
  EXPECT_FALSE(client_->initiator_name().ok());  // not yet
  Run();
  ASSERT_TRUE(client_->established());
  EXPECT_EQ(client_->initiator_name()->user, "alice");
  EXPECT_EQ(client_->initiator_name()->domain, "EXAMPLE");
  EXPECT_FALSE(server_->initiator_name().ok());  // knows its peer's
}

}  // namespace
}  // namespace epa::negotiate
