// What is wrong in a YAML text, each with its place: against the schemas, and as the API says it. Pure.
import { isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { Document, Node, Pair } from 'yaml'
import type { ApiError } from '../../../shared/status.ts'
import { additionalOf, isOpen, resolved } from './schema.ts'
import type { Schema, Schemas, Step } from './schema.ts'

export interface Problem {
  /** Offsets in the text. */
  from: number
  to: number
  /** `spec.containers[0].image`; '' where the whole is meant. */
  path: string
  message: string
  /** `Service web`, where the text has several objects and the API refused that one. */
  of?: string
}

/** The documents of a text; empty ones are none. */
export function documentsOf(text: string): Document.Parsed[] {
  return parseAllDocuments(text, { prettyErrors: false }).filter(
    (document): document is Document.Parsed =>
      document.contents !== null || document.errors.length > 0,
  )
}

/** What cannot be read as YAML. */
export function syntaxProblems(document: Document.Parsed): Problem[] {
  return document.errors.map(({ message, pos: [from, to] }) => ({
    from,
    to: Math.max(to, from + 1),
    path: '',
    message: `This is not YAML: ${message}`,
  }))
}

/** What the schema does not allow. */
export function schemaProblems(
  document: Document.Parsed,
  schema: Schema,
  schemas: Schemas,
): Problem[] {
  const problems: Problem[] = []
  check(document.contents, schema, [], { schemas, problems })
  return problems
}

interface Checking {
  schemas: Schemas
  problems: Problem[]
}

function check(node: Node | null, raw: Schema, path: Step[], checking: Checking): void {
  const schema = resolved(raw, checking.schemas)
  // An empty field is one that is not there.
  if (!node || (isScalar(node) && node.value === null)) return
  const wanted = typeProblem(node, schema)
  if (wanted !== null) {
    checking.problems.push(problemAt(node, path, wanted))
  } else if (isSeq(node) && schema.items) {
    node.items.forEach((item, at) => check(item as Node, schema.items!, [...path, at], checking))
  } else if (isMap(node)) {
    checkFields(node.items as Pair<Node, Node | null>[], node, schema, path, checking)
  }
}

function checkFields(
  pairs: readonly Pair<Node, Node | null>[],
  node: Node,
  schema: Schema,
  path: Step[],
  checking: Checking,
): void {
  for (const { key, value } of pairs) {
    const name = String(isScalar(key) ? key.value : key)
    const field = schema.properties?.[name] ?? additionalOf(schema)
    if (field) check(value, field, [...path, name], checking)
    else if (!isOpen(schema)) {
      const near = nearest(name, Object.keys(schema.properties ?? {}))
      const hint = near === null ? '' : ` Is ${near} meant?`
      checking.problems.push(problemAt(key, [...path, name], `There is no field ${name}.${hint}`))
    }
  }
  const names = new Set(pairs.map(({ key }) => String(isScalar(key) ? key.value : key)))
  for (const name of schema.required ?? []) {
    if (names.has(name)) continue
    checking.problems.push(problemAt(node, [...path, name], `${name} is missing.`))
  }
}

const TYPE_WORDS: Record<string, string> = {
  object: 'a group of fields, indented below it',
  array: 'a list (lines that begin with “- ”)',
  string: 'text; put it in quotes',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
}

function typeProblem(node: Node, schema: Schema): string | null {
  const { type } = schema
  if (type === undefined || schema.oneOf || schema['x-kubernetes-int-or-string']) return null
  if (isOfType(node, type)) {
    const choices = schema.enum
    if (!choices || !isScalar(node) || choices.includes(node.value)) return null
    return `It has to be one of ${choices.join(', ')}.`
  }
  return `It has to be ${TYPE_WORDS[type] ?? type}.`
}

function isOfType(node: Node, type: string): boolean {
  if (type === 'object') return isMap(node)
  if (type === 'array') return isSeq(node)
  if (!isScalar(node)) return false
  if (type === 'integer') return Number.isInteger(node.value)
  // A date without quotes is read as text.
  return typeof node.value === type
}

/** One that differs in a letter or two. */
function nearest(name: string, names: readonly string[]): string | null {
  const close = names.filter((each) => distance(each.toLowerCase(), name.toLowerCase()) <= 2)
  return close[0] ?? null
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(change, above[j]! + 1, row[j - 1]! + 1))
    }
    above = row
  }
  return above[b.length]!
}

function problemAt(node: Node, path: readonly Step[], message: string): Problem {
  const [from, to] = node.range ?? [0, 1]
  // What spans many lines is told at its beginning.
  const isLong = isMap(node) || isSeq(node)
  return { from, to: isLong ? from + 1 : Math.max(to, from + 1), path: pathText(path), message }
}

/** `spec.containers[0].image` */
export function pathText(path: readonly Step[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** `spec.containers[0].image`, `.spec.replicas` or `data[a.b]` in steps. */
export function parsePath(text: string): Step[] {
  return [...text.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, inBrackets, name]) => {
    if (inBrackets === undefined) return name ?? ''
    return /^\d+$/.test(inBrackets) ? Number(inBrackets) : inBrackets.replaceAll('"', '')
  })
}

/** What the API says against a document, each at its field, or at the nearest one around it that is there. */
export function refusalProblems(document: Document.Parsed, error: ApiError): Problem[] {
  const causes = error.status.details?.causes?.filter(({ field }) => field) ?? []
  const told =
    causes.length > 0
      ? causes.map(({ field = '', message = '' }) => ({ path: parsePath(field), message }))
      : fieldsIn(error.message)
  const all = told.length > 0 ? told : [{ path: [], message: error.message }]
  return all.map(({ path, message }) => problemAt(nodeAt(document, path), path, message))
}

/** Errors that name their field in words only: strict decoding, and Go's. */
function fieldsIn(message: string): { path: Step[]; message: string }[] {
  const unknown = [...message.matchAll(/unknown field "([^"]+)"/g)].map(([, field = '']) => ({
    path: parsePath(field),
    message: 'There is no such field.',
  }))
  if (unknown.length > 0) return unknown
  const typed = /typed patch object[^:]*: (\.[^:\s]+): (.+)$/.exec(message)
  if (typed) return [{ path: parsePath(typed[1]!), message: typed[2]! }]
  const decoded = /Go struct field \w+\.(\S+) of type (\S+)/.exec(message)
  if (decoded) return [{ path: parsePath(decoded[1]!), message: `It has to be a ${decoded[2]}.` }]
  return []
}

/** The field's name at that path, or of the nearest one around it. */
function nodeAt(document: Document.Parsed, path: readonly Step[]): Node {
  let at = document.contents as Node
  let found: Node = at
  for (const step of path) {
    const next = childOf(at, step)
    if (!next) break
    found = next.name
    if (!next.value) break
    at = next.value
  }
  return found
}

function childOf(node: Node, step: Step): { name: Node; value: Node | null } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step] as Node | undefined
    return item && { name: item, value: item }
  }
  if (!isMap(node)) return undefined
  const pairs = node.items as Pair<Node, Node | null>[]
  const pair = pairs.find(({ key }) => isScalar(key) && String(key.value) === String(step))
  return pair && { name: pair.key, value: pair.value }
}
