import { createMemoryStore } from '../../src/store/memory.js';
import { storeContract } from '../../src/testing/index.js';

storeContract('memory', async () => ({ store: createMemoryStore() }));
