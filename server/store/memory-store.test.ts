import { storeContract } from './store.contract.ts'
import { openMemoryStore } from './memory-store.ts'

storeContract('in memory', (options) => Promise.resolve(openMemoryStore(options)))
