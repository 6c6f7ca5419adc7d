/** The archive as an RO-Crate: `ro-crate-metadata.json` by RO-Crate 1.1 and the Process Run Crate profile 0.5. */
import type { RunRecord } from '../../runtime/run/record.ts';
import type { Contents, LeftOut, PackedFile } from './contents.ts';

export const METADATA = 'ro-crate-metadata.json';

const PROFILE = 'https://w3id.org/ro/wfrun/process/0.5';
const SDSPEC = 'https://github.com/sdspec/sdspec';

export interface CrateAbout {
    readonly title: string;
    /** Person that made the runs, where it was given. */
    readonly author?: Named;
    /** Where the author works, which publishes the archive. */
    readonly organization?: Named;
    /** Address of a licence. */
    readonly license?: string;
}

/** A name, and an address on the web that means the same: an ORCID of a person, a page or ROR of an organization. */
interface Named {
    readonly name: string;
    readonly url?: string;
}

/** `NPL https://www.npl.co.uk`: a name, with an address behind it if it has one. */
export function named(text: string): Named {
    const [, name = '', url = ''] = /^(.*?)\s*<?(https?:\/\/[^\s<>]+)>?\s*$/s.exec(text) ?? [];
    return name === '' ? { name: text } : { name, url };
}

type Entity = Readonly<Record<string, unknown>> & { readonly '@id': string };

const ref = (id: string) => ({ '@id': id });

/** The metadata, ready to be written as JSON. One `CreateAction` for each run. */
export function crateOf(
    contents: Contents,
    records: readonly RunRecord[],
    { title, author, organization, license }: CrateAbout,
): object {
    const { files, leftOut, spec } = contents;
    const published = records
        .map(({ finished, started }) => finished ?? started)
        .sort()
        .at(-1);
    const actions = records.map((record, k) => actionOf(record, contents, contents.runFolders[k]!, author));
    const root = {
        '@id': './',
        '@type': 'Dataset',
        name: title,
        description: `Pictures made with sdspec from ${spec}, with everything to make them again: unpack the archive and run \`sdspec verify ${spec} --rerun\`.`,
        datePublished: published,
        license: license ? ref(license) : 'No licence was stated: ask the authors.',
        ...(author ? { author: ref(authorId(author)) } : {}),
        ...(organization ? { publisher: ref(organizationId(organization)) } : {}),
        conformsTo: ref(PROFILE),
        hasPart: [
            ...files.map(({ path }) => ref(idOf(path))),
            ...leftOut.flatMap(({ url }) => (url ? [ref(url)] : [])),
        ],
        mentions: actions.map((action) => ref(action['@id'])),
    };
    const graph: readonly Entity[] = [
        {
            '@id': METADATA,
            '@type': 'CreativeWork',
            conformsTo: ref('https://w3id.org/ro/crate/1.1'),
            about: ref('./'),
        },
        root,
        { '@id': PROFILE, '@type': 'CreativeWork', name: 'Process Run Crate', version: '0.5' },
        ...(license ? [{ '@id': license, '@type': 'CreativeWork', name: license, description: 'Licence' }] : []),
        ...(author ? [person(author, organization)] : []),
        ...(organization ? [{ '@id': organizationId(organization), '@type': 'Organization', ...organization }] : []),
        ...software(records),
        ...files.map(fileEntity),
        ...leftOut.map(weightsEntity),
        ...actions,
    ];
    const context = [
        'https://w3id.org/ro/crate/1.1/context',
        'https://w3id.org/ro/terms/workflow-run/context',
        { sha256: 'https://schema.org/sha256' },
    ];
    return { '@context': context, '@graph': graph };
}

