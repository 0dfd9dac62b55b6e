#include "modules/cyrus_sasl/prompts.h"

#include <algorithm>
#include <string_view>

#include "modules/cyrus_sasl/connection.h"

namespace epa::cyrus_sasl {
namespace {

SecretBytes SecretOf(const void* text, size_t size) {
  return SecretBytes::FromText(std::string_view(static_cast<const char*>(text), size));
}

}  // namespace

void Prompts::Want(unsigned long id, const char* text) { questions_.push_back({id, text}); }

int Prompts::Ask(const sasl_utils_t& utils, sasl_interact_t** need) {
  TakeAnswers();
  for (Question& question : questions_) {
    if (!question.asked) {
      const int code = AskCallback(utils, question);
      if (code != SASL_OK) {
        return code;
      }
    }
  }
  if (need != nullptr) {
    *need = nullptr;
  }
  if (asked_people_.empty()) {
    return SASL_OK;
  }
  if (need == nullptr) {
    return SASL_BADPARAM;
  }
  asked_people_.push_back({});  // SASL_CB_LIST_END
  *need = asked_people_.data();
  return SASL_INTERACT;
}

void Prompts::TakeAnswers() {
  for (const sasl_interact_t& one : asked_people_) {
    const auto question = std::ranges::find(questions_, one.id, &Question::id);
    if (question != questions_.end() && one.result != nullptr) {
      question->answer = SecretOf(one.result, one.len);
    }
  }
  asked_people_.clear();
}

int Prompts::AskCallback(const sasl_utils_t& utils, Question& question) {
  question.asked = true;
  sasl_callback_ft function = nullptr;
  void* context = nullptr;
  const int there = utils.getcallback(utils.conn, question.id, &function, &context);
  if (there == SASL_INTERACT) {
    sasl_interact_t one = {};
    one.id = question.id;
    one.prompt = question.text;
    asked_people_.push_back(one);
    return SASL_OK;
  }
  if (there != SASL_OK || function == nullptr) {
    return SASL_OK;
  }
  if (question.id == SASL_CB_PASS) {
    sasl_secret_t* secret = nullptr;
    const int code = FunctionOf<sasl_getsecret_t>(function)(utils.conn, context,
                                                            static_cast<int>(question.id), &secret);
    if (code == SASL_OK && secret != nullptr) {
      question.answer = SecretOf(secret->data, secret->len);
    }
    return code;
  }
  const char* text = nullptr;
  unsigned size = 0;
  // libsasl2 has one of its own that fails for users whom the environment does not name.
  const auto ask = FunctionOf<sasl_getsimple_t>(function);
  if (ask(context, static_cast<int>(question.id), &text, &size) == SASL_OK && text != nullptr) {
    question.answer = SecretOf(text, std::string_view(text).size());
  }
  return SASL_OK;
}

const std::optional<SecretBytes>& Prompts::AnswerTo(unsigned long id) const {
  static const std::optional<SecretBytes> kNone;
  const auto question = std::ranges::find(questions_, id, &Question::id);
  return question == questions_.end() ? kNone : question->answer;
}

std::string Prompts::TextAnswerTo(unsigned long id) const {
  const std::optional<SecretBytes>& answer = AnswerTo(id);
  return answer.has_value() ? std::string(answer->ExposeText()) : "";
}

}  // namespace epa::cyrus_sasl
