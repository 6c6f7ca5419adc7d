/** A file's address for the page. `mark` makes a new address for a file written again. */
export type Address = (file: string, mark: string) => string;
