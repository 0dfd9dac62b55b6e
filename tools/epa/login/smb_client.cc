#include "tools/epa/login/smb_client.h"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "epa/smb2/framing.h"
#include "lib/base/status_macros.h"
#include "tools/epa/common/network_error.h"
#include "tools/epa/smb_share/smb_information.h"

namespace epa::tool {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using smb2::Command;

constexpr std::chrono::seconds kPatience{15};
constexpr size_t kPiece = 64 * 1024;
// One credit's worth: every dialect has it.
constexpr uint32_t kTransfer = 64 * 1024;

struct Reply {
  smb2::Header header;
  std::vector<uint8_t> body;
};

class Client final : public SmbClient {
 public:
  Client(SmbAddress address, std::unique_ptr<smb2::ClientConnection> smb)
      : address_(std::move(address)), smb_(std::move(smb)), stream_(io_) {}

  absl::Status Open();
  absl::Status Authenticate();

  const smb2::ClientConnection& connection() const override { return *smb_; }
  absl::StatusOr<TreeConnectResponse> ConnectTree() override;
  absl::StatusOr<std::vector<DirectoryEntry>> List(size_t most) override;
  absl::Status Get(std::string_view name,
                   const std::function<bool(std::span<const uint8_t>)>& take) override;
  absl::Status LogOff() override;

 private:
  // Runs one operation to its end or until patience does.
  template <class Operation>
  error_code Await(const Operation& operation) {
    error_code outcome;
    stream_.expires_after(kPatience);
    operation([&outcome](error_code error, auto&&...) { outcome = error; });
    io_.restart();
    io_.run();
    return outcome;
  }
  absl::Status Lost(std::string_view doing, const std::string& why) const;
  absl::Status Write(std::span<const uint8_t> octets);
  absl::StatusOr<std::span<uint8_t>> ReadMessage();
  // One message from the server, and what there is to say to it.
  absl::StatusOr<smb2::ClientOutput> Receive();
  absl::StatusOr<Reply> Exchange(Command command, std::span<const uint8_t> body);
  absl::StatusOr<Reply> Succeed(Command command, std::span<const uint8_t> body,
                                std::string_view doing);
  absl::StatusOr<CreateResponse> OpenFile(std::string_view name, uint32_t options);
  absl::Status CloseFile(const SmbFileId& file);
  absl::Status ReadFile(const SmbFileId& file,
                        const std::function<bool(std::span<const uint8_t>)>& take);
  absl::StatusOr<std::vector<DirectoryEntry>> ListDirectory(const SmbFileId& directory,
                                                            size_t most);

  const SmbAddress address_;
  std::unique_ptr<smb2::ClientConnection> smb_;
  asio::io_context io_;
  beast::tcp_stream stream_;
  smb2::FrameReader frames_;
  uint32_t tree_ = 0;
};

absl::Status Client::Lost(std::string_view doing, const std::string& why) const {
  return absl::UnavailableError("cannot " + std::string(doing) + " " + address_.ToString() + ": " +
                                why);
}

absl::Status Client::Open() {
  error_code error;
  asio::ip::tcp::resolver resolver(io_);
  const auto addresses =
      resolver.resolve(address_.server.host, std::to_string(address_.server.port), error);
  if (error) {
    return Lost("find", NetworkErrorText(error));
  }
  error = Await([&](auto done) { stream_.async_connect(addresses, std::move(done)); });
  if (error) {
    return Lost("connect to", NetworkErrorText(error));
  }
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), error);
  return absl::OkStatus();
}

absl::Status Client::Write(std::span<const uint8_t> octets) {
  const error_code error = Await([&](auto done) {
    asio::async_write(stream_, asio::buffer(octets.data(), octets.size()), std::move(done));
  });
  return error ? Lost("write to", NetworkErrorText(error)) : absl::OkStatus();
}

