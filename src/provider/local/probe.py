"""Says, as one line of JSON, what this Python is and which lines of a requirements.txt it does not satisfy.

Run by notebooked (python.c) with the Python that is to train: `python -c SCRIPT [FILE]`. Nothing is installed. PEP 508 is
`packaging`'s work where that can be found (pip carries it); the few lines below stand in for it otherwise.
"""
import json
import os
import platform
import re
import sys
import sysconfig

MARK = 'notebooked-probe: '  # other modules may print while they are imported


def find_packaging():
    for where in ('packaging', 'pip._vendor.packaging'):
        try:
            module = __import__(where + '.requirements', fromlist=['Requirement'])
            return module.Requirement
        except Exception:  # whatever a broken installation raises
            continue
    return None


def parts(version):
    return [int(n) for n in re.findall(r'\d+', re.split(r'[+-]|(?:a|b|rc|\.dev|\.post)\d', version)[0])]


def compare(have, op, want):
    """PEP 440, as far as release numbers go."""
    if op == '===':
        return have == want
    star = want.endswith('.*')
    a, b = parts(have), parts(want)
    if star or op == '~=':
        head = len(b) - (0 if star else 1)
        same = (a + [0] * head)[:head] == b[:head]
        return not same if op == '!=' else same and (star or a >= b)
    width = max(len(a), len(b))
    a, b = a + [0] * (width - len(a)), b + [0] * (width - len(b))
    return {'==': a == b, '!=': a != b, '<': a < b, '>': a > b, '<=': a <= b, '>=': a >= b}[op]


def environment():
    return {
        'python_version': '.'.join(platform.python_version_tuple()[:2]), 'python_full_version': platform.python_version(),
        'os_name': os.name, 'sys_platform': sys.platform, 'platform_system': platform.system(),
        'platform_machine': platform.machine(), 'platform_python_implementation': platform.python_implementation(),
        'implementation_name': sys.implementation.name, 'platform_release': platform.release(),
        'implementation_version': platform.python_version(), 'platform_version': platform.version(), 'extra': '',
    }


def applies_term(term):
    found = re.match(r'''^\(*\s*(\w+|'[^']*'|"[^"]*")\s*(===|==|!=|<=|>=|~=|<|>|not in|in)\s*(\w+|'[^']*'|"[^"]*")\s*\)*$''',
                     term.strip())
    if not found:
        return True  # a marker that this does not understand is taken to apply
    names = environment()
    left, op, right = found.groups()
    left, right = (names.get(x, x.strip('\'"')) for x in (left, right))
    if op in ('in', 'not in'):
        return (left in right) == (op == 'in')
    if re.match(r'\d', left) and re.match(r'\d', right):
        return compare(left, op, right)
    return (left == right) == (op in ('==', '===')) if op in ('==', '===', '!=') else True


class OwnRequirement:
    """What is used of packaging's class of the same purpose."""

    def __init__(self, line):
        found = re.match(r'^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;)@]*)\)?\s*(@[^;]*)?(?:;(.*))?$', line)
        if not found:
            raise ValueError(line)
        self.name, specs, _, self.condition = found.groups()
        self.specs = [re.match(r'^(===|==|!=|<=|>=|~=|<|>)\s*(\S+)$', s.strip()) for s in specs.split(',') if s.strip()]
        if None in self.specs:
            raise ValueError(line)

    def applies(self):
        if not self.condition:
            return True
        return any(all(applies_term(term) for term in re.split(r'\band\b', choice))
                   for choice in re.split(r'\bor\b', self.condition))

    def allows(self, version):
        return all(compare(version, *spec.groups()) for spec in self.specs)


class PackagingRequirement:
    parse = None

    def __init__(self, line):
        found = PackagingRequirement.parse(line)
        self.name, self.marker, self.specifier = found.name, found.marker, found.specifier

    def applies(self):
        return self.marker is None or self.marker.evaluate({'extra': ''})

    def allows(self, version):
        return self.specifier.contains(version, prereleases=True)


def installed(name):
    try:
        from importlib import metadata
    except ImportError:
        import importlib_metadata as metadata
    for spelling in (name, re.sub(r'[-_.]+', '-', name), re.sub(r'[-_.]+', '_', name), re.sub(r'[-_.]+', '.', name)):
        for spelled in (spelling, spelling.lower()):
            try:
                return metadata.version(spelled)
            except metadata.PackageNotFoundError:
                continue
    return None


def logical_lines(path, seen):
    """The requirements of a file and of those it includes, without comments, options and what pip alone can judge; and whether code is known to import each."""
    path = os.path.abspath(path)
    if path in seen or len(seen) > 20:
        return
    seen.add(path)
    with open(path, encoding='utf-8-sig', errors='replace') as file:
        text = re.sub(r'\\\r?\n', ' ', file.read())
    for line in text.splitlines():
        imported = re.search(r'\s# import \w', line) is not None  # the evidence that we write
        line = re.sub(r'(^|\s)#.*$', '', line).strip()
        include = re.match(r'^(?:-r|--requirement)[ =]*(\S+)$', line)
        if include:
            other = os.path.join(os.path.dirname(path), include.group(1))
            if os.path.exists(other):
                yield from logical_lines(other, seen)
        elif line and not line.startswith('-'):
            yield re.sub(r'\s+--?[a-z-]+[ =].*$', '', line), imported


def check(path, read):
    missing = []
    for line, imported in logical_lines(path, set()):
        try:
            requirement = read(line)
        except Exception:
            continue  # a path or URL without a name
        if not requirement.applies():
            continue
        version = installed(requirement.name)
        if version is None or not requirement.allows(version):
            missing.append({'requirement': line.split(';')[0].strip(), 'installed': version or '', 'imported': imported})
    return missing


def main():
    facts = {'version': platform.python_version(),
             'identity': '%s %s %s' % (platform.python_implementation(), platform.python_version(), sysconfig.get_platform()),
             'missing': []}
    if len(sys.argv) > 1 and os.path.exists(sys.argv[1]) and sys.version_info >= (3, 8):
        PackagingRequirement.parse = find_packaging()
        facts['missing'] = check(sys.argv[1], PackagingRequirement if PackagingRequirement.parse else OwnRequirement)
    print(MARK + json.dumps(facts))


main()
