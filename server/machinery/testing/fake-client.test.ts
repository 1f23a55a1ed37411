import { clientContract } from '../client.contract.ts'
import { createFakeClient } from './fake-client.ts'

clientContract('the fake client', () =>
  Promise.resolve({ client: createFakeClient(), close: () => Promise.resolve() }),
)
