"""The recipes of docs/helper.md, word for word, for tests that run them."""

import os
import re
import stat

from helper_peer import HELPER

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/helper.md")


def block(word):
    """The block that has the word."""
    with open(DOCUMENT, encoding="utf-8") as file:
        blocks = re.findall(r"^```\w+\n(.*?)^```$", file.read(), re.M | re.S)
    found, = [text for text in blocks if word in text]
    return found


def program_of(test):
    """What stands for epa-helper: the script of the document, for a service of its own."""
    script = block("exec /usr/bin/epa-helper").replace("/usr/bin/epa-helper", HELPER)
    path = test.write("helper", script.replace("/run/epa/mail.sock", test.socket))
    os.chmod(path, stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
    return path
