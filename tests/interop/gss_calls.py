"""Calls of GSS-API with Kerberos, one after the other: prints what each came to, in JSON.

usage: gss_calls.py BINDINGS FOLDER

What differs from run to run (tokens, times) is left out.
"""

import json
import sys

import gssapi
from gssapi import raw

KRB5 = gssapi.MechType.kerberos
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
SESSION_KEY = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2.5.5")
SASL_SSF = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2.5.15")
BINDINGS = raw.ChannelBindings(application_data=bytes.fromhex(sys.argv[1]))
FOLDER = sys.argv[2]
FLAGS = (raw.RequirementFlag.mutual_authentication | raw.RequirementFlag.integrity |
         raw.RequirementFlag.confidentiality | raw.RequirementFlag.delegate_to_peer)

results = {}


def note(name, call):
    try:
        results[name] = call()
    except gssapi.exceptions.GSSError as error:
        results[name] = f"{type(error).__name__}: {error}"


def service(text="HTTP@localhost"):
    return gssapi.Name(text, gssapi.NameType.hostbased_service)


def login(mech, credentials, bindings=BINDINGS):
    client = gssapi.SecurityContext(name=service(), usage="initiate", mech=mech, flags=FLAGS,
                                    channel_bindings=bindings)
    server = gssapi.SecurityContext(creds=credentials, usage="accept", channel_bindings=bindings)
    token = client.step()
    while token:
        token = server.step(token)
        token = token and client.step(token)
    return client, server


def about(context):
    return {"source": str(context.initiator_name), "target": str(context.target_name),
            "flags": int(context.actual_flags), "mech": context.mech.dotted_form,
            "open": context.complete, "lives": context.lifetime > 0}


def about_credentials(credentials):
    return {"name": str(credentials.name), "usage": credentials.usage,
            "mechs": sorted(mech.dotted_form for mech in credentials.mechs),
            "lives": credentials.lifetime is None or credentials.lifetime > 0}


def messages(sender, receiver):
    wrapped = sender.wrap(b"a message", True)
    plain = sender.wrap(b"another", False)
    mic = sender.get_signature(b"a third")
    receiver.verify_signature(b"a third", mic)
    return [receiver.unwrap(wrapped.message).message.decode(), wrapped.encrypted,
            receiver.unwrap(plain.message).message.decode(), raw.wrap_size_limit(sender, 1000)]


def moved(context):
    return gssapi.SecurityContext(token=context.export())


def names(context):
    name = context.initiator_name
    exported = name.export()
    again = gssapi.Name("alice", gssapi.NameType.user).canonicalize(KRB5)
    imported = gssapi.Name(exported, gssapi.NameType.export)
    return {"text": str(name), "exported": exported.hex(), "imported": str(imported),
            "equal": name == again, "other": name == service().canonicalize(KRB5),
            "local": raw.localname(name, KRB5).decode() if hasattr(raw, "localname") else None}


def delegated(context):
    credentials = context.delegated_creds
    credentials.store({"ccache": f"FILE:{FOLDER}/delegated"}, usage="initiate", overwrite=True)
    stored = gssapi.Credentials(usage="initiate", store={"ccache": f"FILE:{FOLDER}/delegated"})
    return [about_credentials(credentials), about_credentials(stored)]


def inquiries(context):
    return [len(raw.inquire_sec_context_by_oid(context, SESSION_KEY)[0]),
            raw.inquire_sec_context_by_oid(context, SASL_SSF)[0].hex()]


def mechanism():
    attributes = raw.inquire_attrs_for_mech(KRB5)
    names_of = raw.inquire_saslname_for_mech(KRB5)
    return {"attributes": sorted(oid.dotted_form for oid in attributes.mech_attrs),
            "sasl": [part.decode() for part in names_of],
            "by sasl": raw.inquire_mech_for_saslname(b"GS2-KRB5").dotted_form,
            "types": sorted(oid.dotted_form for oid in raw.inquire_names_for_mech(KRB5)),
            "all": sorted(oid.dotted_form for oid in raw.indicate_mechs())}


def exported_credentials():
    credentials = gssapi.Credentials(usage="initiate", mechs=[KRB5])
    again = gssapi.Credentials(token=credentials.export())
    return [about_credentials(again), again.name == credentials.name]


note("mechanism", mechanism)
note("client", lambda: about_credentials(gssapi.Credentials(usage="initiate", mechs=[KRB5])))
note("server", lambda: about_credentials(gssapi.Credentials(usage="accept", mechs=[KRB5])))
note("server by name", lambda: about_credentials(
    gssapi.Credentials(name=service(), usage="accept", mechs=[KRB5])))
note("no such service", lambda: about_credentials(
    gssapi.Credentials(name=service("none@nowhere"), usage="accept", mechs=[KRB5])))
note("no such cache", lambda: about_credentials(
    gssapi.Credentials(usage="initiate", store={"ccache": "FILE:/nonexistent"}, mechs=[KRB5])))
note("credentials moved", exported_credentials)
for mech in (KRB5, SPNEGO):
    for with_credentials in (False, True):
        prefix = f"{mech.dotted_form} {'with' if with_credentials else 'without'} credentials: "
        creds = gssapi.Credentials(usage="accept", mechs=[mech]) if with_credentials else None
        client, server = login(mech, creds)
        note(prefix + "client", lambda: about(client))
        note(prefix + "server", lambda: about(server))
        note(prefix + "messages", lambda: messages(client, server) + messages(server, client))
        note(prefix + "inquiries", lambda: inquiries(server))
        note(prefix + "names", lambda: names(server))
        note(prefix + "delegated", lambda: delegated(server))
        note(prefix + "a broken message", lambda: str(server.unwrap(b"\5\4" + b"\0" * 40)))
        note(prefix + "moved", lambda: messages(moved(client), moved(server)))
        note(prefix + "bad bindings", lambda: about(login(
            mech, creds, raw.ChannelBindings(application_data=b"other"))[1]))
note("no token", lambda: gssapi.SecurityContext(usage="accept").step(b"\x60\x01\x00"))
print(json.dumps(results, indent=1))
