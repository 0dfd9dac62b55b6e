#include "tests/support/system_calls.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

namespace epa::test {
namespace {

// What returns at once whatever the rest of the world does.
constexpr uint32_t kHarmless[] = {
    SYS_brk,          SYS_mmap,         SYS_munmap,     SYS_mremap,
    SYS_mprotect,     SYS_madvise,      SYS_getrandom,  SYS_clock_gettime,
    SYS_gettimeofday, SYS_getpid,       SYS_gettid,     SYS_getuid,
    SYS_geteuid,      SYS_getgid,       SYS_getegid,    SYS_rt_sigprocmask,
    SYS_rt_sigaction, SYS_rt_sigreturn, SYS_exit_group, SYS_sched_yield,
    SYS_sigaltstack,
#if defined(__SANITIZE_THREAD__)
    SYS_nanosleep,  // the runtime's own, where its locks are taken
#endif
};

constexpr std::pair<int, const char*> kNames[] = {
    {SYS_openat, "openat"},
    {SYS_read, "read"},
    {SYS_write, "write"},
    {SYS_close, "close"},
    {SYS_fstat, "fstat"},
    {SYS_newfstatat, "newfstatat"},
#ifdef SYS_open
    {SYS_open, "open"},
    {SYS_stat, "stat"},
    {SYS_access, "access"},
    {SYS_poll, "poll"},
#endif
    {SYS_fsync, "fsync"},
    {SYS_socket, "socket"},
    {SYS_connect, "connect"},
    {SYS_sendto, "sendto"},
    {SYS_recvfrom, "recvfrom"},
    {SYS_ppoll, "ppoll"},
    {SYS_futex, "futex, to wait"},
    {SYS_nanosleep, "nanosleep"},
    {SYS_clock_nanosleep, "clock_nanosleep"},
};

// Of memory that parent and child share.
struct Report {
  volatile sig_atomic_t foreign_call;  // -1: none
  char path[256];                      // that it is about, or empty
  char failure[256];
};
Report* g_report = nullptr;
const char* g_spared = "";

// Where a handler finds the second argument of the call, and puts its result.
#if defined(__x86_64__)
greg_t& SecondArgument(ucontext_t& context) { return context.uc_mcontext.gregs[REG_RSI]; }
greg_t& Result(ucontext_t& context) { return context.uc_mcontext.gregs[REG_RAX]; }
#elif defined(__aarch64__)
unsigned long long& SecondArgument(ucontext_t& context) { return context.uc_mcontext.regs[1]; }
unsigned long long& Result(ucontext_t& context) { return context.uc_mcontext.regs[0]; }
#else
#error "the registers of a system call are not known here"
#endif

bool IsSpared(const char* path) {
  const size_t wanted = strlen(g_spared);
  const size_t size = strlen(path);
  return wanted != 0 && size >= wanted && strcmp(path + (size - wanted), g_spared) == 0;
}

void OnForeignCall(int, siginfo_t* info, void* context) {
  auto& registers = *static_cast<ucontext_t*>(context);
  if (info->si_syscall == SYS_openat || info->si_syscall == SYS_newfstatat) {
    const auto* const path = reinterpret_cast<const char*>(SecondArgument(registers));
    if (IsSpared(path)) {
      Result(registers) = -ENOENT;
      return;
    }
    strncpy(g_report->path, path, sizeof(g_report->path) - 1);
  }
  g_report->foreign_call = info->si_syscall;
  _exit(0);
}

constexpr sock_filter Statement(uint16_t code, uint32_t value) { return {code, 0, 0, value}; }
constexpr sock_filter Jump(uint32_t value, uint8_t if_equal, uint8_t if_not) {
  return {BPF_JMP | BPF_JEQ | BPF_K, if_equal, if_not, value};
}

std::vector<sock_filter> Filter() {
  constexpr uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS;
  constexpr uint16_t kReturn = BPF_RET | BPF_K;
  constexpr bool kLittleEndian = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
  std::vector<sock_filter> filter;
  filter.push_back(Statement(kLoad, offsetof(seccomp_data, nr)));
  for (const uint32_t call : kHarmless) {
    filter.push_back(Jump(call, 0, 1));
    filter.push_back(Statement(kReturn, SECCOMP_RET_ALLOW));
  }
  filter.push_back(Jump(SYS_futex, 0, 5));
  filter.push_back(Statement(kLoad, offsetof(seccomp_data, args[1]) + (kLittleEndian ? 0 : 4)));
  filter.push_back(Statement(BPF_ALU | BPF_AND | BPF_K, static_cast<uint32_t>(FUTEX_CMD_MASK)));
  filter.push_back(Jump(FUTEX_WAKE, 0, 1));
  filter.push_back(Statement(kReturn, SECCOMP_RET_ALLOW));
  filter.push_back(Statement(kReturn, SECCOMP_RET_TRAP));
  filter.push_back(Statement(kReturn, SECCOMP_RET_TRAP));
  return filter;
}

// On this thread, for good.
bool BeginWatch() {
  struct sigaction action = {};
  action.sa_sigaction = &OnForeignCall;
  action.sa_flags = SA_SIGINFO;
  std::vector<sock_filter> filter = Filter();
  sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  return sigaction(SIGSYS, &action, nullptr) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

void Tell(const std::string& failure) {
  const size_t size = std::min(failure.size(), sizeof(g_report->failure) - 1);
  std::copy_n(failure.data(), size, g_report->failure);
}

std::string NameOf(int call) {
  for (const auto& [number, name] : kNames) {
    if (number == call) {
      return name;
    }
  }
  return "system call " + std::to_string(call);
}

}  // namespace

std::string ForeignSystemCall(const std::function<void()>& prepare,
                              const std::function<std::string()>& run, const std::string& spared) {
  void* const shared =
      mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    return "no memory";
  }
  g_report = new (shared) Report{-1, {}, {}};
  g_spared = spared.c_str();
  const pid_t child = fork();
  if (child == 0) {
    prepare();
    if (!BeginWatch()) {
      Tell("the kernel refuses the filter");
      _exit(0);
    }
    Tell(run());
    _exit(0);
  }
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
    Tell("the child failed");
  }
  std::string result = g_report->failure;
  if (g_report->foreign_call >= 0) {
    result = NameOf(g_report->foreign_call);
    result += g_report->path[0] != 0 ? std::string(": ") + g_report->path : "";
  }
  munmap(shared, sizeof(Report));
  g_report = nullptr;
  return result;
}

}  // namespace epa::test
