// The conversation that is open, kept while other screens are shown.

import { commands, events, type ChatEvent, type ConversationRow, type Intent, type Problem, type TransactionRow } from '../../lib/bindings';
import { problemOf } from '../../lib/problem';
import { ask, hear, moved, turnsOf, type Turn } from './turns';

const idle: ChatEvent['state'] = { name: 'idle', question: null, missing: [], pending: null };

class Thread {
  id = $state<number | null>(null);
  title = $state('');
  turns = $state<Turn[]>([]);
  standing = $state<ChatEvent['state']>(idle);
  busy = $state(false);
  list = $state<ConversationRow[]>([]);
  problem = $state<Problem | null>(null);
  /** Drafts and what was said before, by conversation. */
  drafts: Record<number, string> = {};
  said: string[] = [];
  #seen = new Set<number>();
  #count = 0;
  #listening = false;

  async listen(): Promise<void> {
    if (this.#listening) return;
    this.#listening = true;
    await Promise.all([events.chatEvent((event) => this.heard(event)), events.transactionChanged((row) => this.moved(row))]);
  }

  async open(id: number | null): Promise<void> {
    this.problem = null;
    try {
      await this.listen();
      this.take(await commands.conversationOpen(id));
      await this.refresh();
      for (const row of await commands.outstanding()) this.moved(row);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  async begin(title: string): Promise<void> {
    this.take(await commands.conversationNew(title));
    await this.refresh();
  }

  async refresh(): Promise<void> {
    this.list = await commands.conversations();
  }

  async say(text: string): Promise<void> {
    if (this.id === null) return;
    this.said = [...this.said.filter((one) => one !== text), text].slice(-50);
    const first = this.turns.length === 0;
    ask(this.turns, text, Date.now() / 1000, `l${++this.#count}`);
    this.busy = true;
    await this.#send(commands.say(this.id, text));
    if (first && this.id !== null) {
      await commands.conversationRename(this.id, text.slice(0, 60));
      await this.refresh();
    }
  }

  async act(intent: Intent): Promise<void> {
    if (this.id === null) return;
    this.busy = true;
    await this.#send(commands.act(this.id, intent));
  }

  async #send(sent: Promise<unknown>): Promise<void> {
    try {
      await sent;
    } catch (error) {
      this.busy = false;
      hear(this.turns, { event: 'error', ...problemOf(error) }, Date.now() / 1000, `l${++this.#count}`);
    }
  }

  heard(told: ChatEvent): void {
    if (told.conversation !== this.id) return;
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
