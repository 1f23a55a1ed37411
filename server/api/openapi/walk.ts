// Walks an object along its type and says what the decoder of kube-apiserver would say: unknown fields (strict decoding,
// sigs.k8s.io/json) and values of a wrong type (encoding/json's UnmarshalTypeError).
import { parseQuantity } from '../../../shared/quantity.ts'
import type { Type } from './types.ts'

export interface Findings {
  /** Paths such as `spec.containers[0].foo`, as strict decoding names them: `unknown field "spec.containers[0].foo"`. */
  unknown: string[]
  /** `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32` */
  wrong: string[]
}

/** Where the walk stands: `path` has list indexes, `fields` has not (as in the two kinds of messages). */
interface Place {
  path: string
  fields: string
  struct: string
}

const LIMITS = { int32: 2 ** 31, int64: 2 ** 63 }

function fits(whole: number, size: keyof typeof LIMITS): boolean {
  return whole >= -LIMITS[size] && whole < LIMITS[size]
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mismatch(value: unknown, type: Type, place: Place, shown = jsonKind(value)): string {
  const target = place.fields ? `struct field ${place.struct}.${place.fields}` : 'value'
  return `json: cannot unmarshal ${shown} into Go ${target} of type ${type.go}`
}

function timeProblem(text: string, layout: string): string | undefined {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
  if (form.test(text) && !Number.isNaN(Date.parse(text))) return undefined
  const shown = JSON.stringify(text)
  return `parsing time ${shown} as "${layout}": cannot parse ${shown} as "2006"`
}

function quantityProblem(value: unknown): string | undefined {
  const text = String(value)
  if (
    (typeof value === 'string' || typeof value === 'number') &&
    parseQuantity(text) !== undefined
  ) {
    return undefined
  }
  if (/^[+-]?(\d+\.?\d*|\.\d+)/.test(text)) return "unable to parse quantity's suffix"
  return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** What is wrong with a value that should be of type `leaf`, if anything. */
function leafProblem(
  value: unknown,
  type: Type & { is: 'leaf' },
  place: Place,
): string | undefined {
  const fails = (good: boolean) => (good ? undefined : mismatch(value, type, place))
  switch (type.leaf) {
    case 'string':
      return fails(typeof value === 'string')
    case 'boolean':
      return fails(typeof value === 'boolean')
    case 'double':
      return fails(typeof value === 'number')
    case 'int32':
    case 'int64':
      if (typeof value !== 'number') return fails(false)
      if (Number.isInteger(value) && fits(value, type.leaf)) return undefined
      return mismatch(value, type, place, `number ${value}`)
    case 'intOrString':
      if (typeof value === 'string') return undefined
      if (typeof value === 'number' && Number.isInteger(value) && fits(value, 'int32')) {
        return undefined
      }
      return `json: cannot unmarshal ${jsonKind(value)} into Go value of type int32`
    case 'bytes':
      if (typeof value !== 'string') return fails(false)
      return BASE64.test(value.replace(/[\r\n]/g, '')) ? undefined : 'illegal base64 data'
    case 'quantity':
      return quantityProblem(value)
    case 'time':
    case 'microTime': {
      if (typeof value !== 'string') {
        return `json: cannot unmarshal ${jsonKind(value)} into Go value of type string`
      }
      const fraction = type.leaf === 'microTime' ? '.000000' : ''
      return timeProblem(value, `2006-01-02T15:04:05${fraction}Z07:00`)
    }
  }
}

/** What Go's decoder leaves where null stands in a list or map. */
function zeroOf(type: Type): unknown {
  if (type.is === 'list') return []
  if (type.is !== 'leaf') return {}
  if (type.leaf === 'boolean') return false
  return type.leaf === 'int32' || type.leaf === 'int64' || type.leaf === 'double' ? 0 : ''
}

const NOWHERE: Place = { path: '', fields: '', struct: '' }

/** True when there is nothing to say about the value and nothing to take out of it: nearly always, and told quickly. */
function isPlainlyRight(value: unknown, type: Type): boolean {
  if (value === undefined || type.is === 'anything') return true
  if (value === null) return false
  if (type.is === 'leaf') return leafProblem(value, type, NOWHERE) === undefined
  if (type.is === 'list') {
    return Array.isArray(value) && value.every((item) => isPlainlyRight(item, type.items))
  }
  if (!isObject(value)) return false
  for (const key of Object.keys(value)) {
    const member = type.is === 'map' ? type.values : type.fields.get(key)?.type
    if (!member || value[key] === null || !isPlainlyRight(value[key], member)) return false
  }
  return true
}

/**
 * What is wrong with `value`. On the way, unknown fields and nulls are taken out of it, as decoding into Go types would, so
 * that what is stored has only fields that exist.
 */
export function decodeInPlace(value: unknown, type: Type): Findings {
  if (isPlainlyRight(value, type)) return { unknown: [], wrong: [] }
  const findings: Findings = { unknown: [], wrong: [] }
  visit(value, type, { path: '', fields: '', struct: '' })
  return findings

  function visit(value: unknown, type: Type, place: Place): void {
    if (value === undefined || value === null || type.is === 'anything') return
    if (type.is === 'leaf') {
      const problem = leafProblem(value, type, place)
      if (problem) findings.wrong.push(problem)
    } else if (type.is === 'list') {
      if (Array.isArray(value)) visitItems(value, type.items, place)
      else findings.wrong.push(mismatch(value, type, place))
    } else if (!isObject(value)) {
      findings.wrong.push(mismatch(value, type, place))
    } else if (type.is === 'map') {
      visitValues(value, type.values, place)
    } else {
      visitFields(value, type, place)
    }
  }

  function visitItems(list: unknown[], items: Type, place: Place): void {
    for (let i = 0; i < list.length; i++) {
      if (list[i] === null) list[i] = zeroOf(items)
      visit(list[i], items, { ...place, path: `${place.path}[${i}]` })
    }
  }

  function visitValues(map: Record<string, unknown>, values: Type, place: Place): void {
    for (const key of Object.keys(map)) {
      if (map[key] === null) map[key] = zeroOf(values)
      visit(map[key], values, place)
    }
  }

  function visitFields(
    object: Record<string, unknown>,
    type: Type & { is: 'struct' },
    place: Place,
  ) {
    const struct = type.go.slice(type.go.indexOf('.') + 1)
    for (const key of Object.keys(object)) {
      const field = type.fields.get(key)
      const path = place.path ? `${place.path}.${key}` : key
      if (!field) findings.unknown.push(path)
      if (!field || object[key] === null) delete object[key]
      if (!field) continue
      const fields = place.fields ? `${place.fields}.${key}` : key
      visit(object[key], field.type, { path, fields, struct })
    }
  }
}
