// The keys that work everywhere.

import { app, screens } from '../lib/app.svelte';
import { t } from '../lib/i18n.svelte';
import { thread } from '../screens/Chat/thread.svelte';

/** What the key map shows: keys, and the name of what they do. */
export const keyMap: { keys: string; name: string }[] = [
  { keys: 'Ctrl K', name: 'shell.key_palette' },
  { keys: `Ctrl 1 – ${screens.length}`, name: 'shell.key_screens' },
  { keys: 'Ctrl N', name: 'shell.key_new' },
  { keys: 'Ctrl L', name: 'shell.key_lock' },
  { keys: 'Enter', name: 'shell.key_send' },
  { keys: 'Shift Enter', name: 'shell.key_line' },
  { keys: '↑', name: 'shell.key_recall' },
  { keys: 'Esc', name: 'shell.key_close' },
  { keys: '?', name: 'shell.key_map' },
];

export function key(event: KeyboardEvent): void {
  if (!app.session?.ready) return;
  if (event.key === '?' && !typing(event.target)) {
    event.preventDefault();
    app.keys = true;
    return;
  }
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const screen = screens[Number(event.key) - 1];
  if (screen) app.go(screen);
  else if (event.key === 'k') app.palette = !app.palette;
  else if (event.key === 'n') void begin();
  else if (event.key === 'l') void app.lock();
  else return;
  event.preventDefault();
}

export async function begin(): Promise<void> {
  app.go('chat');
  try {
    await thread.begin(t('chat.new_title'));
  } catch (error) {
    app.complain(error);
  }
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}
