// The pages in a browser, without the shell: `npx vite`, then /dev.html?theme=dark&size=200&language=es#rules
// `?scene=asking` shows one of the moments of chat-fixtures.ts; `#first` shows the first run; `?press=Source|Format` presses what has these words, one after the other, `Name=text` fills a field; `?axe` says what axe-core finds.

import { mount } from 'svelte';
import App from '../src/App.svelte';
import { app, isScreen } from '../src/lib/app.svelte';
import type { Preferences } from '../src/lib/bindings';
import '../src/styles/base.css';
import '../src/styles/tokens.css';
import { inUse, scenes } from './chat-fixtures';
import { answer, world } from './fixtures';

const query = new URLSearchParams(location.search);
const screen = location.hash.slice(1);
const shown = world();
shown.preferences = {
  ...shown.preferences,
  theme: (query.get('theme') ?? 'light') as Preferences['theme'],
  language: (query.get('language') ?? 'en') as Preferences['language'],
  text_size: Number(query.get('size') ?? 100),
};
if (screen === 'first') shown.status.signer = { ...shown.status.signer, state: 'no_vault', accounts: [] };
const scene = scenes[query.get('scene') ?? ''] ?? {};
shown.status.signer = { ...shown.status.signer, ...scene.signer };
shown.session = { ...shown.session, ...scene.session };
const never = () => new Promise(() => undefined);
answer(shown, {
  ...inUse(scene.answers),
  ...(query.has('waiting') ? { ceremony: never, rules_propose: never, rules_propose_pack: never } : {}),
});

const target = document.getElementById('app');
if (!target) throw new Error('dev.html has no #app');
mount(App, { target });
if (isScreen(screen)) app.go(screen);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function found(words: string): Promise<HTMLElement> {
  for (let tries = 0; tries < 50; tries += 1) {
    const all = [...document.querySelectorAll<HTMLElement>('button, summary, a, label')];
    const one = all.find((each) => [each.innerText.split('\n')[0]?.trim(), each.ariaLabel].includes(words));
    if (one) return one;
    await pause(100);
  }
  throw new Error(`nothing has these words: ${words}`);
}

async function go() {
  await pause(500);
  for (const step of query.get('press')?.split('|') ?? []) {
    const [words = '', value] = step.split('=');
    const one = await found(words);
    if (value !== undefined && one instanceof HTMLLabelElement && one.control instanceof HTMLInputElement) {
      one.control.value = value;
      one.control.dispatchEvent(new Event('input', { bubbles: true }));
    } else one.click();
    await pause(400);
  }
  if (query.has('scroll')) document.getElementById(query.get('scroll') ?? '')?.scrollIntoView();
  if (query.has('axe')) {
    const { default: axe } = await import('axe-core');
    const told = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'best-practice'] });
    const lines = told.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary ?? ''}`));
    document.body.append(Object.assign(document.createElement('pre'), { id: 'axe', textContent: lines.join('\n') || 'nothing found' }));
  }
}
void go();
