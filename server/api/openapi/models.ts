// Reads the models of @kubernetes/client-node, which are generated from Kubernetes' published OpenAPI document, as text:
// importing the package would cost a second and 100 MB.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

export interface Attribute {
  name: string
  /** `string`, `Array<V1Container>`, `{ [key: string]: string; }`, `V1PodSpec`, `Date` … */
  type: string
  /** `int32`, `byte`, `date-time` … or ''. */
  format: string
  description: string
  required: boolean
}

export interface Model {
  description: string
  attributes: Attribute[]
}

/** Where the package's models lie; throws when it is not installed. */
export function modelsFolder(): string {
  const folders = createRequire(import.meta.url).resolve.paths('@kubernetes/client-node') ?? []
  const below = '@kubernetes/client-node/dist/gen/models'
  const found = folders.map((folder) => path.join(folder, below)).find(existsSync)
  if (!found) throw new Error('@kubernetes/client-node is not installed')
  return found
}

const TYPE_MAP = /attributeTypeMap = (\[[\s\S]*?\n\]);/
const CLASS_COMMENT = /\/\*\*\n\* ([\s\S]*?)\n\*\/\nexport declare class/
const MEMBER =
  /(?:\/\*\*\n\s*\* ([^\n]*(?:\n(?!\s*\*\/)[^\n]*)*)\n\s*\*\/\n\s*)?'([^'\n]+)'(\??): /g

/** The generator escapes quotes in doc comments, and turns `*` + `/` inside of them into an entity. */
function unescape(comment: string): string {
  return comment
    .replace(/\\(['"\\])/g, '$1')
    .replaceAll('*_/', '*/')
    .trim()
}

/** One model by its class name, such as `V1PodSpec`. */
export function readModel(folder: string, name: string): Model {
  const code = readFileSync(path.join(folder, `${name}.js`), 'utf8')
  const types = readFileSync(path.join(folder, `${name}.d.ts`), 'utf8')
  const list = TYPE_MAP.exec(code)?.[1] ?? '[]'
  const members = new Map<string, { description: string; required: boolean }>()
  for (const [, comment = '', member = '', optional] of types.matchAll(MEMBER)) {
    members.set(member, { description: unescape(comment), required: optional === '' })
  }
  const attributes = (
    JSON.parse(list) as { name: string; baseName: string; type: string; format: string }[]
  ).map(({ name, baseName, type, format }) => {
    const { description = '', required = false } = members.get(name) ?? {}
    return { name: baseName, type, format, description, required }
  })
  return { description: unescape(CLASS_COMMENT.exec(types)?.[1] ?? ''), attributes }
}
