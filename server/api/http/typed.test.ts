import { expect, test } from 'vitest'
import type { TypedDeletion } from '../../../shared/deletions.ts'
import { createTypedDeletions } from './typed.ts'

const KEY = { namespace: 'default', name: 'a' }

test.each([
  [{ 'kubectl-command': 'kubectl delete', 'kubectl-session': 'one' }, 'one'],
  [{ 'user-agent': 'kubectl/v1.18.0 (linux/amd64)' }, null],
])('%j is kubectl deleting', (headers, session) => {
  const typed = createTypedDeletions()
  const told: TypedDeletion[] = []
  const stop = typed.subscribe((deletion) => void told.push(deletion))
  typed.tell(headers, 'pod', KEY)
  expect(told).toEqual([{ singular: 'pod', namespace: 'default', name: 'a', session }])
  stop()
  typed.tell(headers, 'pod', KEY)
  expect(told).toHaveLength(1)
})

test.each([
  [{ 'kubectl-command': 'kubectl apply', 'user-agent': 'kubectl/v1.36.0' }],
  [{ 'kubectl-command': 'kubectl replace', 'user-agent': 'kubectl/v1.36.0' }],
  [{ 'user-agent': 'node-fetch' }],
  [{}],
])('%j is not', (headers) => {
  const typed = createTypedDeletions()
  typed.subscribe(() => expect.unreachable())
  typed.tell(headers, 'pod', KEY)
})
