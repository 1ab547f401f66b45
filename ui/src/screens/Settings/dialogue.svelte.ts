// One of the signer's own dialogues, begun here and carried on in the signer's window.

import { commands, type Ceremony, type Problem } from '../../lib/bindings';
import { problemOf } from '../../lib/problem';

export class Dialogue {
  /** Which one is going on. */
  asking = $state<Ceremony | null>(null);
  /** What the last one came to. */
  said = $state<string | null>(null);
  problem = $state<Problem | null>(null);

  async begin(kind: Ceremony): Promise<void> {
    this.asking = kind;
    this.forget();
    try {
      this.said = await commands.ceremony(kind);
    } catch (error) {
      this.problem = problemOf(error);
    } finally {
      this.asking = null;
    }
  }

  forget(): void {
    this.said = null;
    this.problem = null;
  }
}
