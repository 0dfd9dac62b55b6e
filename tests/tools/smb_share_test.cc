// The read-only share behind `epa serve smb`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/base/byte_writer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_folder.h"
#include "tools/epa/smb_share/smb_directory.h"
#include "tools/epa/smb_share/smb_files.h"
#include "tools/epa/smb_share/smb_information.h"
#include "tools/epa/smb_share/smb_messages.h"

namespace epa::tool {
namespace {

using smb2::Command;
using ::testing::UnorderedElementsAre;

constexpr smb2::NtStatus kFileIsADirectory = 0xc00000ba;
constexpr smb2::NtStatus kNotADirectory = 0xc0000103;
constexpr smb2::NtStatus kObjectNameInvalid = 0xc0000033;
constexpr smb2::NtStatus kInvalidInfoClass = 0xc0000003;
constexpr smb2::NtStatus kFsDriverRequired = 0xc000019c;

// outside/secret beside share/{hello, sub/inner, links and special files}.
class SmbShareTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(root_ / "outside");
    std::filesystem::create_directories(root_ / "share" / "sub");
    WriteFile(root_ / "outside" / "secret", "secret");
    WriteFile(root_ / "share" / "hello", "hello, world");
    WriteFile(root_ / "share" / "sub" / "inner", "inner");
    std::filesystem::create_symlink(root_ / "outside", root_ / "share" / "link-to-directory");
    std::filesystem::create_symlink(root_ / "outside" / "secret", root_ / "share" / "link-to-file");
    std::filesystem::create_symlink("hello", root_ / "share" / "link-inside");
    ASSERT_EQ(mkfifo((root_ / "share" / "pipe").c_str(), 0600), 0);
    auto directory = SharedDirectory::Create((root_ / "share").string());
    ASSERT_TRUE(directory.ok());
    directory_ = *directory;
    auto share = std::make_shared<SmbShare>();
    share->name = "docs";
    share->directory = directory_;
    files_ = std::make_unique<SmbFiles>(share, SmbFilesLimits{.trees = 2, .open_files = 4});
  }

  static void WriteFile(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path) << text;
  }

  SmbFileReply Ask(Command command, std::vector<uint8_t> body, bool related = false) {
    SmbFileRequest request;
    request.command = command;
    request.tree = tree_;
    request.related = related;
    request.credit_charge = 1;
    request.body = body;
    return files_->Handle(request);
  }
  smb2::NtStatus ConnectTree(std::string share) {
    const SmbFileReply reply =
        Ask(Command::kTreeConnect, *TreeConnectRequest{"\\\\server\\" + share}.Write());
    if (reply.status == smb2::kStatusSuccess) {
      tree_ = reply.tree;
    }
    return reply.status;
  }
  SmbFileReply Create(std::string name, uint32_t access = kReadAccess,
                      uint32_t disposition = CreateRequest::kOpen, uint32_t options = 0) {
    CreateRequest request;
    request.name = std::move(name);
    request.desired_access = access;
    request.disposition = disposition;
    request.options = options;
    return Ask(Command::kCreate, *request.Write());
  }
  SmbFileId Opened(std::string name) {
    const SmbFileReply reply = Create(std::move(name));
    EXPECT_EQ(reply.status, smb2::kStatusSuccess);
    const auto response = CreateResponse::Read(reply.body);
    return response.has_value() ? response->file : SmbFileId{};
  }
  SmbFileReply Read(const SmbFileId& file, uint32_t length, uint64_t offset = 0,
                    bool related = false) {
    ReadRequest request;
    request.file = file;
    request.length = length;
    request.offset = offset;
    return Ask(Command::kRead, request.Write(), related);
  }
  SmbFileReply List(const SmbFileId& directory, std::string pattern, uint32_t limit = 65536,
                    uint8_t information_class = kFileIdBothDirectoryInformation) {
    QueryDirectoryRequest request;
    request.information_class = information_class;
    request.file = directory;
    request.pattern = std::move(pattern);
    request.output_limit = limit;
    return Ask(Command::kQueryDirectory, *request.Write());
  }
  static std::vector<std::string> NamesIn(const SmbFileReply& reply) {
    std::vector<std::string> names;
    const auto output = OutputResponse::Read(reply.body);
    const auto entries = output.has_value() ? ReadDirectoryListing(*output) : std::nullopt;
    EXPECT_TRUE(entries.has_value());
    for (const DirectoryEntry& entry : entries.value_or(std::vector<DirectoryEntry>())) {
      names.push_back(entry.name);
    }
    return names;
  }
  SmbFileReply QueryInfo(const SmbFileId& file, uint8_t type, uint8_t information_class,
                         uint32_t limit = 1024, uint32_t additional = 0) {
    ByteWriter writer;
    writer.WriteU16(41);
    writer.WriteU8(type);
    writer.WriteU8(information_class);
    writer.WriteU32(limit);
    writer.WriteZeros(8);
    writer.WriteU32(additional);
    writer.WriteU32(0);
    writer.WriteU64(file.persistent);
    writer.WriteU64(file.temporary);
    writer.WriteU8(0);
    return Ask(Command::kQueryInfo, std::move(writer).Take());
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path root_ = folder_.path();
  std::shared_ptr<const SharedDirectory> directory_;
  std::unique_ptr<SmbFiles> files_;
  uint32_t tree_ = 0;
};

