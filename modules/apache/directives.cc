#include "modules/apache/directives.h"

#include <apr_strings.h>
#include <http_main.h>

#include <string>
#include <vector>

#include "epa/service/setting.h"
#include "modules/apache/server.h"
#include "modules/web/directives.h"

namespace epa::apache {
namespace {

// What this section or server says, which begins to say something here.
Said& SaidHere(const cmd_parms* command, void* config) {
  auto* const directory = static_cast<DirectoryConfig*>(config);
  const bool in_section = command->path != nullptr;
  // Only this reading of the configuration changes it, and not after its end.
  auto* const said = const_cast<Said*>(in_section ? directory->section : directory->server);
  if (said->settings.empty()) {
    said->place = std::string(command->directive->filename) + ":" +
                  std::to_string(command->directive->line_num);
    if (in_section) {
      CurrentServer()->AddSection(command->server, said);
    }
  }
  return *said;
}

const char* InPool(const cmd_parms* command, const std::string& text) {
  return apr_pstrdup(command->pool, text.c_str());
}

const char* TakeSetting(cmd_parms* command, void* config, const char* value) {
  const auto& setting = *static_cast<const service::Setting*>(command->cmd->cmd_data);
  service::GivenSetting given;
  given.name = setting.name;
  given.value = web::SettingValue(setting, value);
  given.where = web::ApacheDirective(setting.name);
  given.folder = ap_server_root;
  const absl::Status checked = web::CheckDirective(given, web::ApacheDirective);
  if (!checked.ok()) {
    return InPool(command, std::string(checked.message()));
  }
  given.where = std::string(command->directive->filename) + ":" +
                std::to_string(command->directive->line_num) + ": " + given.where;
  SaidHere(command, config).settings.given.push_back(std::move(given));
  return nullptr;
}

const char* TakeConfiguration(cmd_parms* command, void* config, const char* value) {
  const char* const path = ap_server_root_relative(command->pool, value);
  if (path == nullptr) {
    return InPool(command, std::string("EpaConfiguration '") + value + "': expected a path");
  }
  SaidHere(command, config).settings.configuration = path;
  return nullptr;
}

const char* TakeService(cmd_parms* command, void* config, const char* value) {
  SaidHere(command, config).settings.service = value;
  return nullptr;
}

command_rec Directive(std::string name, const char* (*take)(cmd_parms*, void*, const char*),
                      cmd_how how, std::string text, const service::Setting* setting = nullptr) {
  command_rec directive{};
  directive.name = (new std::string(std::move(name)))->c_str();
  directive.func = reinterpret_cast<cmd_func>(reinterpret_cast<void (*)()>(take));
  directive.cmd_data = const_cast<service::Setting*>(setting);
  directive.req_override = RSRC_CONF | ACCESS_CONF;
  directive.args_how = how;
  directive.errmsg = (new std::string(std::move(text)))->c_str();
  return directive;
}

}  // namespace

const command_rec* Directives() {
  static const std::vector<command_rec>& directives = *[] {
    auto* const all = new std::vector<command_rec>();
    for (const service::Setting& setting : service::Settings()) {
      if (web::IsDirective(setting)) {
        all->push_back(Directive(web::ApacheDirective(setting.name), TakeSetting,
                                 setting.repeatable ? ITERATE : TAKE1, std::string(setting.text),
                                 &setting));
      }
    }
    all->push_back(Directive("EpaConfiguration", TakeConfiguration, TAKE1,
                             "epa.conf(5); what is said here wins over it"));
    all->push_back(
        Directive("EpaService", TakeService, TAKE1, "the section [http NAME] of EpaConfiguration"));
    all->push_back({});
    return all;
  }();
  return directives.data();
}

}  // namespace epa::apache
