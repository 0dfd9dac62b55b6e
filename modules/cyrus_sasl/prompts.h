// A user's name and password, of the program's callbacks or by its prompts.
#ifndef EPA_MODULES_CYRUS_SASL_PROMPTS_H_
#define EPA_MODULES_CYRUS_SASL_PROMPTS_H_

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include <optional>
#include <string>
#include <vector>

#include "epa/base/secret.h"

namespace epa::cyrus_sasl {

class Prompts {
 public:
  // One more thing to know. `id`: SASL_CB_PASS, or SASL_CB_AUTHNAME and the like.
  void Want(unsigned long id, const char* text);

  // SASL_OK: all that the program tells is known. SASL_INTERACT: `need` is what to ask people, and
  // this is to be called again with their answers. Otherwise a callback's own fault.
  int Ask(const sasl_utils_t& utils, sasl_interact_t** need);

  // No value: the program does not tell.
  const std::optional<SecretBytes>& AnswerTo(unsigned long id) const;
  std::string TextAnswerTo(unsigned long id) const;

 private:
  struct Question {
    unsigned long id;
    const char* text;
    bool asked = false;
    std::optional<SecretBytes> answer = std::nullopt;
  };

  int AskCallback(const sasl_utils_t& utils, Question& question);
  void TakeAnswers();

  std::vector<Question> questions_;
  std::vector<sasl_interact_t> asked_people_;
};

}  // namespace epa::cyrus_sasl

#endif  // EPA_MODULES_CYRUS_SASL_PROMPTS_H_