absl::StatusOr<std::span<uint8_t>> Client::ReadMessage() {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): the read fills it
  std::array<uint8_t, kPiece> piece;
  while (true) {
    EPA_ASSIGN_OR_RETURN(const auto message, frames_.Next(smb_->max_message_size()));
    if (message.has_value()) {
      return *message;
    }
    size_t size = 0;
    const error_code error = Await([&](auto done) {
      stream_.async_read_some(asio::buffer(piece),
                              [&size, done](error_code outcome, size_t count) mutable {
                                size = count;
                                done(outcome);
                              });
    });
    if (error) {
      return Lost("read from", NetworkErrorText(error));
    }
    frames_.Append(std::span(piece).first(size));
  }
}

absl::StatusOr<smb2::ClientOutput> Client::Receive() {
  EPA_ASSIGN_OR_RETURN(const std::span<uint8_t> message, ReadMessage());
  EPA_ASSIGN_OR_RETURN(smb2::ClientOutput output, smb_->OnMessage(message));
  while (output.pending_work != nullptr) {
    output.pending_work->Run();
    EPA_ASSIGN_OR_RETURN(output, smb_->Resume(std::move(output.pending_work)));
  }
  if (!output.send.empty()) {
    EPA_RETURN_IF_ERROR(Write(output.send));
  }
  return output;
}

absl::Status Client::Authenticate() {
  EPA_RETURN_IF_ERROR(Write(smb_->Start()));
  while (!smb_->established() && !smb_->refusal().has_value()) {
    EPA_RETURN_IF_ERROR(Receive().status());
  }
  return absl::OkStatus();
}

absl::StatusOr<Reply> Client::Exchange(Command command, std::span<const uint8_t> body) {
  EPA_ASSIGN_OR_RETURN(const std::vector<uint8_t> request, smb_->SendRequest(command, tree_, body));
  EPA_RETURN_IF_ERROR(Write(request));
  while (true) {
    EPA_ASSIGN_OR_RETURN(const smb2::ClientOutput output, Receive());
    if (!output.responses.empty()) {
      const smb2::ClientResponse& response = output.responses.front();
      return Reply{response.header, {response.body.begin(), response.body.end()}};
    }
    if (output.close) {
      return absl::PermissionDeniedError(smb_->refusal().has_value()
                                             ? smb2::RefusalText(*smb_->refusal())
                                             : "the connection was closed");
    }
  }
}

absl::StatusOr<Reply> Client::Succeed(Command command, std::span<const uint8_t> body,
                                      std::string_view doing) {
  EPA_ASSIGN_OR_RETURN(Reply reply, Exchange(command, body));
  if (reply.header.status != smb2::kStatusSuccess) {
    return absl::PermissionDeniedError("cannot " + std::string(doing) + ": " +
                                       smb2::NtStatusText(reply.header.status));
  }
  return reply;
}

absl::Status Malformed(std::string_view what) {
  return absl::UnavailableError("a malformed answer to " + std::string(what));
}

absl::StatusOr<TreeConnectResponse> Client::ConnectTree() {
  const TreeConnectRequest request{"\\\\" + address_.server.host + "\\" + address_.share};
  const auto body = request.Write();
  if (!body.has_value()) {
    return absl::InvalidArgumentError("the share's name is not UTF-8 or too long");
  }
  EPA_ASSIGN_OR_RETURN(const Reply reply,
                       Succeed(Command::kTreeConnect, *body, "connect to the share"));
  const auto response = TreeConnectResponse::Read(reply.body);
  if (!response.has_value()) {
    return Malformed("TREE_CONNECT");
  }
  tree_ = reply.header.tree_id;
  return *response;
}

absl::StatusOr<CreateResponse> Client::OpenFile(std::string_view name, uint32_t options) {
  CreateRequest request;
  request.desired_access = CreateRequest::kReadFile;
  request.options = options;
  request.name = name;
  std::replace(request.name.begin(), request.name.end(), '/', '\\');
  const auto body = request.Write();
  if (!body.has_value()) {
    return absl::InvalidArgumentError("the file's name is not UTF-8 or too long");
  }
  EPA_ASSIGN_OR_RETURN(const Reply reply,
                       Succeed(Command::kCreate, *body, "open '" + std::string(name) + "'"));
  const auto response = CreateResponse::Read(reply.body);
  if (!response.has_value()) {
    return Malformed("CREATE");
  }
  return *response;
}

