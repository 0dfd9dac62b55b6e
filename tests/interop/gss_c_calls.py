"""Calls of GSS-API that python3-gssapi does not have, on a login of their own."""

import ctypes

LIBRARY = ctypes.CDLL("libgssapi_krb5.so.2")
HOSTBASED = bytes.fromhex("2a864886f71201020104")
USER = bytes.fromhex("2a864886f71201020101")
MUTUAL = 2
COMPLETE = 0


class Buffer(ctypes.Structure):
    _fields_ = [("length", ctypes.c_size_t), ("value", ctypes.c_void_p)]

    @classmethod
    def of(cls, octets):
        buffer = cls(len(octets), ctypes.cast(ctypes.c_char_p(octets), ctypes.c_void_p))
        buffer.kept = octets
        return buffer

    def octets(self):
        return ctypes.string_at(self.value, self.length) if self.length else b""


class Oid(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint32), ("elements", ctypes.c_char_p)]


class Login:
    """A client's and a server's context, and the client's name."""

    def __init__(self, mech, target, application_data):
        self.mech = Oid(len(mech), mech)
        self.minor = ctypes.c_uint32()
        # Two addresses of no type, and the data.
        self._bindings = (ctypes.c_uint64 * 8)()
        data = Buffer.of(application_data)
        self._bindings[6:8] = data.length, data.value
        self._kept = application_data
        self.client, self.server, self.name = (ctypes.c_void_p() for _ in range(3))
        service = self.import_name(target, HOSTBASED)
        token = self._initiate(service, Buffer())
        token = self._accept(token)
        while token.length != 0:
            token = self._initiate(service, token)
            token = self._accept(token) if token.length != 0 else token

    def import_name(self, text, kind):
        name = ctypes.c_void_p()
        self.check(LIBRARY.gss_import_name(ctypes.byref(self.minor), ctypes.byref(Buffer.of(text)),
                                           ctypes.byref(Oid(len(kind), kind)), ctypes.byref(name)))
        return name

    @staticmethod
    def check(major):
        if major & 0xffff0000:
            raise RuntimeError(hex(major))

    def _initiate(self, service, token):
        answer = Buffer()
        self.check(LIBRARY.gss_init_sec_context(
            ctypes.byref(self.minor), None, ctypes.byref(self.client), service,
            ctypes.byref(self.mech), MUTUAL, 0, ctypes.byref(self._bindings), ctypes.byref(token),
            None, ctypes.byref(answer), None, None))
        return answer

    def _accept(self, token):
        answer = Buffer()
        self.check(LIBRARY.gss_accept_sec_context(
            ctypes.byref(self.minor), ctypes.byref(self.server), None, ctypes.byref(token),
            ctypes.byref(self._bindings), ctypes.byref(self.name), None, ctypes.byref(answer), None,
            None, None))
        return answer

    def random_octets(self, context, key):
        """Of gss_pseudo_random."""
        out = Buffer()
        self.check(LIBRARY.gss_pseudo_random(ctypes.byref(self.minor), context, key,
                                             ctypes.byref(Buffer.of(b"seed")), ctypes.c_ssize_t(40),
                                             ctypes.byref(out)))
        return out.octets()

    def local_name(self):
        out = Buffer()
        self.check(LIBRARY.gss_localname(ctypes.byref(self.minor), self.name,
                                         ctypes.byref(self.mech), ctypes.byref(out)))
        return out.octets().decode()

    def may_be(self, user):
        """By gss_userok and by gss_authorize_localname."""
        local = self.import_name(user, USER)
        return [LIBRARY.gss_userok(self.name, user),
                LIBRARY.gss_authorize_localname(ctypes.byref(self.minor), self.name, local)]


def results(mech, target, application_data):
    """What does not differ from run to run."""
    login = Login(mech, target, application_data)
    random = [[login.random_octets(context, key) for context in (login.client, login.server)]
              for key in (0, 1)]
    return {"random": [[len(ours), ours == theirs] for ours, theirs in random],
            "local": login.local_name(), "alice": login.may_be(b"alice"), "bob": login.may_be(b"bob")}
