// The owner's own rules as text: taking one out, and what differs between two lists of sentences. Pure.

import type { RuleRef } from '../../lib/bindings';

/** The text without the rule of that name, with its annotations and the comments directly above it. */
export function without(source: string, id: string): string {
  const rules = split(source);
  const left = rules.filter((rule) => !rule.includes(`@id("${id}")`));
  return left.length === rules.length ? source : left.map((rule) => rule.trim()).filter(Boolean).join('\n\n') + (left.some((r) => r.trim()) ? '\n' : '');
}

/** The text in pieces that each end with a rule's semicolon; strings and comments are no places where a rule ends. */
export function split(source: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  let at = 0;
  while (at < source.length) {
    const rest = source.slice(at);
    const skipped = /^"(?:[^"\\]|\\.)*"|^\/\/[^\n]*/.exec(rest)?.[0];
    if (skipped) {
      at += skipped.length;
      continue;
    }
    at += 1;
    if (rest[0] === ';') {
      pieces.push(source.slice(from, at));
      from = at;
    }
  }
  if (source.slice(from).trim()) pieces.push(source.slice(from));
  return pieces;
}

/** What is dropped and what is new between two lists, by sentence. */
export function difference(before: RuleRef[], after: RuleRef[]): { dropped: RuleRef[]; added: RuleRef[] } {
  const has = (list: RuleRef[], rule: RuleRef) => list.some((other) => other.sentence === rule.sentence);
  return { dropped: before.filter((rule) => !has(after, rule)), added: after.filter((rule) => !has(before, rule)) };
}
