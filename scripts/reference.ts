#!/usr/bin/env -S npx tsx
/** Writes the pages of docs/language: `npm run reference`. A test fails where they are not current. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { referencePages } from './reference/page.ts';

const folder = new URL('../docs/language/', import.meta.url);
const pages = await referencePages();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, text] of pages) writeFileSync(new URL(name, folder), text);
