// node encode.mjs FOLDER_OF_NODE_MODULES TOKENIZER_FOLDER: a JSON array of texts on standard input, a line of ids for each on standard output.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [packages, folder] = process.argv.slice(2);
const { Tokenizer } = createRequire(join(packages, 'package.json'))('@huggingface/tokenizers');
const read = name => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
for (const text of JSON.parse(readFileSync(0, 'utf8')))
    console.log(tokenizer.encode(text).ids.join(' '));
