"""rooms.py: src/ is built as the house says: CMakeLists.txt's nb_room lines are the plan, docs/design/architecture.md shows it.

Each room includes only itself and the rooms it is given there, by "room/file.h" from src/; a .c file includes its own
header first, or the private one of its folder that does; no line holds a machine's paths or something left to do.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)
ROOM = re.compile(r'^nb_room\((\w+)(?: ([\w ]+))?\)', re.M)
UNWANTED = re.compile(r'\b(TODO|FIXME|XXX)\b|/(?:home|work|root)/\w')


def plan():
    return {name: set(below.split()) for name, below in ROOM.findall((ROOT / 'CMakeLists.txt').read_text())}


def shown():
    """The rooms of the table in the page: | `name` | ... | `base`, `text` |"""
    page = (ROOT / 'docs/design/architecture.md').read_text()
    rows = re.findall(r'^\| `(\w+)` \|.*\|([^|]*)\|$', page, re.M)
    return {name: set(re.findall(r'`(\w+)`', below)) for name, below in rows}


def problems_of(path, allowed):
    text, name = path.read_text(), path.relative_to(ROOT)
    included = INCLUDE.findall(text)
    for header in included:
        room = header.split('/')[0]
        if header.endswith('.def') and '/' in header or room in allowed:
            continue
        yield f'{name}: includes "{header}", which its room may not see'
    own = f'{path.parent.relative_to(ROOT / "src")}/{path.stem}.h'
    private = (own, f'{own.removesuffix(".h")}_parts.h')
    if path.suffix == '.c' and (ROOT / 'src' / own).exists() and (not included or included[0] not in private):
        yield f'{name}: includes "{own}" not first'
    for at, line in enumerate(text.splitlines(), 1):
        if UNWANTED.search(line):
            yield f'{name}:{at}: {line.strip()}'


def main():
    rooms = plan()
    problems = []
    if shown() != rooms:
        problems.append('docs/design/architecture.md shows other rooms than CMakeLists.txt builds')
    for path in sorted((ROOT / 'src').glob('*/**/*.[ch]')):
        room = path.relative_to(ROOT / 'src').parts[0]
        problems += problems_of(path, rooms.get(room, set()) | {room})
    print(*problems, sep='\n')
    return bool(problems)


if __name__ == '__main__':
    sys.exit(main())
