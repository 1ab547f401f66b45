// The rules as they stand, and the draft of the owner's own text, kept while other screens are shown.

import { app } from '../../lib/app.svelte';
import { commands, type Problem, type RulesView } from '../../lib/bindings';
import { problemOf } from '../../lib/problem';

class Rules {
  view = $state<RulesView | null>(null);
  problem = $state<Problem | null>(null);
  /** Null while it is what is in force. */
  draft = $state<string | null>(null);
  /** True while the signer's window asks about a proposal. */
  asking = $state(false);
  #turn = 0;

  async read(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const view = await commands.rules();
      if (turn !== this.#turn) return;
      this.view = view;
      this.problem = null;
      if (this.draft === view.own_source) this.draft = null;
    } catch (error) {
      if (turn === this.#turn) this.problem = problemOf(error);
    }
  }

  /** Propose; true where the owner enacted it. */
  async propose(what: () => Promise<string>): Promise<boolean> {
    this.asking = true;
    try {
      app.say(await what(), 'good');
      await this.read();
      return true;
    } catch (error) {
      app.complain(error);
      return false;
    } finally {
      this.asking = false;
    }
  }
}

export const rules = new Rules();
