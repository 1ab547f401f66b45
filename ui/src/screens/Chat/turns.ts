// Messages and events as what a person sees: turns, and in each the cards of what was wished. Pure.

import type { ChatEvent, Intent, JsonValue, MessageRow, Preview, Problem, ProgressView, ProofView, TransactionRow } from '../../lib/bindings';

type Said = ChatEvent['event'];
type Of<K extends Said['event']> = Extract<Said, { event: K }>;

/** One person's message and all that came of it. */
export type Turn = { key: string; at: number; said: string | null; items: Item[] };

export type Item =
  | { kind: 'text'; key: string; text: string; offers: Offer[]; data: JsonValue }
  | { kind: 'problem'; key: string; problem: Problem }
  | ProgressCard
  | { kind: 'proof'; key: string; proof: ProofView }
  | WishCard;

/** Another reading that the wallet offers as a button. */
export type Offer = { intent: Intent; words: string };

/** Something long that is under way; `over` where it ended without its result. */
export type ProgressCard = { kind: 'progress'; key: string; progress: ProgressView; over: boolean };

/** One wish, from its preview to its receipts. */
export type WishCard = { kind: 'wish'; key: string; intent: Intent; preview: Preview | null; parts: Part[] };

/** One transaction (or signature) of a wish. */
export type Part = {
  decision: Of<'decision'> | null;
  approval: 'asked' | 'approved' | 'rejected' | null;
  sent: Of<'sent'> | null;
  receipt: Of<'receipt'> | null;
  row: TransactionRow | null;
};

export type Stage =
  | 'understood' | 'checked' | 'asked' | 'approved' | 'sent' | 'mined' | 'final' | 'refused' | 'rejected' | 'replaced' | 'failed';

/** What each wish goes through. */
export const steps = ['understood', 'checked', 'approved', 'sent', 'mined', 'final'] as const;

/** Rows of the store as turns. */
export function turnsOf(messages: MessageRow[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'person') ask(turns, message.text ?? '', message.at, `m${message.id}`);
    else if (message.event) hear(turns, message.event, message.at, `m${message.id}`);
  }
  return turns;
}

/** The person says something. */
export function ask(turns: Turn[], said: string, at: number, key: string): void {
  turns.push({ key, at, said, items: [] });
}

/** The wallet says something. */
export function hear(turns: Turn[], event: Said, at: number, key: string): void {
  switch (event.event) {
    case 'preview':
      turn(turns, at, key).items.push({ kind: 'wish', key, intent: event.intent, preview: event, parts: [] });
      return;
    case 'decision': {
      const known = wish(turns, at, key);
      // A card has a part for each step of its preview; the next decision is about something else, such as a signature under terms.
      const card = known.parts.length < (known.preview?.steps.length ?? 1) ? known : signature(turns, at, key);
      card.parts.push({ decision: event, approval: null, sent: null, receipt: null, row: null });
      return;
    }
    case 'approval': {
      const part = last(turns);
      if (part) part.approval = event.state;
      return;
    }
    case 'sent': {
      const card = wish(turns, at, key);
      const open = card.parts.at(-1);
      if (open && !open.sent) open.sent = event;
      else card.parts.push({ decision: null, approval: null, sent: event, receipt: null, row: null });
      return;
    }
    case 'receipt': {
      const part = bySent(turns, event.id);
      if (part) part.receipt = event;
      else turn(turns, at, key).items.push(text(key, event.text));
      return;
    }
    case 'say':
      turn(turns, at, key).items.push(text(key, event.text, event.data ?? null));
      return;
    case 'error': {
      const { code, message, remedy } = event;
      stop(turns);
      turn(turns, at, key).items.push({ kind: 'problem', key, problem: { code, message, remedy } });
      return;
    }
    case 'progress': {
      const { what, stage, stages, sentence, seconds_left } = event;
      const progress = { what, stage, stages, sentence, seconds_left };
      const card = underWay(turns);
      if (card) card.progress = progress;
      else turn(turns, at, key).items.push({ kind: 'progress', key, progress, over: false });
      return;
    }
    case 'proof': {
      // In the place of the card that showed how it was made.
      const { items } = turn(turns, at, key);
      const card = underWay(turns);
      items.splice(card ? items.indexOf(card) : items.length, card ? 1 : 0, { kind: 'proof', key, proof: event.proof });
      return;
    }
    case 'done':
      stop(turns);
      return;
    // What was understood is seen in the card.
    default:
      return;
  }
}

/** A transaction went a step further. */
export function moved(turns: Turn[], row: TransactionRow): void {
  const part = bySent(turns, row.id);
  if (part) part.row = row;
}

