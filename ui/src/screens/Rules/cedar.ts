// Cedar in the editor: what each word is, how far a line is set in, and the colours.

import { HighlightStyle, StreamLanguage, type IndentContext, type StringStream } from '@codemirror/language';
import { tags } from '@lezer/highlight';

const keywords = new Set(['permit', 'forbid', 'when', 'unless', 'if', 'then', 'else', 'in', 'is', 'has', 'like']);
const variables = new Set(['principal', 'action', 'resource', 'context']);
const functions = new Set(['decimal', 'ip', 'datetime', 'duration']);
const atoms = new Set(['true', 'false']);

/** How many brackets are open. */
export type CedarState = { depth: number };

/** The next token's style, by the names of CodeMirror's tags. */
export function token(stream: StringStream, state: CedarState): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match('//')) {
    stream.skipToEnd();
    return 'comment';
  }
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string';
  if (stream.match(/^@\w+/)) return 'meta';
  if (stream.match(/^\d+/)) return 'number';
  const word = stream.match(/^[A-Za-z_]\w*/);
  if (word && word !== true) return ofWord(word[0], stream);
  if (stream.match(/^(?:==|!=|<=|>=|&&|\|\||::|[<>!+*-])/)) return 'operator';
  const sign = stream.next() ?? '';
  if ('({['.includes(sign)) state.depth += 1;
  if (')}]'.includes(sign)) state.depth = Math.max(0, state.depth - 1);
  return 'punctuation';
}

/** After a dot every word is a field or a method, whatever it is elsewhere. */
function ofWord(word: string, stream: StringStream): string {
  if (!/\.\s*$/.test(stream.string.slice(0, stream.start))) {
    if (keywords.has(word)) return 'keyword';
    if (atoms.has(word)) return 'atom';
    if (variables.has(word)) return 'variableName';
    if (functions.has(word) && stream.match(/^\s*\(/, false)) return 'variableName.function';
    if (stream.match(/^\s*::/, false)) return 'typeName';
    if (/(?:::|\bis)\s*$/.test(stream.string.slice(0, stream.start))) return 'typeName';
  }
  return stream.match(/^\s*\(/, false) ? 'propertyName.function' : 'propertyName';
}

export const cedar = StreamLanguage.define<CedarState>({
  name: 'cedar',
  startState: () => ({ depth: 0 }),
  copyState: (state) => ({ ...state }),
  token,
  indent: (state, after, context: IndentContext) => Math.max(0, state.depth - (/^\s*[)}\]]/.test(after) ? 1 : 0)) * context.unit,
  languageData: {
    commentTokens: { line: '//' },
    closeBrackets: { brackets: ['(', '{', '[', '"'] },
    indentOnInput: /^\s*[)}\]]$/,
  },
});

/** Colours from the theme's variables, so that both themes fit. */
export const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--text-quiet)', fontStyle: 'italic' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: tags.meta, color: 'var(--warn)' },
  { tag: tags.number, color: 'var(--bad)' },
  { tag: tags.keyword, color: 'var(--accent-strong)', fontWeight: '600' },
  { tag: tags.atom, color: 'var(--bad)' },
  { tag: tags.variableName, fontWeight: '600' },
  { tag: tags.function(tags.variableName), color: 'var(--accent)', fontWeight: '400' },
  { tag: tags.function(tags.propertyName), color: 'var(--accent)' },
  { tag: tags.typeName, color: 'var(--accent)' },
]);
