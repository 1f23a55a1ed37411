import { storeContract } from './store.contract.ts'
import { openMemoryStore } from './memory-store.ts'

storeContract('memory store', (options) => Promise.resolve(openMemoryStore(options)))
