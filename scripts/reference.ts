#!/usr/bin/env -S npx tsx
/** Writes docs/language.md: `npm run reference`. A test says when it is not current. */
import { writeFileSync } from 'node:fs';
import { referencePage } from './reference/page.ts';

const file = new URL('../docs/language.md', import.meta.url);
writeFileSync(file, await referencePage());
