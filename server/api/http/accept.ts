// Which form of an answer the caller takes (apiserver/pkg/endpoints/handlers/negotiation).
import { ApiError } from '../../../shared/status.ts'

/** `as` is what objects are to be turned into; absent: as they are. */
export interface Form {
  as?: string
  group?: string
  version?: string
}

interface Range {
  type: string
  quality: number
  parameters: Record<string, string>
}

/**
 * The first form the caller takes that `offers` knows. JSON is the only encoding.
 * @param transforms `Table;g=meta.k8s.io;v=v1`-like forms that can be made here, as `as/group/version`.
 * @throws ApiError 406
 */
export function negotiate(accept: string | undefined, transforms: readonly string[]): Form {
  if (!accept?.trim() || accept === 'application/json' || accept === '*/*') return {}
  for (const range of rangesOf(accept)) {
    if (!['application/json', 'application/*', '*/*'].includes(range.type)) continue
    const { as, g: group = '', v: version = '' } = range.parameters
    if (as === undefined) return {}
    if (transforms.includes(`${as}/${group}/${version}`)) return { as, group, version }
  }
  throw notAcceptable()
}

function rangesOf(accept: string): Range[] {
  return accept
    .split(',')
    .map(parseRange)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
}

function parseRange(text: string): Range {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim())
  const parameters: Record<string, string> = {}
  for (const part of rest) {
    const at = part.indexOf('=')
    const name = part.slice(0, at).toLowerCase()
    if (['as', 'g', 'v', 'q'].includes(name)) parameters[name] = part.slice(at + 1)
  }
  const quality = Number(parameters['q'] ?? 1)
  return { type: type.toLowerCase(), quality: Number.isFinite(quality) ? quality : 1, parameters }
}

function notAcceptable(): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'only the following media types are accepted: application/json',
    reason: 'NotAcceptable',
    code: 406,
  })
}
