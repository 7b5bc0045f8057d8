"""Python's own library as test material: every file that is UTF-8 text of this Python."""
import os
import sysconfig


def files(limit=None):
    """Paths of the standard library's modules, sorted; third-party packages and broken-on-purpose test data left out."""
    top = sysconfig.get_paths()["stdlib"]
    found = []
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(f for f in folders if f not in ("site-packages", "dist-packages", "__pycache__"))
        found += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".py")]
    return found[:limit]


def read(path):
    """The text with LF line ends, or None when it is not UTF-8 or has a byte-order mark."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if text.startswith("\ufeff") or "\0" in text:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")