TEST_F(SmbShareTest, NothingOutsideOpens) {
  for (const char* name : {"..",
                           "..\\outside\\secret",
                           "sub\\..\\..\\outside\\secret",
                           "sub\\..",
                           ".",
                           ".\\hello",
                           "\\..",
                           "\\hello",
                           "sub\\\\inner",
                           "/etc/passwd",
                           "../outside/secret",
                           "sub/inner",
                           "hello:stream",
                           "*",
                           "hel?o",
                           "link-to-directory",
                           "link-to-directory\\secret",
                           "link-to-file",
                           "link-inside",
                           "LINK-INSIDE",
                           "pipe",
                           "hello\\",
                           "HELLO\\",
                           "sub\\inner\\",
                           "hello\\inner"}) {
    EXPECT_FALSE(directory_->Open(name).ok()) << name;
  }
  EXPECT_FALSE(directory_->Open(std::string_view("hello\0x", 7)).ok());
  EXPECT_TRUE(directory_->Open("hello").ok());
  EXPECT_TRUE(directory_->Open("sub\\inner").ok());
  EXPECT_TRUE(directory_->Open("sub\\").ok());
  EXPECT_TRUE(directory_->Open("").ok());
}

// [MS-FSA] 2.1.5.1: a path that ends with a backslash is a directory's.
TEST_F(SmbShareTest, ABackslashBehindAFileIsNoName) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  EXPECT_EQ(Create("hello\\").status, kObjectNameInvalid);
  EXPECT_EQ(Create("sub\\").status, smb2::kStatusSuccess);
}

// As patterns do: by Unicode's upper case, in every part of a path.
TEST_F(SmbShareTest, CaseDoesNotCount) {
  WriteFile(root_ / "share" / "sub" / "Stra\u00dfe \u00c4\u03c3", "");
  for (const char* name :
       {"HELLO", "Hello", "SUB\\INNER", "Sub\\inner", "sub\\sTRA\u00dfE \u00e4\u03a3"}) {
    EXPECT_TRUE(directory_->Open(name).ok()) << name;
  }
  EXPECT_TRUE(MatchesPattern("Stra\u00dfe \u00c4\u03c3", "sTRA\u00dfE \u00e4\u03a3"));
  EXPECT_FALSE(directory_->Open("hello2").ok());
  ASSERT_EQ(ConnectTree("DoCs"), smb2::kStatusSuccess);
}

