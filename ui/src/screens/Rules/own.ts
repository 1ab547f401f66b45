// The owner's own rules as text: taking one out, and what differs between two lists of sentences. Pure.

import type { RuleRef } from '../../lib/bindings';

/** A rule as it stands in the text, with what stands before it. */
export type Piece = { id: string | null; text: string };

const tokens = /\/\/[^\n]*|"(?:[^"\\]|\\.)*"|@id\s*\(\s*"((?:[^"\\]|\\.)*)"\s*\)|;[^\S\n]*(?:\/\/[^\n]*)?/g;

/** The text in pieces that each end with a rule's semicolon and the comment behind it; the last may hold comments alone. */
export function pieces(source: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  let id: string | null = null;
  for (const token of source.matchAll(tokens)) {
    if (token[1] !== undefined) id = token[1];
    if (!token[0].startsWith(';')) continue;
    const end = token.index + token[0].length;
    found.push({ id, text: source.slice(from, end) });
    [from, id] = [end, null];
  }
  if (source.slice(from).trim()) found.push({ id, text: source.slice(from) });
  return found;
}

/** The text without the rule of that name, with its annotations and the comments directly above it. */
export function without(source: string, id: string): string {
  const all = pieces(source);
  if (!all.some((piece) => piece.id === id)) return source;
  const left = all.map((piece) => (piece.id === id ? apart(piece.text) : piece.text.trim())).filter(Boolean);
  return left.length > 0 ? `${left.join('\n\n')}\n` : '';
}

/** Comments that an empty line parts from the rule below them: they are not about that rule. */
function apart(text: string): string {
  const lines = text.split('\n');
  let first = lines.findIndex((line) => line.trim() && !line.trim().startsWith('//'));
  while (first > 0 && lines[first - 1]?.trim()) first -= 1;
  return lines.slice(0, first).join('\n').trim();
}

/** What is dropped and what is new between two lists, by sentence. */
export function difference(before: RuleRef[], after: RuleRef[]): { dropped: RuleRef[]; added: RuleRef[] } {
  const has = (list: RuleRef[], rule: RuleRef) => list.some((other) => other.sentence === rule.sentence);
  return { dropped: before.filter((rule) => !has(after, rule)), added: after.filter((rule) => !has(before, rule)) };
}
