"""An acceptor of tokens over libepa-secur32.so, bound at run time as managed languages bind SSPI."""

import ctypes
from ctypes import POINTER, Structure, byref, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_void_p

SEC_E_OK = 0
SEC_I_CONTINUE_NEEDED = 0x00090312
SEC_E_BAD_BINDINGS = 0x80090346

_DATA, _TOKEN, _CHANNEL_BINDINGS, _RESULT = 1, 2, 14, 30
_INBOUND = 1
_SIZES, _NAMES = 0, 1
_NO_ENCRYPTION = 0x80000001
_AUTH_DATA_VERSION = 0x41504531
_REPLAY_CACHE_IN_PROCESS = 0x10


class Handle(Structure):
    _fields_ = [("lower", c_size_t), ("upper", c_size_t)]


class Buffer(Structure):
    _fields_ = [("size", c_uint32), ("type", c_uint32), ("octets", c_void_p)]


class Descriptor(Structure):
    _fields_ = [("version", c_uint32), ("count", c_uint32), ("buffers", POINTER(Buffer))]


class Sizes(Structure):
    _fields_ = [(name, c_uint32) for name in ("token", "signature", "block", "trailer")]


class AuthData(Structure):
    _fields_ = [(name, c_uint32) for name in ("version", "length", "flags", "suppress")] + [
        (name, c_char_p) for name in (
            "package_list", "user", "domain", "password", "workstation", "credential_cache",
            "client_keytab")] + [("account_sources", c_void_p)] + [
        (name, c_char_p) for name in (
            "accounts", "netbios_computer", "netbios_domain", "dns_computer", "dns_domain",
            "keytab")] + [
        ("principals", c_void_p), ("krb5_conf", c_char_p), ("krb5_conf_text", c_char_p),
        ("policy", c_void_p), ("audit", c_void_p), ("audit_argument", c_void_p),
        ("fault_text", c_void_p), ("fault_room", c_uint32)]


def _described(*buffers):
    """A descriptor, and what has to stay alive with it."""
    array = (Buffer * len(buffers))(*(
        Buffer(len(octets), kind, ctypes.cast(octets, c_void_p)) for kind, octets in buffers))
    return Descriptor(0, len(buffers), array), array


def bindings(application_data):
    """SEC_CHANNEL_BINDINGS."""
    header = bytes(24) + len(application_data).to_bytes(4, "little") + (32).to_bytes(4, "little")
    return header + application_data


class Acceptor:
    """Credentials of a server, and one login at a time."""

    def __init__(self, library, package, accounts=None, keytab=None, krb5_conf=None):
        self._library = ctypes.CDLL(library)
        for name in ("AcquireCredentialsHandleA", "AcceptSecurityContext", "EncryptMessage",
                     "DecryptMessage", "MakeSignature", "VerifySignature",
                     "QueryContextAttributesA"):
            getattr(self._library, name).restype = c_uint32
        data = AuthData(version=_AUTH_DATA_VERSION, length=ctypes.sizeof(AuthData),
                        flags=_REPLAY_CACHE_IN_PROCESS if keytab else 0,
                        accounts=accounts and accounts.encode(), keytab=keytab and keytab.encode(),
                        krb5_conf=krb5_conf and krb5_conf.encode())
        self._credentials, self._context = Handle(), None
        self._require(self._library.AcquireCredentialsHandleA(
            None, c_char_p(package.encode()), c_uint32(_INBOUND), None, byref(data), None, None,
            byref(self._credentials), None), "AcquireCredentialsHandle")
        self.result = None

    def close(self):
        if self._context is not None:
            self._library.DeleteSecurityContext(byref(self._context))
        self._library.FreeCredentialsHandle(byref(self._credentials))

    @staticmethod
    def _require(status, what):
        if status != SEC_E_OK:
            raise RuntimeError(f"{what}: {status:#010x}")

    def step(self, token, channel=None):
        """The status and the answer."""
        token_in = ctypes.create_string_buffer(token, len(token))
        inputs = [(_TOKEN, token_in)]
        if channel is not None:
            inputs.append((_CHANNEL_BINDINGS, ctypes.create_string_buffer(channel, len(channel))))
        room, result = ctypes.create_string_buffer(65536), ctypes.create_string_buffer(4)
        input_, keep = _described(*inputs)
        output, out = _described((_TOKEN, room), (_RESULT, result))
        first, attributes, expiry = self._context is None, c_uint32(), c_int64()
        context = Handle() if first else self._context
        status = self._library.AcceptSecurityContext(
            byref(self._credentials), None if first else byref(context), byref(input_),
            c_uint32(0), c_uint32(0x10), byref(context), byref(output), byref(attributes),
            byref(expiry))
        del keep
        if first and c_int32(status).value >= 0:
            self._context = context
        self.result = int.from_bytes(result.raw, "little")
        return status, room.raw[:out[0].size] if c_int32(status).value >= 0 else b""

    def user(self):
        name = c_void_p()
        self._require(self._library.QueryContextAttributesA(
            byref(self._context), c_uint32(_NAMES), byref(name)), "SECPKG_ATTR_NAMES")
        text = ctypes.string_at(name.value).decode()
        self._library.FreeContextBuffer(name)
        return text

    def sizes(self):
        sizes = Sizes()
        self._require(self._library.QueryContextAttributesA(
            byref(self._context), c_uint32(_SIZES), byref(sizes)), "SECPKG_ATTR_SIZES")
        return sizes

    def verify(self, message, signature):
        data = ctypes.create_string_buffer(message, len(message))
        token = ctypes.create_string_buffer(signature, len(signature))
        description, keep = _described((_DATA, data), (_TOKEN, token))
        status = self._library.VerifySignature(byref(self._context), byref(description),
                                               c_uint32(0), None)
        del keep
        return status == SEC_E_OK

    def sign(self, message):
        data = ctypes.create_string_buffer(message, len(message))
        token = ctypes.create_string_buffer(self.sizes().signature)
        description, buffers = _described((_DATA, data), (_TOKEN, token))
        self._require(self._library.MakeSignature(byref(self._context), c_uint32(0),
                                                  byref(description), c_uint32(0)),
                      "MakeSignature")
        return token.raw[:buffers[1].size]

    def wrap_signed(self, message):
        data = ctypes.create_string_buffer(message, len(message))
        token = ctypes.create_string_buffer(self.sizes().trailer)
        description, buffers = _described((_TOKEN, token), (_DATA, data))
        self._require(self._library.EncryptMessage(byref(self._context), c_uint32(_NO_ENCRYPTION),
                                                   byref(description), c_uint32(0)),
                      "EncryptMessage")
        return token.raw[:buffers[0].size] + data.raw

    def unwrap(self, message):
        stream = ctypes.create_string_buffer(message, len(message))
        description, buffers = _described((10, stream), (_DATA, ctypes.create_string_buffer(0)))
        self._require(self._library.DecryptMessage(byref(self._context), byref(description),
                                                   c_uint32(0), None), "DecryptMessage")
        return ctypes.string_at(buffers[1].octets, buffers[1].size)
