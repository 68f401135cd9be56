import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";

// Attributes whose value a person reads or hears.
const SAID = new Set(["label", "title", "aria-label", "placeholder", "description", "alt"]);

// What is printed on keys is the same in every language here.
const KEYS = new Set(["Tab", "Enter", "Esc"]);

const words = (text: string): boolean => /\p{L}{2,}/u.test(text);

/** Texts in a component that should stand in the catalogue. */
function literals(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isJsxText(node) && words(node.text) && !KEYS.has(node.text.trim())) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && SAID.has(node.name.getText(source)) && node.initializer && ts.isStringLiteral(node.initializer) && words(node.initializer.text)) {
      found.push(`${node.name.getText(source)}="${node.initializer.text}"`);
    }
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

const components = (): string[] =>
  readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".tsx"))
    .map((name) => `src/${name}`);

test("every text stands in the catalogue", () => {
  const found = components().flatMap((path) => {
    const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
    return literals(source).map((text) => `${path}: ${text}`);
  });
  expect(found).toEqual([]);
});

test("a text outside of it is noticed", () => {
  const source = ts.createSourceFile("a.tsx", '<p title="Hello there">Good day {name} <b>–</b></p>', ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  expect(literals(source)).toEqual(['title="Hello there"', "Good day"]);
});