function actionOf(record: RunRecord, { spec, files, leftOut }: Contents, folder: string, author?: Named): Entity {
    const { name, digest, device, versions, cells } = record;
    const used = new Set(
        [...record.inputs, ...record.models.flatMap((model) => model.files)].map(({ sha256 }) => sha256),
    );
    const inputs = files.filter(({ role, sha256 }) => (role === 'input' || role === 'weights') && used.has(sha256));
    const weights = leftOut.filter(({ sha256 }) => used.has(sha256));
    const results = files.filter(({ path, role }) => role === 'output' && path.startsWith(`${folder}/`));
    return {
        '@id': `#run-${name}-${digest.slice(0, 16)}`,
        '@type': 'CreateAction',
        name: `Run of ${name}`,
        description: `sdspec ${versions['sdspec']} made ${cells === 1 ? 'a picture' : `${cells} pictures`} on ${device.used || 'an unknown device'} (${Object.values(versions).join(', ')}).`,
        instrument: ref(softwareId(record)),
        object: [
            ref(idOf(spec)),
            ...files.filter(({ role }) => role === 'import').map(({ path }) => ref(idOf(path))),
            ...inputs.map(({ path }) => ref(idOf(path))),
            ...weights.map((one) => ref(weightsId(one))),
        ],
        result: results.map(({ path }) => ref(idOf(path))),
        startTime: withOffset(record.started),
        endTime: withOffset(record.finished ?? record.started),
        actionStatus: `http://schema.org/${record.state === 'complete' ? 'Completed' : 'Failed'}ActionStatus`,
        ...(author ? { agent: ref(authorId(author)) } : {}),
    };
}

function person(author: Named, organization: Named | undefined): Entity {
    const affiliation = organization ? { affiliation: ref(organizationId(organization)) } : {};
    return { '@id': authorId(author), '@type': 'Person', ...author, ...affiliation };
}

function authorId({ url }: Named): string {
    return url ?? '#author';
}

function organizationId({ url }: Named): string {
    return url ?? '#organization';
}

/** A time in UTC as the validator of the profile reads it: with an offset instead of `Z`. */
function withOffset(time: string): string {
    return time.replace(/Z$/, '+00:00');
}

function software(records: readonly RunRecord[]): readonly Entity[] {
    const entities = records.map((record) => ({
        '@id': softwareId(record),
        '@type': 'SoftwareApplication',
        name: 'sdspec',
        url: SDSPEC,
        softwareVersion: record.versions['sdspec'],
        softwareRequirements: `onnxruntime ${record.versions['onnxruntime']}, Node.js ${record.versions['node']}`,
    }));
    return [...new Map(entities.map((one) => [one['@id'], one])).values()];
}

function softwareId({ versions }: RunRecord): string {
    return `${SDSPEC}#${versions['sdspec']}-onnxruntime-${versions['onnxruntime']}`;
}

function fileEntity({ path, role, sha256, bytes }: PackedFile): Entity {
    const format = FORMATS[/[^.]*$/.exec(path)![0].toLowerCase()];
    const description = DESCRIPTIONS[role];
    return {
        '@id': idOf(path),
        '@type': 'File',
        name: path,
        contentSize: String(bytes),
        sha256,
        ...(format ? { encodingFormat: format } : {}),
        ...(description ? { description } : {}),
    };
}

/** Weights that are elsewhere: a file of the hub is a part of the crate by its address, others are only described. */
function weightsEntity(one: LeftOut): Entity {
    const { name, sha256, url } = one;
    const description = url
        ? 'Weights, not part of the archive: `sdspec models fetch` downloads them.'
        : name.startsWith('builtin:')
          ? 'Weights that come with sdspec.'
          : 'Weights, not part of the archive: they belong at this path, beside the spec.';
    return { '@id': weightsId(one), '@type': url ? 'File' : 'CreativeWork', name, description, sha256 };
}

function weightsId({ name, url }: LeftOut): string {
    return url ?? `#weights-${encodeURIComponent(name)}`;
}

/** Names of files as relative addresses. */
function idOf(path: string): string {
    return path.split('/').map(encodeURIComponent).join('/');
}

/** Not `SoftwareSourceCode`: of that the profile expects an address and a version. */
const DESCRIPTIONS: Readonly<Partial<Record<PackedFile['role'], string>>> = {
    spec: 'The spec: what the pictures are and how they are made, in the language of sdspec.',
    import: 'A spec that the spec imports from.',
};

const FORMATS: Readonly<Record<string, string>> = {
    png: 'image/png',
    jpg: 'image/jpeg',
    jpeg: 'image/jpeg',
    webp: 'image/webp',
    tiff: 'image/tiff',
    json: 'application/json',
    csv: 'text/csv',
    md: 'text/markdown',
    html: 'text/html',
    sdspec: 'text/plain',
    lock: 'text/plain',
};