TEST_F(SmbShareTest, TheNameAsItIsSpelledComesFirst) {
  WriteFile(root_ / "share" / "HELLO", "upper case");
  EXPECT_EQ((*directory_->Open("hello"))->facts().size, 12U);
  EXPECT_EQ((*directory_->Open("HELLO"))->facts().size, 10U);
  EXPECT_EQ((*directory_->Open("hELLO"))->facts().size, 10U);  // the first of both
}

TEST_F(SmbShareTest, AnyDepthOpens) {
  std::filesystem::path deep = root_ / "share";
  std::string name;
  for (int i = 0; i < 300; ++i) {
    deep /= "d";
    name += i == 0 ? "d" : "\\d";
    std::filesystem::create_directory(deep);
  }
  EXPECT_TRUE(directory_->Open(name).ok());
  EXPECT_FALSE(directory_->Open(name + "\\d").ok());
}

TEST_F(SmbShareTest, OnlyWhatCouldBeOpenedIsListed) {
  ASSERT_EQ(ConnectTree("DOCS"), smb2::kStatusSuccess);
  const SmbFileId directory = Opened("");
  EXPECT_THAT(NamesIn(List(directory, "*")), UnorderedElementsAre(".", "..", "hello", "sub"));
  EXPECT_EQ(List(directory, "*").status, smb2::kStatusNoMoreFiles);
}

TEST_F(SmbShareTest, AListingGoesOnWhereTheAnswerWasFull) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  const SmbFileId directory = Opened("");
  std::multiset<std::string> names;
  // Room for one entry and a bit.
  for (SmbFileReply reply = List(directory, "*", 150); reply.status == smb2::kStatusSuccess;
       reply = List(directory, "*", 150)) {
    for (const std::string& name : NamesIn(reply)) {
      names.insert(name);
    }
  }
  EXPECT_EQ(names, (std::multiset<std::string>{".", "..", "hello", "sub"}));
}

TEST_F(SmbShareTest, EveryListingClassHasItsLayout) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  // [MS-FSCC] 2.4: the octets before the name of an entry.
  for (const auto& [information_class, fixed] : std::vector<std::pair<uint8_t, size_t>>{
           {1, 64}, {2, 68}, {3, 94}, {12, 12}, {37, 104}, {38, 80}}) {
    const SmbFileId directory = Opened("");
    const SmbFileReply reply = List(directory, "hello", 65536, information_class);
    ASSERT_EQ(reply.status, smb2::kStatusSuccess);
    EXPECT_EQ(OutputResponse::Read(reply.body)->size(), fixed + 10) << int{information_class};
    files_ = std::make_unique<SmbFiles>(std::make_shared<SmbShare>(SmbShare{"docs", directory_}),
                                        SmbFilesLimits());
    ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  }
  EXPECT_EQ(List(Opened(""), "*", 65536, 99).status, kInvalidInfoClass);
}

TEST_F(SmbShareTest, APatternThatMatchesNothing) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  EXPECT_EQ(List(Opened(""), "nothing*").status, smb2::kStatusNoSuchFile);
}

TEST_F(SmbShareTest, ReadsPiecesAndTheEnd) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  const SmbFileId file = Opened("hello");
  const SmbFileReply reply = Read(file, 5, 7);
  const auto data = ReadResponse::Read(reply.body);
  ASSERT_TRUE(data.has_value());
  EXPECT_EQ(std::string(data->begin(), data->end()), "world");
  EXPECT_EQ(Read(file, 5, 12).status, smb2::kStatusEndOfFile);
  EXPECT_EQ(Read(file, 5, UINT64_MAX).status, smb2::kStatusInvalidParameter);
  EXPECT_EQ(Read(Opened("sub"), 5).status, smb2::kStatusInvalidDeviceRequest);
}

