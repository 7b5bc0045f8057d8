"""The JSON Schema of config.yaml and the program must agree: for every key of the schema, values of every kind go to both."""
import json
import os
import re
import subprocess
import unittest

TOOL = os.path.join(os.environ["NB_BUILD_DIR"], "tool_config")
SOURCE = os.environ["NB_SOURCE_DIR"]

TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "null": lambda v: v is None,
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
}


def valid(schema, value, root):
    """The part of JSON Schema that we write, and nothing else."""
    known = {"$schema", "$defs", "title", "description", "default", "type", "enum", "anyOf", "$ref", "pattern", "minimum", "maximum",
             "properties", "additionalProperties", "required", "items", "propertyNames"}
    if set(schema) - known:
        raise ValueError(f"not checked here: {set(schema) - known}")
    if "$ref" in schema and not valid(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, root):
        return False
    if "anyOf" in schema and not any(valid(each, value, root) for each in schema["anyOf"]):
        return False
    if "enum" in schema and not any(value is each or (value == each and type(value) is type(each)) for each in schema["enum"]):
        return False
    types = schema.get("type", list(TYPES))
    if not any(TYPES[t](value) for t in ([types] if isinstance(types, str) else types)):
        return False
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        return False
    if TYPES["number"](value) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return False
    if isinstance(value, list) and "items" in schema:
        return all(valid(schema["items"], each, root) for each in value)
    return valid_object(schema, value, root) if isinstance(value, dict) else True


def valid_object(schema, value, root):
    if any(key not in value for key in schema.get("required", [])):
        return False
    rest = schema.get("additionalProperties", True)
    for key, member in value.items():
        if "propertyNames" in schema and not valid(schema["propertyNames"], key, root):
            return False
        if key in schema.get("properties", {}):
            if not valid(schema["properties"][key], member, root):
                return False
        elif rest is False or (rest is not True and not valid(rest, member, root)):
            return False
    return True


def leaves(schema, path=()):
    """Every key: its path, with '[]' for an element."""
    for key, member in schema.get("properties", {}).items():
        yield path + (key,)
        yield from leaves(member, path + (key,))
        if "items" in member:
            yield from leaves(member["items"], path + (key, "[]"))


def document(path, value):
    """A document that is right but for the value at the path."""
    doc = {"experiments": [{"name": "iris", "notebook": "a.ipynb"}]}
    if path[:2] == ("experiments", "[]"):
        doc["experiments"][0][path[2]] = value
    elif len(path) == 2:
        doc[path[0]] = {path[1]: value}
    else:
        doc[path[0]] = value
    return doc


VALUES = [None, True, 0, 1, 7, -3, 99999999999, 1.5, "", "text", "Text with blanks", "12", "true", "local", "torch", "${NB_NOT_SET:-}",
          "eu-west-1", "12345678-90ab-cdef-1234-567890abcdef", "a\nb", [], ["a"], [""], ["a", 1], [{"a": "b"}],
          [{"name": "a", "value": "b"}], [{"name": "a", "b": "c"}], {}, {"a": "b"}, {"a": "train"}, {"a": 1}, {"a,b": "train"},
          {"unknown_key": None}, [{"name": "iris", "notebook": "b"}], [{"name": "iris"}], [[]]]

# What a regular expression or a type cannot say; the program is stricter there.
STRICTER = {("experiments", "[]", "name"), ("experiments", "[]", "model_variable"), ("experiments", "[]", "hyperparameters"), ("experiments", "[]", "metrics")}


def accepted(doc):
    done = subprocess.run([TOOL, "check"], input=json.dumps(doc), capture_output=True, text=True, timeout=20)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr)
    return done.returncode == 0, done.stdout


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads(subprocess.run([TOOL, "schema"], capture_output=True, check=True).stdout)

    def test_every_key_says_what_it_is_for(self):
        def walk(schema):
            for member in schema.get("properties", {}).values():
                self.assertRegex(member["description"], r"^[A-Z].*\.$")
                walk(member)
                walk(member.get("items", {}))
            if "properties" in schema:
                self.assertIs(schema["additionalProperties"], False)
        walk(self.schema)

    def test_program_and_schema_agree(self):
        for path in leaves(self.schema):
            for value in VALUES:
                doc = document(path, value)
                ours, said = accepted(doc)
                theirs = valid(self.schema, doc, self.schema)
                # A reference is text to the schema; what comes out of it is only known to the program.
                if isinstance(value, str) and "${" in value and theirs:
                    continue
                if theirs and not ours and path in STRICTER:
                    continue
                self.assertEqual(ours, theirs, f"{path} = {value!r}: {said}")

    def test_unknown_keys_are_refused_everywhere(self):
        for path in {(), ("mlflow",), ("aws",), ("azure",), ("gcp",), ("experiments", "[]")}:
            doc = document(path + ("zzz",), 1)
            self.assertFalse(accepted(doc)[0])
            self.assertFalse(valid(self.schema, doc, self.schema))


class Documentation(unittest.TestCase):
    def test_reference_is_in_step_with_the_table(self):
        with open(os.path.join(SOURCE, "docs", "configuration.md"), encoding="utf-8") as page:
            text = page.read()
        begin, end = "<!-- reference: begin -->\n", "<!-- reference: end -->\n"
        self.assertIn(begin, text)
        written = text.split(begin)[1].split(end)[0]
        want = subprocess.run([TOOL, "reference"], capture_output=True, check=True, text=True).stdout
        self.assertEqual(written.strip(), want.strip(), "put the output of tool_config reference there")


if __name__ == "__main__":
    unittest.main()
