// Continue tokens: where a list goes on, and at which revision (apiserver/pkg/storage/continue.go).
import { badRequest } from '../../../shared/status.ts'
import { isJsonObject } from '../values.ts'

const VERSION = 'meta.k8s.io/v1'

/** `after` is the last key sent, without the list's prefix. */
export function encodeContinue({ revision, after }: { revision: number; after: string }): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start: after })).toString(
    'base64url',
  )
}

/** @throws ApiError 400 */
export function decodeContinue(text: string, prefix: string): { revision: number; after: string } {
  const token = parse(text)
  if (
    !isJsonObject(token) ||
    token['v'] !== VERSION ||
    typeof token['start'] !== 'string' ||
    !Number.isSafeInteger(token['rv']) ||
    (token['rv'] as number) <= 0
  ) {
    throw badRequest('continue key is not valid: incorrect encoded start key')
  }
  return { revision: token['rv'] as number, after: prefix + token['start'] }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
