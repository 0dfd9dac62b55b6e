// Owner of a file descriptor.
#ifndef EPA_LIB_BASE_FILE_DESCRIPTOR_H_
#define EPA_LIB_BASE_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace epa {

class FileDescriptor {
 public:
  // None.
  FileDescriptor() = default;
  // What open() and its like return: negative for none.
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (valid()) {
      close(number_);
    }
  }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  bool valid() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_ = -1;
};

}  // namespace epa

#endif  // EPA_LIB_BASE_FILE_DESCRIPTOR_H_
