"""Windows' settings by --registry: what servers and clients do with them, and `epa settings`."""

import json
import os
import socket
import struct

import epa_command
from epa_command import PASSWORD, json_lines, run

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
