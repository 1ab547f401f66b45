// The one store: session, status, preferences, and which screen is shown.

import { commands, events, type Intent, type Preferences, type Problem, type Session, type StatusView } from './bindings';
import { setCurrency } from './format.svelte';
import { setLanguage, t } from './i18n.svelte';
import { merge } from './merge';
import { problemOf } from './problem';

export const screens = ['chat', 'activity', 'balances', 'contacts', 'allowances', 'credit', 'rules', 'settings'] as const;
export type Screen = (typeof screens)[number];

export type Toast = { id: number; text: string; kind: 'good' | 'bad' | 'plain'; action?: { words: string; run: () => void } };

/** What other screens leave for the chat: a message to send, an intent to act on, or a draft to be looked at. */
export type Wish = { text: string } | { intent: Intent } | { draft: string };

const defaults: Preferences = {
  theme: 'system',
  language: 'system',
  text_size: 100,
  currency: 'USD',
  notifications: true,
  tray: false,
  reduced_motion: false,
};

class App {
  session = $state<Session | null>(null);
  status = $state<StatusView | null>(null);
  preferences = $state<Preferences>(defaults);
  screen = $state<Screen>('chat');
  /** Where in a screen to look: a rule's id, a transaction's hash. */
  place = $state<string | null>(null);
  toasts = $state<Toast[]>([]);
  wish = $state<Wish | null>(null);
  palette = $state(false);
  keys = $state(false);
  problem = $state<Problem | null>(null);

  #toast = 0;
  #opening = 0;

  /** Listen, and ask until the wallet is open. Returns what stops the listening. */
  async start(): Promise<() => void> {
    this.apply();
    const stops = await Promise.all([
      events.statusChanged((status) => this.standing(status)),
      events.goTo(({ screen }) => {
        if (isScreen(screen)) this.go(screen);
      }),
    ]);
    const media = window.matchMedia('(prefers-color-scheme: dark)');
    const changed = () => this.apply();
    media.addEventListener('change', changed);
    void this.open();
    return () => {
      this.#opening += 1;
      media.removeEventListener('change', changed);
      stops.forEach((stop) => stop());
    };
  }

  /** It comes each second, mostly with another block and nothing else. */
  private standing(status: StatusView): void {
    if (this.status) merge(this.status, status);
    else this.status = status;
  }

  async open(): Promise<void> {
    const mine = ++this.#opening;
    this.problem = null;
    try {
      for (;;) {
        const session = await commands.session();
        if (mine !== this.#opening) return;
        this.session = session;
        if (session.problem) {
          this.problem = session.problem;
          return;
        }
        if (session.ready) break;
        await new Promise((resolve) => setTimeout(resolve, 80));
      }
      await this.loadPreferences();
      this.status = await commands.status();
      if (this.session?.warning) this.say(this.session.warning);
      if (this.status.signer.state === 'locked') void this.welcome();
    } catch (error) {
      if (mine === this.#opening) this.problem = problemOf(error);
    }
  }

  async loadPreferences(): Promise<void> {
    this.preferences = await commands.preferences();
    this.apply();
    await this.loadCurrency();
  }

  async savePreferences(changes: Partial<Preferences>): Promise<void> {
    const before = this.preferences;
    this.preferences = { ...before, ...changes };
    this.apply();
    try {
      this.preferences = await commands.setPreferences(this.preferences);
      if (changes.currency) await this.loadCurrency();
    } catch (error) {
      this.preferences = before;
      this.complain(error);
    }
    this.apply();
  }

  private async loadCurrency(): Promise<void> {
    const dollar = { code: 'USD', per_usd: 1, at: null, note: null };
    if (this.preferences.currency === 'USD') return setCurrency(dollar);
    try {
      const rows = await commands.currencies();
      setCurrency(rows.find((row) => row.code === this.preferences.currency) ?? dollar);
    } catch {
      // Without a rate everything is shown in dollars, and the settings say why.
      setCurrency(dollar);
    }
  }

  private apply(): void {
    const { theme, language, text_size, reduced_motion } = this.preferences;
    const dark = theme === 'dark' || (theme === 'system' && window.matchMedia('(prefers-color-scheme: dark)').matches);
    const root = document.documentElement;
    root.dataset.theme = dark ? 'dark' : 'light';
    root.dataset.motion = reduced_motion ? 'reduced' : 'normal';
    root.style.fontSize = `${text_size}%`;
    setLanguage(language);
  }

  go(screen: Screen, place: string | null = null): void {
    this.screen = screen;
    this.place = place;
    this.palette = false;
  }

  /** Say something in the chat. */
  talk(text: string): void {
    this.wish = { text };
    this.go('chat');
  }

  /** A typed intent, carried out in the chat. */
  act(intent: Intent): void {
    this.wish = { intent };
    this.go('chat');
  }

  /** Put words into the chat's input, to be completed. */
  draft(text: string): void {
    this.wish = { draft: text };
    this.go('chat');
  }

  say(text: string, kind: Toast['kind'] = 'plain', action?: Toast['action'], seconds = 8): void {
    const id = ++this.#toast;
    this.toasts = [...this.toasts, action ? { id, text, kind, action } : { id, text, kind }];
    setTimeout(() => this.dismiss(id), seconds * 1000);
  }

  complain(error: unknown): void {
    const { message, remedy } = problemOf(error);
    this.say([message, remedy].filter(Boolean).join(' '), 'bad', undefined, 14);
  }

  /** What can be undone for some seconds is done when they are over; `back` shows again what was to go. */
  undoable(text: string, run: () => Promise<unknown>, back: () => void, seconds = 8): void {
    const timer = setTimeout(() => void run().catch((error: unknown) => this.complain(error)).then(back), seconds * 1000);
    const undo = () => {
      clearTimeout(timer);
      back();
    };
    this.say(text, 'plain', { words: t('shell.undo'), run: undo }, seconds);
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  async lock(): Promise<void> {
    try {
      this.say(await commands.lock());
    } catch (error) {
      this.complain(error);
    }
  }

  async unlock(): Promise<void> {
    this.say(t('shell.continue_in_signer'));
    try {
      await commands.unlock();
    } catch (error) {
      this.complain(error);
    }
  }

  /** Asked for once at the start; whoever says no finds "Locked" in the status line. */
  private async welcome(): Promise<void> {
    try {
      await commands.unlock();
    } catch {
      // A no is an answer.
    }
  }

  async withdraw(): Promise<void> {
    try {
      await commands.withdraw();
    } catch (error) {
      this.complain(error);
    }
  }
}

export function isScreen(name: string): name is Screen {
  return (screens as readonly string[]).includes(name);
}

export const app = new App();
