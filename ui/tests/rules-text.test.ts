import { CompletionContext } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { StringStream } from '@codemirror/language';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Problem, RuleProblem } from '../src/lib/bindings';
import { token } from '../src/screens/Rules/cedar';
import { complete, options, placeOf } from '../src/screens/Rules/completion';
import { emptyFields, fieldOf, formOf, isBlank, wrongs, type RuleFields } from '../src/screens/Rules/form';
import { diagnostics } from '../src/screens/Rules/lint';
import { difference, pieces, without } from '../src/screens/Rules/own';
import { ownSource, words } from './fixtures';

function tokens(text: string): [string, string][] {
  const state = { depth: 0 };
  return text.split('\n').flatMap((line) => {
    const stream = new StringStream(line, 2, 2);
    const found: [string, string][] = [];
    while (!stream.eol()) {
      stream.start = stream.pos;
      const kind = token(stream, state);
      if (kind) found.push([stream.current(), kind]);
    }
    return found;
  });
}
const kindOf = (text: string, word: string) => tokens(text).find(([found]) => found === word)?.[1];

describe('colours of Cedar', () => {
  it('tell keywords, variables, fields, annotations, texts, numbers and comments apart', () => {
    expect(tokens('@id("x") forbid when { context.usd > 20 } // no')).toEqual([
      ['@id', 'meta'], ['(', 'punctuation'], ['"x"', 'string'], [')', 'punctuation'], ['forbid', 'keyword'], ['when', 'keyword'], ['{', 'punctuation'],
      ['context', 'variableName'], ['.', 'punctuation'], ['usd', 'propertyName'], ['>', 'operator'], ['20', 'number'], ['}', 'punctuation'], ['// no', 'comment'],
    ]);
  });
  it('know entity types, functions and methods', () => {
    expect(tokens('Symbol::"USDC"').map(([, kind]) => kind)).toEqual(['typeName', 'operator', 'string']);
    expect(kindOf('resource is Asset', 'Asset')).toBe('typeName');
    expect(kindOf('decimal("1.5")', 'decimal')).toBe('variableName.function');
    expect(kindOf('["a"].contains(context.weekday)', 'contains')).toBe('propertyName.function');
    expect(kindOf('if true then false else context has buy', 'has')).toBe('keyword');
    expect(kindOf('if true then false else x', 'true')).toBe('atom');
  });
  it('take a word after a dot for a field, and a comment sign in a text for text', () => {
    expect(kindOf('context.action', 'action')).toBe('propertyName');
    expect(tokens('"// \\" x" in').map(([, kind]) => kind)).toEqual(['string', 'keyword']);
  });
  it('leave no word of a shipped pack without a kind', () => {
    const pack = readFileSync('../policies/packs/cautious.cedar', 'utf8');
    const seen = tokens(pack);
    expect(seen.length).toBeGreaterThan(500);
    expect(seen.map(([text]) => text.replace(/\s/g, '')).join('')).toBe(pack.replace(/\s/g, ''));
    expect(seen.filter(([text, kind]) => kind === 'punctuation' && !/^[(){}[\],;.:]$/.test(text))).toEqual([]);
  });
});

describe('completion', () => {
  const at = (before: string) => options(words, placeOf(before)).map((one) => one.label);
  it('offers fields one step at a time', () => {
    expect(at('when { context.')).toEqual(['approval', 'usd', 'numbers', 'now', 'recipient', 'spent']);
    expect(at('when { context.spent.da')).toEqual(['day', 'week']);
    expect(at('context has rec')).toContain('recipient');
    expect(at('context.recipient has ')).toEqual(['known', 'contact']);
  });
  it('offers actions where an action is compared', () => {
    const actions = ['Action::"send"', 'Action::"swap"', 'Action::"spend"'];
    expect(at('forbid (principal, action == ')).toEqual(actions);
    expect(at('forbid (principal, action in [Action::"send", ')).toEqual(actions);
    expect(at('forbid (principal, action == Action::"se')).toEqual(actions);
  });
  it('offers annotations, entities, types and methods where they belong', () => {
    expect(at('@')).toEqual(['@id', '@until']);
    expect(at('resource in ')).toEqual(['Account', 'Asset', 'Symbol', 'Contact']);
    expect(at('resource is ')).toEqual(['Account', 'Asset', 'Symbol', 'Contact']);
    expect(at('["a"].')).toEqual(['contains', 'hasTag', 'offset']);
    expect(at('context.numbers.')).toEqual(['hasTag']);
    expect(at('context.now.')).toEqual(['offset']);
    expect(at('context.usd.')).toEqual([]);
    expect(at('per')).toEqual(expect.arrayContaining(['permit', 'context.usd', 'Action::"send"', 'Symbol']));
  });
  it('is silent in comments and texts', () => {
    expect(placeOf('forbid // context.')).toEqual({ kind: 'nothing' });
    expect(placeOf('context.weekday == "mon')).toEqual({ kind: 'nothing' });
    expect(placeOf('context.claimed.to == "a // b" && context.').kind).toBe('field');
  });
  it('speaks up by itself only where it is certain', () => {
    const ask = (doc: string, explicit: boolean) => complete(() => words)(new CompletionContext(EditorState.create({ doc }), doc.length, explicit));
    expect(ask('permit (principal, ', false)).toBeNull();
    expect(ask('permit (principal, ', true)?.options.length).toBeGreaterThan(10);
    expect(ask('when { context.us', false)?.from).toBe('when { context.'.length);
  });
  it('puts no second quotation mark behind an action', () => {
    const doc = 'action == Action::""';
    const view = new EditorView({ doc, selection: { anchor: doc.length - 1 } });
    const before = doc.slice(0, -1);
    const place = placeOf(before);
    const send = options(words, place)[0];
    if (typeof send?.apply !== 'function' || place.kind !== 'action') throw new Error('an action is put in by a function');
    send.apply(view, send, before.length - place.typed.length, before.length);
    expect(view.state.doc.toString()).toBe('action == Action::"send"');
    view.destroy();
  });
});

