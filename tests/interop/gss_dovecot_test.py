"""Dovecot, whose logins are in a process without any TLS, and the plug-in, as docs/gss.md has it."""

import contextlib
import getpass
import grp
import imaplib
import os
import pwd
import ssl

import gss_plugin
from epa_command import ReservedPort
from gss_document import recipe
from gss_plugin import KRB5, SPNEGO
from interop_peer import ABSENT, MATCHED, MISMATCHED, program
from kerberos_realm import start_server, stop_server, wait_for_port

DOVECOT = """base_dir = {here}/run
state_dir = {here}/state
log_path = {here}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{here}/server.pem
ssl_key = <{here}/server.key
auth_mechanisms = gssapi gss-spnego
auth_gssapi_hostname = "$ALL"
auth_krb5_keytab = {here}/service.keytab
auth_username_format = %Ln
auth_failure_delay = 0
mail_location = mbox:{here}/mail
default_login_user = {login_user}
default_internal_user = {user}
default_internal_group = {group}
import_environment = TZ {environment}
first_valid_uid = 1
passdb {{
  driver = static
  args = nopassword=yes
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={here}/home allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
PLACES = (("/usr/lib/dovecot/auth", "auth"), ("/etc/dovecot/private/dovecot.pem", "server.pem"),
          ("/etc/dovecot/dovecot.keytab", "service.keytab"))


class DovecotTest(gss_plugin.GssPluginCase):
    services = ["imap/localhost"]

    def users(self):
        """This one; root needs others, and they need what is here."""
        if os.getuid() != 0:
            user = getpass.getuser()
            return {"login_user": user, "user": user, "group": grp.getgrgid(os.getgid()).gr_name,
                    "uid": os.getuid(), "gid": os.getgid()}
        os.chmod(self.directory.name, 0o777)
        os.chmod(self.realm.keytab, 0o644)
        return {"login_user": "dovenull", "user": "dovecot", "group": "dovecot",
                "uid": pwd.getpwnam("dovecot").pw_uid, "gid": grp.getgrnam("dovecot").gr_gid}

    @contextlib.contextmanager
    def dovecot(self, mode):
        self.heard = 0
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.path("audit.jsonl"))
        self.write("epa.conf", recipe("imap", PLACES) +
                   f"extended-protection = {mode}\naudit = audit.jsonl\n")
        port = ReservedPort()
        given = {name: value for name, value in self.server_environment(
            None, EPA_CONF=self.path("epa.conf")).items()
                 if name.startswith(("GSS_", "EPA_", "KRB5"))}
        self.write("dovecot.conf", DOVECOT.format(
            here=self.directory.name, port=port.number, **self.users(),
            environment=" ".join(f"{name}={value}" for name, value in given.items())))
        process = start_server([program("/usr/sbin/dovecot", "dovecot-imapd"), "-F", "-c",
                                self.path("dovecot.conf")], dict(os.environ))
        try:
            wait_for_port(port.number, process)
            yield port.number
        finally:
            stop_server(process)
            port.close()

    def log_in(self, port, mech, bindings):
        """Whether it is let in."""
        worker = self.client(False)
        state = {"token": None, "new": True, "complete": False}

        def answer(challenge):
            if state["complete"] and challenge:
                # RFC 4752 3.1: no layer, and the name to act as.
                worker.ask(do="unwrap", of="initiate", octets=challenge.hex())
                wrapped = worker.ask(do="wrap", of="initiate", seal=False,
                                     octets=(b"\1\0\0\0" + b"alice").hex())
                return bytes.fromhex(wrapped["octets"])
            said = worker.ask(do="initiate", mech=mech, target="imap@localhost",
                              bindings=bindings, token=challenge.hex() or None, new=state["new"])
            state.update(new=False, complete=said.get("complete"))
            return bytes.fromhex(said.get("token") or "")

        context = ssl.create_default_context(cafile=self.path("server.pem"))
        client = imaplib.IMAP4_SSL("localhost", port, ssl_context=context, timeout=60)
        with contextlib.closing(client.sock):
            try:
                client.authenticate("GSSAPI" if mech == KRB5 else "GSS-SPNEGO", answer)
            except imaplib.IMAP4.error:
                return False
            return True

    def test_in_each_mode(self):
        states = ((self.binding("server"), MATCHED), (self.binding("mallory"), MISMATCHED),
                  (None, ABSENT))
        for index, mode in enumerate(("0", "1", "2")):
            with self.dovecot(mode) as port:
                for mech in (KRB5, SPNEGO):
                    for bindings, (binding, verdicts) in states:
                        with self.subTest(mode=mode, mech=mech, binding=binding):
                            accepted, reason = verdicts[index]
                            self.assertEqual(self.log_in(port, mech, bindings), accepted)
                            event = self.the_event()
                            self.assertEqual((event["reason"], event["binding"]),
                                             (reason, binding), event)


if __name__ == "__main__":
    gss_plugin.main()
