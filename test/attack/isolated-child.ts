/** The process of `isolated.ts`: calls functions of one module by name. */
const module: Readonly<Record<string, (argument: unknown) => unknown>> = await import(
    new URL(process.argv[2]!, import.meta.url).toString()
);

process.on('message', async ({ name, argument }: { readonly name: string; readonly argument: unknown }) => {
    try {
        process.send!({ value: String(await module[name]!(argument)) });
    } catch (error) {
        process.send!({ ended: `exception: ${error instanceof Error ? error.stack : String(error)}` });
    }
});
process.send!('ready');
