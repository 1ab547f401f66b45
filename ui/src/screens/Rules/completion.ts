// What the editor offers, by where the cursor stands and by the schema's own words.

import { snippetCompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import type { EditorView } from '@codemirror/view';
import type { SchemaWord } from '../../lib/bindings';
import { t } from '../../lib/i18n.svelte';

/** Where the cursor stands: what belongs there, and how many characters of it are typed. */
export type Place =
  | { kind: 'nothing' }
  | { kind: 'annotation' | 'action' | 'entity' | 'type' | 'anything'; typed: string }
  /** Fields below that path; `dot` where a field is read, not asked for by `has`. */
  | { kind: 'field'; typed: string; path: string; dot: boolean };

const icons: Record<SchemaWord['kind'], string> = {
  attribute: 'property',
  action: 'constant',
  entity: 'type',
  keyword: 'keyword',
  method: 'method',
};

const functions = new Set(['datetime', 'duration', 'decimal', 'ip']);
/** Methods of a field by its type; of what is not named here all are offered. */
const methods: Record<string, string[]> = {
  Long: [],
  Bool: [],
  String: [],
  Arguments: ['hasTag', 'getTag'],
  Numbers: ['hasTag', 'getTag'],
  datetime: ['offset', 'durationSince', 'toDate', 'toTime'],
};

/** From the text before the cursor. */
export function placeOf(before: string): Place {
  const line = before.slice(before.lastIndexOf('\n') + 1).replace(/"(?:[^"\\]|\\.)*"/g, (text) => '_'.repeat(text.length));
  if (line.includes('//')) return { kind: 'nothing' };
  const action = /(?:Action(?:::?"?\w*)?)$/.exec(before);
  if (action && !/\.$/.test(before.slice(0, action.index))) return { kind: 'action', typed: action[0] };
  if (line.includes('"')) return { kind: 'nothing' };
  const annotation = /@\w*$/.exec(before);
  if (annotation) return { kind: 'annotation', typed: annotation[0] };
  const dotted = /(?:([A-Za-z_]\w*(?:\.\w+)*)|[)\]"])\s*\.(\w*)$/.exec(before);
  if (dotted) return { kind: 'field', path: dotted[1] ?? '', typed: dotted[2] ?? '', dot: true };
  const asked = /([A-Za-z_]\w*(?:\.\w+)*)\s+has\s+(\w*)$/.exec(before);
  if (asked) return { kind: 'field', path: asked[1] ?? '', typed: asked[2] ?? '', dot: false };
  const typed = /\w*$/.exec(before)?.[0] ?? '';
  const lead = before.slice(0, before.length - typed.length);
  if (/\baction\s*(?:==|\bin)\s*(?:\[[^\]]*)?$/.test(lead)) return { kind: 'action', typed };
  if (/\bis\s+$/.test(lead)) return { kind: 'type', typed };
  if (/\b(?:principal|resource)\s*(?:==|\bin)\s*\[?\s*$/.test(lead)) return { kind: 'entity', typed };
  return { kind: 'anything', typed };
}

/** What fits there. */
export function options(words: SchemaWord[], place: Place): Completion[] {
  const of = (kind: SchemaWord['kind']) => words.filter((word) => word.kind === kind);
  switch (place.kind) {
    case 'nothing':
      return [];
    case 'annotation':
      return [
        snippetCompletion('@id("${name}")', { label: '@id', type: 'keyword', info: t('rules.word_id') }),
        snippetCompletion('@until("${2026-12-31}")', { label: '@until', type: 'keyword', info: t('rules.word_until') }),
      ];
    case 'action':
      return of('action').map((word) => ({ ...completion(word), apply: quoted }));
    case 'type':
      return of('entity').map(completion);
    case 'entity':
      return of('entity').map(named);
    case 'field':
      return fields(words, place);
    case 'anything':
      return [
        ...of('keyword').map((word) => ({ ...(functions.has(word.word) ? literal(word) : completion(word)), boost: 1 })),
        ...of('attribute').map(completion),
        ...of('action').map((word) => ({ ...completion(word), apply: quoted })),
        ...of('entity').map(named),
      ];
  }
}

/** The source for the editor. Where nothing is typed, only what can be nothing else is offered unasked. */
export function complete(words: () => SchemaWord[]): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const place = placeOf(context.state.sliceDoc(0, context.pos));
    if (place.kind === 'nothing') return null;
    const certain = place.kind === 'field' || place.kind === 'annotation' || place.kind === 'action';
    if (place.typed === '' && !certain && !context.explicit) return null;
    const found = options(words(), place);
    return found.length > 0 ? { from: context.pos - place.typed.length, options: found, validFor: /^[@\w:"]*$/ } : null;
  };
}

function fields(words: SchemaWord[], { path, dot }: { path: string; dot: boolean }): Completion[] {
  const inside = words.filter(({ kind, word }) => kind === 'attribute' && word.slice(0, word.lastIndexOf('.')) === path);
  const found = inside.map((word) => ({ ...completion(word), label: word.word.slice(path.length + 1) }));
  if (found.length > 0 || !dot) return found;
  const type = words.find(({ kind, word }) => kind === 'attribute' && word === path)?.type ?? '';
  const fits = methods[type];
  return words.filter(({ kind, word }) => kind === 'method' && (!fits || fits.includes(word))).map(called);
}

function completion(word: SchemaWord): Completion {
  return { label: word.word, type: icons[word.kind], detail: word.type, info: word.info || undefined };
}

/** An entity with the place of its name. */
function named(word: SchemaWord): Completion {
  return snippetCompletion(`${word.word}::"\${name}"`, completion(word));
}

/** A value that is written as a text. */
function literal(word: SchemaWord): Completion {
  return snippetCompletion(`${word.word}("\${}")`, completion(word));
}

function called(word: SchemaWord): Completion {
  return snippetCompletion(`${word.word}(\${})`, completion(word));
}

/** Takes the quotation mark that the editor closed by itself. */
function quoted(view: EditorView, { label }: Completion, from: number, to: number): void {
  const end = label.endsWith('"') && view.state.sliceDoc(to, to + 1) === '"' ? to + 1 : to;
  view.dispatch({ changes: { from, to: end, insert: label }, selection: { anchor: from + label.length }, userEvent: 'input.complete' });
}
