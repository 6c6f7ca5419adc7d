/** The built-in model's folder as other tools read it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SKETCH = join(import.meta.dirname, '..', '..', 'models', 'sketch');

test('every part is loaded in single precision, so that the parts fit together', () => {
    // transformers obeys a config's dtype; diffusers, which loads the U-Net and the VAE, knows none and takes float32.
    const config = JSON.parse(readFileSync(join(SKETCH, 'text_encoder', 'config.json'), 'utf8'));
    expect(config.dtype).toBe('float32');
});
