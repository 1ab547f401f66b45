// The conversation that is open, kept while other screens are shown.

import { commands, events, type ChatEvent, type ConversationRow, type Intent, type Problem, type TransactionRow } from '../../lib/bindings';
import { app } from '../../lib/app.svelte';
import { catalogues } from '../../lib/i18n.svelte';
import { problemOf } from '../../lib/problem';
import { ask, hear, moved, turnsOf, underWay, type Turn } from './turns';

/** A message or a button's wish (without text) that waits until what came before is dealt with. */
export type Waiting = { key: string; text: string | null };

/** Titles that nobody gave. */
const nameless = ['Chat', ...Object.values(catalogues).map((texts) => texts['chat.new_title'])];
const idle: ChatEvent['state'] = { name: 'idle', question: null, missing: [], pending: null };

class Thread {
  id = $state<number | null>(null);
  title = $state('');
  turns = $state<Turn[]>([]);
  standing = $state<ChatEvent['state']>(idle);
  busy = $state(false);
  list = $state<ConversationRow[]>([]);
  problem = $state<Problem | null>(null);
  /** What waits, by conversation. */
  waiting = $state<Record<number, Waiting[]>>({});
  /** Drafts and what was said before, by conversation. */
  drafts: Record<number, string> = {};
  said: string[] = [];
  #seen = new Set<number>();
  #count = 0;
  #opening = 0;

  /** Listen, also while other screens are shown. Returns what stops it. */
  async listen(): Promise<() => void> {
    const stops = await Promise.all([events.chatEvent((event) => this.heard(event)), events.transactionChanged((row) => this.moved(row))]);
    return () => stops.forEach((stop) => stop());
  }

  async open(id: number | null): Promise<void> {
    const mine = ++this.#opening;
    this.problem = null;
    try {
      const thread = await commands.conversationOpen(id);
      // Another one was wanted meanwhile.
      if (mine !== this.#opening) return;
      this.take(thread);
      await this.refresh();
      for (const row of await commands.outstanding()) this.moved(row);
    } catch (error) {
      if (mine === this.#opening) this.problem = problemOf(error);
    }
  }

  async begin(title: string): Promise<void> {
    this.#opening += 1;
    this.problem = null;
    this.take(await commands.conversationNew(title));
    await this.refresh();
  }

  async refresh(): Promise<void> {
    this.list = await commands.conversations();
  }

  async say(text: string): Promise<void> {
    if (this.id === null) return;
    // It does not wait its turn: it stops what goes on.
    if (underWay(this.turns) && text.toLowerCase() === 'cancel') return this.act({ intent: 'cancel' });
    this.said = [...this.said.filter((one) => one !== text), text].slice(-50);
    const id = this.id;
    const first = this.turns.length === 0;
    this.#begin(id, text);
    await this.#send(id, commands.say(id, text));
    if (first && nameless.includes(this.title)) await this.rename(id, text.slice(0, 60));
  }

  async rename(id: number, title: string): Promise<void> {
    try {
      await commands.conversationRename(id, title);
      if (id === this.id) this.title = title;
      await this.refresh();
    } catch (error) {
      app.complain(error);
    }
  }

  async act(intent: Intent): Promise<void> {
    if (this.id === null) return;
    this.#begin(this.id, null);
    await this.#send(this.id, commands.act(this.id, intent));
  }

  /** The wallet hears it at once; here it stands apart until its turn comes, so that no answer is taken for another's. */
  #begin(id: number, text: string | null): void {
    const key = `l${++this.#count}`;
    if (this.busy) this.waiting[id] = [...(this.waiting[id] ?? []), { key, text }];
    else if (text !== null) ask(this.turns, text, Date.now() / 1000, key);
    this.busy = true;
  }

  /** What came before is dealt with. */
  #next(id: number, at: number): void {
    const [next, ...rest] = this.waiting[id] ?? [];
    this.waiting[id] = rest;
    if (next && next.text !== null && id === this.id) ask(this.turns, next.text, at, next.key);
  }

  async #send(id: number, sent: Promise<unknown>): Promise<void> {
    try {
      await sent;
    } catch (error) {
      this.busy = false;
      this.waiting[id] = [];
      hear(this.turns, { event: 'error', ...problemOf(error) }, Date.now() / 1000, `l${++this.#count}`);
    }
  }

  heard(told: ChatEvent): void {
    if (told.conversation === this.id) this.#hear(told);
    if (told.event.event === 'done') this.#next(told.conversation, told.at);
  }

  #hear(told: ChatEvent): void {
    this.standing = told.state;
    this.busy = told.busy;
    if (told.message !== null) {
      if (this.#seen.has(told.message)) return;
      this.#seen.add(told.message);
    }
    hear(this.turns, told.event, told.at, told.message === null ? `l${++this.#count}` : `m${told.message}`);
  }

  moved(row: TransactionRow): void {
    moved(this.turns, row);
  }

  private take(thread: Awaited<ReturnType<typeof commands.conversationOpen>>): void {
    this.id = thread.id;
    this.title = thread.title;
    this.turns = turnsOf(thread.messages);
    this.standing = thread.state;
    this.busy = thread.busy;
    this.#seen = new Set(thread.messages.map((message) => message.id));
    this.said = thread.messages.flatMap((message) => (message.role === 'person' && message.text ? [message.text] : [])).slice(-50);
  }
}

export const thread = new Thread();