absl::Status Client::CloseFile(const SmbFileId& file) {
  CloseRequest request;
  request.file = file;
  return Succeed(Command::kClose, request.Write(), "close").status();
}

absl::StatusOr<std::vector<DirectoryEntry>> Client::List(size_t most) {
  EPA_ASSIGN_OR_RETURN(const CreateResponse opened, OpenFile("", CreateRequest::kMustBeDirectory));
  EPA_ASSIGN_OR_RETURN(auto entries, ListDirectory(opened.file, most));
  EPA_RETURN_IF_ERROR(CloseFile(opened.file));
  return entries;
}

absl::StatusOr<std::vector<DirectoryEntry>> Client::ListDirectory(const SmbFileId& directory,
                                                                  size_t most) {
  QueryDirectoryRequest request;
  request.information_class = kFileIdBothDirectoryInformation;
  request.file = directory;
  request.pattern = "*";
  request.output_limit = kTransfer;
  const auto body = request.Write();
  std::vector<DirectoryEntry> entries;
  while (true) {
    EPA_ASSIGN_OR_RETURN(const Reply reply, Exchange(Command::kQueryDirectory, *body));
    if (reply.header.status == smb2::kStatusNoMoreFiles ||
        reply.header.status == smb2::kStatusNoSuchFile) {
      return entries;
    }
    const auto octets = reply.header.status == smb2::kStatusSuccess
                            ? OutputResponse::Read(reply.body)
                            : std::nullopt;
    auto more = octets.has_value() ? ReadDirectoryListing(*octets) : std::nullopt;
    if (!more.has_value() || more->empty()) {
      return Malformed("QUERY_DIRECTORY, or " + smb2::NtStatusText(reply.header.status));
    }
    if (more->size() > most - entries.size()) {
      return absl::ResourceExhaustedError("the directory has more than " + std::to_string(most) +
                                          " entries");
    }
    std::move(more->begin(), more->end(), std::back_inserter(entries));
  }
}

absl::Status Client::Get(std::string_view name,
                         const std::function<bool(std::span<const uint8_t>)>& take) {
  EPA_ASSIGN_OR_RETURN(const CreateResponse opened,
                       OpenFile(name, CreateRequest::kMustNotBeDirectory));
  EPA_RETURN_IF_ERROR(ReadFile(opened.file, take));
  return CloseFile(opened.file);
}

absl::Status Client::ReadFile(const SmbFileId& file,
                              const std::function<bool(std::span<const uint8_t>)>& take) {
  ReadRequest request;
  request.file = file;
  request.length = std::min(kTransfer, smb_->max_read_size());
  while (true) {
    EPA_ASSIGN_OR_RETURN(const Reply reply, Exchange(Command::kRead, request.Write()));
    if (reply.header.status == smb2::kStatusEndOfFile) {
      return absl::OkStatus();
    }
    const auto data =
        reply.header.status == smb2::kStatusSuccess ? ReadResponse::Read(reply.body) : std::nullopt;
    if (!data.has_value()) {
      return Malformed("READ, or " + smb2::NtStatusText(reply.header.status));
    }
    // Nothing is the end, too, as impacket tells it.
    if (data->empty() || !take(*data)) {
      return absl::OkStatus();
    }
    request.offset += data->size();
  }
}

absl::Status Client::LogOff() {
  EPA_ASSIGN_OR_RETURN(const std::vector<uint8_t> request, smb_->LogOff());
  EPA_RETURN_IF_ERROR(Write(request));
  while (true) {
    EPA_ASSIGN_OR_RETURN(const smb2::ClientOutput output, Receive());
    if (output.close) {
      return absl::OkStatus();
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<SmbClient>> SmbClient::LogIn(const SmbAddress& address,
                                                            smb2::ClientOptions options) {
  EPA_ASSIGN_OR_RETURN(auto smb, smb2::ClientConnection::Create(std::move(options)));
  auto client = std::make_unique<Client>(address, std::move(smb));
  EPA_RETURN_IF_ERROR(client->Open());
  EPA_RETURN_IF_ERROR(client->Authenticate());
  return client;
}

}  // namespace epa::tool
