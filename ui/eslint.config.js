import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/lib/generated.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  { files: ['tests/**', 'vite.config.ts'], languageOptions: { globals: { ...globals.node } } },
  {
    rules: {
      'no-console': 'error',
      'svelte/no-at-html-tags': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
);
