// Cedar in the editor: highlighting and completion.

import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { HighlightStyle, StreamLanguage, type StringStream } from '@codemirror/language';
import { tags } from '@lezer/highlight';
import type { SchemaWord } from '../../lib/bindings';

const keywords = new Set(['permit', 'forbid', 'when', 'unless', 'if', 'then', 'else', 'in', 'is', 'has', 'like']);
const variables = new Set(['principal', 'action', 'resource', 'context']);
const atoms = new Set(['true', 'false']);

/** The next token's style, by the names that CodeMirror's legacy modes have. */
export function token(stream: StringStream): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match('//')) {
    stream.skipToEnd();
    return 'comment';
  }
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string';
  if (stream.match(/^@\w+/)) return 'meta';
  if (stream.match(/^\d+/)) return 'number';
  const word = stream.match(/^[A-Za-z_]\w*/);
  if (word && word !== true) {
    const [text] = word;
    if (keywords.has(text)) return 'keyword';
    if (atoms.has(text)) return 'atom';
    if (variables.has(text)) return 'variableName';
    return stream.match(/^\s*::/, false) ? 'typeName' : 'propertyName';
  }
  if (stream.match(/^(?:==|!=|<=|>=|&&|\|\||[<>!+*-])/)) return 'operator';
  stream.next();
  return 'punctuation';
}

export const cedar = StreamLanguage.define({ name: 'cedar', token, languageData: { commentTokens: { line: '//' }, closeBrackets: { brackets: ['(', '{', '[', '"'] } } });

/** Colours from the theme's variables, so that both themes fit. */
export const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--text-quiet)', fontStyle: 'italic' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: tags.meta, color: 'var(--warn)' },
  { tag: tags.number, color: 'var(--bad)' },
  { tag: tags.keyword, color: 'var(--accent-strong)', fontWeight: '600' },
  { tag: tags.atom, color: 'var(--bad)' },
  { tag: tags.variableName, fontWeight: '600' },
  { tag: tags.typeName, color: 'var(--accent)' },
]);

const icons: Record<SchemaWord['kind'], string> = {
  attribute: 'property',
  action: 'constant',
  entity: 'type',
  keyword: 'keyword',
  method: 'method',
};

/** Completion from the schema's words: by path after a dot, actions after `action`, annotations after `@`. */
export function complete(words: SchemaWord[]): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const before = context.matchBefore(/[@\w.:"]*$/);
    if (!before || (before.text === '' && !context.explicit)) return null;
    const line = context.state.doc.lineAt(context.pos);
    const lead = line.text.slice(0, before.from - line.from);
    return { from: before.from, options: options(words, before.text, lead), validFor: /^[@\w.:"]*$/ };
  };
}

/** What fits the text under the cursor and what stands before it. Pure. */
export function options(words: SchemaWord[], typed: string, lead: string): Completion[] {
  const completion = (word: SchemaWord): Completion => ({ label: word.word, type: icons[word.kind], detail: word.type, info: word.info });
  if (typed.startsWith('@')) return [{ label: '@id("")', type: 'keyword', info: 'The name of the rule; each has its own.' }];
  if (/action\s*(?:==|in)\s*\[?[^\]]*$/.test(lead)) return words.filter((word) => word.kind === 'action').map(completion);
  const path = /^(context(?:\.\w+)*)\.\w*$/.exec(typed)?.[1];
  if (path) {
    const depth = path.split('.').length + 1;
    const inside = words.filter((word) => word.word.startsWith(`${path}.`) && word.word.split('.').length === depth);
    if (inside.length > 0) return inside.map(completion);
  }
  if (typed.includes('.')) return words.filter((word) => word.kind === 'method').map((word) => ({ ...completion(word), label: `${typed.slice(0, typed.lastIndexOf('.') + 1)}${word.word}()` }));
  return words.filter((word) => word.kind !== 'method').map(completion);
}
