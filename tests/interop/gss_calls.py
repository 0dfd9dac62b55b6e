"""Calls of GSS-API with Kerberos, one after the other: prints what each came to, in JSON.

usage: gss_calls.py BINDINGS FOLDER PASSWORD

What differs from run to run (tokens, times) is left out.
"""

import json
import os
import sys

import gss_c_calls
import gssapi
from gssapi import raw

KRB5 = gssapi.MechType.kerberos
SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
SESSION_KEY = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2.5.5")
SASL_SSF = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2.5.15")
BINDINGS = raw.ChannelBindings(application_data=bytes.fromhex(sys.argv[1]))
FOLDER = sys.argv[2]
PASSWORD = sys.argv[3].encode()
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


def text_of(name):
    return raw.display_name(name).name.decode()


def everything_of(context):
    """What gss_inquire_context says, lifetimes apart."""
    said = raw.inquire_context(context)
    return {"source": text_of(said.initiator_name), "target": text_of(said.target_name),
            "mech": said.mech.dotted_form, "flags": int(said.flags),
            "begun here": said.locally_init, "open": said.complete}


def lifetimes(client, server):
    """All are the ticket's, but for the time that calls take."""
    times = (client.lifetime, server.lifetime, raw.context_time(server),
             raw.inquire_context(server).lifetime)
    return max(times) - min(times) < 600  # with the clock skew that acceptors allow


def first_answer(mech, credentials):
    """Each thing that gss_accept_sec_context returns."""
    client = gssapi.SecurityContext(name=service(), usage="initiate", mech=mech, flags=FLAGS,
                                    channel_bindings=BINDINGS)
    said = raw.accept_sec_context(client.step(), credentials, None, BINDINGS)
    return {"source": text_of(said.initiator_name), "mech": said.mech.dotted_form,
            "flags": int(said.flags), "lives": said.lifetime > 0, "answer": len(said.token) > 0,
            "delegated": said.delegated_creds is not None, "more": said.more_steps}


def attributes(name):
    """What a name says of itself, such as the PAC; values have times in them."""
    said = raw.inquire_name(name)
    values = {}
    for attribute in sorted(said.attrs):
        got = raw.get_name_attribute(name, attribute)
        values[attribute.decode()] = [got.authenticated, got.complete,
                                      [len(value) for value in got.values]]
    return {"of a mechanism": said.is_mech_name, "mech": said.mech.dotted_form, "values": values}


def displayed(name):
    shown = raw.display_name(name)
    again = raw.display_name(raw.duplicate_name(name))
    return [shown.name.decode(), shown.name_type.dotted_form, again.name.decode(),
            raw.compare_name(name, raw.duplicate_name(name))]


def in_parts(sender, receiver):
    """A message of several buffers: their sizes, and what arrives."""
    kinds = raw.IOVBufferType
    measured = raw.IOV((kinds.header, False, None), (kinds.data, False, b"a message"),
                       (kinds.trailer, False, None), std_layout=False)
    raw.wrap_iov_length(sender, measured, confidential=True)
    message = raw.IOV(kinds.header, b"a message", kinds.trailer, std_layout=False)
    raw.wrap_iov(sender, message, confidential=True)
    sizes = [len(part.value or b"") for part in message]
    raw.unwrap_iov(receiver, message)
    return [sizes, message[1].value.decode()]


def signed_in_parts(sender, receiver):
    kinds = raw.IOVBufferType
    signed = raw.IOV(b"another", (kinds.mic_token, True, None), std_layout=False)
    raw.get_mic_iov(sender, signed)
    mic = signed[1].value
    raw.verify_mic_iov(receiver, raw.IOV(b"another", (kinds.mic_token, False, mic),
                                         std_layout=False))
    return len(mic)


def beside_octets_that_are_signed_alone(sender, receiver):
    sealed = raw.wrap_aead(sender, b"a third", b"beside it", True)
    opened = raw.unwrap_aead(receiver, sealed.message, b"beside it")
    return [opened.message.decode(), opened.encrypted]


def by_mechanism(credentials):
    said = raw.inquire_cred_by_mech(credentials, KRB5)
    return [text_of(said.name), said.usage, bool(said.init_lifetime), bool(said.accept_lifetime)]


def added():
    """Credentials that begin with an element, one that is there already, one of a store."""
    user = gssapi.Name("alice", gssapi.NameType.user)
    new = raw.add_cred(None, service(), KRB5, usage="accept")
    try:
        twice = raw.add_cred(new.creds, service(), KRB5, usage="accept")
    except gssapi.exceptions.GSSError as error:
        twice = str(error)
    of_store = raw.add_cred_from({b"ccache": os.environb[b"KRB5CCNAME"]}, None, user, KRB5,
                                 usage="initiate")
    return [about_credentials(gssapi.Credentials(said.creds)) for said in (new, of_store)] + [twice]


def stored(into):
    credentials = gssapi.Credentials(usage="initiate", mechs=[KRB5])
    if into:
        said = raw.store_cred_into({b"ccache": f"FILE:{FOLDER}/stored".encode()}, credentials,
                                   usage="initiate", mech=KRB5, overwrite=True)
    else:
        said = raw.store_cred(credentials, usage="initiate", mech=KRB5, overwrite=True)
    return [sorted(mech.dotted_form for mech in said.mechs), said.usage]


