// What one SMB session may do with the share of `epa serve smb`: look and read.
#ifndef EPA_TOOLS_EPA_SMB_SHARE_SMB_FILES_H_
#define EPA_TOOLS_EPA_SMB_SHARE_SMB_FILES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "epa/smb2/protocol.h"
#include "tools/epa/smb_share/smb_directory.h"
#include "tools/epa/smb_share/smb_messages.h"

namespace epa::tool {

// The one share of a server; "IPC$" is always there besides, without any pipe.
struct SmbShare {
  std::string name;
  std::shared_ptr<const SharedDirectory> directory;
};

struct SmbFilesLimits {
  size_t trees = 16;
  size_t open_files = 64;
  uint32_t transfer = 256 * 1024;  // the largest read or listing, in octets
};

struct SmbFileRequest {
  smb2::Command command = smb2::Command::kTreeConnect;
  uint32_t tree = 0;
  // A related request of a compound: works on the tree and file of the one before.
  bool related = false;
  // How many times 64 KiB the request may move, where that was negotiated.
  uint16_t credit_charge = 0;
  std::span<const uint8_t> body;  // what follows the header
};

struct SmbFileReply {
  smb2::NtStatus status = smb2::kStatusSuccess;
  uint32_t tree = 0;
  std::vector<uint8_t> body;  // empty where the status says it all
};

// The trees and open files of one session. Used by one owner at a time; what it holds is bounded
// by its limits, an answer by `transfer` and by 64 KiB for each credit the request takes.
class SmbFiles {
 public:
  SmbFiles(std::shared_ptr<const SmbShare> share, SmbFilesLimits limits)
      : share_(std::move(share)), limits_(limits) {}

  // Requests of one compound come in their order.
  SmbFileReply Handle(const SmbFileRequest& request);

 private:
  enum class Tree : uint8_t { kShare, kPipes };
  struct OpenFile {
    std::unique_ptr<SharedFile> file;
    std::string name;
    uint32_t tree = 0;
    // Of the listing that is under way.
    std::string pattern;
    std::optional<DirectoryEntry> next;  // did not fit into the answer before
    bool listed = false;
  };
  // What a command comes to: a status, and a body where that is success.
  struct Outcome {
    smb2::NtStatus status = smb2::kStatusSuccess;
    std::vector<uint8_t> body;
  };

  Outcome Run(const SmbFileRequest& request, uint32_t tree);
  Outcome TreeConnect(std::span<const uint8_t> body);
  Outcome TreeDisconnect(std::span<const uint8_t> body, uint32_t tree);
  Outcome Flush(std::span<const uint8_t> body, uint32_t tree);
  Outcome Refuse(std::span<const uint8_t> body, uint32_t tree);
  Outcome Create(std::span<const uint8_t> body, uint32_t tree);
  Outcome Close(std::span<const uint8_t> body, uint32_t tree);
  Outcome Read(std::span<const uint8_t> body, uint32_t tree);
  Outcome QueryDirectory(std::span<const uint8_t> body, uint32_t tree);
  Outcome QueryInfo(std::span<const uint8_t> body, uint32_t tree);
  Outcome Ioctl(std::span<const uint8_t> body, uint32_t tree);

  bool MayMove(uint32_t octets) const;
  OpenFile* Find(const SmbFileId& id, uint32_t tree);
  static Outcome List(OpenFile& open, const QueryDirectoryRequest& request);
  static std::optional<DirectoryEntry> NextMatch(OpenFile& open);

  std::shared_ptr<const SmbShare> share_;
  SmbFilesLimits limits_;
  std::map<uint32_t, Tree> trees_;
  std::map<uint64_t, OpenFile> files_;
  uint32_t next_tree_ = 1;
  uint64_t next_file_ = 1;
  // Of the request before, for the related one.
  uint32_t last_tree_ = 0;
  SmbFileId last_file_;
  // Of the TREE_CONNECT or CREATE before, whose tree or file the related request works on.
  smb2::NtStatus last_opening_ = smb2::kStatusSuccess;
  bool related_ = false;
  uint16_t charge_ = 0;
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SMB_SHARE_SMB_FILES_H_
