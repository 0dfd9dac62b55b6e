#include "tests/cyrus_sasl/sasl_login.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace epa::test {
namespace {

constexpr char kHost[] = "server.test.example";
constexpr size_t kMostRounds = 10;

template <typename Function>
sasl_callback_t Callback(unsigned long id, Function* function, void* context) {
  return {id, reinterpret_cast<int (*)()>(reinterpret_cast<void (*)()>(function)), context};
}

void OrDie(int code, const char* what) {
  if (code != SASL_OK) {
    std::fprintf(stderr, "test set-up: %s: %s\n", what, sasl_errstring(code, nullptr, nullptr));
    std::abort();
  }
}

std::string TextOf(const char* data, unsigned size) {
  return data == nullptr ? "" : std::string(data, size);
}

std::string Property(sasl_conn_t* connection, int property) {
  const void* value = nullptr;
  return sasl_getprop(connection, property, &value) == SASL_OK && value != nullptr
             ? static_cast<const char*>(value)
             : "";
}

sasl_ssf_t Strength(sasl_conn_t* connection) {
  const void* value = nullptr;
  return sasl_getprop(connection, SASL_SSF, &value) == SASL_OK
             ? *static_cast<const sasl_ssf_t*>(value)
             : 0;
}

std::optional<std::string> Decode(sasl_conn_t* connection, const std::string& octets,
                                  size_t piece) {
  std::string text;
  for (size_t at = 0; at < octets.size(); at += piece) {
    const size_t size = std::min(piece, octets.size() - at);
    const char* plain = nullptr;
    unsigned plain_size = 0;
    if (sasl_decode(connection, octets.data() + at, static_cast<unsigned>(size), &plain,
                    &plain_size) != SASL_OK) {
      return std::nullopt;
    }
    text += TextOf(plain, plain_size);
  }
  return text;
}

std::string EncodeAt(sasl_conn_t* connection, const std::string& text) {
  const void* most = nullptr;
  OrDie(sasl_getprop(connection, SASL_MAXOUTBUF, &most), "SASL_MAXOUTBUF");
  const size_t piece = *static_cast<const unsigned*>(most);
  std::string octets;
  for (size_t at = 0; at < text.size(); at += piece) {
    const char* wrapped = nullptr;
    unsigned size = 0;
    OrDie(sasl_encode(connection, text.data() + at,
                      static_cast<unsigned>(std::min(piece, text.size() - at)), &wrapped, &size),
          "sasl_encode");
    octets += TextOf(wrapped, size);
  }
  return octets;
}

}  // namespace

Sasl::Sasl(SaslPrograms programs) : programs_(std::move(programs)) {
  server_callbacks_ = {Callback(SASL_CB_GETOPT, GetOption, this),
                       Callback(SASL_CB_GETPATH, GetPath, this), Callback(SASL_CB_LOG, Log, this)};
  client_callbacks_ = server_callbacks_;
  if (!programs_.proxy.empty()) {
    server_callbacks_.push_back(Callback(SASL_CB_PROXY_POLICY, Proxy, this));
  }
  if (programs_.by_prompts) {
    client_callbacks_.push_back({SASL_CB_AUTHNAME, nullptr, nullptr});
    client_callbacks_.push_back({SASL_CB_PASS, nullptr, nullptr});
  } else if (!programs_.user.empty()) {
    client_callbacks_.push_back(Callback(SASL_CB_AUTHNAME, Simple, this));
    client_callbacks_.push_back(Callback(SASL_CB_PASS, Secret, this));
  }
  if (!programs_.authorization.empty()) {
    client_callbacks_.push_back(Callback(SASL_CB_USER, Simple, this));
  }
  server_callbacks_.push_back({SASL_CB_LIST_END, nullptr, nullptr});
  client_callbacks_.push_back({SASL_CB_LIST_END, nullptr, nullptr});
  OrDie(sasl_server_init(server_callbacks_.data(), "epa-test"), "sasl_server_init");
  OrDie(sasl_client_init(client_callbacks_.data()), "sasl_client_init");
}

Sasl::~Sasl() {
  sasl_dispose(&client_);
  sasl_dispose(&server_);
  sasl_client_done();
  sasl_server_done();
}

int Sasl::GetOption(void* self, const char* /*plugin*/, const char* option, const char** result,
                    unsigned* size) {
  const auto& options = static_cast<Sasl*>(self)->programs_.options;
  const auto found = options.find(option);
  if (found == options.end()) {
    return SASL_FAIL;
  }
  *result = found->second.c_str();
  if (size != nullptr) {
    *size = static_cast<unsigned>(found->second.size());
  }
  return SASL_OK;
}

int Sasl::GetPath(void* /*self*/, const char** path) {
  *path = EPA_PLUGIN_FOLDER;
  return SASL_OK;
}

int Sasl::Log(void* self, int level, const char* message) {
  if (level <= SASL_LOG_WARN) {
    static_cast<Sasl*>(self)->log_ += std::string(message) + "\n";
  }
  return SASL_OK;
}

int Sasl::Simple(void* self, int id, const char** result, unsigned* size) {
  const SaslPrograms& programs = static_cast<Sasl*>(self)->programs_;
  const std::string& text = id == SASL_CB_USER ? programs.authorization : programs.user;
  *result = text.c_str();
  if (size != nullptr) {
    *size = static_cast<unsigned>(text.size());
  }
  return SASL_OK;
}

int Sasl::Secret(sasl_conn_t* /*connection*/, void* self, int /*id*/, sasl_secret_t** secret) {
  auto& own = *static_cast<Sasl*>(self);
  const std::string& password = own.programs_.password;
  own.secret_.assign(sizeof(sasl_secret_t) + password.size(), 0);
  auto* const made = reinterpret_cast<sasl_secret_t*>(own.secret_.data());
  made->len = password.size();
  std::memcpy(made->data, password.data(), password.size());
  *secret = made;
  return SASL_OK;
}

