// What every library under comparison does: the same logins and the same messages.
#ifndef EPA_BENCH_CONTENDER_H_
#define EPA_BENCH_CONTENDER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "bench/require.h"

namespace epa::bench {

// The login everybody performs: with name and bindings, both ends proved, signing and sealing
// agreed; NTLMv2 with MIC and key exchange, Kerberos with a ticket at hand.
inline constexpr std::string_view kUser = "User";
inline constexpr std::string_view kDomain = "Domain";
inline constexpr std::string_view kPassword = "Password";
// NTOWFv1("Password"), [MS-NLMP] 4.2.2.1.2.
inline constexpr std::array<uint8_t, 16> kNtHash = {0xa4, 0xf4, 0x9c, 0x40, 0x65, 0x10, 0xbd, 0xca,
                                                    0xb6, 0x82, 0x4e, 0xe7, 0xc3, 0x0f, 0xd8, 0x52};
inline constexpr std::string_view kServiceClass = "HTTP";
inline constexpr std::string_view kHost = "server.example.com";
inline constexpr std::string_view kTargetName = "HTTP/server.example.com";
inline constexpr std::string_view kNetbiosComputer = "SERVER";
inline constexpr std::string_view kNetbiosDomain = "DOMAIN";
inline constexpr std::string_view kWorkstation = "CLIENT";

// "tls-server-end-point:" and 32 octets.
std::span<const uint8_t> BindingApplicationData();

// The legs of a login: one token made by the client, one by the server, and so on.
inline constexpr size_t kNtlmLegs = 4;           // the last one makes no token
inline constexpr size_t kNegotiateNtlmLegs = 5;  // the server's mechListMIC is checked in the last
inline constexpr size_t kKerberosLegs = 3;       // inside Negotiate as well

// The logins and messages of one thread. `slot` counts from 0; every slot holds one client, one
// server and the token that travels between them.
class Worker {
 public:
  Worker(size_t slots, size_t legs) : tokens_(slots), legs_(legs) {}
  virtual ~Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  size_t slots() const { return tokens_.size(); }
  size_t legs() const { return legs_; }
  static bool IsClients(size_t leg) { return leg % 2 == 0; }
  // Whether the side whose leg this is has logged in with it.
  bool Establishes(size_t leg) const { return leg + 2 >= legs_; }

  // The legs of a slot come in order, from 0. Each side is made in its first.
  virtual void Step(size_t slot, size_t leg) = 0;
  virtual void ReleaseClient(size_t slot) = 0;
  virtual void ReleaseServer(size_t slot) = 0;

  // Makes `count` messages of `size` octets; slot 0 must be established.
  virtual void PrepareMessages(size_t count, size_t size) = 0;
  // In the order of `index`, each message once: the client of slot 0 seals, its server unseals.
  virtual void Seal(size_t index) = 0;
  virtual void Unseal(size_t index) = 0;

  size_t token_size(size_t slot) const { return tokens_[slot].size(); }
  // Gives the memory of the token back.
  void DropToken(size_t slot) { std::vector<uint8_t>().swap(tokens_[slot]); }

 protected:
  std::vector<uint8_t>& token(size_t slot) { return tokens_[slot]; }
  void CopyToken(size_t slot, const void* octets, size_t size);

 private:
  std::vector<std::vector<uint8_t>> tokens_;
  size_t legs_;
};

// NTLM's legs by the names of their messages.
class NtlmWorker : public Worker {
 public:
  explicit NtlmWorker(size_t slots) : Worker(slots, kNtlmLegs) {}
  void Step(size_t slot, size_t leg) final;

 protected:
  virtual void Negotiate(size_t slot) = 0;     // client, made here
  virtual void Challenge(size_t slot) = 0;     // server, made here
  virtual void Authenticate(size_t slot) = 0;  // client
  virtual void Accept(size_t slot) = 0;        // server
};

// One library with its credentials, shared by the threads.
class Contender {
 public:
  virtual ~Contender() = default;
  virtual std::string_view name() const = 0;
  virtual std::unique_ptr<Worker> CreateWorker(size_t slots) const = 0;
};

}  // namespace epa::bench

#endif  // EPA_BENCH_CONTENDER_H_
