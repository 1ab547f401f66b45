import { describe, expect, it } from 'vitest';
import type { Intent, TransactionRow } from '../src/lib/bindings';
import { amendment, ask, editable, hear, moved, offersOf, reached, stageOf, steps, turnsOf, underWay, type Turn, type WishCard } from '../src/screens/Chat/turns';
import { progress, proof } from './credit-fixtures';

const send: Intent = { intent: 'send', asset: 'USDC', amount: '50', to: 'Alice' };
const preview = {
  event: 'preview' as const,
  chain: 'local',
  account: '0x1',
  intent: send,
  steps: ['Send 50 USDC to Alice'],
  changes: [],
  fee: 'at most 0',
  parties: [],
  risks: [],
};
const decision = { event: 'decision' as const, level: 1, rules: [], why: [], effects: [], usd_micro: 50_000_000 };

function story(...events: Parameters<typeof hear>[1][]): Turn[] {
  const turns: Turn[] = [];
  ask(turns, 'shoot alice fifty bucks in usdc', 1, 'p');
  events.forEach((event, i) => hear(turns, event, 2 + i, `k${i}`));
  return turns;
}

function card(turns: Turn[]): WishCard {
  const found = turns.at(-1)?.items.find((item) => item.kind === 'wish');
  if (!found) throw new Error('no card');
  return found;
}

