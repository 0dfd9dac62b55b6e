"""NTLM logins of a domain's users, verified by winbindd and a domain controller."""

import contextlib
import json
import os
import re
import subprocess

import namespaces

namespaces.enter_namespaces()

# pylint: disable=wrong-import-position
import epa_command
import interop_peer
import smb_peer
import token_client
import winbind_site
from chromium_browser import ChromiumBrowser
from interop_peer import ABSENT, MATCHED, Answer
from joined_domain import PASSWORD, REALM

requests = interop_peer.module("requests", "python3-requests")
requests_ntlm = interop_peer.module("requests_ntlm", "python3-requests-ntlm")
interop_peer.module("cryptography.hazmat.bindings.openssl.binding", "python3-cryptography")
ntlm = interop_peer.module("impacket.ntlm", "python3-impacket")

SERVICE = "HTTP/localhost"
# How a login came about, which is said of the login and not of the account: "authentication
# authority asserted identity" in a ticket ([MS-DTYP] 2.4.2.4).
OF_THE_LOGIN = {"S-1-18-1"}
LOCKOUT_THRESHOLD = 3


class WinbindTest(winbind_site.WinbindTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        domain = cls.domain
        for user in ("disabled", "new", "expired", "locked", "asleep", "elsewhere", "both"):
            domain.tool("user", "create", user, PASSWORD)
        domain.tool("user", "disable", "disabled")
        domain.tool("user", "setpassword", "new", "--newpassword=" + PASSWORD,
                    "--must-change-at-next-login")
        domain.tool("user", "setexpiry", "expired", "--days=-1")
        domain.set_attribute("asleep", "logonHours", bytes(21))  # no hour of the week
        domain.set_attribute("elsewhere", "userWorkstations", "OTHERPC")
        domain.tool("domain", "passwordsettings", "set",
                    f"--account-lockout-threshold={LOCKOUT_THRESHOLD}")
        for group, scope, member in (("builders", "Universal", "staff"),
                                     ("readers", "Domain", "builders")):
            domain.tool("group", "add", group, "--group-scope=" + scope)
            domain.tool("group", "addmembers", group, member)
        cls.keytab = domain.add_service("web", SERVICE)

    def group_sids(self, *groups):
        return [self.domain.sid(group, "group") for group in groups]

    def test_the_account_is_the_directorys(self):
        sid = self.domain.sid("alice")
        groups = self.group_sids("staff", "builders", "readers", "Domain Users")
        for user in ("CORP\\alice", "corp.epa.test\\ALICE", "alice@corp.epa.test", "alice"):
            with self.subTest(user=user):
                result = self.try_out(user)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                report = json.loads(result.stdout)
                self.assertEqual((report["domain"], report["user"]), ("CORP", "alice"))
                self.assertEqual(report["dns_domain"], "corp.epa.test")
                self.assertEqual(report["challenge_names"], "CORP\\MEMBER")
                self.assertEqual(report["user_sid"], sid)
                self.assertCountEqual(report["group_sids"], groups)

    def test_a_user_who_may_not_ask_hears_of_the_group(self):
        """Root may open any folder, but for the capability."""
        folder = self.domain.path("member/state/winbindd_privileged")
        mode = os.stat(folder).st_mode
        os.chmod(folder, 0)
        try:
            result = subprocess.run(
                ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search",
                 os.environ["EPA_COMMAND"], "accounts", "test", "CORP\\alice", "--accounts",
                 "winbind:", "--password-file", self.path("password")],
                capture_output=True, text=True, timeout=60, check=False)
        finally:
            os.chmod(folder, mode)
        self.assertEqual(result.returncode, 3, result.stdout + result.stderr)
        self.assertIn("winbindd_priv", result.stderr)

    def test_ntlm_and_kerberos_are_one_account(self):
        cache = self.domain.ticket_cache("alice")
        ticket = self.ticket_of(cache, self.keytab, SERVICE)
        self.assertTrue(ticket["has_verified_pac"])
        login = json.loads(self.try_out("CORP\\alice").stdout)
        for part in ("user", "domain", "user_sid"):
            self.assertEqual(login[part], ticket[part], part)
        self.assertCountEqual(login["group_sids"], set(ticket["group_sids"]) - OF_THE_LOGIN)
        with self.site("2", "--keytab", self.keytab, "--krb5-config",
                       os.environ["KRB5_CONFIG"]) as site:
            for package, result in (("NTLM", self.log_in(site)),
                                    ("Kerberos", self.log_in_with_ticket(site, cache))):
                self.assertLoggedIn(result)
                says = json.loads(result.stdout)["server_says"]
                self.assertEqual((says["package"], says["domain"], says["user"]),
                                 (package, "CORP", "alice"))

    def test_each_refusal_has_its_reason(self):
        for _ in range(LOCKOUT_THRESHOLD):
            self.try_out("CORP\\locked", "wrong-password")
        for user, password, reason in (("alice", "wrong-password", "wrong_password"),
                                       ("nobody", "password", "unknown_user"),
                                       ("disabled", "password", "account_disabled"),
                                       ("new", "password", "password_must_change"),
                                       ("expired", "password", "account_expired"),
                                       ("locked", "password", "account_locked_out"),
                                       ("asleep", "password", "logon_hours"),
                                       ("elsewhere", "password", "workstation_refused")):
            with self.subTest(user=user), self.site("2") as site:
                result = self.log_in(site, user="CORP\\" + user, password=password)
                self.assertEqual(result.returncode, 1, result.stderr)
                event, = site.new_events()
                self.assertEqual((event["outcome"], event["reason"]), ("refused", reason))
                self.assertEqual(event["claimed_user"], user)

    def test_a_question_without_an_answer_holds_up_nobody_else(self):
        """winbindd has no controller for the one and does not understand the other."""
        with self.site("2") as site:
            for user in ("BUILTIN\\alice", "alice@"):
                with self.subTest(user=user):
                    self.assertNotEqual(self.log_in(site, user=user).returncode, 0)
                    event, = site.new_events()
                    self.assertEqual((event["outcome"], event["reason"]),
                                     ("fault", "authority_unavailable"))
                    self.assertLoggedIn(self.log_in(site))
                    site.new_events()

    def test_modes_decide_as_for_any_account(self):
        for mode, silent in (("0", 0), ("1", 0), ("2", 1)):
            for package in ("Negotiate", "NTLM"):
                with self.subTest(mode=mode, package=package), \
                        self.site(mode, "--package", package) as site:
                    result = self.log_in(site)
                    self.assertLoggedIn(result)
                    says = json.loads(result.stdout)["server_says"]
                    self.assertEqual((says["domain"], says["user"]), ("CORP", "alice"))
                    self.assertEqual(self.log_in(site, "--binding", "omit").returncode, silent)
                    self.assertEqual(self.log_in(site, password="wrong-password").returncode, 1)

    def curl(self, site):
        done = subprocess.run(
            [interop_peer.program("curl", "curl"), "-q", "-sS", "--noproxy", "*", "--cacert",
             site.ca_file, "--max-time", "20", "--ntlm", "-w", "\n%{http_code}", "-K", "-",
             site.url], input=f'user = "CORP\\\\alice:{PASSWORD}"\n', capture_output=True,
            text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        body, _, status = done.stdout.rpartition("\n")
        return Answer(int(status), body)

    def test_curl(self):
        self.assert_in_all_modes(ABSENT, self.curl, user="alice", domain="CORP")

    def requests_ntlm(self, site):
        with requests.Session() as session:
            session.trust_env = False
            session.verify = site.ca_file
            session.auth = requests_ntlm.HttpNtlmAuth("CORP\\alice", PASSWORD, send_cbt=True)
            response = session.get(site.url, timeout=20)
            return Answer(response.status_code, response.text)

    def test_requests_ntlm_binds(self):
        self.assert_in_all_modes(MATCHED, self.requests_ntlm, mic="verified", user="alice",
                                 domain="CORP")

    @contextlib.contextmanager
    def browser_and_sites(self, environment, *options):
        """A site for each mode and a browser, which ends first: it keeps connections."""
        with contextlib.ExitStack() as stack:
            sites = {mode: stack.enter_context(self.site(mode, *options)) for mode in "012"}
            yield stack.enter_context(contextlib.closing(ChromiumBrowser(environment))), sites

    def assert_browsed(self, site, answer, package, reason):
        status, body = answer
        self.assertEqual(status, 200)
        says = json.loads(body)
        self.assertEqual((says["package"], says["domain"], says["user"]),
                         (package, "CORP", "alice"))
        self.assertEqual(site.new_events()[-1]["reason"], reason)

    def test_chromium_with_ntlm(self):
        with self.browser_and_sites(os.environ, "--package", "NTLM") as (browser, sites):
            for mode, reason in (("0", "legacy_mode"), ("1", "binding_matched"),
                                 ("2", "binding_matched")):
                with self.subTest(mode=mode):
                    answer = browser.get(sites[mode].port, "CORP\\alice", PASSWORD)
                    self.assert_browsed(sites[mode], answer, "NTLM", reason)

    def test_chromium_with_a_wrong_password(self):
        with self.browser_and_sites(os.environ, "--package", "NTLM") as (browser, sites):
            self.assertEqual(browser.get(sites["0"].port, "CORP\\alice", "wrong")[0], 401)
            self.assertEqual(sites["0"].new_events()[-1]["reason"], "wrong_password")

    def test_chromium_with_kerberos_binds_nothing(self):
        environment = {**os.environ, "KRB5CCNAME": self.domain.ticket_cache("alice")}
        with self.browser_and_sites(environment, "--keytab", self.keytab, "--krb5-config",
                                    os.environ["KRB5_CONFIG"]) as (browser, sites):
            browser.wait_for_kerberos(sites["0"].port)
            for mode, reason in (("0", "legacy_mode"), ("1", "binding_missing_allowed")):
                with self.subTest(mode=mode):
                    self.assert_browsed(sites[mode], browser.get(sites[mode].port), "Kerberos",
                                        reason)
            self.assertEqual(browser.get(sites["2"].port)[0], 401)
            self.assertEqual(sites["2"].new_events()[-1]["reason"], "binding_missing")

    def test_smbclient_reads_a_file(self):
        os.makedirs(self.path("share"))
        self.write("share/hello.txt", "read over SMB\n")
        client = smb_peer.SmbClient(self.directory.name)
        audit = self.write("smb-audit", "")
        with self.serving(["serve", "smb", "--share", "docs=" + self.path("share"), "--accounts",
                           "winbind:", "--audit", audit]) as server:
            def read(password):
                return client.run(server.port, "get hello.txt got", "--use-kerberos=off",
                                  "--client-protection=sign", "-U", f"CORP\\alice%{password}")
            result = read(PASSWORD)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            with open(self.path("got"), encoding="utf-8") as got:
                self.assertEqual(got.read(), "read over SMB\n")
            self.assertNotEqual(read("wrong").returncode, 0)
        self.assertEqual([(event["outcome"], event["reason"])
                          for event in epa_command.json_lines(audit)],
                         [("accepted", "service_name_matched"), ("refused", "wrong_password")])

    def impacket(self, site, alter=lambda response: response):
        """A login without a MIC; `alter` changes the response after it was made."""
        with token_client.TokenClient(site, "NTLM") as client:
            negotiate = ntlm.getNTLMSSPType1("WS", "CORP", True, use_ntlmv2=True)
            _, challenge = client.send(negotiate.getData())
            authenticate, _ = ntlm.getNTLMSSPType3(negotiate, challenge, "alice", PASSWORD, "CORP",
                                                   use_ntlmv2=True)
            self.assertTrue(any(authenticate["lanman"]))  # an LMv2, which proves the password too
            authenticate["ntlm"] = alter(authenticate["ntlm"])
            answer, _ = client.send(authenticate.getData())
            return answer

    def test_an_altered_target_name_is_refused(self):
        """AV pair 9 is under the proof that the controller checks, and no other proof counts."""
        def another_name(response):
            name = "cifs/MEMBER".encode("utf-16-le")
            self.assertEqual(response.count(name), 1)
            return response.replace(name, "http/MEMBER".encode("utf-16-le"))
        with self.site("0") as site:
            self.assert_verdict(site, self.impacket(site), True, "legacy_mode",
                                target_name="cifs/MEMBER")
            self.assert_verdict(site, self.impacket(site, another_name), False, "wrong_password")

    def test_a_file_speaks_before_the_domain(self):
        """Whom it knows the domain never hears of."""
        self.write("local", "CORP:both:of the file\nCORP:carol:of the file\n")
        self.write("file-password", "of the file\n")
        bad_before = self.domain.attribute("both", "badPwdCount")
        with self.site("2", accounts=("file:" + self.path("local"), "winbind:")) as site:
            for user, password, code in (("carol", "file-password", 0), ("both", "file-password", 0),
                                         ("both", "password", 1), ("alice", "password", 0)):
                with self.subTest(user=user, password=password):
                    result = self.log_in(site, user="CORP\\" + user, password=password)
                    self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(self.domain.attribute("both", "badPwdCount"), bad_before)
        with self.site("2", accounts=("winbind:", "file:" + self.path("local"))) as site:
            for user, password, code in (("carol", "file-password", 0), ("both", "password", 0),
                                         ("both", "file-password", 1)):
                with self.subTest(user=user, password=password, order="domain first"):
                    result = self.log_in(site, user="CORP\\" + user, password=password)
                    self.assertEqual(result.returncode, code, result.stderr)

    def test_a_name_of_the_domain_restricts(self):
        for source, code in (("winbind:CORP", 0), ("winbind:" + REALM.lower(), 0),
                             ("winbind:OTHER", 1)):
            with self.subTest(source=source), self.site("2", accounts=(source,)) as site:
                self.assertEqual(self.log_in(site).returncode, code)

    def test_the_c_interface_asks_the_domain_too(self):
        process = subprocess.Popen(
            [os.environ["EPA_EXAMPLE_SSPI_SERVER"], self.path("server.pem"),
             self.path("server.key"), "winbind:", "0"], stdout=subprocess.PIPE, text=True)
        try:
            port = re.search(r":(\d+)$", process.stdout.readline())[1]
            for password, status, line in (
                    ("password", 0, r"accepted CORP\\alice, bindings 0x11"),
                    ("wrong-password", 1, r"refused 0x8009030C, bindings 0x00")):
                result = subprocess.run(
                    [os.environ["EPA_EXAMPLE_SSPI_CLIENT"], "127.0.0.1:" + port,
                     self.path("server.pem"), "HOST/localhost", "CORP\\alice",
                     self.path(password)], capture_output=True, text=True, timeout=20, check=False)
                self.assertEqual(result.returncode, status, result.stderr)
                self.assertRegex(process.stdout.readline(), line)
        finally:
            process.kill()
            process.communicate()


if __name__ == "__main__":
    epa_command.main()
