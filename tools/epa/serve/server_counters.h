// What a server counts for its operator.
#ifndef EPA_TOOLS_EPA_SERVE_SERVER_COUNTERS_H_
#define EPA_TOOLS_EPA_SERVE_SERVER_COUNTERS_H_

#include <atomic>
#include <cstdint>

namespace epa::tool {

using Counter = std::atomic<uint64_t>;

// Since the server began. Written by its workers.
struct ServerCounters {
  Counter connections = 0;          // taken
  Counter gave_way = 0;             // ended before their login, to make room for others
  Counter refused_for_address = 0;  // their address had its share, all of it logged in
  Counter times_full = 0;           // all were logged in: the next ones waited to be taken
  Counter late_logins = 0;          // ended because their login took too long
  Counter out_of_descriptors = 0;   // could not be taken: no descriptor or no memory for it
  Counter faults = 0;               // of ours: the login, or the connection, failed
};

}  // namespace epa::tool

#endif  // EPA_TOOLS_EPA_SERVE_SERVER_COUNTERS_H_
