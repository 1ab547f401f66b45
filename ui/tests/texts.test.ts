import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogues, ofSystem, setLanguage, t, type Language } from '../src/lib/i18n.svelte';

const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((hole) => hole[1]).sort();

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}
const sources = files('src').filter((path) => /\.(svelte|ts)$/.test(path));

describe('texts', () => {
  it.each(['es', 'zh'] as Language[])('are all there in %s, with the same holes', (language) => {
    const names = Object.keys(catalogues.en).sort();
    expect(Object.keys(catalogues[language]).sort()).toEqual(names);
    for (const name of names) {
      // A language without a plural may leave the number out of the singular, and the other way round.
      if (name.endsWith('.one')) continue;
      expect(holes(catalogues[language][name] ?? ''), `${language} ${name}`).toEqual(holes(catalogues.en[name] ?? ''));
    }
  });

  it('are there for every name that the pages use', () => {
    const missing: string[] = [];
    for (const path of sources) {
      for (const [, name] of readFileSync(path, 'utf8').matchAll(/\bt\(\s*'([a-z_]+\.[a-z0-9_]+)'/g)) {
        if (name && !(name in catalogues.en)) missing.push(`${path}: ${name}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('take values and the singular', () => {
    expect(t('contacts.paid', { n: 1 })).toBe('paid once');
    expect(t('contacts.paid', { n: 3 })).toBe('paid 3 times');
    setLanguage('es');
    expect(t('shell.lock_now')).toBe('Bloquear la cartera');
  });

  it('follow the first language of the system that there is', () => {
    expect(ofSystem(['fr-FR', 'zh-CN', 'es'])).toBe('zh');
    expect(ofSystem(['fr'])).toBe('en');
  });
});

describe('the pages', () => {
  it('have no field for a password or a phrase; one hides what is typed: a bank token', () => {
    const hiding = sources.filter((path) => /type=["'{]*password/.test(readFileSync(path, 'utf8')));
    expect(hiding).toEqual([join('src', 'screens', 'Credit', 'LoginForm.svelte')]);
  });

  it('ask nothing of the network and insert no markup', () => {
    for (const path of sources) {
      const text = readFileSync(path, 'utf8');
      expect(/\bfetch\(|XMLHttpRequest|new WebSocket|\{@html|innerHTML|\beval\(/.test(text), path).toBe(false);
    }
  });
});