TEST_F(SmbShareTest, ARequestMovesNoMoreThanItsCreditsPayFor) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  EXPECT_EQ(Read(Opened("hello"), 64 * 1024).status, smb2::kStatusSuccess);
  EXPECT_EQ(Read(Opened("hello"), 64 * 1024 + 1).status, smb2::kStatusInvalidParameter);
  EXPECT_EQ(List(Opened(""), "*", 64 * 1024 + 1).status, smb2::kStatusInvalidParameter);
}

TEST_F(SmbShareTest, NothingChanges) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  for (const uint32_t access :
       {0x2U, 0x4U, 0x10U, 0x40U, 0x100U, 0x10000U, 0x40000U, 0x80000U, 0x10000000U, 0x40000000U}) {
    EXPECT_EQ(Create("hello", kReadAccess | access).status, smb2::kStatusAccessDenied) << access;
  }
  for (const uint32_t disposition : {0U, 2U, 4U, 5U, 99U}) {
    EXPECT_EQ(Create("hello", kReadAccess, disposition).status, smb2::kStatusAccessDenied);
  }
  EXPECT_EQ(Create("hello", kReadAccess, 1, CreateRequest::kDeleteOnClose).status,
            smb2::kStatusAccessDenied);
  EXPECT_EQ(Create("new", kReadAccess, CreateRequest::kOpenOrCreate).status,
            smb2::kStatusObjectNameNotFound);
  EXPECT_EQ(Ask(Command::kWrite, {}).status, smb2::kStatusAccessDenied);
  EXPECT_EQ(Ask(Command::kSetInfo, {}).status, smb2::kStatusAccessDenied);
  EXPECT_FALSE(std::filesystem::exists(root_ / "share" / "new"));
}

TEST_F(SmbShareTest, FileAndDirectoryAreNotTakenForEachOther) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  EXPECT_EQ(Create("sub", kReadAccess, 1, CreateRequest::kMustNotBeDirectory).status,
            kFileIsADirectory);
  EXPECT_EQ(Create("hello", kReadAccess, 1, CreateRequest::kMustBeDirectory).status,
            kNotADirectory);
  EXPECT_EQ(Create("..").status, kObjectNameInvalid);
}

TEST_F(SmbShareTest, HandlesAndTreesAreBounded) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  const SmbFileId first = Opened("hello");
  for (int i = 1; i < 4; ++i) {
    Opened("hello");
  }
  EXPECT_EQ(Create("hello").status, smb2::kStatusInsufficientResources);
  CloseRequest close;
  close.file = first;
  EXPECT_EQ(Ask(Command::kClose, close.Write()).status, smb2::kStatusSuccess);
  EXPECT_EQ(Create("hello").status, smb2::kStatusSuccess);
  EXPECT_EQ(ConnectTree("ipc$"), smb2::kStatusSuccess);
  EXPECT_EQ(ConnectTree("docs"), smb2::kStatusInsufficientResources);
}

TEST_F(SmbShareTest, AHandleBelongsToItsTreeAndEndsWithIt) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  const uint32_t first_tree = tree_;
  const SmbFileId file = Opened("hello");
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  EXPECT_EQ(Read(file, 5).status, smb2::kStatusFileClosed);
  tree_ = first_tree;
  EXPECT_EQ(Read(file, 5).status, smb2::kStatusSuccess);
  EXPECT_EQ(Ask(Command::kTreeDisconnect, WriteEmptyMessage()).status, smb2::kStatusSuccess);
  EXPECT_EQ(Read(file, 5).status, smb2::kStatusNetworkNameDeleted);
}

TEST_F(SmbShareTest, RelatedRequestsUseTheFileBefore) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  ASSERT_EQ(Create("hello").status, smb2::kStatusSuccess);
  tree_ = 0xffffffff;  // a related request may say anything here
  EXPECT_EQ(Read(kFileOfRequestBefore, 5, 0, true).status, smb2::kStatusSuccess);
  EXPECT_EQ(Read(kFileOfRequestBefore, 5, 0, false).status, smb2::kStatusNetworkNameDeleted);
}

