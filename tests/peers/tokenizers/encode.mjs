// Reads {"tokenizer": path, "texts": [...], "adds_special": whether the file's template is used} from a file; writes a line for each text: {"ids": [...], "text": what they decode to}.
import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';

const { tokenizer: path, texts, adds_special: addsSpecial = false } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const tokenizer = new Tokenizer(JSON.parse(readFileSync(path, 'utf8')), {});
for (const text of texts) {
  const { ids } = tokenizer.encode(text, { add_special_tokens: addsSpecial });
  console.log(JSON.stringify({ ids, text: tokenizer.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false }) }));
}
