// Owner of a file descriptor.
#ifndef EPA_LIB_BASE_FILE_DESCRIPTOR_H_
#define EPA_LIB_BASE_FILE_DESCRIPTOR_H_

#include <unistd.h>

namespace epa {

class FileDescriptor {
 public:
  // What open() and its like return: negative for none.
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

}  // namespace epa

#endif  // EPA_LIB_BASE_FILE_DESCRIPTOR_H_
