"""MIT's own matrix of bindings, with the plug-in as without: what the client gives, what the server
gives, and how the client says that it knows of bindings; in Kerberos and in SPNEGO."""

import gss_plugin
from gss_plugin import KRB5, SPNEGO, GssPluginCase

# GSS_C_CHANNEL_BOUND_FLAG in a context that is complete, none in one, or no context.
BOUND, UNBOUND, REFUSED = "bound", "unbound", "refused"
# What the client and the server give, what comes of it, and the same where the client says that it
# knows of bindings ([MS-KILE] 3.4.5): with none it had no channel then.
CASES = ((None, None, UNBOUND, UNBOUND),
         ("server", None, UNBOUND, UNBOUND),
         ("server", "server", BOUND, BOUND),
         (None, "server", UNBOUND, REFUSED),
         ("server", "another", REFUSED, REFUSED))
# By client_aware_channel_bindings, or by GSS_C_CHANNEL_BOUND_FLAG in what it asks for, which is for
# bindings that it has.
CLIENTS = {"says nothing": {}, "is configured": {"aware": True}, "asks": {"demand": True}}
SEEN = {(None, False): "absent", (None, True): "explicit_none"}


class BindingsMatrixTest(GssPluginCase):
    def outcome(self, server, given, token):
        answer = server.ask(do="accept", bindings=given and self.binding(given), token=token)
        if answer["complete"]:
            return BOUND if answer["bound"] else UNBOUND
        self.assertEqual(answer["error"], "BadChannelBindingsError")
        return REFUSED

    def check_event(self, client, server, knows, expected):
        event = self.the_event()
        self.assertEqual(event["outcome"], "refused" if expected == REFUSED else "accepted", event)
        self.assertEqual(event["mode"], "allow" if server else "legacy")
        seen = SEEN.get((client, knows), "matched" if client == server else "mismatched")
        self.assertEqual(event["binding"], seen, event)

    def test_as_without_the_plug_in(self):
        self.write("none.conf", "")
        with_it = self.server(self.configuration("1", "gss = application", certificates=()))
        without = self.worker({**self.server_environment(None),
                               "GSS_MECH_CONFIG": self.path("none.conf")})
        count = 0
        for mech in (KRB5, SPNEGO):
            for how, client_options in CLIENTS.items():
                for client, server, plain, aware in CASES:
                    expected = aware if "aware" in client_options else plain
                    with self.subTest(mech=mech, client=client, server=server, how=how):
                        token = self.first_token(client and self.binding(client), mech=mech,
                                                 **client_options)
                        self.assertEqual(self.outcome(without, server, token), expected)
                        self.assertEqual(self.outcome(with_it, server, token), expected)
                        self.check_event(client, server, "aware" in client_options, expected)
                    count += 1
        self.assertEqual(count, 30)


if __name__ == "__main__":
    gss_plugin.main()