// [MS-SMB2] 3.3.5.2.7.2
TEST_F(SmbShareTest, ARelatedRequestFailsAsTheCreateBeforeIt) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  ASSERT_EQ(Create("hello").status, smb2::kStatusSuccess);
  ASSERT_EQ(Create("missing").status, smb2::kStatusObjectNameNotFound);
  EXPECT_EQ(Read(kFileOfRequestBefore, 5, 0, true).status, smb2::kStatusObjectNameNotFound);
}

// The same of the tree: otherwise a file would be opened in a tree that the request before knew.
TEST_F(SmbShareTest, ARelatedRequestFailsAsTheTreeConnectBeforeIt) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  CreateRequest create;
  create.name = "hello";
  create.desired_access = kReadAccess;
  ASSERT_EQ(ConnectTree("missing"), smb2::kStatusBadNetworkName);
  EXPECT_EQ(Ask(Command::kCreate, *create.Write(), true).status, smb2::kStatusBadNetworkName);
  EXPECT_EQ(Read(kFileOfRequestBefore, 5, 0, true).status, smb2::kStatusBadNetworkName);
  EXPECT_EQ(Ask(Command::kCreate, *create.Write()).status, smb2::kStatusSuccess);
}

TEST_F(SmbShareTest, OtherSharesAndPipes) {
  EXPECT_EQ(ConnectTree("other"), smb2::kStatusBadNetworkName);
  EXPECT_EQ(ConnectTree(""), smb2::kStatusBadNetworkName);
  ASSERT_EQ(ConnectTree("IPC$"), smb2::kStatusSuccess);
  EXPECT_EQ(Create("srvsvc").status, smb2::kStatusObjectNameNotFound);
  EXPECT_EQ(Create("hello").status, smb2::kStatusObjectNameNotFound);
}

TEST_F(SmbShareTest, QuestionsAboutFilesAndVolumes) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  const SmbFileId file = Opened("hello");
  // [MS-FSCC] 2.4, 2.5: class and octets.
  for (const auto& [information_class, size] :
       std::vector<std::pair<uint8_t, size_t>>{{4, 40},
                                               {5, 24},
                                               {6, 8},
                                               {7, 4},
                                               {8, 4},
                                               {14, 8},
                                               {16, 4},
                                               {17, 4},
                                               {18, 100 + 10},
                                               {22, 24 + 14},
                                               {34, 56},
                                               {35, 8}}) {
    const SmbFileReply reply = QueryInfo(file, QueryInfoRequest::kFile, information_class);
    ASSERT_EQ(reply.status, smb2::kStatusSuccess) << int{information_class};
    EXPECT_EQ(OutputResponse::Read(reply.body)->size(), size) << int{information_class};
  }
  for (const auto& [information_class, size] : std::vector<std::pair<uint8_t, size_t>>{
           {1, 18 + 8}, {3, 24}, {4, 8}, {5, 12 + 8}, {7, 32}}) {
    const SmbFileReply reply = QueryInfo(file, QueryInfoRequest::kFileSystem, information_class);
    ASSERT_EQ(reply.status, smb2::kStatusSuccess) << int{information_class};
    EXPECT_EQ(OutputResponse::Read(reply.body)->size(), size) << int{information_class};
  }
  EXPECT_EQ(QueryInfo(file, QueryInfoRequest::kFile, 99).status, kInvalidInfoClass);
  EXPECT_EQ(QueryInfo(file, QueryInfoRequest::kFile, 4, 39).status, 0xc0000004);
  EXPECT_EQ(QueryInfo(file, QueryInfoRequest::kSecurity, 0, 1024, 7).status, smb2::kStatusSuccess);
  EXPECT_EQ(QueryInfo(file, QueryInfoRequest::kSecurity, 0, 8, 7).status, 0xc0000023);
}

