"""The recipes of docs/gss.md."""

import os
import re

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/gss.md")


def replaced(text, places):
    for there, here in places:
        text = text.replace(there, here)
    return text


def blocks(kind, section):
    """Those in that language below that heading."""
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    part = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{kind}\n(.*?)^```$", part, re.M | re.S)


def recipe(section, places):
    """The first section of that name in a configuration; `places`: what has another place here."""
    with open(DOCUMENT, encoding="utf-8") as file:
        found = re.search(rf"^(\[{section}\]\n.*?)(?:^```$|^\[)", file.read(), re.M | re.S)
    return replaced(found[1], places)
