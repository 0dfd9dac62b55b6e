// Every kind of message in every state of both sides: what continues is written down here, and
// everything else ends the negotiation.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>

#include "epa/core/reason.h"
#include "tests/negotiate/fake_mechanisms.h"
#include "tests/support/test_data.h"

namespace epa::negotiate {
namespace {

using Outcome = MechanismResult::Outcome;
using test::FakeListMic;

enum class Mic : uint8_t { kNone, kRight, kWrong, kRepeatsToken };

struct Event {
  std::string name;
  std::vector<uint8_t> octets;
  // Of a NegTokenResp.
  bool is_resp = false;
  std::optional<NegState> state;
  enum class Mech : uint8_t { kNone, kAlpha, kBeta, kUnknown } mech = Mech::kNone;
  std::string token;
  Mic mic = Mic::kNone;
};

struct Expected {
  Outcome outcome = Outcome::kRejected;
  Reason reason = Reason::kNone;
};

constexpr Expected kContinues = {Outcome::kContinue};
constexpr Expected kProves = {Outcome::kProven};
constexpr Expected kVerifies = {Outcome::kVerified};
constexpr Expected Rejects(Reason reason) { return {Outcome::kRejected, reason}; }

std::vector<uint8_t> MicOctets(Mic mic, const std::string& token, bool by_acceptor,
                               const std::vector<uint8_t>& list) {
  switch (mic) {
    case Mic::kNone:
      return {};
    case Mic::kRight:
      return FakeListMic(by_acceptor, list);
    case Mic::kWrong:  // the peer's own words, as a reflected MIC has them
      return FakeListMic(!by_acceptor, list);
    case Mic::kRepeatsToken:
      return test::FakeToken(token);
  }
  return {};
}

// Every combination of the members of a NegTokenResp.
void AddResponses(const std::vector<std::string>& tokens, bool by_acceptor,
                  const std::vector<uint8_t>& list, std::vector<Event>& events) {
  const std::array<std::vector<uint8_t>, 4> mechs = {{{}, AlphaOid(), BetaOid(), UnknownOid()}};
  for (int state = -1; state < 4; ++state) {
    for (size_t mech = 0; mech < mechs.size(); ++mech) {
      for (const std::string& token : tokens) {
        for (int mic = 0; mic < 4; ++mic) {
          Event event;
          event.is_resp = true;
          if (state >= 0) {
            event.state = static_cast<NegState>(state);
          }
          event.mech = static_cast<Event::Mech>(mech);
          event.token = token;
          event.mic = static_cast<Mic>(mic);
          event.octets = Resp(
              {event.state, mechs[mech], token, MicOctets(event.mic, token, by_acceptor, list)});
          event.name = "resp state " + std::to_string(state) + " mech " + std::to_string(mech) +
                       " token '" + token + "' mic " + std::to_string(mic);
          events.push_back(std::move(event));
        }
      }
    }
  }
}

std::vector<Event> OtherMessages() {
  std::vector<Event> events;
  const auto add = [&events](std::string name, std::vector<uint8_t> octets) {
    events.push_back({std::move(name), std::move(octets)});
  };
  add("empty", {});
  add("garbage", test::FromHex("ffffffff"));
  add("cut-off frame", test::FromHex("60"));
  add("init for alpha", Init({AlphaOid(), BetaOid()}, "hello"));
  add("init without token", Init({AlphaOid()}));
  add("init that needs another choice", Init({UnknownOid(), AlphaOid()}, "unread"));
  add("init for strangers", Init({UnknownOid()}, "hello"));
  add("init2", WriteNegTokenInit2(ListOf({AlphaOid()})));
  add("bare token of ours", test::FakeToken("hello"));
  add("bare last token of ours", test::FakeToken("login mallory"));
  add("bare NTLM",
      test::FromHex("4e544c4d53535000010000000000000000000000000000000000000000000000"));
  add("bare Kerberos", test::FromHex("601506092a864886f71201020201006e06300430020500"));
  return events;
}

// The invariants of every answer, whatever the pair.
void ExpectHonestAnswer(Mechanism& side, const MechanismResult& result, bool acceptor, bool bare) {
  // CVE-2015-2695: what is asked of a half-made context fails, and crashes nothing.
  const bool verified = result.outcome == Outcome::kVerified;
  EXPECT_EQ(side.ExportSessionKey().ok(), verified);
  EXPECT_FALSE(side.message_protection().ok());
  (void)side.identity();
  (void)side.evidence();
  EXPECT_FALSE(side.package_name().empty());
  if (bare || result.token.empty()) {
    EXPECT_TRUE(bare || verified || !acceptor);
    return;
  }
  if (result.outcome == Outcome::kRejected) {
    EXPECT_TRUE(acceptor);
    EXPECT_EQ(ReadResp(result.token).state, NegState::kReject);
    EXPECT_TRUE(ReadResp(result.token).mic.empty());
  } else if (verified) {
    EXPECT_EQ(ReadResp(result.token).state, NegState::kAcceptCompleted);
  }
}

struct State {
  std::string name;
  std::function<std::unique_ptr<Mechanism>()> reach;
  std::vector<uint8_t> list = {};  // what the client offered
  std::function<Expected(const Event&)> expected = {};
  bool bare = false;
};

bool Continues(const MechanismResult& result) {
  return result.outcome == Outcome::kContinue || result.outcome == Outcome::kProven;
}

struct Counts {
  int pairs = 0;
  int continuing = 0;
};

Counts RunPairs(const std::vector<State>& states, const std::vector<std::string>& tokens,
                bool acceptor) {
  Counts counts;
  for (const State& state : states) {
    std::vector<Event> events = OtherMessages();
    AddResponses(tokens, !acceptor, state.list, events);
    for (const Event& event : events) {
      SCOPED_TRACE(state.name + ": " + event.name);
      const auto side = state.reach();
      const MechanismResult result = StepOf(*side, event.octets);
      const Expected expected = state.expected(event);
      EXPECT_EQ(static_cast<int>(result.outcome), static_cast<int>(expected.outcome));
      EXPECT_EQ(ReasonName(result.reason), ReasonName(expected.reason));
      ExpectHonestAnswer(*side, result, acceptor, state.bare || event.name.starts_with("bare"));
      const bool continues = Continues(result);
      if (!continues) {
        EXPECT_EQ(StepOf(*side, event.octets).reason, Reason::kUnexpectedMessage);
      }
      ++counts.pairs;
      counts.continuing += continues ? 1 : 0;
    }
  }
  return counts;
}

// Steps a new side through `tokens`, each of which must continue.
std::unique_ptr<Mechanism> Reach(bool acceptor, std::vector<test::FakePackageOptions> packages,
                                 const std::vector<std::vector<uint8_t>>& tokens) {
  auto side = MakeSide(acceptor, std::move(packages));
  for (const auto& token : tokens) {
    EXPECT_TRUE(Continues(StepOf(*side, token)));
  }
  return side;
}

bool HasMic(const Event& event) { return event.mic == Mic::kRight || event.mic == Mic::kWrong; }

Expected OfVerifiedSide(const Event&) { return Rejects(Reason::kUnexpectedMessage); }

// The acceptor.

Expected OfFirstToken(const Event& event, bool hinted) {
  if (event.name == "empty") {
    return hinted ? Rejects(Reason::kMalformedToken) : kContinues;
  }
  if (event.name == "init for strangers") {
    return Rejects(Reason::kUnsupportedMechanism);
  }
  const bool init = event.name.starts_with("init");
  return init || event.name == "bare token of ours" ? kContinues : Rejects(Reason::kMalformedToken);
}

Expected OfExchange(const Event& event, bool reselected) {
  if (!event.is_resp) {
    return Rejects(Reason::kMalformedToken);
  }
  if (event.state == NegState::kReject) {
    return Rejects(Reason::kRefusedByPeer);
  }
  if (event.token == "hello") {
    return HasMic(event) ? Rejects(Reason::kNegotiationAltered) : kContinues;
  }
  if (event.token == "wrong") {
    return Rejects(Reason::kWrongPassword);
  }
  if (event.token != "login alice" && event.token != "mutual alice") {
    return Rejects(Reason::kMalformedToken);
  }
  if (HasMic(event)) {
    return event.mic == Mic::kRight ? kVerifies : Rejects(Reason::kNegotiationAltered);
  }
  if (!reselected) {
    return kVerifies;
  }
  return event.token == "mutual alice" ? kProves : Rejects(Reason::kNegotiationAltered);
}

Expected OfLastMic(const Event& event) {
  if (!event.is_resp) {
    return Rejects(Reason::kMalformedToken);
  }
  if (event.state == NegState::kReject) {
    return Rejects(Reason::kRefusedByPeer);
  }
  return event.token.empty() && event.mic == Mic::kRight ? kVerifies
                                                         : Rejects(Reason::kNegotiationAltered);
}

Expected OfBare(const Event& event) {
  return event.name == "bare token of ours"        ? kContinues
         : event.name == "bare last token of ours" ? kVerifies
                                                   : Rejects(Reason::kMalformedToken);
}

TEST(NegotiateStateEvent, Acceptor) {
  const auto reach = [](std::vector<std::vector<uint8_t>> tokens) {
    return [tokens] { return Reach(true, {Alpha(), Beta()}, tokens); };
  };
  const auto direct = Init({AlphaOid(), BetaOid()}, "hello");
  const auto direct_list = ListOf({AlphaOid(), BetaOid()});
  const auto other = Init({UnknownOid(), BetaOid()}, "unread");
  const auto other_list = ListOf({UnknownOid(), BetaOid()});
  const auto hello = Resp({NegState::kAcceptIncomplete, {}, "hello"});
  const auto mutual = Resp({NegState::kAcceptIncomplete, {}, "mutual alice"});
  const auto preferred = [](const Event& event) { return OfExchange(event, false); };
  const auto reselected = [](const Event& event) { return OfExchange(event, true); };
  const auto end_with = [](std::vector<uint8_t> last) {
    return [last] {
      auto side = Reach(true, {Alpha()}, {Init({AlphaOid()})});
      (void)StepOf(*side, last);
      return side;
    };
  };
  const std::vector<State> states = {
      {"start", reach({}), direct_list, [](const Event& e) { return OfFirstToken(e, false); }},
      {"hints are out", reach({{}}), direct_list,
       [](const Event& e) { return OfFirstToken(e, true); }},
      {"chosen without a token", reach({Init({AlphaOid(), BetaOid()})}), direct_list, preferred},
      {"chosen again", reach({other}), other_list, reselected},
      {"exchanging", reach({direct}), direct_list, preferred},
      {"exchanging after hints", reach({{}, direct}), direct_list, preferred},
      {"exchanging what was chosen again", reach({other, hello}), other_list, reselected},
      {"the client's proof is due", reach({other, hello, mutual}), other_list, OfLastMic},
      {"bare", reach({test::FakeToken("hello")}), direct_list, OfBare, true},
      {"verified", end_with(Resp({{}, {}, "login alice"})), direct_list, OfVerifiedSide},
      {"rejected", end_with(Resp({{}, {}, "wrong"})), direct_list, OfVerifiedSide},
      {"refused by the client", end_with(Resp({NegState::kReject})), direct_list, OfVerifiedSide},
  };
  const Counts counts =
      RunPairs(states, {"", "hello", "login alice", "mutual alice", "wrong", "junk"}, true);
  EXPECT_EQ(counts.pairs, 12 * (12 + 480));
  RecordProperty("continuing", counts.continuing);
}

// The initiator.

struct InitiatorState {
  bool first = false;
  bool complete = false;
  bool required = false;
};

Expected OfLastResponse(const Event& event, bool required) {
  if (HasMic(event)) {
    return event.mic == Mic::kRight ? kVerifies : Rejects(Reason::kNegotiationAltered);
  }
  if (required) {
    return Rejects(Reason::kNegotiationAltered);
  }
  const bool done = event.state.value_or(NegState::kAcceptCompleted) == NegState::kAcceptCompleted;
  return done ? kVerifies : Rejects(Reason::kUnexpectedMessage);
}

Expected OfServerToken(const Event& event, bool required) {
  const bool done = event.state == NegState::kAcceptCompleted;
  if (event.token.empty()) {
    return Rejects(done ? Reason::kNegotiationAltered : Reason::kMalformedToken);
  }
  if (event.token == "end") {
    return OfLastResponse(event, required);
  }
  if (event.token == "junk") {
    return Rejects(Reason::kMalformedToken);
  }
  return HasMic(event) || done ? Rejects(Reason::kNegotiationAltered) : kContinues;
}

Expected OfResponse(const Event& event, InitiatorState state) {
  if (!event.is_resp) {
    return event.name == "empty" && state.complete ? OfLastResponse(event, state.required)
                                                   : Rejects(Reason::kMalformedToken);
  }
  if (event.state == NegState::kReject) {
    return Rejects(Reason::kRefusedByPeer);
  }
  const bool required = state.required || event.state == NegState::kRequestMic;
  if (state.first && event.mech == Event::Mech::kBeta) {
    const bool offer =
        event.state == NegState::kAcceptIncomplete || event.state == NegState::kRequestMic;
    return offer && event.token.empty() && !HasMic(event) ? kContinues
                                                          : Rejects(Reason::kNegotiationAltered);
  }
  if (state.first && event.mech == Event::Mech::kUnknown) {
    return Rejects(Reason::kNegotiationAltered);
  }
  if (!state.complete) {
    return OfServerToken(event, required);
  }
  return event.token.empty() ? OfLastResponse(event, required)
                             : Rejects(Reason::kUnexpectedMessage);
}

Expected OfStart(const Event& event) {
  return event.name == "empty" || event.name.starts_with("init") ? kContinues
                                                                 : Rejects(Reason::kMalformedToken);
}

TEST(NegotiateStateEvent, Initiator) {
  const auto list = ListOf({AlphaOid(), BetaOid()});
  const auto reach = [](std::vector<std::vector<uint8_t>> tokens, bool one_token = false) {
    return [tokens, one_token] {
      auto alpha = Alpha();
      if (one_token) {
        alpha.initiator = OneTokenScript;
      }
      return Reach(false, {alpha, Beta()}, tokens);
    };
  };
  const auto end_with = [](std::vector<uint8_t> last) {
    return [last] {
      auto side = Reach(false, {Alpha(), Beta()}, {{}});
      (void)StepOf(*side, last);
      return side;
    };
  };
  const auto expect = [](InitiatorState state) {
    return [state](const Event& event) { return OfResponse(event, state); };
  };
  const auto switch_over = Resp({NegState::kRequestMic, BetaOid()});
  const auto again = Resp({NegState::kAcceptIncomplete, {}, "again"});
  const auto challenge = Resp({NegState::kAcceptIncomplete, {}, "challenge"});
  const auto proof_asked = Resp({NegState::kRequestMic, AlphaOid(), "again"});
  const std::vector<State> states = {
      {"start", reach({}), list, OfStart},
      {"first answer", reach({{}}), list, expect({.first = true})},
      {"first answer after hints", reach({WriteNegTokenInit2(ListOf({BetaOid()}))}), list,
       expect({.first = true})},
      {"first answer to the only token", reach({{}}, true), list,
       expect({.first = true, .complete = true})},
      {"exchanging", reach({{}, again}), list, expect({})},
      {"exchanging, the proof is asked for", reach({{}, proof_asked}), list,
       expect({.required = true})},
      {"switched over", reach({{}, switch_over}), list, expect({.required = true})},
      {"switched over, further on", reach({{}, switch_over, again}), list,
       expect({.required = true})},
      {"last token is out", reach({{}, challenge}), list, expect({.complete = true})},
      {"last token and proof are out", reach({{}, switch_over, challenge}), list,
       expect({.complete = true, .required = true})},
      {"verified", end_with(Resp({NegState::kAcceptCompleted, {}, "end"})), list, OfVerifiedSide},
      {"rejected", end_with(Resp({{}, {}, "junk"})), list, OfVerifiedSide},
      {"refused by the server", end_with(Resp({NegState::kReject})), list, OfVerifiedSide},
  };
  const Counts counts = RunPairs(states, {"", "challenge", "again", "end", "junk"}, false);
  EXPECT_EQ(counts.pairs, 13 * (12 + 400));
  RecordProperty("continuing", counts.continuing);
}

}  // namespace
}  // namespace epa::negotiate
