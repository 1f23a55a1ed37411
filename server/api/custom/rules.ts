// x-kubernetes-validations: rules in CEL (apiextensions-apiserver/pkg/apiserver/schema/cel).
import { parse } from '@marcbachmann/cel-js'
import type { JsonSchema, ValidationRule } from '../../../shared/kubernetes/custom.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { invalid } from '../kinds/rules/causes.ts'
import { isJsonObject } from '../values.ts'
import { memberOf } from './structure.ts'

type Program = (context: object) => unknown

const programs = new Map<string, Program | Error>()
const MAX_PROGRAMS = 1_000

/** The program of an expression, or why it is none. */
function programOf(text: string): Program | Error {
  const held = programs.get(text)
  if (held) return held
  if (programs.size >= MAX_PROGRAMS) programs.clear()
  const made = compiled(text)
  programs.set(text, made)
  return made
}

function compiled(text: string): Program | Error {
  try {
    return parse(text) as Program
  } catch (error) {
    return error as Error
  }
}

/** What is wrong with the text of the rules in a schema. */
export function ruleTextCauses(schema: JsonSchema, path: string): StatusCause[] {
  const own = (schema['x-kubernetes-validations'] ?? []).flatMap(({ rule }, at) => {
    const program = programOf(rule)
    const field = `${path}.x-kubernetes-validations[${at}].rule`
    return program instanceof Error
      ? [invalid(field, rule, `compilation failed: ${program.message.split('\n')[0] ?? ''}`)]
      : []
  })
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    ruleTextCauses(member, `${path}.properties[${name}]`),
  )
  return [
    ...own,
    ...members,
    ...(schema.items ? ruleTextCauses(schema.items, `${path}.items`) : []),
  ]
}

/** The rules that a value breaks; those over `oldSelf` count only where there was a value before. */
export function ruleCauses(
  value: unknown,
  old: unknown,
  schema: JsonSchema,
  path: string,
): StatusCause[] {
  const causes = (schema['x-kubernetes-validations'] ?? []).flatMap((rule) =>
    broken(rule, value, old, path),
  )
  if (Array.isArray(value) && schema.items) {
    const { items } = schema
    for (const [at, item] of value.entries())
      causes.push(...ruleCauses(item, undefined, items, `${path}[${at}]`))
  } else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const known = memberOf(schema, name)
      const before = isJsonObject(old) ? old[name] : undefined
      if (known) causes.push(...ruleCauses(member, before, known, path ? `${path}.${name}` : name))
    }
  }
  return causes
}

function broken(rule: ValidationRule, value: unknown, old: unknown, path: string): StatusCause[] {
  const isTransition = /\boldSelf\b/.test(rule.rule)
  if (isTransition && old === undefined) return []
  const context = { self: celValue(value), oldSelf: celValue(old) }
  const field = path + (rule.fieldPath ?? '')
  const result = run(rule.rule, context)
  if (result === true) return []
  if (result instanceof Error)
    return [
      invalid(
        field,
        kindOf(value),
        `rule evaluation error: ${result.message.split('\n')[0] ?? ''}`,
      ),
    ]
  const told = rule.messageExpression ? run(rule.messageExpression, context) : undefined
  const message = typeof told === 'string' ? told : (rule.message ?? `failed rule: ${rule.rule}`)
  return [{ ...invalid(field, kindOf(value), message), reason: rule.reason ?? 'FieldValueInvalid' }]
}

function kindOf(value: unknown): unknown {
  if (Array.isArray(value)) return 'array'
  return isJsonObject(value) ? 'object' : value
}

function run(text: string, context: object): unknown {
  const program = programOf(text)
  if (program instanceof Error) return program
  try {
    return program(context)
  } catch (error) {
    return error
  }
}

/** Whole numbers are CEL's int, which the library has as bigint. */
function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(celValue)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, celValue(member)]))
}
