import { expect, test } from "vitest";
import { sidSource } from "./debian.ts";

test("a deb822 source keeps its address and key, and asks for sid", () => {
  const text = `# the archive
Types: deb deb-src
# an old snapshot
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://archive.example/debian-security
Suites: bookworm-security
Components: main
`;
  expect(sidSource([{ name: "debian.sources", text }])).toEqual({
    extension: ".sources",
    text: "Types: deb\nSuites: sid\nComponents: main\nURIs: http://archive.example/debian\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
  });
});

test("a one-line source keeps its address and options, and asks for sid", () => {
  const text = `# deb http://archive.example/debian bookworm main
deb http://archive.example/debian-security bookworm-security main
deb-src http://archive.example/debian bookworm main
deb [signed-by=/usr/share/keyrings/a.gpg arch=amd64] http://archive.example/debian bookworm contrib main
`;
  expect(sidSource([{ name: "sources.list", text }])).toEqual({
    extension: ".list",
    text: "deb [signed-by=/usr/share/keyrings/a.gpg arch=amd64] http://archive.example/debian sid main\n",
  });
});

test("a source that is switched off, for other packages or for security only is passed over", () => {
  const text = `Enabled: no
Types: deb
URIs: http://archive.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://tools.example/node
Suites: stable
Components: main
`;
  expect(
    sidSource([
      { name: "a.sources", text },
      { name: "b.list", text: "deb http://archive.example/debian bookworm-security main\n" },
    ]),
  ).toBeUndefined();
});
