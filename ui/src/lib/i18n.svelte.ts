// Texts by name in the person's language. Every file src/locales/LANGUAGE/AREA.json holds the texts of one area.

export type Language = 'en' | 'es' | 'zh';
export const languages: Record<Language, string> = { en: 'English', es: 'Español', zh: '中文' };

type Texts = Record<string, string>;
const files = import.meta.glob<Texts>('../locales/*/*.json', { eager: true, import: 'default' });

/** LANGUAGE → `area.name` → text. */
export const catalogues: Record<Language, Texts> = { en: {}, es: {}, zh: {} };
for (const [path, texts] of Object.entries(files)) {
  const [, language, area] = /\/(\w+)\/(\w+)\.json$/.exec(path) ?? [];
  if (!language || !area || !(language in catalogues)) continue;
  for (const [name, text] of Object.entries(texts)) catalogues[language as Language][`${area}.${name}`] = text;
}

const chosen = $state<{ language: Language }>({ language: 'en' });

export function language(): Language {
  return chosen.language;
}

/** `system` takes the first of the computer's languages that there is a catalogue for. */
export function setLanguage(wanted: Language | 'system'): void {
  chosen.language = wanted === 'system' ? ofSystem(navigator.languages) : wanted;
  document.documentElement.lang = chosen.language === 'zh' ? 'zh-Hans' : chosen.language;
}

export function ofSystem(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0] ?? '';
    if (base in catalogues) return base as Language;
  }
  return 'en';
}

/** Whether there is a text of that name. */
export function has(name: string): boolean {
  return name in catalogues.en;
}

/**
 * The text of that name. `{n}` takes the value `n`; where there is `name.one` beside `name`, it is taken for n = 1.
 * A name without a text is shown as it is: a test keeps that from happening.
 */
export function t(name: string, values: Record<string, string | number> = {}): string {
  const texts = catalogues[chosen.language];
  const one = values.n === 1 ? texts[`${name}.one`] : undefined;
  const text = one ?? texts[name] ?? catalogues.en[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => {
    const value = values[key];
    if (value === undefined) return whole;
    return typeof value === 'number' ? value.toLocaleString(chosen.language) : value;
  });
}
