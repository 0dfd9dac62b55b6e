"""ngx_http_auth_epa_module in nginx: the demonstration, Kerberos, reloads, documents and examples."""

import web_module_case
from nginx_module_test import NginxCase


class MatrixTest(NginxCase, web_module_case.KerberosMatrixTests):
    pass


class ReloadTest(NginxCase, web_module_case.ReloadTests):
    pass


class DocumentTest(NginxCase, web_module_case.DocumentTests):
    pass


if __name__ == "__main__":
    web_module_case.main()
