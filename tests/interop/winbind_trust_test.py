"""Users of a domain that the member's own domain trusts."""

import json

import namespaces

namespaces.enter_namespaces()

# pylint: disable=wrong-import-position
import epa_command
import winbind_site
from joined_domain import PASSWORD


class WinbindTrustTest(winbind_site.WinbindTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.domain.trust_another_domain()
        other.tool("user", "create", "olga", PASSWORD)
        cls.sid = other.tool("user", "show", "olga", "--attributes=objectSid").split(
            "objectSid: ", 1)[1].split()[0]
        cls.wait_for(lambda: cls.try_out("OTHER\\olga").returncode == 0)

    def test_the_account_is_the_other_domains(self):
        for user in ("OTHER\\olga", "other.epa.test\\olga", "olga@other.epa.test"):
            with self.subTest(user=user):
                result = self.try_out(user)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                report = json.loads(result.stdout)
                self.assertEqual((report["domain"], report["user"]), ("OTHER", "olga"))
                self.assertEqual(report["user_sid"], self.sid)

    def test_a_server_lets_them_in_unless_it_serves_one_domain(self):
        for source, code in (("winbind:", 0), ("winbind:OTHER", 0), ("winbind:CORP", 1)):
            with self.subTest(source=source), self.site("2", accounts=(source,)) as site:
                result = self.log_in(site, user="OTHER\\olga")
                self.assertEqual(result.returncode, code, result.stderr)
                refused = self.log_in(site, user="OTHER\\olga", password="wrong-password")
                self.assertEqual(refused.returncode, 1)


if __name__ == "__main__":
    epa_command.main()
