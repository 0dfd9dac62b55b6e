"""A process that calls python3-gssapi as it is told: a line of JSON in, a line of JSON out.

{"do": "initiate", "mech": OID, "target": NAME, "bindings": HEX or null, "token": HEX or null,
 "demand": whether it asks for a context that is bound}
{"do": "accept", "bindings": HEX or null, "token": HEX, "new": whether it is a new context,
 "mechs": [OID...] or none}
{"do": "mechs"}
{"do": "wrap", "unwrap", "mic" or "verify", "of": "initiate" or "accept", "octets": HEX, "mic": HEX}
{"do": "inquire", "of": ..., "oid": OID}
{"do": "name", "text": TEXT, "type": "user", "service"}
"""

import json
import sys

import gssapi

contexts = {}
FLAGS = (gssapi.RequirementFlag.mutual_authentication | gssapi.RequirementFlag.integrity |
         gssapi.RequirementFlag.confidentiality | gssapi.RequirementFlag.replay_detection |
         gssapi.RequirementFlag.out_of_sequence_detection)


def bindings_of(text):
    return text and gssapi.raw.ChannelBindings(application_data=bytes.fromhex(text))


def new_context(request):
    given = bindings_of(request["bindings"])
    if request["do"] == "accept":
        mechs = request.get("mechs")  # a credential for these, in place of none
        credentials = mechs and gssapi.Credentials(
            usage="accept", mechs=[gssapi.OID.from_int_seq(mech) for mech in mechs])
        return gssapi.SecurityContext(creds=credentials or None, usage="accept",
                                      channel_bindings=given)
    name = gssapi.Name(request["target"], gssapi.NameType.hostbased_service)
    return gssapi.SecurityContext(
        name=name, usage="initiate", mech=gssapi.OID.from_int_seq(request["mech"]),
        flags=FLAGS | (gssapi.RequirementFlag.channel_bound if request.get("demand") else 0),
        channel_bindings=given)


def protect(request):
    context = contexts[request["of"]]
    octets = bytes.fromhex(request["octets"])
    what = request["do"]
    if what == "wrap":
        return {"octets": context.wrap(octets, request.get("seal", True)).message.hex()}
    if what == "unwrap":
        return {"octets": context.unwrap(octets).message.hex()}
    if what == "mic":
        return {"octets": context.get_signature(octets).hex()}
    context.verify_signature(octets, bytes.fromhex(request["mic"]))
    return {"verified": True}


def inquire(request):
    found = gssapi.raw.inquire_sec_context_by_oid(
        contexts[request["of"]], gssapi.OID.from_int_seq(request["oid"]))
    return {"data": [octets.hex() for octets in found]}


def describe_name(request):
    kind = {"user": gssapi.NameType.user, "service": gssapi.NameType.hostbased_service}
    name = gssapi.Name(request["text"], kind[request["type"]]).canonicalize(
        gssapi.OID.from_int_seq(request["mech"]))
    exported = name.export()
    again = gssapi.Name(exported, gssapi.NameType.export)
    return {"text": str(name), "exported": exported.hex(), "again": str(again),
            "equal": again == name}


def step(request):
    role = request["do"]
    if role not in contexts or request.get("new", True):
        contexts.pop(role, None)
        contexts[role] = new_context(request)
    context = contexts[role]
    token = request.get("token")
    answer = context.step(bytes.fromhex(token) if token else None)
    result = {"complete": context.complete, "token": answer and answer.hex()}
    if context.complete:
        result["bound"] = gssapi.RequirementFlag.channel_bound in context.actual_flags
        if role == "accept":
            result["user"] = str(context.initiator_name)
    return result


def answer_to(request):
    if request["do"] == "mechs":
        return {"mechs": sorted(mech.dotted_form for mech in gssapi.raw.indicate_mechs())}
    actions = {"inquire": inquire, "name": describe_name}
    actions |= {name: protect for name in ("wrap", "unwrap", "mic", "verify")}
    try:
        return actions.get(request["do"], step)(request)
    except gssapi.exceptions.GSSError as error:
        return {"complete": False, "error": type(error).__name__, "text": str(error)}


for line in sys.stdin:
    print(json.dumps(answer_to(json.loads(line))), flush=True)
