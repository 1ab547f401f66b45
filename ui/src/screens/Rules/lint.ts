// What the check says, as marks in the editor. Pure.

import type { Diagnostic } from '@codemirror/lint';
import type { RuleProblem } from '../../lib/bindings';

/** Marks for a text of that length; it can be shorter by now than the text that was checked. */
export function diagnostics(problems: RuleProblem[], length: number): Diagnostic[] {
  const within = (at: number) => Math.max(0, Math.min(at, length));
  return problems.map(({ from, to, severity, message, help }) => ({
    from: within(from),
    to: within(Math.max(from, to)),
    severity,
    message: help ? `${message}\n${help}` : message,
  }));
}
