/** Prints the structure of the source: `npm run structure`. Exits with 1 where it breaks a limit that `npm test` keeps. */
import { MAX_FILES, readStructure } from './structure/structure.ts';

const { files, imports, circles, folders, crowded, unmirrored } = readStructure();
console.log(`${files.length} files, ${imports.length} imports, ${folders.length} folders.\n`);
console.log(`Import circles: ${circles.length}`);
for (const circle of circles) console.log(`  ${circle.join(' ↔ ')}`);
console.log('\nFullest folders');
for (const { folder, files: count } of folders.slice(0, 10)) console.log(`  ${String(count).padStart(3)}  ${folder}`);
for (const folder of crowded) console.log(`\n${folder} has more than ${MAX_FILES} files: split it by concept.`);
for (const folder of unmirrored) console.log(`\ntest/${folder} mirrors no folder of src.`);
process.exitCode = crowded.length + unmirrored.length > 0 ? 1 : 0;
