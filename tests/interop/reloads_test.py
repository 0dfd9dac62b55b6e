"""Two thousand reloads of the web server that EPA_WEB_SERVER names, while it is used."""

import os

import module_server
import web_module_case


class ReloadTest(web_module_case.WebModuleCase, web_module_case.ReloadTests):
    server_class = module_server.SERVERS[os.environ["EPA_WEB_SERVER"]]
    RELOADS = int(os.environ.get("EPA_RELOADS", "2000"))


if __name__ == "__main__":
    web_module_case.main()
