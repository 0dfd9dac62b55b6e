// What the plug-in says to the program's log.
#ifndef EPA_MODULES_CYRUS_SASL_LOG_H_
#define EPA_MODULES_CYRUS_SASL_LOG_H_

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include <string>

namespace epa::cyrus_sasl {

// `level`: SASL_LOG_ERR for what is wrong here, SASL_LOG_FAIL for a refused login.
inline void Log(const sasl_utils_t& utils, int level, const std::string& text) {
  utils.log(utils.conn, level, "epa: %s", text.c_str());
}

}  // namespace epa::cyrus_sasl

#endif  // EPA_MODULES_CYRUS_SASL_LOG_H_
