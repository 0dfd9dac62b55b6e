#include "tools/epa/smb_share/smb_files.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/upper_case.h"
#include "tools/epa/smb_share/smb_information.h"

namespace epa::tool {
namespace {

using smb2::Command;
using smb2::NtStatus;

// [MS-ERREF] 2.3.1: the statuses that only files have.
constexpr NtStatus kStatusInvalidInfoClass = 0xc0000003;
constexpr NtStatus kStatusInfoLengthMismatch = 0xc0000004;
constexpr NtStatus kStatusBufferTooSmall = 0xc0000023;
constexpr NtStatus kStatusObjectNameInvalid = 0xc0000033;
constexpr NtStatus kStatusFileIsADirectory = 0xc00000ba;
constexpr NtStatus kStatusNotADirectory = 0xc0000103;
constexpr NtStatus kStatusFsDriverRequired = 0xc000019c;

// [MS-SMB2] 2.2.13.1.1: every right to change something.
constexpr uint32_t kChangingAccess = 0x00000002 | 0x00000004 | 0x00000010 | 0x00000040 |
                                     0x00000100 | 0x00010000 | 0x00040000 | 0x00080000 |
                                     0x10000000 | 0x40000000;
constexpr uint64_t kOctetsOfCredit = 64 * 1024;
constexpr std::string_view kPipes = "IPC$";
// [MS-FSCC] 2.3: the codes that are answered with a status of their own.
constexpr uint32_t kGetDfsReferrals = 0x00060194;
constexpr uint32_t kGetDfsReferralsEx = 0x000601b0;

NtStatus StatusOfOpening(const absl::Status& status) {
  if (absl::IsNotFound(status)) {
    return smb2::kStatusObjectNameNotFound;
  }
  if (absl::IsInvalidArgument(status)) {
    return kStatusObjectNameInvalid;
  }
  if (absl::IsResourceExhausted(status)) {
    return smb2::kStatusInsufficientResources;
  }
  return smb2::kStatusAccessDenied;
}

// Whether the request asks for no more than to read what there is.
bool OnlyReads(const CreateRequest& request) {
  return (request.desired_access & kChangingAccess) == 0 &&
         (request.options & CreateRequest::kDeleteOnClose) == 0 &&
         (request.disposition == CreateRequest::kOpen ||
          request.disposition == CreateRequest::kOpenOrCreate);
}

// "SHARE" of "\\SERVER\SHARE".
std::string_view ShareOf(std::string_view path) {
  const size_t end = path.rfind('\\');
  return end == std::string_view::npos ? "" : path.substr(end + 1);
}

}  // namespace

SmbFileReply SmbFiles::Handle(const SmbFileRequest& request) {
  related_ = request.related;
  if (!related_) {
    last_opening_ = smb2::kStatusSuccess;
    last_file_ = {};
  }
  charge_ = request.credit_charge;
  SmbFileReply reply;
  reply.tree = request.related ? last_tree_ : request.tree;
  Outcome outcome = Run(request, reply.tree);
  if (request.command == Command::kTreeConnect && outcome.status == smb2::kStatusSuccess) {
    reply.tree = next_tree_ - 1;
  }
  if (request.command == Command::kTreeConnect || request.command == Command::kCreate) {
    last_opening_ = outcome.status;
  }
  last_tree_ = reply.tree;
  reply.status = outcome.status;
  reply.body = std::move(outcome.body);
  return reply;
}

// [MS-SMB2] 3.3.5.2.5: a client pays for what it moves, so that its credits bound the answers.
bool SmbFiles::MayMove(uint32_t octets) const {
  return octets <= limits_.transfer && octets <= kOctetsOfCredit * std::max<uint64_t>(charge_, 1);
}

SmbFiles::Outcome SmbFiles::Run(const SmbFileRequest& request, uint32_t tree) {
  struct Handler {
    Command command;
    Outcome (SmbFiles::*run)(std::span<const uint8_t> body, uint32_t tree);
  };
  static constexpr Handler kHandlers[] = {
      {Command::kTreeDisconnect, &SmbFiles::TreeDisconnect},
      {Command::kCreate, &SmbFiles::Create},
      {Command::kClose, &SmbFiles::Close},
      {Command::kFlush, &SmbFiles::Flush},
      {Command::kRead, &SmbFiles::Read},
      {Command::kWrite, &SmbFiles::Refuse},
      {Command::kIoctl, &SmbFiles::Ioctl},
      {Command::kQueryDirectory, &SmbFiles::QueryDirectory},
      {Command::kQueryInfo, &SmbFiles::QueryInfo},
      {Command::kSetInfo, &SmbFiles::Refuse},
  };
  if (related_ && last_opening_ != smb2::kStatusSuccess) {
    return {last_opening_, {}};  // [MS-SMB2] 3.3.5.2.7.2
  }
  if (request.command == Command::kTreeConnect) {
    return TreeConnect(request.body);
  }
  if (!trees_.contains(tree)) {
    return {smb2::kStatusNetworkNameDeleted, {}};
  }
  for (const Handler& handler : kHandlers) {
    if (handler.command == request.command) {
      return (this->*handler.run)(request.body, tree);
    }
  }
  return {smb2::kStatusNotSupported, {}};
}

SmbFiles::Outcome SmbFiles::TreeConnect(std::span<const uint8_t> body) {
  const auto request = TreeConnectRequest::Read(body);
  if (!request.has_value()) {
    return {smb2::kStatusInvalidParameter, {}};
  }
  const std::string_view name = ShareOf(request->path);
  const std::string folded = UppercaseUtf8(name);
  const bool pipes = folded == kPipes;
  if (!pipes && folded != UppercaseUtf8(share_->name)) {
    return {smb2::kStatusBadNetworkName, {}};
  }
  if (trees_.size() == limits_.trees) {
    return {smb2::kStatusInsufficientResources, {}};
  }
  trees_.emplace(next_tree_++, pipes ? Tree::kPipes : Tree::kShare);
  TreeConnectResponse response;
  response.share_type = pipes ? TreeConnectResponse::kPipe : TreeConnectResponse::kDisk;
  response.maximal_access = kReadAccess;
  return {smb2::kStatusSuccess, response.Write()};
}

SmbFiles::Outcome SmbFiles::TreeDisconnect(std::span<const uint8_t> /*body*/, uint32_t tree) {
  std::erase_if(files_, [tree](const auto& entry) { return entry.second.tree == tree; });
  trees_.erase(tree);
  return {smb2::kStatusSuccess, WriteEmptyMessage()};
}

SmbFiles::Outcome SmbFiles::Flush(std::span<const uint8_t> /*body*/, uint32_t /*tree*/) {
  return {smb2::kStatusSuccess, WriteEmptyMessage()};
}

SmbFiles::Outcome SmbFiles::Refuse(std::span<const uint8_t> /*body*/, uint32_t /*tree*/) {
  return {smb2::kStatusAccessDenied, {}};
}

SmbFiles::Outcome SmbFiles::Create(std::span<const uint8_t> body, uint32_t tree) {
  const auto request = CreateRequest::Read(body);
  if (!request.has_value()) {
    return {smb2::kStatusInvalidParameter, {}};
  }
  if (trees_[tree] == Tree::kPipes) {
    return {smb2::kStatusObjectNameNotFound, {}};
  }
  if (!OnlyReads(*request)) {
    return {smb2::kStatusAccessDenied, {}};
  }
  if (files_.size() == limits_.open_files) {
    return {smb2::kStatusInsufficientResources, {}};
  }
  auto file = share_->directory->Open(request->name);
  if (!file.ok()) {
    return {StatusOfOpening(file.status()), {}};
  }
  const FileFacts facts = (*file)->facts();
  if (facts.directory && (request->options & CreateRequest::kMustNotBeDirectory) != 0) {
    return {kStatusFileIsADirectory, {}};
  }
  if (!facts.directory && (request->options & CreateRequest::kMustBeDirectory) != 0) {
    return {kStatusNotADirectory, {}};
  }
  CreateResponse response;
  response.times = TimesOf(facts);
  response.sizes = SizesOf(facts);
  response.attributes = AttributesOf(facts);
  response.file = {next_file_, next_file_};
  last_file_ = response.file;
  OpenFile& open = files_[next_file_++];
  open.file = *std::move(file);
  open.name = request->name;
  open.tree = tree;
  return {smb2::kStatusSuccess, response.Write()};
}

SmbFiles::OpenFile* SmbFiles::Find(const SmbFileId& id, uint32_t tree) {
  const SmbFileId meant = related_ && id == kFileOfRequestBefore ? last_file_ : id;
  const auto found = files_.find(meant.temporary);
  if (found == files_.end() || meant.persistent != meant.temporary || found->second.tree != tree) {
    return nullptr;
  }
  last_file_ = meant;
  return &found->second;
}

SmbFiles::Outcome SmbFiles::Close(std::span<const uint8_t> body, uint32_t tree) {
  const auto request = CloseRequest::Read(body);
  if (!request.has_value()) {
    return {smb2::kStatusInvalidParameter, {}};
  }
  const OpenFile* open = Find(request->file, tree);
  if (open == nullptr) {
    return {smb2::kStatusFileClosed, {}};
  }
  CloseResponse response;
  if (request->wants_facts) {
    const FileFacts& facts = open->file->facts();
    response.has_facts = true;
    response.times = TimesOf(facts);
    response.sizes = SizesOf(facts);
    response.attributes = AttributesOf(facts);
  }
  files_.erase(last_file_.temporary);
  return {smb2::kStatusSuccess, response.Write()};
}

SmbFiles::Outcome SmbFiles::Read(std::span<const uint8_t> body, uint32_t tree) {
  const auto request = ReadRequest::Read(body);
  if (!request.has_value() || !MayMove(request->length)) {
    return {smb2::kStatusInvalidParameter, {}};
  }
  const OpenFile* open = Find(request->file, tree);
  if (open == nullptr) {
    return {smb2::kStatusFileClosed, {}};
  }
  if (open->file->facts().directory) {
    return {smb2::kStatusInvalidDeviceRequest, {}};
  }
  std::vector<uint8_t> data(request->length);
  const auto count = open->file->Read(request->offset, data);
  if (!count.ok()) {
    return {absl::IsInvalidArgument(count.status()) ? smb2::kStatusInvalidParameter
                                                    : smb2::kStatusAccessDenied,
            {}};
  }
  if (*count < request->minimum || (*count == 0 && request->length > 0)) {
    return {smb2::kStatusEndOfFile, {}};
  }
  return {smb2::kStatusSuccess, ReadResponse::Write(std::span(data).first(*count))};
}

SmbFiles::Outcome SmbFiles::QueryDirectory(std::span<const uint8_t> body, uint32_t tree) {
  const auto request = QueryDirectoryRequest::Read(body);
  if (!request.has_value() || !MayMove(request->output_limit)) {
    return {smb2::kStatusInvalidParameter, {}};
  }
  OpenFile* open = Find(request->file, tree);
  if (open == nullptr) {
    return {smb2::kStatusFileClosed, {}};
  }
  if (!open->file->facts().directory) {
    return {smb2::kStatusInvalidParameter, {}};
  }
  constexpr uint8_t kAnew = QueryDirectoryRequest::kRestart | QueryDirectoryRequest::kReopen;
  if ((request->flags & kAnew) != 0 || open->pattern.empty()) {
    open->file->RestartEntries();
    open->pattern = request->pattern.empty() ? "*" : request->pattern;
    open->next.reset();
    open->listed = false;
  }
  return List(*open, *request);
}

SmbFiles::Outcome SmbFiles::List(OpenFile& open, const QueryDirectoryRequest& request) {
  auto listing = DirectoryListing::Create(request.information_class, request.output_limit);
  if (!listing.has_value()) {
    return {kStatusInvalidInfoClass, {}};
  }
  const bool single = (request.flags & QueryDirectoryRequest::kSingleEntry) != 0;
  while (open.next.has_value() || (open.next = NextMatch(open)).has_value()) {
    if (!listing->Add(*open.next)) {
      break;
    }
    open.next.reset();
    if (single) {
      break;
    }
  }
  if (listing->empty()) {
    if (open.next.has_value()) {
      return {kStatusInfoLengthMismatch, {}};
    }
    return {open.listed ? smb2::kStatusNoMoreFiles : smb2::kStatusNoSuchFile, {}};
  }
  open.listed = true;
  return {smb2::kStatusSuccess, OutputResponse::Write(listing->octets())};
}

std::optional<DirectoryEntry> SmbFiles::NextMatch(OpenFile& open) {
  std::optional<DirectoryEntry> entry;
  do {
    entry = open.file->NextEntry();
  } while (entry.has_value() && !MatchesPattern(entry->name, open.pattern));
  return entry;
}

SmbFiles::Outcome SmbFiles::QueryInfo(std::span<const uint8_t> body, uint32_t tree) {
  const auto request = QueryInfoRequest::Read(body);
  if (!request.has_value() || !MayMove(request->output_limit)) {
    return {smb2::kStatusInvalidParameter, {}};
  }
  const OpenFile* open = Find(request->file, tree);
  if (open == nullptr) {
    return {smb2::kStatusFileClosed, {}};
  }
  std::optional<std::vector<uint8_t>> output;
  switch (request->type) {
    case QueryInfoRequest::kFile:
      output = WriteFileInformation(request->information_class, open->file->facts(), open->name);
      break;
    case QueryInfoRequest::kFileSystem:
      output =
          WriteVolumeInformation(request->information_class, open->file->volume(), share_->name);
      break;
    case QueryInfoRequest::kSecurity:
      output = WriteSecurityDescriptor(request->additional);
      break;
    default:
      return {smb2::kStatusNotSupported, {}};
  }
  if (!output.has_value()) {
    return {kStatusInvalidInfoClass, {}};
  }
  if (output->size() > request->output_limit) {
    return {request->type == QueryInfoRequest::kSecurity ? kStatusBufferTooSmall
                                                         : kStatusInfoLengthMismatch,
            {}};
  }
  return {smb2::kStatusSuccess, OutputResponse::Write(*output)};
}

SmbFiles::Outcome SmbFiles::Ioctl(std::span<const uint8_t> body, uint32_t /*tree*/) {
  const auto request = IoctlRequest::Read(body);
  if (!request.has_value()) {
    return {smb2::kStatusInvalidParameter, {}};
  }
  if (request->code == kGetDfsReferrals || request->code == kGetDfsReferralsEx) {
    return {kStatusFsDriverRequired, {}};  // [MS-SMB2] 3.3.5.15.2: no DFS here
  }
  return {smb2::kStatusInvalidDeviceRequest, {}};
}

}  // namespace epa::tool
