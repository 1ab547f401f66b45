// What the palette offers, and how it is found.

import { app, screens } from '../lib/app.svelte';
import { commands } from '../lib/bindings';
import { t } from '../lib/i18n.svelte';
import { begin } from './keys';

export type Action = { id: string; words: string; hint?: string; run: () => void };

/** Everything that can be done from anywhere. */
export function actions(): Action[] {
  const unlocked = app.status?.signer.state === 'unlocked';
  const dark = document.documentElement.dataset.theme === 'dark';
  return [
    ...screens.map((screen, i) => ({
      id: screen,
      words: t('shell.go_to', { screen: t(`shell.${screen}`) }),
      hint: `Ctrl ${i + 1}`,
      run: () => app.go(screen),
    })),
    { id: 'new', words: t('chat.new'), hint: 'Ctrl N', run: () => void begin() },
    unlocked
      ? { id: 'lock', words: t('shell.lock_now'), hint: 'Ctrl L', run: () => void app.lock() }
      : { id: 'unlock', words: t('shell.unlock'), run: () => void app.unlock() },
    { id: 'theme', words: dark ? t('shell.light') : t('shell.dark'), run: () => void app.savePreferences({ theme: dark ? 'light' : 'dark' }) },
    { id: 'prove', words: t('credit.prove'), run: () => app.go('credit', 'prove') },
    { id: 'networks', words: t('shell.switch_network'), run: () => app.go('settings', 'networks') },
    { id: 'export', words: t('shell.export_history'), run: () => void exportHistory() },
    { id: 'incident', words: t('shell.incident'), run: () => app.go('settings', 'security') },
    { id: 'keys', words: t('shell.key_map'), hint: '?', run: () => (app.keys = true) },
  ];
}

/** Those in whose words every part of the query begins a word, or stands at all. */
export function matching(all: Action[], query: string): Action[] {
  const parts = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ words }) => parts.every((part) => words.toLocaleLowerCase().includes(part)));
}

async function exportHistory(): Promise<void> {
  const everything = { kinds: [], asset: null, with: null, text: null, chain: null, from: null, until: null, offset: 0, limit: 100000 };
  try {
    app.say(t('shell.exported', { path: await commands.activityExport(everything) }), 'good');
  } catch (error) {
    app.complain(error);
  }
}