export function stageOf(part: Part | undefined): Stage {
  if (!part) return 'understood';
  if (part.row?.stage === 'reverted' || part.receipt?.success === false) return 'failed';
  if (part.row?.stage === 'replaced') return 'replaced';
  if (part.row && ['dropped', 'abandoned'].includes(part.row.stage)) return 'failed';
  if (part.row?.stage === 'final') return 'final';
  if (part.receipt || part.row?.stage === 'mined') return 'mined';
  if (part.sent) return 'sent';
  if (part.approval === 'approved') return 'approved';
  if (part.approval === 'rejected') return 'rejected';
  if (part.decision?.level === 'refused') return 'refused';
  if (part.approval === 'asked') return 'asked';
  return 'checked';
}

/** How far a wish got: the index in `steps` of the last that was reached, or of that where it stopped. */
export function reached(part: Part | undefined): { step: number; stopped: boolean } {
  const stage = stageOf(part);
  switch (stage) {
    case 'asked':
      return { step: steps.indexOf('checked'), stopped: false };
    case 'refused':
      return { step: steps.indexOf('checked'), stopped: true };
    case 'rejected':
      return { step: steps.indexOf('approved'), stopped: true };
    case 'replaced':
      return { step: steps.indexOf('sent'), stopped: true };
    case 'failed':
      return { step: steps.indexOf(part?.receipt || part?.row?.block ? 'mined' : 'sent'), stopped: true };
    default:
      return { step: steps.indexOf(stage), stopped: false };
  }
}

/** Fields of an intent that can be edited where it is shown. */
export function editable(intent: Intent): { name: string; value: string }[] {
  return ['amount', 'asset', 'to', 'spender'].flatMap((name) => {
    const value = intent[name];
    return typeof value === 'string' ? [{ name, value }] : [];
  });
}

/** What of the edited fields differs, as an amendment; null where nothing does. */
export function amendment(intent: Intent, edited: Record<string, string>): Intent | null {
  const set: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(edited)) {
    const wanted = name === 'asset' ? value.trim().toUpperCase() : value.trim();
    if (wanted && wanted !== intent[name]) set[name] = wanted;
  }
  return Object.keys(set).length > 0 ? { intent: 'amend', set } : null;
}

/** The other readings that come with words. */
export function offersOf(data: JsonValue): Offer[] {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [];
  const list = data.alternatives;
  if (!Array.isArray(list)) return [];
  return list.flatMap((one) => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return [];
    const { intent, words } = one;
    const named = typeof intent === 'object' && intent !== null && !Array.isArray(intent) && typeof intent.intent === 'string';
    return named && typeof words === 'string' ? [{ intent: intent as Intent, words }] : [];
  });
}

function text(key: string, words: string, data: JsonValue = null): Item {
  return { kind: 'text', key, text: words, offers: offersOf(data), data };
}

/** The turn that is under way; what the wallet says unasked begins one of its own. */
function turn(turns: Turn[], at: number, key: string): Turn {
  const now = turns.at(-1);
  if (now) return now;
  turns.push({ key, at, said: null, items: [] });
  return turns[turns.length - 1] as Turn;
}

/** The card that is under way, or a new one. */
function wish(turns: Turn[], at: number, key: string): WishCard {
  return turn(turns, at, key).items.findLast((item) => item.kind === 'wish') ?? signature(turns, at, key);
}

/** A card without preview: a signature moves nothing. */
function signature(turns: Turn[], at: number, key: string): WishCard {
  const now = turn(turns, at, key);
  now.items.push({ kind: 'wish', key, intent: { intent: 'sign_message' }, preview: null, parts: [] });
  return now.items[now.items.length - 1] as WishCard;
}

/** Something long that goes on now. */
export function underWay(turns: Turn[]): ProgressCard | undefined {
  return turns.at(-1)?.items.findLast((item) => item.kind === 'progress' && !item.over) as ProgressCard | undefined;
}

/** What was under way has ended, whatever came of it. */
function stop(turns: Turn[]): void {
  const card = underWay(turns);
  if (card) card.over = true;
}

function last(turns: Turn[]): Part | undefined {
  const card = turns.at(-1)?.items.findLast((item) => item.kind === 'wish');
  return card?.parts.at(-1);
}

function bySent(turns: Turn[], id: number): Part | undefined {
  for (let i = turns.length - 1; i >= 0; i--) {
    for (const item of turns[i]?.items ?? []) {
      if (item.kind !== 'wish') continue;
      const part = item.parts.find((one) => one.sent?.id === id);
      if (part) return part;
    }
  }
  return undefined;
}
