// Validation by structural schemas, in the words of Kubernetes (apiextensions-apiserver/pkg/apiserver/validation over
// k8s.io/kube-openapi/pkg/validation).
import type { JsonSchema } from '../../../shared/kubernetes/custom.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { invalid, notSupported, required, tooLong } from '../kinds/rules/causes.ts'
import { isJsonObject, sameJson, type JsonObject } from '../values.ts'
import { memberOf } from './structure.ts'

/** Everything that is wrong with a value. */
export function schemaCauses(value: unknown, schema: JsonSchema, path: string): StatusCause[] {
  if (value === null && schema.nullable) return []
  const wrongType = typeCause(value, schema, path)
  if (wrongType) return [wrongType]
  return [
    ...enumCauses(value, schema, path),
    ...(typeof value === 'string' ? textCauses(value, schema, path) : []),
    ...(typeof value === 'number' ? numberCauses(value, schema, path) : []),
    ...(Array.isArray(value) ? listCauses(value, schema, path) : []),
    ...(isJsonObject(value) ? objectCauses(value, schema, path) : []),
    ...combinedCauses(value, schema, path),
  ]
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function typeCause(value: unknown, schema: JsonSchema, path: string): StatusCause | undefined {
  const actual = jsonType(value)
  if (schema['x-kubernetes-int-or-string']) {
    if (actual === 'integer' || actual === 'string') return undefined
    return invalid(path, actual, `${path} in body must be of type integer or string: "${actual}"`)
  }
  const { type } = schema
  if (!type || type === actual || (type === 'number' && actual === 'integer')) return undefined
  return invalid(path, actual, `${path} in body must be of type ${type}: "${actual}"`)
}

function enumCauses(value: unknown, schema: JsonSchema, path: string): StatusCause[] {
  if (!schema.enum || schema.enum.some((allowed) => sameJson(allowed, value))) return []
  return [notSupported(path, value, schema.enum.map(String))]
}

function textCauses(text: string, schema: JsonSchema, path: string): StatusCause[] {
  const { minLength, maxLength, pattern, format } = schema
  const length = Array.from(text).length
  const causes: StatusCause[] = []
  if (minLength !== undefined && length < minLength) {
    causes.push(invalid(path, text, `${path} in body should be at least ${minLength} chars long`))
  }
  if (maxLength !== undefined && length > maxLength) causes.push(tooLong(path, maxLength))
  if (pattern !== undefined && !matches(pattern, text)) {
    causes.push(invalid(path, text, `${path} in body should match '${pattern}'`))
  }
  if (format === 'date-time' && Number.isNaN(Date.parse(text))) {
    causes.push(invalid(path, text, `${path} in body must be of type date-time: "${text}"`))
  }
  return causes
}

/** A pattern that JavaScript cannot read holds nothing back. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return true
  }
}

function numberCauses(value: number, schema: JsonSchema, path: string): StatusCause[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  const refuse = (why: string) => invalid(path, value, `${path} in body should be ${why}`)
  const causes: StatusCause[] = []
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    causes.push(refuse(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`))
  }
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    causes.push(refuse(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`))
  }
  if (multipleOf && value % multipleOf !== 0) causes.push(refuse(`a multiple of ${multipleOf}`))
  return causes
}

function listCauses(list: unknown[], schema: JsonSchema, path: string): StatusCause[] {
  const { items, minItems, maxItems } = schema
  const causes: StatusCause[] = []
  if (minItems !== undefined && list.length < minItems) {
    causes.push(
      invalid(path, list.length, `${path} in body should have at least ${minItems} items`),
    )
  }
  if (maxItems !== undefined && list.length > maxItems) {
    const message = `Too many: ${list.length}: must have at most ${maxItems} items`
    causes.push({ reason: 'FieldValueTooMany', message, field: path })
  }
  causes.push(...duplicates(list, schema, path))
  if (items)
    for (const [at, item] of list.entries())
      causes.push(...schemaCauses(item, items, `${path}[${at}]`))
  return causes
}

/** Items of sets, and keys of keyed lists, stand once. */
function duplicates(list: unknown[], schema: JsonSchema, path: string): StatusCause[] {
  const type = schema['x-kubernetes-list-type']
  if (type !== 'set' && type !== 'map') return []
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const seen = new Set<string>()
  return list.flatMap((item, at) => {
    const shown =
      type === 'set'
        ? item
        : Object.fromEntries(keys.map((key) => [key, isJsonObject(item) ? item[key] : undefined]))
    const text = JSON.stringify(shown)
    if (!seen.has(text)) {
      seen.add(text)
      return []
    }
    return [
      {
        reason: 'FieldValueDuplicate',
        message: `Duplicate value: ${text}`,
        field: `${path}[${at}]`,
      },
    ]
  })
}

function objectCauses(object: JsonObject, schema: JsonSchema, path: string): StatusCause[] {
  const { minProperties, maxProperties } = schema
  const names = Object.keys(object)
  const below = (name: string) => (path ? `${path}.${name}` : name)
  const causes = (schema.required ?? [])
    .filter((name) => object[name] === undefined)
    .map((name) => required(below(name)))
  if (minProperties !== undefined && names.length < minProperties) {
    causes.push(
      invalid(
        path,
        names.length,
        `${path} in body should have at least ${minProperties} properties`,
      ),
    )
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    const message = `Too many: ${names.length}: must have at most ${maxProperties} items`
    causes.push({ reason: 'FieldValueTooMany', message, field: path })
  }
  for (const name of names) {
    const member = memberOf(schema, name)
    if (member) causes.push(...schemaCauses(object[name], member, below(name)))
  }
  return causes
}

function combinedCauses(value: unknown, schema: JsonSchema, path: string): StatusCause[] {
  const { allOf = [], anyOf, oneOf, not } = schema
  const fits = (other: JsonSchema): boolean => schemaCauses(value, other, path).length === 0
  const refuse = (why: string) => invalid(path, jsonType(value), `${path} in body ${why}`)
  const causes = allOf.flatMap((other) => schemaCauses(value, other, path))
  if (anyOf && !anyOf.some(fits)) causes.push(refuse('must validate at least one schema (anyOf)'))
  if (oneOf && oneOf.filter(fits).length !== 1)
    causes.push(refuse('must validate one and only one schema (oneOf)'))
  if (not && fits(not)) causes.push(refuse('must not validate the schema (not)'))
  return causes
}
