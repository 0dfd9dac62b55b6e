"""Windows' settings by --registry: what servers and clients do with them, and `epa settings`."""

import json
import os
import re
import socket
import struct

import epa_command
from epa_command import PASSWORD, json_lines, run

SETTINGS_PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/settings.md")
LSA = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa"
MSV = LSA + r"\MSV1_0"
GUEST_POLICY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\LanmanWorkstation"
GUEST_LOCAL = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\LanmanWorkstation\Parameters"


def multi_string(*items):
    octets = "".join(item + "\0" for item in (*items, "")).encode("utf-16-le")
    return "hex(7):" + ",".join(f"{octet:02x}" for octet in octets)


class RegistryTestCase(epa_command.EpaTestCase):
    def registry(self, key, encoding="utf-8", name="settings.reg", **values):
        """A file with these values below one key, as the registry editor writes it."""
        lines = ["Windows Registry Editor Version 5.00", "", f"[{key}]"]
        lines += [f'"{value}"={data}' for value, data in values.items()]
        with open(self.path(name), "wb") as file:
            file.write("\r\n".join([*lines, ""]).encode(encoding))
        return self.path(name)


class ServerTest(RegistryTestCase):
    def test_incoming_ntlm_is_denied(self):
        path = self.registry(MSV, encoding="utf-16", RestrictReceivingNTLMTraffic="dword:00000002")
        audit = self.path("audit-denied")
        with self.server("--registry", path, "--audit", audit) as server:
            self.assertRefused(self.login(server))
        self.assertEqual({event["reason"] for event in json_lines(audit)}, {"ntlm_blocked"})

    def test_a_setting_that_changes_nothing_here(self):
        path = self.registry(LSA, LmCompatibilityLevel="dword:5")
        with self.server("--registry", path) as server:
            self.assertLoggedIn(self.login(server))

    def test_later_files_win(self):
        deny = self.registry(MSV, name="deny.reg", RestrictReceivingNTLMTraffic="dword:2")
        allow = self.registry(MSV, name="allow.reg", RestrictReceivingNTLMTraffic="dword:0")
        with self.server("--registry", deny, "--registry", allow) as server:
            self.assertLoggedIn(self.login(server))

    def test_out_of_range_values_name_file_line_and_value(self):
        path = self.registry(LSA, LmCompatibilityLevel="dword:9")
        for arguments in (self.server_arguments("--registry", path), ("settings", path)):
            self.assertUsageError(run(*arguments), f"{path}:4: LmCompatibilityLevel: 9: expected")

    def test_bindings_failures_carry_windows_event(self):
        audit = self.path("audit-binding")
        with self.server("--audit", audit) as server:
            self.assertRefused(self.login(server, "--binding", "none"))
        event = json_lines(audit)[0]
        self.assertEqual(event["reason"], "binding_explicitly_none")
        self.assertEqual(event["windows_event"]["id"], 4625)
        self.assertEqual(event["windows_event"]["data"]["TargetUserName"], "alice")
        self.assertEqual(event["windows_event"]["data"]["Status"], "0xc000035b")
        self.assertEqual(event["windows_event"]["data"]["IpAddress"], "127.0.0.1")


class ClientTest(RegistryTestCase):
    def test_outgoing_ntlm_is_denied_but_for_exceptions(self):
        denied = self.registry(MSV, name="denied.reg", RestrictSendingNTLMTraffic="dword:2")
        excepted = self.registry(MSV, name="excepted.reg", RestrictSendingNTLMTraffic="dword:2",
                                 ClientAllowedNTLMServers=multi_string("other", "127.0.*"))
        told = self.path("told")
        with self.server() as server:
            self.assertRefused(self.login(server, "--registry", denied, "--audit", told))
            self.assertLoggedIn(self.login(server, "--registry", excepted))
        self.assertEqual(json_lines(told)[0]["reason"], "client_policy_forbids")

    def test_suppression_sends_nothing_unless_an_option_says_otherwise(self):
        path = self.registry(LSA, SuppressExtendedProtection="dword:1")
        with self.server() as server:
            self.assertRefused(self.login(server, "--registry", path))
            self.assertLoggedIn(self.login(server, "--registry", path, "--binding", "auto"))

    def test_old_protocols_are_refused_by_name(self):
        path = self.registry(LSA, LmCompatibilityLevel="dword:1")
        with self.server() as server:
            result = self.login(server, "--registry", path)
        self.assertUsageError(result, "LmCompatibilityLevel 1")


