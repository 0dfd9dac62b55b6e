"""One request by libsoup 3: `libsoup_client.py URL CA_FILE USER`, the password on standard input.

Prints the status and then the body of the answer.
"""

import sys

import interop_peer

gi = interop_peer.module("gi", "python3-gi")
try:
    gi.require_version("Soup", "3.0")
except ValueError:
    interop_peer.missing("libsoup 3", "gir1.2-soup-3.0")
Gio = interop_peer.module("gi.repository.Gio", "gir1.2-glib-2.0")
Soup = interop_peer.module("gi.repository.Soup", "gir1.2-soup-3.0")


def main(url, ca_file, user):
    password = sys.stdin.read()
    session = Soup.Session.new()
    session.set_proxy_resolver(None)
    session.add_feature_by_type(Soup.AuthNTLM)
    session.remove_feature_by_type(Soup.AuthBasic)
    if not Gio.TlsBackend.get_default().supports_tls():
        interop_peer.missing("TLS for GIO", "glib-networking")
    session.set_tls_database(Gio.TlsFileDatabase.new(ca_file))
    message = Soup.Message.new("GET", url)

    def authenticate(_message, auth, retrying):
        if not retrying:
            auth.authenticate(user, password)
        return True

    message.connect("authenticate", authenticate)
    body = session.send_and_read(message, None)
    print(int(message.get_status()))
    sys.stdout.write(body.get_data().decode("utf-8"))


if __name__ == "__main__":
    main(*sys.argv[1:])
