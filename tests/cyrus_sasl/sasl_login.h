// A client and a server of libsasl2 in one process.
#ifndef EPA_TESTS_CYRUS_SASL_SASL_LOGIN_H_
#define EPA_TESTS_CYRUS_SASL_SASL_LOGIN_H_

#include <sasl/sasl.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace epa::test {

// One end of a connection, as its program tells libsasl2 of it.
struct SaslEnd {
  std::optional<std::string> binding;  // application data; no value: it tells of none
  bool critical_binding = false;
  sasl_ssf_t external = 0;
  sasl_ssf_t least = 0;
  sasl_ssf_t most = 0;
  unsigned max_buffer = 65536;
  unsigned flags = 0;  // SASL_SEC_*
};

// SASL's own configuration, and what the client's user says.
struct SaslPrograms {
  std::map<std::string, std::string> options;
  std::string user;  // empty: no callback for it
  std::string password;
  std::string authorization;
  bool by_prompts = false;  // the user's name and password, not by callbacks
  // What the server's program says of who may act as whom.
  std::string proxy;
};

struct SaslResult {
  int client = SASL_CONTINUE;
  int server = SASL_CONTINUE;
  std::string user;    // the server's
  std::string authid;  // the server's
  sasl_ssf_t client_strength = 0;
  sasl_ssf_t server_strength = 0;
  std::string error;  // the client's
  size_t rounds = 0;

  bool accepted() const { return client == SASL_OK && server == SASL_OK; }
};

// libsasl2 with both roles, from here to the destructor. One at a time.
class Sasl {
 public:
  explicit Sasl(SaslPrograms programs);
  ~Sasl();
  Sasl(const Sasl&) = delete;
  Sasl& operator=(const Sasl&) = delete;

  // A login of the service `service` on server.test.example. The ends stay for Send.
  SaslResult Login(const std::string& mechanism, const std::string& service, const SaslEnd& client,
                   const SaslEnd& server);
  // What the other end reads of `text` after the login, handed over in pieces of `piece` octets; no
  // value where that fails.
  std::optional<std::string> ToServer(const std::string& text, size_t piece);
  std::optional<std::string> ToClient(const std::string& text, size_t piece);

  // As sasl_encode and sasl_decode.
  std::string Encode(const std::string& text);
  int DecodeAtServer(const std::string& octets);

  // Mechanisms that the server lists; separated by blanks.
  std::string Listed(const std::string& service, const SaslEnd& server);
  const std::string& log() const { return log_; }

 private:
  struct Connection;
  static int GetOption(void* self, const char* plugin, const char* option, const char** result,
                       unsigned* size);
  static int GetPath(void* self, const char** path);
  static int Log(void* self, int level, const char* message);
  static int Simple(void* self, int id, const char** result, unsigned* size);
  static int Secret(sasl_conn_t* connection, void* self, int id, sasl_secret_t** secret);
  static int Proxy(sasl_conn_t* connection, void* self, const char* wanted, unsigned wanted_size,
                   const char* identity, unsigned identity_size, const char* realm,
                   unsigned realm_size, propctx* properties);
  static void Set(sasl_conn_t* connection, const SaslEnd& end,
                  std::optional<sasl_channel_binding_t>& binding);
  sasl_conn_t* NewServer(const std::string& service, const SaslEnd& end);
  sasl_conn_t* NewClient(const std::string& service, const SaslEnd& end);
  int WithAnswers(sasl_interact_t* prompts);

  SaslPrograms programs_;
  std::string log_;
  std::vector<uint8_t> secret_;
  std::vector<sasl_callback_t> server_callbacks_;
  std::vector<sasl_callback_t> client_callbacks_;
  SaslEnd client_end_;
  SaslEnd server_end_;
  std::optional<sasl_channel_binding_t> client_binding_;
  std::optional<sasl_channel_binding_t> server_binding_;
  sasl_conn_t* client_ = nullptr;
  sasl_conn_t* server_ = nullptr;
};

}  // namespace epa::test

#endif  // EPA_TESTS_CYRUS_SASL_SASL_LOGIN_H_
