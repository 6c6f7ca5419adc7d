#!/usr/bin/env node
/**
 * Copies chosen cases of a golden group, with just the tensors and scheduler configurations they point to:
 *
 *     node scripts/trim-goldens.mjs FROM TO GROUP ID-PATTERN…
 *
 * FROM and TO are golden sets (folders that hold `goldens/`). Cases join those that TO already has; a case with the same
 * id is replaced. In a pattern `*` stands for any characters, and a pattern that begins with `!` leaves cases out again.
 * `--fields a,b` keeps only the named inputs and outputs of a case (all scalars stay); use it where a case is heavy.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const args = process.argv.slice(2);
const at = args.indexOf('--fields');
const fields = at < 0 ? undefined : args.splice(at, 2)[1].split(',');
const [from, to, group, ...patterns] = args;
if (patterns.length === 0) {
    console.error('Usage: node scripts/trim-goldens.mjs FROM TO GROUP ID-PATTERN… [--fields a,b]');
    process.exit(2);
}

const source = read(from, group);
if (!source) throw new Error(`There is no ${join(from, 'goldens', `${group}.json`)}.`);
const target = read(to, group) ?? { head: headOf(source.head), cases: [], tensors: new Map() };

const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map(glob);
const unwanted = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => glob(pattern.slice(1)));
const chosen = source.cases
    .filter(({ id }) => wanted.some((p) => p.test(id)) && !unwanted.some((p) => p.test(id)))
    .map((one) => (fields ? onlyFields(one) : one));
if (chosen.length === 0) throw new Error(`No case of "${group}" matches ${patterns.join(' ')}.`);

const ids = new Set(chosen.map(({ id }) => id));
const cases = [...target.cases.filter(({ id }) => !ids.has(id)), ...chosen];
const order = new Map(source.cases.map(({ id }, index) => [id, index]));
cases.sort((a, b) => (order.get(a.id) ?? Infinity) - (order.get(b.id) ?? Infinity));

const keys = new Set(cases.flatMap((one) => tensorKeys(one)));
const tensors = new Map([...keys].sort().map((key) => [key, source.tensors.get(key) ?? target.tensors.get(key)]));
const configs = { ...target.head.scheduler_configs, ...source.head.scheduler_configs };
const used = new Set(cases.flatMap((one) => configNames(one)));
const head = { ...target.head };
delete head.scheduler_configs;
if (used.size > 0)
    head.scheduler_configs = Object.fromEntries(Object.entries(configs).filter(([name]) => used.has(name)));
write(to, group, { head, cases, tensors });

function read(root, name) {
    const json = join(root, 'goldens', `${name}.json`);
    if (!existsSync(json)) return undefined;
    const { cases: list, ...rest } = parse(readFileSync(json, 'utf8'));
    const file = readFileSync(join(root, 'goldens', `${name}.safetensors`));
    const start = 8 + Number(file.readBigUInt64LE(0));
    const { __metadata__, ...entries } = JSON.parse(file.toString('utf8', 8, start));
    const map = Object.entries(entries).map(
        ([
            key,
            {
                dtype,
                shape,
                data_offsets: [a, b],
            },
        ]) => [key, { dtype, shape, bytes: file.subarray(start + a, start + b) }],
    );
    return { head: rest, cases: list, tensors: new Map(map) };
}

function write(root, name, set) {
    mkdirSync(join(root, 'goldens'), { recursive: true });
    let offset = 0;
    const header = { __metadata__: { group: name } };
    for (const [key, { dtype, shape, bytes }] of set.tensors) {
        header[key] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
        offset += bytes.length;
    }
    let text = JSON.stringify(header);
    text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
    const bytes = Buffer.concat([length, Buffer.from(text), ...[...set.tensors.values()].map((one) => one.bytes)]);
    const lines = set.cases.map((one) => stringify(one)).join(',\n');
    const json = `${stringify(set.head, 1).slice(0, -2)},\n "cases": [\n${lines}\n ]\n}\n`;
    for (const [suffix, content] of [
        ['safetensors', bytes],
        ['json', json],
    ]) {
        const path = join(root, 'goldens', `${name}.${suffix}`);
        writeFileSync(`${path}.part`, content);
        renameSync(`${path}.part`, path);
    }
    const size = statSync(join(root, 'goldens', `${name}.safetensors`)).size + Buffer.byteLength(json);
    console.log(`${name}: ${set.cases.length} cases, ${set.tensors.size} tensors, ${(size / 1e6).toFixed(2)} MB`);
}

/** Goldens come from Python, whose JSON knows infinities; 1e999 is the number that JSON.parse reads as one. */
function parse(text) {
    return JSON.parse(text.replace(/(:\s*-?)Infinity/g, '$11e999'));
}

function stringify(value, indent) {
    const mark = (_, one) => (typeof one === 'number' && Math.abs(one) === Infinity ? `@${one}@` : one);
    return JSON.stringify(value, mark, indent).replace(/"@(-?)Infinity@"/g, '$11e999');
}

/** The group's own notes without its cases and configurations. */
function headOf({ scheduler_configs: _, ...rest }) {
    return rest;
}

function glob(pattern) {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`);
}

function onlyFields(one) {
    const keep = (record) =>
        Object.fromEntries(Object.entries(record).filter(([k, v]) => fields.includes(k) || tensorKeys(v).length === 0));
    return { ...one, inputs: keep(one.inputs), outputs: keep(one.outputs) };
}

function tensorKeys(value) {
    if (value === null || typeof value !== 'object') return [];
    if (typeof value.tensor === 'string') return [value.tensor];
    return Object.values(value).flatMap(tensorKeys);
}

/** Configurations are named by a `config` or `scheduler_config` field, at any depth. */
function configNames(value) {
    if (value === null || typeof value !== 'object') return [];
    return Object.entries(value).flatMap(([k, v]) =>
        /^(scheduler_)?config$/.test(k) && typeof v === 'string' ? [v] : configNames(v),
    );
}
