// The swagger 2.0 document as protocol buffers: kubectl asks for it so when what it applies is a List.
// Messages and numbers: openapi.v2 of github.com/google/gnostic (openapiv2/OpenAPIv2.proto).

type Json = Record<string, unknown>
/** Writes one value as one field (or, for lists and maps, as many as it has entries). */
type Field = (number: number, value: unknown) => Buffer[]
/** A message's fields by their name in JSON: number and form. */
type Message = Readonly<Record<string, readonly [number, Field]>>

const VARINT = 0
const BYTES = 2

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Buffer.from([...bytes, rest])
}

const tag = (number: number, wire: number): Buffer => varint(number * 8 + wire)

function bytes(number: number, parts: readonly Buffer[]): Buffer[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return [tag(number, BYTES), varint(length), ...parts]
}

const text: Field = (number, value) => bytes(number, [Buffer.from(String(value))])
const flag: Field = (number, value) => (value === true ? [tag(number, VARINT), varint(1)] : [])

/** Any: whatever it is, as YAML, of which JSON is a part. */
const any: Field = (number, value) => bytes(number, text(2, JSON.stringify(value)))

const each =
  (field: Field): Field =>
  (number, value) =>
    (value as unknown[]).flatMap((entry) => field(number, entry))

/** A message whose only content is field `inner` of it. */
const wrapped =
  (inner: number, field: Field): Field =>
  (number, value) =>
    bytes(number, field(inner, value))

/** A map, as pairs of name (1) and value (2), each in field `inner`. */
const named =
  (inner: number, field: Field): Field =>
  (number, value) =>
    bytes(
      number,
      Object.entries(value as Json).flatMap(([name, entry]) =>
        bytes(inner, [...text(1, name), ...field(2, entry)]),
      ),
    )

/** A message; names that start with `x-` go to field `extensions`. What has no number is left out. */
const message =
  (fields: () => Message, extensions?: number): Field =>
  (number, value) =>
    bytes(number, contents(fields(), value as Json, extensions))

function contents(fields: Message, value: Json, extensions?: number): Buffer[] {
  return Object.entries(value).flatMap(([name, entry]) => {
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (known) return known[1](known[0], entry)
    const isExtension = extensions !== undefined && name.startsWith('x-')
    return isExtension ? bytes(extensions, [...text(1, name), ...any(2, entry)]) : []
  })
}

const schema = message(() => SCHEMA, 31)
const additional: Field = (number, value) =>
  bytes(number, typeof value === 'boolean' ? flag(2, value) : schema(1, value))

const SCHEMA: Message = {
  $ref: [1, text],
  format: [2, text],
  title: [3, text],
  description: [4, text],
  default: [5, any],
  pattern: [13, text],
  uniqueItems: [16, flag],
  required: [19, each(text)],
  enum: [20, each(any)],
  additionalProperties: [21, additional],
  type: [22, wrapped(1, text)],
  items: [23, wrapped(1, schema)],
  allOf: [24, each(schema)],
  properties: [25, named(1, schema)],
}

const BODY: Message = {
  description: [1, text],
  name: [2, text],
  in: [3, text],
  required: [4, flag],
  schema: [5, schema],
}
const PATH: Message = {
  required: [1, flag],
  in: [2, text],
  description: [3, text],
  name: [4, text],
  type: [5, text],
}
const QUERY: Message = { ...PATH, type: [6, text] }

/** ParametersItem → Parameter → the message for where it stands. */
const parameter: Field = (number, value) => {
  const kind = (value as Json).in
  if (kind === 'body') return bytes(number, bytes(1, message(() => BODY)(1, value)))
  const inner = kind === 'path' ? message(() => PATH)(4, value) : message(() => QUERY)(3, value)
  return bytes(number, bytes(1, bytes(2, inner)))
}

const response = message(() => ({ description: [1, text], schema: [2, wrapped(1, schema)] }))
const operation = message(
  () => ({
    description: [3, text],
    operationId: [5, text],
    produces: [6, each(text)],
    consumes: [7, each(text)],
    parameters: [8, each(parameter)],
    responses: [9, named(1, wrapped(1, response))],
  }),
  13,
)
const pathItem = message(() => ({
  get: [2, operation],
  put: [3, operation],
  post: [4, operation],
  delete: [5, operation],
  patch: [8, operation],
  parameters: [9, each(parameter)],
}))
const DOCUMENT: Message = {
  swagger: [1, text],
  info: [2, message(() => ({ title: [1, text], version: [2, text] }))],
  paths: [8, named(2, pathItem)],
  definitions: [9, named(1, schema)],
}

/** The bytes of a swagger 2.0 document as the message openapi.v2.Document. */
export function swaggerProtobuf(document: object): Buffer {
  return Buffer.concat(contents(DOCUMENT, document as Json))
}
