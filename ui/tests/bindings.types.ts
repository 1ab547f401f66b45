// Not run: svelte-check reads it. What the shell gives fits the types that the pages work with, and what the pages give
// fits the shell's. `generated.ts` is written by the shell's own test from its Rust types.
import type { commands as written } from '../src/lib/bindings';
import type { commands as generated } from '../src/lib/generated';

type Given<T> = { [K in keyof T]: T[K] extends (...args: never[]) => Promise<infer R> ? R : never };
type Taken<T> = { [K in keyof T]: T[K] extends (...args: infer A) => unknown ? A : never };

declare const given: Given<typeof generated>;
declare const taken: Taken<typeof written>;

export const shellGivesWhatPagesRead: Given<typeof written> = given;
export const pagesGiveWhatShellReads: Taken<typeof generated> = taken;
