// What may be written at a place of a YAML text. Pure.
import { additionalOf, resolved, schemaAt } from './schema.ts'
import type { Schema } from './schema.ts'
import type { KindSchema } from './schemaBook.ts'
import { toldChoices } from './toldChoices.ts'
import type { Place } from './yamlPlace.ts'

export interface Suggestion {
  label: string
  /** What is written. */
  insert: string
  /** Its type in a word. */
  detail: string
  /** What it means, as the API tells it. */
  info: string
  /** Required ones come first. */
  isRequired: boolean
}

/** Fields that are missing at the place, or values of the field whose value is being typed. */
export function suggestionsAt(place: Place, { root, schemas }: KindSchema): Suggestion[] {
  const at = schemaAt(root, place.path, schemas)
  if (!at) return []
  if (place.field !== null) {
    const field = at.properties?.[place.field] ?? additionalOf(at)
    return field ? valuesOf({ ...resolved(field, schemas), ...told(field) }) : []
  }
  const required = new Set(at.required)
  return Object.entries(at.properties ?? {})
    .filter(([name]) => !place.present.has(name) && !isServers(name, place))
    .map(([name, raw]) => {
      const schema = resolved(raw, schemas)
      return {
        label: name,
        insert: name + endingOf(schema),
        detail: typeWord(schema),
        info: raw.description ?? schema.description ?? '',
        isRequired: required.has(name),
      }
    })
}

/** What the server writes nobody types. */
function isServers(name: string, { path }: Place): boolean {
  return path.length === 0 && name === 'status'
}

/** What a field says of itself goes before what its type says. */
const told = ({ description }: Schema): Schema => (description === undefined ? {} : { description })

function valuesOf({ type, enum: choices, description = '' }: Schema): Suggestion[] {
  const values = type === 'boolean' ? ['true', 'false'] : (choices ?? namedIn(type, description))
  return values.map((value) => {
    const label = String(value)
    return { label, insert: label, detail: '', info: '', isRequired: false }
  })
}

const namedIn = (type: string | undefined, description: string): string[] =>
  type === 'string' ? toldChoices(description) : []

/** What lies below it begins on the next line. */
function endingOf({ type, properties, additionalProperties }: Schema): string {
  const isNested = type === 'array' || type === 'object' || properties || additionalProperties
  return isNested ? ':' : ': '
}

function typeWord({ type, items, format, oneOf }: Schema): string {
  if (type === 'array') return items?.type === undefined ? 'list' : `list of ${items.type}`
  return format === 'int-or-string' || oneOf ? 'number or text' : (type ?? 'object')
}
