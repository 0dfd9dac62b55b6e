"""mod_auth_epa in Apache httpd: the demonstration, Kerberos, reloads, documents and examples."""

import web_module_case
from apache_module_test import ApacheCase


class MatrixTest(ApacheCase, web_module_case.KerberosMatrixTests):
    pass


class ReloadTest(ApacheCase, web_module_case.ReloadTests):
    pass


class DocumentTest(ApacheCase, web_module_case.DocumentTests):
    pass


if __name__ == "__main__":
    web_module_case.main()
