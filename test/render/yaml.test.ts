import { expect, test } from "vitest";
import { yaml } from "../../src/render/yaml.ts";
import { pythonEnvironment } from "../servers/python.ts";

test("objects, lists and texts are laid out in blocks", () => {
  expect(
    yaml({
      a: 1,
      list: ["x", { name: "left", of: [true, null] }, [1, 2]],
      empty: {},
      none: [],
      left: undefined,
      text: "two\n\n  lines",
      say: "it's",
    }),
  ).toBe(`a: 1
list:
  - x
  - name: left
    of:
      - true
      - null
  - - 1
    - 2
empty: {}
none: []
text: |-
  two

    lines
say: "it's"
`);
});

test("another program's reader (PyYAML, YAML 1.1) reads the same, however odd the texts are", async () => {
  const texts = [
    "",
    " ",
    "yes",
    "No",
    "~",
    "1:30",
    "0x10",
    "1e3",
    "-",
    "- a",
    "a: b",
    "#c",
    "a #b",
    "'",
    '"',
    "\\",
    "{{ x }}",
    "[a]",
    "&a",
    "*a",
    "!t",
    "%",
    "@",
    "`",
    "é",
    "\u{1f600}",
    "\ttab",
    "a\n",
    "\n",
    " a\nb",
    "a\nb ",
    "a\r\nb",
    "2026-01-01",
    "=",
    "<<",
    "null",
    "a: b\nc: d",
    "\u0007",
    "\u2028",
    "é\nè",
    "/x/y.z",
    "a b",
    "trailing ",
    ".5",
    "+1",
    "0o7",
    "on",
  ];
  const value = { texts, nested: texts.map((text) => ({ [text]: text, list: [text, [text]] })), numbers: [0, -1, 1.5, 1e21, 1e-7] };
  const python = await pythonEnvironment(["PyYAML==6.0.3"]);
  const { stdout, stderr, code } = await python.run(
    ["-c", "import sys, yaml, json; print(json.dumps(yaml.safe_load(sys.stdin.buffer.read())))"],
    {
      input: yaml(value),
    },
  );
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toEqual(value);
});
