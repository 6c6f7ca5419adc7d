/** The client of the language server: a bundle of its own, which is read after the activation (`scripts/build.mjs`). */
export { LanguageClient, TransportKind } from 'vscode-languageclient/node';