class NotesTest(RegistryTestCase):
    """What is in a file and has no effect is told, once, by every command that reads it."""

    def unread(self):
        path = self.path("unread.reg")
        with open(path, "w") as file:
            file.write("Windows Registry Editor Version 5.00\n\n# by hand\n"
                       f"[HKLM\\SYSTEM\\ControlSet002\\Control\\Lsa]\n"
                       '"LmCompatibilityLevel"=dword:5\n')
        return path, (f"epa: note: {path}:3: not read, expected a [key], a \"name\"=value, a "
                      "comment or nothing: # by hand\n"
                      f"epa: note: {path}:5: LmCompatibilityLevel is not read below "
                      r"HKLM\SYSTEM\ControlSet002\Control\Lsa, but below " + LSA + "\n")

    def test_every_command_with_a_registry_tells(self):
        path, notes = self.unread()
        here = os.path.dirname(path)
        with socket.socket() as nobody:  # bound and not listening: nothing answers there
            nobody.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % nobody.getsockname()[1]
            taken = ("--listen", address)  # so no server starts
            client = ("--user", "alice", "--password-file", self.path("password"))
            commands = {
                ("serve", "https"): self.server_arguments(*taken)[2:],
                ("serve", "smb"): ("--accounts", self.path("accounts"), "--share", "s=" + here, *taken),
                ("serve", "telnet"): ("--accounts", self.path("accounts"), "--extended-protection", "0",
                                       *taken),
                ("login", "https"): (f"https://{address}/", *client),
                ("login", "smb"): (f"//{address}/s", *client),
                ("login", "telnet"): (address, *client),
            }
            for name, arguments in commands.items():
                result = run(*name, *arguments, "--registry", path)
                self.assertNotEqual(result.returncode, 0, name)
                self.assertTrue(result.stderr.startswith(notes), (name, result.stderr))
                self.assertEqual(result.stderr.count("note:"), 2, name)

    def test_settings_lists_them(self):
        path, _ = self.unread()
        document = json.loads(run("settings", path, "--json").stdout)
        self.assertEqual([(note["file"], note["line"]) for note in document["notes"]],
                         [(path, 3), (path, 5)])
        text = run("settings", path).stdout
        self.assertIn(f"{path}:5", text)
        self.assertIn("LmCompatibilityLevel is not read below", text)

    def test_many_are_counted(self):
        path = self.path("many.reg")
        with open(path, "w") as file:
            file.write("REGEDIT4\n" + "garbage\n" * 30)
        result = run("login", "https", "https://127.0.0.1:1/", "--user", "alice",
                     "--password-file", self.path("password"), "--registry", path)
        self.assertEqual(result.stderr.count("garbage"), 20)
        self.assertIn("10 more of these", result.stderr)

    def test_commands_with_the_option_are_those_of_the_test(self):
        for group in ("serve", "login"):
            for name in ("https", "smb", "telnet"):
                self.assertIn("--registry", run(group, name, "--help").stdout)


class SettingsTest(RegistryTestCase):
    def settings(self, *arguments):
        result = run("settings", "--json", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        document = json.loads(result.stdout)
        return {setting["key"] + "\\" + setting["name"]: setting
                for setting in document["settings"]}, document["unused"]

    def test_defaults_are_those_of_a_windows(self):
        guest = GUEST_LOCAL + "\\AllowInsecureGuestAuth"
        for windows, value in (("windows11-24h2", "0"), ("windows10-1709/pro", "1")):
            settings, unused = self.settings("--windows", windows)
            self.assertEqual(settings[guest]["value"], value)
            self.assertEqual(settings[guest]["source"], "default")
            self.assertEqual(unused, [])

    def test_origin_and_what_nobody_reads(self):
        local = self.registry(GUEST_LOCAL, name="local.reg", AllowInsecureGuestAuth="dword:0",
                              Other='"text"')
        policy = self.registry(GUEST_POLICY, name="policy.reg", AllowInsecureGuestAuth="dword:1")
        settings, unused = self.settings(policy, local)
        self.assertEqual(
            settings[GUEST_LOCAL + "\\AllowInsecureGuestAuth"],
            {"name": "AllowInsecureGuestAuth", "key": GUEST_LOCAL, "value": "1",
             "source": "policy", "file": policy, "line": 4})
        self.assertEqual(unused, [{"key": GUEST_LOCAL, "name": "Other", "type": "REG_SZ",
                                   "file": local, "line": 5}])

    def test_people_see_one_line_a_setting(self):
        path = self.registry(LSA, LmCompatibilityLevel="dword:5", Other="hex:00")
        result = run("settings", path)
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, rf"LmCompatibilityLevel +Lsa +5 +local, {path}:4\n")
        self.assertRegex(result.stdout, r"ExtendedProtection +TelnetServer +0 +default\n")
        self.assertIn(LSA + "\\Other", result.stdout)

    def test_every_name_of_the_page_is_one(self):
        with open(SETTINGS_PAGE, encoding="utf-8") as page:
            table = page.read().split("| product | `NAME` |")[1].split("\n\n")[0]
        names = []
        for row in table.splitlines()[2:]:
            in_row = re.findall(r"`([^`]+)`", row.split("|")[2])
            # `-1803` continues the product before it.
            product = in_row[0].split("-")[0]
            names += [product + name if name.startswith("-") else name for name in in_row]
        self.assertGreater(len(names), 20)
        for name in names:
            with self.subTest(name=name):
                self.settings("--windows", name)
        refused = run("settings", "--windows", "95").stderr
        listed = re.findall(r"[a-z0-9-]+", refused.split(": ", 2)[2])
        self.assertEqual([name for name in names if name not in listed], [])

    def test_unknown_windows(self):
        self.assertUsageError(run("settings", "--windows", "95"), "'95'", "windows11")


class JournalTest(RegistryTestCase):
    def fields(self, entry):
        fields = {}
        while entry:
            name, entry = entry.split(b"\n", 1)
            size, = struct.unpack_from("<Q", entry)
            fields[name.decode()] = entry[8:8 + size].decode()
            entry = entry[8 + size + 1:]
        return fields

    def test_audit_events_reach_a_journal(self):
        path = self.path("journal")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.bind(path)
            journal.settimeout(epa_command.PATIENCE)
            with self.server("--audit", "journal:" + path) as server:
                self.assertLoggedIn(self.login(server))
            fields = self.fields(journal.recv(1 << 16))
        os.remove(path)
        self.assertEqual(fields["SYSLOG_IDENTIFIER"], "epa")
        self.assertEqual(fields["EPA_OUTCOME"], "accepted")
        self.assertEqual(fields["EPA_REASON"], "binding_matched")
        self.assertEqual(fields["EPA_USER"], "alice")
        self.assertNotIn(PASSWORD, fields["MESSAGE"])


if __name__ == "__main__":
    epa_command.main()