TEST_F(SmbShareTest, DfsIsNotHere) {
  ASSERT_EQ(ConnectTree("IPC$"), smb2::kStatusSuccess);
  ByteWriter writer;
  writer.WriteU16(57);
  writer.WriteU16(0);
  writer.WriteU32(0x00060194);  // FSCTL_DFS_GET_REFERRALS
  writer.WriteZeros(49);
  EXPECT_EQ(Ask(Command::kIoctl, std::move(writer).Take()).status, kFsDriverRequired);
}

// Every command with every length of a body: no crash, no success without a whole request.
TEST_F(SmbShareTest, ShortBodiesAreRefused) {
  ASSERT_EQ(ConnectTree("docs"), smb2::kStatusSuccess);
  const SmbFileId file = Opened("hello");
  ReadRequest read;
  read.file = file;
  read.length = 5;
  CreateRequest create;
  create.name = "hello";
  QueryDirectoryRequest list;
  list.pattern = "*";
  CloseRequest close;
  close.file = file;
  const std::vector<std::pair<Command, std::vector<uint8_t>>> requests = {
      {Command::kRead, read.Write()},
      {Command::kCreate, *create.Write()},
      {Command::kQueryDirectory, *list.Write()},
      {Command::kTreeConnect, *TreeConnectRequest{"\\\\s\\docs"}.Write()},
      {Command::kClose, close.Write()},
  };
  for (const auto& [command, body] : requests) {
    // What a variable part consists of may be missing where its length says so: the rest may not.
    const size_t fixed = body[0] - body[0] % 2;
    for (size_t size = 0; size < fixed; ++size) {
      EXPECT_EQ(Ask(command, {body.begin(), body.begin() + static_cast<ptrdiff_t>(size)}).status,
                smb2::kStatusInvalidParameter)
          << static_cast<int>(command) << " " << size;
    }
  }
}

TEST(MatchesPatternTest, WildcardsAndCase) {
  EXPECT_TRUE(MatchesPattern("hello.txt", "*"));
  EXPECT_TRUE(MatchesPattern("hello.txt", "H*.TXT"));
  EXPECT_TRUE(MatchesPattern("hello.txt", "h?llo<\"txt"));
  EXPECT_TRUE(MatchesPattern("h\xc3\xa4llo", "h?llo"));
  EXPECT_TRUE(MatchesPattern("aXbXc", "*x*c"));
  EXPECT_FALSE(MatchesPattern("hello", "hell"));
  EXPECT_FALSE(MatchesPattern("hello", "hello?"));
  EXPECT_FALSE(MatchesPattern("hello", ""));
  // Backtracking is bounded: this one ends.
  EXPECT_FALSE(MatchesPattern(std::string(255, 'a'), std::string(120, '*') + "ab*ab*ab*ab*ab"));
}

TEST(DirectoryListingTest, MalformedListingsAreRefused) {
  DirectoryEntry entry;
  entry.name = "name";
  auto listing = DirectoryListing::Create(kFileIdBothDirectoryInformation, 4096);
  ASSERT_TRUE(listing->Add(entry) && listing->Add(entry));
  const std::vector<uint8_t> octets(listing->octets().begin(), listing->octets().end());
  ASSERT_EQ(ReadDirectoryListing(octets)->size(), 2U);
  for (size_t size = 1; size < octets.size(); ++size) {
    EXPECT_FALSE(ReadDirectoryListing(std::span(octets).first(size)).has_value()) << size;
  }
  // An entry that points at itself, into itself, and past the end.
  for (const uint8_t next : {uint8_t{8}, uint8_t{64}, uint8_t{255}}) {
    std::vector<uint8_t> altered = octets;
    altered[0] = next;
    EXPECT_FALSE(ReadDirectoryListing(altered).has_value()) << int{next};
  }
}

}  // namespace
}  // namespace epa::tool