describe('marks of the check', () => {
  const found: RuleProblem = { severity: 'error', from: 10, to: 14, line: 2, message: 'no such field', help: 'Did you mean usd?' };
  it('stand where the problem is, with the way out', () => {
    expect(diagnostics([found], 100)).toEqual([{ from: 10, to: 14, severity: 'error', message: 'no such field\nDid you mean usd?' }]);
    expect(diagnostics([{ ...found, severity: 'warning', help: null }], 100)[0]).toMatchObject({ severity: 'warning', message: 'no such field' });
  });
  it('stay inside a text that has become shorter', () => {
    expect(diagnostics([found], 12)[0]).toMatchObject({ from: 10, to: 12 });
    expect(diagnostics([found], 3)[0]).toMatchObject({ from: 3, to: 3 });
    expect(diagnostics([{ ...found, from: 9, to: 2 }], 100)[0]).toMatchObject({ from: 9, to: 9 });
  });
});

describe('rules as text', () => {
  const source = '// all of them\n\n// one\n@id("a")\nforbid (principal, action, resource) when { context.claimed.quote == "x;y" }; // of a\n\n// not @id("a")\n@id("b")\npermit (principal, action, resource); // end;\n';
  it('ends a rule at its semicolon, not at one in a text or a comment', () => {
    expect(pieces(source).map((piece) => piece.id)).toEqual(['a', 'b']);
    expect(pieces(`${source}\n// last`).map((piece) => piece.id)).toEqual(['a', 'b', null]);
  });
  it('loses the rule that is taken out, and the comments that are about it', () => {
    expect(without(source, 'a')).toBe('// all of them\n\n// not @id("a")\n@id("b")\npermit (principal, action, resource); // end;\n');
    expect(without(source, 'c')).toBe(source);
    expect(without('@id("a") permit (principal, action, resource);', 'a')).toBe('');
  });
  it('says what a pack drops and adds', () => {
    const rule = (sentence: string) => ({ id: sentence, sentence });
    expect(difference([rule('x'), rule('y')], [rule('y'), rule('z')])).toEqual({ dropped: [rule('x')], added: [rule('z')] });
  });
  it('keeps every rule but one of the fixtures', () => {
    expect(pieces(without(ownSource, 'alice-lunch')).map((piece) => piece.id)).toEqual(['at-most-200-a-day']);
  });
});

describe('the form', () => {
  const fields = (over: Partial<RuleFields>): RuleFields => ({ ...emptyFields, ...over });
  it.each([
    ['$200', '$200', null],
    [' 200 usd ', '$200', null],
    ['200 $', '$200', null],
    ['50 USDC', '50', 'USDC'],
    ['0.5 weth', '0.5', 'WETH'],
  ])('reads %s', (over, text, asset) => {
    expect(wrongs(fields({ over }))).toEqual({});
    expect(formOf(fields({ over }))).toMatchObject({ over: text, asset });
  });
  it.each(['$', 'much', '1,000', '0.1234567', '$5 USDC', '-3'])('does not take %s for an amount', (over) => {
    expect(wrongs(fields({ over, asset: 'USDC' })).over).toBe('rules.wrong_over');
  });
  it('says at the field what is wrong', () => {
    expect(wrongs(fields({ over: '50' }))).toEqual({ over: 'rules.wrong_over_of' });
    expect(wrongs(fields({ over: '50', asset: 'DAI' }))).toEqual({});
    expect(wrongs(fields({ over: '50 USDC', asset: 'DAI' }))).toEqual({ over: 'rules.wrong_over_asset' });
    expect(wrongs(fields({ effect: 'allow', to: 'Alice' }))).toEqual({ over: 'rules.wrong_allow' });
    expect(wrongs(fields({ to: '0x123', over: '$5' }))).toEqual({ to: 'rules.wrong_to' });
  });
  it('spells a contact as the book does', () => {
    expect(formOf(fields({ to: ' alice ' }), ['Alice']).to).toBe('Alice');
    expect(formOf(fields({ to: 'zoe' }), ['Alice']).to).toBe('zoe');
  });
  it('is blank until it says something of its own', () => {
    expect(isBlank(emptyFields)).toBe(true);
    expect(isBlank(fields({ to: 'Alice' }))).toBe(false);
  });
  it('puts the complaint of the engine beside its field', () => {
    const said = (message: string): Problem => ({ code: 'rule', message, remedy: '' });
    expect(fieldOf(said('a rule that allows needs a limit: say up to how much'))).toBe('over');
    expect(fieldOf(said('over is `x`, expected an amount'))).toBe('over');
    expect(fieldOf(said('the signer does not answer'))).toBeNull();
  });
});
