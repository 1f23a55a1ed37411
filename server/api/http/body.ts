// What a request carries: at most 3 MiB of JSON, YAML or protobuf (apiserver/pkg/endpoints/handlers/rest.go limitedReadBody).
import { isUtf8 } from 'node:buffer'
import { Composer, Lexer, Parser, type CST, type Tags } from 'yaml'
import { badRequest, tooLarge, unsupportedMediaType } from '../../../shared/status.ts'
import { decodeProtobuf, PROTOBUF_TYPE } from '../protobuf/decode.ts'
import { refuseHostile } from '../values.ts'
import type { Incoming } from './exchange.ts'

const LIMIT = 3 * 1024 * 1024

/** The media type without its parameters, in lower case; '' when the request names none. */
export function mediaTypeOf(request: Incoming): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** @throws ApiError 413 or 415 */
async function readBytes(request: Incoming): Promise<Buffer> {
  const encoding = request.headers['content-encoding']
  if (encoding && encoding !== 'identity') {
    throw unsupportedMediaType(
      `the body of the request is encoded as ${encoding}, which is not accepted`,
    )
  }
  if (Number(request.headers['content-length'] ?? 0) > LIMIT) throw overLimit()
  if ('body' in request) return request.body
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > LIMIT) {
        chunks.length = 0
        request.removeAllListeners('data').pause()
        reject(overLimit())
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    request.on('error', reject)
    request.on('close', () => {
      if (!request.complete) reject(disconnected())
    })
  })
}

function disconnected(): Error {
  return Object.assign(new Error('the caller hung up'), { code: 'ECONNRESET' })
}

/** @throws ApiError 413, 415 or 400 */
export async function readText(request: Incoming): Promise<string> {
  return textOf(await readBytes(request))
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw badRequest('the body of the request is not valid UTF-8')
  const text = bytes.toString('utf8')
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

function overLimit() {
  return tooLarge(`Request entity too large: limit is ${LIMIT}`)
}

/**
 * The object a request carries; undefined for an empty body.
 * @param what names the object in the error, such as `Pod`.
 */
export async function readObject(request: Incoming, what: string): Promise<unknown> {
  const type = mediaTypeOf(request)
  const bytes = await readBytes(request)
  if (bytes.length === 0) return undefined
  const value = type === PROTOBUF_TYPE ? decodeProtobuf(bytes) : parseAs(type, textOf(bytes), what)
  refuseHostile(value)
  return value
}

function parseAs(type: string, text: string, what: string): unknown {
  switch (type) {
    case '':
    case 'application/json':
      return parseText(() => JSON.parse(text), what, 'json')
    case 'application/yaml':
    case 'application/x-yaml':
    case 'text/yaml':
      return parseText(() => yamlOf(text), what, 'yaml')
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format (${type}) - accepted media types include: application/json, application/yaml, ${PROTOBUF_TYPE}`,
      )
  }
}

/** YAML as Kubernetes reads it: 1.1 booleans, no dates, anchors within reason. Throws for what is none. */
export function yamlOf(text: string): unknown {
  const documents = [...new Composer(YAML_OPTIONS).compose(tokensOf(text), true, text.length)]
  const [document, another] = documents
  const error = document?.errors[0] ?? another?.errors[0]
  if (error) throw error
  if (another) throw new Error('there is more than one document')
  return document?.toJS({ maxAliasCount: 100 }) as unknown
}

const YAML_OPTIONS = {
  version: '1.1',
  merge: true,
  prettyErrors: false,
  logLevel: 'error',
  customTags: (tags: Tags) =>
    tags.filter((tag) => {
      const name = typeof tag === 'string' ? tag : tag.tag
      return !/timestamp|binary/.test(name) && !(typeof tag !== 'string' && tag.format === 'TIME')
    }),
} as const

/** A level of an object is up to two of the parser's. */
const MAX_STACK = 250

/** The tokens of a text that is not nested too deep for the composer, which calls itself for each level. */
function* tokensOf(text: string): Generator<CST.Token, void> {
  const parser = new Parser()
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme)
    if (parser.stack.length > MAX_STACK) throw new Error('it is nested too deep')
  }
  yield* parser.end()
}

function parseText(parse: () => unknown, what: string, form: 'json' | 'yaml'): unknown {
  try {
    return parse()
  } catch (error) {
    const why = (error as Error).message
    throw badRequest(
      `the object provided is unrecognized (must be of type ${what}): couldn't get version/kind; ${form} parse error: ${why}`,
    )
  }
}