int Sasl::Proxy(sasl_conn_t* /*connection*/, void* self, const char* wanted, unsigned wanted_size,
                const char* identity, unsigned identity_size, const char* /*realm*/,
                unsigned /*realm_size*/, propctx* /*properties*/) {
  const std::string who = TextOf(identity, identity_size);
  const std::string as = TextOf(wanted, wanted_size);
  return who == as || as == static_cast<Sasl*>(self)->programs_.proxy ? SASL_OK : SASL_NOAUTHZ;
}

void Sasl::Set(sasl_conn_t* connection, const SaslEnd& end,
               std::optional<sasl_channel_binding_t>& binding) {
  sasl_security_properties_t properties = {};
  properties.min_ssf = end.least;
  properties.max_ssf = end.most;
  properties.maxbufsize = end.max_buffer;
  properties.security_flags = end.flags;
  OrDie(sasl_setprop(connection, SASL_SEC_PROPS, &properties), "SASL_SEC_PROPS");
  OrDie(sasl_setprop(connection, SASL_SSF_EXTERNAL, &end.external), "SASL_SSF_EXTERNAL");
  binding.reset();
  if (end.binding.has_value()) {
    binding.emplace();
    binding->name = "ldap";
    binding->critical = end.critical_binding ? 1 : 0;
    binding->len = end.binding->size();
    binding->data = reinterpret_cast<const unsigned char*>(end.binding->data());
    OrDie(sasl_setprop(connection, SASL_CHANNEL_BINDING, &*binding), "SASL_CHANNEL_BINDING");
  }
}

sasl_conn_t* Sasl::NewServer(const std::string& service, const SaslEnd& end) {
  server_end_ = end;
  sasl_dispose(&server_);
  OrDie(sasl_server_new(service.c_str(), kHost, nullptr, "192.0.2.1;389", "192.0.2.2;50432",
                        server_callbacks_.data(), 0, &server_),
        "sasl_server_new");
  Set(server_, server_end_, server_binding_);
  return server_;
}

sasl_conn_t* Sasl::NewClient(const std::string& service, const SaslEnd& end) {
  client_end_ = end;
  sasl_dispose(&client_);
  OrDie(sasl_client_new(service.c_str(), kHost, "192.0.2.2;50432", "192.0.2.1;389",
                        client_callbacks_.data(), 0, &client_),
        "sasl_client_new");
  Set(client_, client_end_, client_binding_);
  return client_;
}

int Sasl::WithAnswers(sasl_interact_t* prompts) {
  for (; prompts != nullptr && prompts->id != SASL_CB_LIST_END; ++prompts) {
    const std::string& text = prompts->id == SASL_CB_PASS ? programs_.password : programs_.user;
    prompts->result = text.data();
    prompts->len = static_cast<unsigned>(text.size());
  }
  return SASL_OK;
}

SaslResult Sasl::Login(const std::string& mechanism, const std::string& service,
                       const SaslEnd& client, const SaslEnd& server) {
  SaslResult result;
  NewServer(service, server);
  NewClient(service, client);
  const char* from_client = nullptr;
  unsigned client_size = 0;
  const char* chosen = nullptr;
  sasl_interact_t* prompts = nullptr;
  do {
    WithAnswers(prompts);
    result.client = sasl_client_start(client_, mechanism.c_str(), &prompts, &from_client,
                                      &client_size, &chosen);
  } while (result.client == SASL_INTERACT && ++result.rounds < kMostRounds);
  const char* from_server = nullptr;
  unsigned server_size = 0;
  if (result.client == SASL_OK || result.client == SASL_CONTINUE) {
    result.server = sasl_server_start(server_, mechanism.c_str(), from_client, client_size,
                                      &from_server, &server_size);
  }
  for (; result.server == SASL_CONTINUE && result.rounds < kMostRounds; ++result.rounds) {
    if (result.client == SASL_CONTINUE) {
      prompts = nullptr;
      result.client =
          sasl_client_step(client_, from_server, server_size, &prompts, &from_client, &client_size);
    } else {
      from_client = "";
      client_size = 0;
    }
    if (result.client != SASL_OK && result.client != SASL_CONTINUE) {
      break;
    }
    result.server = sasl_server_step(server_, from_client, client_size, &from_server, &server_size);
  }
  result.error = sasl_errdetail(client_);
  if (result.accepted()) {
    result.user = Property(server_, SASL_USERNAME);
    result.authid = Property(server_, SASL_AUTHUSER);
    result.client_strength = Strength(client_);
    result.server_strength = Strength(server_);
  }
  return result;
}

std::optional<std::string> Sasl::ToServer(const std::string& text, size_t piece) {
  return Decode(server_, EncodeAt(client_, text), piece);
}

std::optional<std::string> Sasl::ToClient(const std::string& text, size_t piece) {
  return Decode(client_, EncodeAt(server_, text), piece);
}

std::string Sasl::Encode(const std::string& text) { return EncodeAt(client_, text); }

int Sasl::DecodeAtServer(const std::string& octets) {
  const char* plain = nullptr;
  unsigned size = 0;
  return sasl_decode(server_, octets.data(), static_cast<unsigned>(octets.size()), &plain, &size);
}

std::string Sasl::Listed(const std::string& service, const SaslEnd& server) {
  const char* list = nullptr;
  NewServer(service, server);
  return sasl_listmech(server_, nullptr, "", " ", "", &list, nullptr, nullptr) == SASL_OK ? list
                                                                                          : "";
}

}  // namespace epa::test
