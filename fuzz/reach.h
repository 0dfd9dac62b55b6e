// What a fuzzer's corpus must reach, so that it cannot lose its depth unnoticed.
#ifndef EPA_FUZZ_REACH_H_
#define EPA_FUZZ_REACH_H_

#include <string_view>
#include <vector>

namespace epa::fuzz {

// A state of what is fuzzed, as the fuzzer sees it. One for each that matters, in the fuzzer's own
// file; its test fails where no input of the corpus reaches it, or where it has none.
class ReachPoint {
 public:
  // `name`: static text that completes "no input of the corpus reaches: ".
  explicit ReachPoint(std::string_view name) : name_(name) { All().push_back(this); }
  ReachPoint(const ReachPoint&) = delete;
  ReachPoint& operator=(const ReachPoint&) = delete;

  void Reach(bool condition = true) { reached_ = reached_ || condition; }

  std::string_view name() const { return name_; }
  bool reached() const { return reached_; }

  static std::vector<ReachPoint*>& All() {
    static std::vector<ReachPoint*> all;
    return all;
  }

 private:
  std::string_view name_;
  bool reached_ = false;
};

}  // namespace epa::fuzz

#endif  // EPA_FUZZ_REACH_H_
