// The rules as they stand, and the draft of the owner's own text, kept while other screens are shown.

import { app } from '../../lib/app.svelte';
import { commands, type Problem, type RulesView } from '../../lib/bindings';
import { problemOf } from '../../lib/problem';

/** What came of a proposal. */
export type Outcome = { said: string } | { problem: Problem };

class Rules {
  view = $state<RulesView | null>(null);
  problem = $state<Problem | null>(null);
  /** Null while it is what is in force. */
  draft = $state<string | null>(null);
  /** What was in force when the draft was begun. */
  base = $state<string | null>(null);
  /** True while the signer's window asks about a proposal. */
  asking = $state(false);
  outcome = $state<Outcome | null>(null);
  #turn = 0;

  async read(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const view = await commands.rules();
      if (turn !== this.#turn) return;
      this.view = view;
      this.problem = null;
      if (this.draft === view.own_source) this.drop();
    } catch (error) {
      if (turn === this.#turn) this.problem = problemOf(error);
    }
  }

  /** Keep a text that is not in force; one that is needs no keeping. */
  keep(text: string): void {
    const inForce = this.view?.own_source ?? '';
    if (text === inForce) return this.drop();
    if (this.draft === null) this.base = inForce;
    this.draft = text;
  }

  drop(): void {
    this.draft = null;
    this.base = null;
  }

  /** Propose; true where the owner enacted it. */
  async propose(what: () => Promise<string>): Promise<boolean> {
    this.asking = true;
    this.outcome = null;
    try {
      this.tell({ said: await what() });
      await this.read();
      return true;
    } catch (error) {
      this.tell({ problem: problemOf(error) });
      return false;
    } finally {
      this.asking = false;
    }
  }

  /** On this screen, or wherever the person went meanwhile. */
  private tell(outcome: Outcome): void {
    if (app.screen === 'rules') this.outcome = outcome;
    else if ('said' in outcome) app.say(outcome.said, 'good');
    else app.complain(outcome.problem);
  }
}

export const rules = new Rules();
