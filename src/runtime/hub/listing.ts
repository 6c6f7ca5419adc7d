/** The hub's listing of a model: the commit that a revision means, and its files with sizes and digests. */
import { listCommits, listFiles, modelInfo } from '@huggingface/hub';
import { type HubModel, hubName, isCommit } from '../../plan/model-names.ts';
import type { Connection } from './connection.ts';
import { HubError } from './hub-error.ts';

export interface HubFile {
    /** Within the repository. */
    readonly path: string;
    readonly bytes: number;
    readonly digest: BlobDigest;
}

/** Large files are known by their SHA-256, small ones by the SHA-1 that git gives to a blob. */
export interface BlobDigest {
    readonly kind: 'sha256' | 'git-sha1';
    /** Lower case. The cache names a file's blob by it. */
    readonly hex: string;
}

export interface Listing {
    /** 40 hex digits. */
    readonly commit: string;
    readonly files: readonly HubFile[];
}

/** Asks the hub. Throws `HubError`. */
export async function listModel(ref: HubModel, connection: Connection): Promise<Listing> {
    const common = { hubUrl: connection.endpoint, fetch: connection.fetch as typeof fetch };
    const repo = { type: 'model', name: ref.repository } as const;
    try {
        const commit = await commitOf(ref, common);
        const files: HubFile[] = [];
        for await (const { type, path, size, oid, lfs } of listFiles({
            ...common,
            repo,
            revision: commit,
            recursive: true,
        })) {
            if (type !== 'file') continue;
            if (!isInside(path)) throw new Error('a file whose name leads elsewhere');
            const digest: BlobDigest = lfs ? { kind: 'sha256', hex: lfs.oid } : { kind: 'git-sha1', hex: oid ?? '' };
            if (!(digest.kind === 'sha256' ? /^[0-9a-f]{64}$/ : COMMIT).test(digest.hex)) {
                throw new Error(`${path} has no digest.`);
            }
            const bytes: unknown = lfs?.size ?? size;
            if (!Number.isInteger(bytes) || Number(bytes) < 0) throw new Error(`${path} has no size.`);
            files.push({ path, bytes: Number(bytes), digest });
        }
        return { commit, files };
    } catch (cause) {
        if (cause instanceof HubError || (cause as Error).name === 'AbortError') throw cause;
        const message = `${connection.endpoint} does not answer as a hub does${reasonOf(cause)}. Check ${connection.words.endpoint}, and whether the network asks for a sign-in first.`;
        throw new HubError('hub/answer', message, { cause });
    }
}

/** Why, in brackets; the words of a parser say nothing to a user. */
function reasonOf(cause: unknown): string {
    return cause instanceof SyntaxError || cause instanceof TypeError ? '' : ` (${(cause as Error).message})`;
}

/** Names of files are parts with slashes between them: none that a file system would read in another way. */
function isInside(path: unknown): boolean {
    if (typeof path !== 'string' || /[\\:\p{Cc}]/u.test(path)) return false;
    return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

const COMMIT = /^[0-9a-f]{40}$/;

interface Common {
    readonly hubUrl: string;
    readonly fetch: typeof fetch;
}

async function commitOf(ref: HubModel, common: Common): Promise<string> {
    const { repository, revision } = ref;
    try {
        const { sha } = await modelInfo({ ...common, name: repository, revision, additionalFields: ['sha'] });
        if (!COMMIT.test(sha)) throw new Error('a revision without a commit');
        return sha;
    } catch (error) {
        const isUnknown = error instanceof HubError && error.code === 'hub/no-revision';
        if (!isUnknown || !isCommit(revision)) throw error;
        return (await longCommit(ref, common)) ?? Promise.reject(error);
    }
}

/** Not every hub knows a commit by its first digits: then it is looked for in the history. */
async function longCommit({ repository, revision }: HubModel, common: Common): Promise<string | undefined> {
    const found: string[] = [];
    for await (const { oid } of listCommits({
        ...common,
        repo: { type: 'model', name: repository },
        batchSize: 1000,
    })) {
        if (COMMIT.test(oid) && oid.startsWith(revision)) found.push(oid);
    }
    if (found.length < 2) return found[0];
    const message = `${hubName({ kind: 'hub', repository, revision })} can mean ${found.join(' or ')}: write more digits.`;
    throw new HubError('hub/no-revision', message);
}