describe('turns', () => {
  it('make one card of a wish, from preview to receipt', () => {
    const turns = story(
      { event: 'understood', intent: send, confidence: 1, ms: 4 },
      preview,
      decision,
      { event: 'approval', state: 'asked', level: 1 },
      { event: 'approval', state: 'approved', level: 1 },
      { event: 'sent', id: 7, hash: '0xabc', chain: 'local' },
      { event: 'receipt', id: 7, hash: '0xabc', success: true, block: 9, text: 'Done.' },
    );
    expect(turns).toHaveLength(1);
    expect(turns[0]?.items).toHaveLength(1);
    expect(card(turns).parts).toHaveLength(1);
    expect(stageOf(card(turns).parts[0])).toBe('mined');
  });

  it('go through every stage', () => {
    expect(stageOf(undefined)).toBe('understood');
    expect(stageOf(card(story(preview, decision)).parts[0])).toBe('checked');
    expect(stageOf(card(story(preview, decision, { event: 'approval', state: 'asked', level: 1 })).parts[0])).toBe('asked');
    expect(stageOf(card(story(preview, decision, { event: 'approval', state: 'rejected', level: 1 })).parts[0])).toBe('rejected');
    expect(stageOf(card(story(preview, { ...decision, level: 'refused' })).parts[0])).toBe('refused');
    const failed = story(preview, decision, { event: 'sent', id: 7, hash: '0x', chain: 'local' }, { event: 'receipt', id: 7, hash: '0x', success: false, block: 1, text: '' });
    expect(stageOf(card(failed).parts[0])).toBe('failed');
  });

  it('stop where they were stopped', () => {
    const at = (turns: Turn[]) => {
      const { step, stopped } = reached(card(turns).parts[0]);
      return [steps[step], stopped];
    };
    const asked = { event: 'approval' as const, state: 'asked' as const, level: 1 };
    const onItsWay = { event: 'sent' as const, id: 7, hash: '0x', chain: 'local' };
    expect([steps[reached(undefined).step], reached(undefined).stopped]).toEqual(['understood', false]);
    expect(at(story(preview, { ...decision, level: 'refused' }))).toEqual(['checked', true]);
    expect(at(story(preview, decision, asked))).toEqual(['checked', false]);
    expect(at(story(preview, decision, asked, { ...asked, state: 'rejected' }))).toEqual(['approved', true]);
    expect(at(story(preview, decision, onItsWay))).toEqual(['sent', false]);
    expect(at(story(preview, decision, onItsWay, { event: 'receipt', id: 7, hash: '0x', success: false, block: 1, text: '' }))).toEqual(['mined', true]);
    for (const [stage, where] of [['dropped', 'failed'], ['replaced', 'replaced']] as const) {
      const turns = story(preview, decision, onItsWay);
      moved(turns, { id: 7, stage, block: null } as TransactionRow);
      expect(stageOf(card(turns).parts[0])).toBe(where);
      expect(at(turns)).toEqual(['sent', true]);
    }
  });

  it('give each transaction of one wish its own part', () => {
    const two = { ...preview, steps: ['Allow the pool to take 50 USDC', 'Pay 50 USDC back'] };
    const turns = story(two, decision, { event: 'sent', id: 1, hash: '0x1', chain: 'local' }, decision, { event: 'sent', id: 2, hash: '0x2', chain: 'local' });
    expect(card(turns).parts.map((part) => part.sent?.id)).toEqual([1, 2]);
  });

  it('give what has no preview a card of its own, beside one whose steps are all there', () => {
    const turns = story(preview, decision, { event: 'sent', id: 1, hash: '0x1', chain: 'local' }, decision, { event: 'approval', state: 'asked', level: 2 });
    const cards = turns[0]?.items.filter((item) => item.kind === 'wish') ?? [];
    expect(cards.map(({ preview: of, parts }) => [of !== null, parts.length])).toEqual([[true, 1], [false, 1]]);
    expect(stageOf(cards[1]?.parts[0])).toBe('asked');
  });

  it('make one card of what is under way, and put the verdict in its place', () => {
    const turns = story(progress(1, 'Asking Maple for an offer', 12), progress(8, 'Making the proof', 9), { event: 'proof', proof: proof() }, { event: 'say', text: 'Accepted.' });
    expect(turns[0]?.items.map((item) => item.kind)).toEqual(['proof', 'text']);
    expect(underWay(turns)).toBeUndefined();
  });

  it('end what was under way with a failure, or when the message is dealt with', () => {
    const going = story(progress(3, 'Connecting to the bank'));
    expect(underWay(going)?.progress).toMatchObject({ stage: 3, stages: 9, seconds_left: null });
    for (const end of [{ event: 'error', code: 'x', message: 'No.', remedy: '' }, { event: 'done' }] as const) {
      const turns = story(progress(3, 'Connecting to the bank'), end);
      expect(underWay(turns)).toBeUndefined();
      expect(turns[0]?.items[0]).toMatchObject({ kind: 'progress', over: true });
      hear(turns, progress(1, 'Asking Maple for an offer'), 9, 'n');
      expect(turns[0]?.items.filter((item) => item.kind === 'progress')).toHaveLength(2);
    }
  });

  it('move a card on by its transaction, also one of an earlier turn', () => {
    const turns = story(preview, decision, { event: 'sent', id: 7, hash: '0x', chain: 'local' });
    const first = card(turns);
    ask(turns, 'what have I got', 9, 'p2');
    moved(turns, { id: 7, stage: 'final' } as TransactionRow);
    expect(stageOf(first.parts[0])).toBe('final');
  });

  it('take what other releases say without breaking', () => {
    const turns = story({ event: 'fireworks' } as unknown as Parameters<typeof hear>[1]);
    expect(turns[0]?.items).toEqual([]);
  });

  it('read the rows of the store', () => {
    const turns = turnsOf([
      { id: 1, at: 1, role: 'person', text: 'hi', event: null },
      { id: 2, at: 2, role: 'wallet', text: null, event: { event: 'say', text: 'Hello.' } },
      { id: 3, at: 3, role: 'wallet', text: null, event: null },
    ]);
    expect(turns.map((turn) => [turn.said, turn.items.length])).toEqual([['hi', 1]]);
  });

  it('offer other readings only where they have words and an intent', () => {
    expect(offersOf({ alternatives: [{ intent: send, words: 'Send 50 USDC to Alice' }, { words: 'no intent' }, 'text'] })).toHaveLength(1);
    expect(offersOf(null)).toEqual([]);
  });
});

describe('editing in place', () => {
  it('sends only what differs, in the vocabulary', () => {
    expect(editable(send).map((field) => field.name)).toEqual(['amount', 'asset', 'to']);
    expect(amendment(send, { amount: '20', asset: 'usdc', to: 'Alice' })).toEqual({ intent: 'amend', set: { amount: '20' } });
    expect(amendment(send, { amount: '50', asset: 'USDC', to: ' Alice ' })).toBeNull();
    expect(amendment(send, { amount: '', asset: 'DAI', to: 'Alice' })).toEqual({ intent: 'amend', set: { asset: 'DAI' } });
  });
});
