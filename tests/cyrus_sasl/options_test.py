"""The list of options in docs/sasl.md is what the plug-in asks libsasl2 for.

With --write, the list is written anew.
"""

import ctypes
import ctypes.util
import os
import sys
import textwrap
import unittest

PLUGIN = os.environ["EPA_CYRUS_SASL"]
DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/sasl.md")
BEFORE, BEHIND = "<!-- options -->\n", "<!-- end of options -->\n"
# sasl.h.
SASL_CB_GETOPT, SASL_CB_LIST_END, SASL_OK, SASL_FAIL = 1, 0, 0, -1
GetOption = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p,
                             ctypes.c_void_p, ctypes.c_void_p)


class Callback(ctypes.Structure):
    _fields_ = [("id", ctypes.c_ulong), ("function", GetOption), ("context", ctypes.c_void_p)]


def options():
    """By its name, each that the plug-in asks for when a server begins."""
    asked = set()

    @GetOption
    def get_option(_context, plugin, name, _value, _size):
        if plugin == b"EPA":
            asked.add(name.decode())
        return SASL_FAIL

    os.environ["SASL_PATH"] = os.path.dirname(PLUGIN)
    library = ctypes.CDLL(ctypes.util.find_library("sasl2"))
    callbacks = (Callback * 2)(Callback(SASL_CB_GETOPT, get_option, None),
                               Callback(SASL_CB_LIST_END, GetOption(), None))
    if library.sasl_server_init(callbacks, b"options") != SASL_OK:
        raise RuntimeError("libsasl2 does not begin")
    library.sasl_server_done()
    return sorted(asked)


def text_of_options():
    return textwrap.fill(", ".join(f"`{name}`" for name in options()) + ".", width=100) + "\n"


def parts():
    with open(DOCUMENT, encoding="utf-8") as file:
        head, rest = file.read().split(BEFORE)
    return head, *rest.split(BEHIND)


class OptionsTest(unittest.TestCase):
    def test_the_document_lists_them(self):
        self.assertEqual(parts()[1], text_of_options(), "run options_test.py --write")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        head, _, tail = parts()
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(head + BEFORE + text_of_options() + BEHIND + tail)
    else:
        unittest.main()