def with_password(password):
    name = gssapi.Name("alice", gssapi.NameType.user)
    said = raw.acquire_cred_with_password(name, password, mechs=[KRB5])
    return about_credentials(gssapi.Credentials(said.creds))


def without_ciphers():
    """Asked for by Cyrus SASL's clients that want no layer."""
    credentials = gssapi.Credentials(usage="initiate", mechs=[KRB5])
    raw.set_cred_option(gssapi.OID.from_int_seq("1.2.752.43.13.29"), credentials, b"")
    return about_credentials(credentials)


def mechanisms_of_names():
    return {kind: sorted(mech.dotted_form for mech in raw.inquire_mechs_for_name(
        gssapi.Name(text, getattr(gssapi.NameType, kind))))
            for text, kind in (("alice", "user"), ("HTTP@localhost", "hostbased_service"))}


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
note("mechanisms by attributes", lambda: sorted(mech.dotted_form for mech in (
    raw.indicate_mechs_by_attrs(desired_mech_attrs=[raw.MechAttr.prot_ready])
    if hasattr(raw, "MechAttr") else raw.indicate_mechs_by_attrs())))
note("mechanisms of names", mechanisms_of_names)
note("by mechanism", lambda: by_mechanism(gssapi.Credentials(usage="initiate", mechs=[KRB5])))
note("added", added)
note("stored", lambda: [stored(False), stored(True)])
note("a password", lambda: with_password(PASSWORD))
note("a wrong password", lambda: with_password(b"another"))
note("without ciphers", without_ciphers)
note("what a credential does not know", lambda: len(raw.inquire_cred_by_oid(
    gssapi.Credentials(usage="initiate", mechs=[KRB5]), SESSION_KEY)))
note("in another's name", lambda: about_credentials(gssapi.Credentials(
    raw.acquire_cred_impersonate_name(
        gssapi.Credentials(usage="accept", mechs=[KRB5]),
        gssapi.Name("alice", gssapi.NameType.user), mechs=[KRB5], usage="initiate").creds)))
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
        note(prefix + "accepted", lambda: first_answer(mech, creds))
        note(prefix + "everything", lambda: [everything_of(client), everything_of(server)])
        note(prefix + "lifetimes", lambda: lifetimes(client, server))
        note(prefix + "attributes", lambda: attributes(server.initiator_name))
        note(prefix + "an attribute that is none", lambda: raw.get_name_attribute(
            server.initiator_name, b"urn:none").complete)
        note(prefix + "an attribute that is set", lambda: raw.set_name_attribute(
            server.initiator_name, b"urn:none", [b"1"], True))
        note(prefix + "an attribute that is deleted", lambda: raw.delete_name_attribute(
            server.initiator_name, b"urn:none"))
        note(prefix + "exported with attributes", lambda: len(raw.export_name_composite(
            server.initiator_name)))
        note(prefix + "displayed", lambda: displayed(server.initiator_name))
        note(prefix + "displayed as a user", lambda: raw.display_name_ext(
            server.initiator_name, gssapi.NameType.user).decode())
        for sender, receiver, way in ((client, server, "sent"), (server, client, "answered")):
            note(f"{prefix}in parts, {way}", lambda: in_parts(sender, receiver))
            note(f"{prefix}signed in parts, {way}", lambda: signed_in_parts(sender, receiver))
            note(f"{prefix}partly sealed, {way}",
                 lambda: beside_octets_that_are_signed_alone(sender, receiver))
        note(prefix + "an option that is none", lambda: raw.set_sec_context_option(
            gssapi.OID.from_int_seq("1.2.3.4"), server, b""))
        note(prefix + "an inquiry that is none", lambda: len(raw.inquire_sec_context_by_oid(
            server, gssapi.OID.from_int_seq("1.2.3.4"))))
        note(prefix + "the ticket's flags", lambda: raw.krb5_get_tkt_flags(server))
        note(prefix + "the ticket's time",
             lambda: raw.krb5_extract_authtime_from_sec_context(server) > 0)
        note(prefix + "the ticket's PAC",
             lambda: len(raw.krb5_extract_authz_data_from_sec_context(server, 128)))
        note(prefix + "no token of a context", lambda: raw.process_context_token(server, b"none"))
        note(prefix + "names", lambda: names(server))
        note(prefix + "delegated", lambda: delegated(server))
        note(prefix + "a broken message", lambda: str(server.unwrap(b"\5\4" + b"\0" * 40)))
        note(prefix + "moved", lambda: messages(moved(client), moved(server)))
        note(prefix + "lucid", lambda: bool(raw.krb5_export_lucid_sec_context(
            login(mech, creds)[1], 1)))
        note(prefix + "bad bindings", lambda: about(login(
            mech, creds, raw.ChannelBindings(application_data=b"other"))[1]))
for mech in (KRB5, SPNEGO):
    note(mech.dotted_form + ": others", lambda: gss_c_calls.results(
        bytes(mech), b"HTTP@localhost", bytes.fromhex(sys.argv[1])))
note("no token", lambda: gssapi.SecurityContext(usage="accept").step(b"\x60\x01\x00"))
print(json.dumps(results, indent=1))
