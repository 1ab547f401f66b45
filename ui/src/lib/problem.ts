import type { Problem } from './bindings';

/** Anything that was thrown, as a problem with a remedy. */
export function problemOf(error: unknown): Problem {
  if (isProblem(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'unexpected', message, remedy: '' };
}

function isProblem(error: unknown): error is Problem {
  return (
    typeof error === 'object' &&
    error !== null &&
    ['code', 'message', 'remedy'].every((key) => typeof (error as Record<string, unknown>)[key] === 'string')
  );
}
