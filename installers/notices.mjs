// Writes to standard output the notices of everything that is linked into the programs or bundled into the pages:
// name, version, declared licence, and each licence text once.
// Usage: node installers/notices.mjs PROGRAM-CRATE...   (in the repository's root, with all sources fetched)

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const NOTICE = /^(licen[sc]e|copying|copyright|notice|unlicense|ofl|patents)/i;
// Sources of others that lie inside a crate, with notices of their own.
const INSIDE = { 'llama-cpp-sys-2': ['llama.cpp', 'llama.cpp/licenses'], epaint_default_fonts: ['fonts'] };

const byName = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Crates that the given crates are made of, without those that only tests or build scripts use. */
function crates(roots) {
  const platform = execFileSync('rustc', ['-vV'], { encoding: 'utf8' }).match(/^host: (.*)$/m)[1];
  const metadata = JSON.parse(
    execFileSync('cargo', ['metadata', '--locked', '--format-version', '1', '--filter-platform', platform], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    }),
  );
  const packages = new Map(metadata.packages.map((p) => [p.id, p]));
  const edges = new Map(metadata.resolve.nodes.map((n) => [n.id, n.deps]));
  const waiting = metadata.packages.filter((p) => !p.source && roots.includes(p.name)).map((p) => p.id);
  if (waiting.length !== roots.length) throw new Error(`of ${roots.join(', ')} only ${waiting.length} are crates of this workspace`);
  const seen = new Set();
  while (waiting.length > 0) {
    const id = waiting.pop();
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...edges.get(id).filter((d) => d.dep_kinds.some((k) => k.kind === null)).map((d) => d.pkg));
  }
  return [...seen]
    .map((id) => packages.get(id))
    .filter((p) => p.source)
    .map((p) => ({ name: p.name, version: p.version, licence: p.license ?? 'see its files', folder: dirname(p.manifest_path) }));
}

/** npm packages that end up in the pages: what `ui` depends on, and Svelte, which compiles into them. */
function pages() {
  const lock = JSON.parse(readFileSync('ui/package-lock.json', 'utf8')).packages;
  const waiting = [...Object.keys(lock[''].dependencies), 'svelte'];
  const seen = new Map();
  while (waiting.length > 0) {
    const name = waiting.pop();
    const entry = lock[`node_modules/${name}`];
    if (!entry || seen.has(name)) continue;
    seen.set(name, { name, version: entry.version, licence: entry.license ?? 'see its files', folder: `ui/node_modules/${name}` });
    waiting.push(...Object.keys(entry.dependencies ?? {}));
  }
  return [...seen.values()];
}

function texts({ name, folder }) {
  return ['', ...(INSIDE[name] ?? [])].flatMap((part) => {
    const place = join(folder, part);
    if (!existsSync(place)) return [];
    const all = part.endsWith('licenses');
    return readdirSync(place, { withFileTypes: true })
      .filter((entry) => entry.isFile() && (all || NOTICE.test(entry.name) || /\.(txt)$/i.test(entry.name) && part === 'fonts'))
      .map((entry) => ({ file: basename(entry.name), text: readFileSync(join(place, entry.name), 'utf8').replaceAll('\r\n', '\n').trim() }));
  });
}

const parts = [...crates(process.argv.slice(2)), ...pages()].sort((a, b) => byName(a.name, b.name) || byName(a.version, b.version));
const used = new Map();
const bare = [];
for (const part of parts) {
  const found = texts(part);
  if (found.length === 0) bare.push(`${part.name} ${part.version} (${part.licence})`);
  for (const { text } of found) used.set(text, [...(used.get(text) ?? []), `${part.name} ${part.version}`]);
}

const lines = ['The programs and pages of Parlance are made with the following libraries of others.', ''];
lines.push(...parts.map((p) => `${p.name} ${p.version}: ${p.licence}`));
if (bare.length > 0) lines.push('', 'These come without a licence file; the licence that they declare stands in brackets:', '', ...bare);
for (const [text, names] of [...used].sort((a, b) => byName(a[1][0], b[1][0]) || byName(a[0], b[0]))) {
  lines.push('', '='.repeat(100), [...new Set(names)].join(', '), '-'.repeat(100), '', text);
}
process.stdout.write(`${lines.join('\n')}\n`);
